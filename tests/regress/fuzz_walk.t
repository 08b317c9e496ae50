#!/bin/sh
#
# fuzz_walk.t: the fuzzer of the messages of a walk, for a quarter of a minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 15
# shellcheck disable=SC2046
fuzz_build walk broker/opener/walk_exclude.c \
    $(find broker/policy lib/base -name '*.c' ! -name '*_none.c') \
    lib/client/ring.c lib/client/send.c lib/client/session.c \
    lib/client/walk.c lib/client/walks.c lib/client/watched.c

# A WALK with a pattern and a name; and the records of a small tree.
zeros()
{
	head -c "$1" /dev/zero
}
# entry FLAGS NAME: of a name of at most one byte
entry()
{
	printf '\001'
	if [ "$1" = entered ]; then printf '\001'; else printf '\000'; fi
	if [ -n "$2" ]; then printf '\001\000%s' "$2"; else zeros 2; fi
	zeros $((11 + 112 + 2 + 2))
}
{
	printf '\000'
	zeros 28
	printf '\001\000a\001\003\000*.o\002\002\000.x'
} >"$SCRATCH/corpus/request"
{
	printf '\001\005'
	entry entered ''
	entry left a
	printf '\003'
	zeros 11
	zeros 120
	printf '\005'
	zeros 11
} >"$SCRATCH/corpus/reply"
fuzz_run walk -max_len=8192

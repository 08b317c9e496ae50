#!/bin/sh
#
# fuzz_serve.t: the fuzzer of an opener's session, with watches and narrower
# policies, for a quarter of a minute.

. "$(dirname "$0")/lib.sh"

need openat2
fuzz_begin 15

# Each file but those of main() and of other systems.
sources()
{
	find broker/opener broker/policy lib/base -name '*.c' |
	    grep -v -e /main.c -e /private.c -e /resolve_walk.c -e _posix.c \
	    -e _none.c -e /procfs.c -e /rlimit.c -e /env.c -e /embed.c \
	    -e /warm.c
	find broker/conf -name '*.c' ! -name parse.c
	echo broker/names/lookup.c
	for name in dispatch event memfile memfile_linux msg setup types; do
		echo broker/ipc/$name.c
	done
}

parser=$FDB_BUILDDIR/broker/conf/parse.c
[ -f "$parser" ] || parser=$FDB_SRCDIR/broker/conf/parse.c
# shellcheck disable=SC2046
fuzz_build serve -D_GNU_SOURCE $(sources) "$parser"

# Watch, take what comes, replace the file, grant credit, cancel; narrow the
# policy; and go on after another policy.
{
	printf '\001\000\000\001\001\000\014\011\012\000\002\014\011'
	printf '\001\000\000\001\014\011\002\000\014\011'
} >"$SCRATCH/corpus/watch"
{
	printf '\000\000\000\001\000\002\003\001\000\000\014\011'
	printf '\001\000\000\001\003\001\001\002\014\011\013\001'
	printf '\014\011\004\003\000\001\002\006\003\000\005\014'
} >"$SCRATCH/corpus/limit"
# Threads open files: some that are there, and some that are not.
{
	printf '\002\004\200'
	for _ in 1 2 3 4 5 6 7 8; do
		printf '\000\001\000\000\001\002\000\001\001'
		printf '\000\001\004\000\001\003\000\001\002'
	done
	printf '\011'
} >"$SCRATCH/corpus/threads"
fuzz_run serve -max_len=512

#!/bin/sh
#
# fuzz_watch.t: the fuzzer of watches and narrower policies, for a quarter of a
# minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 15
parser=$FDB_BUILDDIR/broker/conf/parse.c
[ -f "$parser" ] || parser=$FDB_SRCDIR/broker/conf/parse.c
# shellcheck disable=SC2046
fuzz_build watch -D_GNU_SOURCE broker/opener/policytext.c \
    $(find broker/conf broker/policy -name '*.c' ! -name parse.c) "$parser" \
    broker/names/lookup.c lib/client/batch.c lib/client/next.c \
    lib/client/reply.c lib/client/ring.c lib/client/send.c \
    lib/client/session.c lib/client/walk.c lib/client/walks.c \
    lib/client/watch.c lib/client/watched.c lib/base/changewire.c \
    lib/base/clock.c lib/base/dgram.c lib/base/fd.c lib/base/fdmsg.c \
    lib/base/idset.c lib/base/log.c lib/base/message.c \
    lib/base/pathname.c lib/base/proto.c lib/base/rolename.c \
    lib/base/walkwire.c lib/base/wire.c

# A policy, and a file, an error and the end.
printf '\000permit read "/a"\ndeny "/a/b" label "x"\n' \
    >"$SCRATCH/corpus/text"
{
	printf '\000permit setmeta "/a" owner by-name\n'
	printf 'permit link "/b" owner 1 group 2\n'
} >"$SCRATCH/corpus/owners"
zeros() { head -c "$1" /dev/zero; }
{
	printf '\001\001\001\163'
	zeros 115
	printf '\001\000\014\002\000\000\000\002\000\000\000\000\001\000x'
	printf '\000\000\013\175\000\000\000\002\000\000\000\000\000\000'
} >"$SCRATCH/corpus/messages"
fuzz_run watch -max_len=8192

#!/bin/sh
#
# fuzz_change.t: the fuzzer of the messages of changes, for a quarter of a
# minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 15
fuzz_build change lib/base/changewire.c lib/base/fd.c lib/base/fdmsg.c \
    lib/base/proto.c lib/base/wire.c

# A CREATE, a MKDIR, and a COMMIT with a mode and an attribute; and a result.
{
	printf '\000'
	printf '\001\000\000\000\000\240\001\000\000\001\000a'
	printf '\004\000\000\000\000\001\002\003\000a/b'
	printf '\002\001\000\000\000\000\000\000\000\001\001\000a'
	printf '\021\240\001\000\000\001\000\006\000user.x\001\000\000\000y'
} >"$SCRATCH/corpus/request"
{
	printf '\001\010\005\000\000\000\002\001\000\000\000'
	printf '\001\000r\002\001\000\000\000\000'
} >"$SCRATCH/corpus/reply"
fuzz_run change -max_len=8192

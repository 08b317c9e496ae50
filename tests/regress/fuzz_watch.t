#!/bin/sh
#
# fuzz_watch.t: the fuzzer of watches and narrower policies, for a quarter of a
# minute.
#
# It is built with clang, as that of the configuration is; see fuzz_conf.t.
# FUZZ_SECONDS and FUZZ_SEED in the environment set the time and the seed.

. "$(dirname "$0")/lib.sh"

: "${FUZZ_SECONDS:=15}"
: "${FUZZ_SEED:=$(od -A n -N 4 -t u4 /dev/urandom | tr -d ' ')}"
clang=${CLANG:-clang}

command -v "$clang" >/dev/null || skip_all 'needs clang'
echo 'int LLVMFuzzerTestOneInput(const char *p, long n);
int LLVMFuzzerTestOneInput(const char *p, long n) { return !p && n; }' \
    >"$SCRATCH/try.c"
flags='-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all'
# shellcheck disable=SC2086
"$clang" $flags -o "$SCRATCH/try" "$SCRATCH/try.c" >"$SCRATCH/out" 2>&1 ||
    skip_all "needs clang's libFuzzer and sanitizers"

# make_variable NAME: print its value in the build's Makefile.
make_variable()
{
	sed -n "s/^$1 = //p" "$FDB_BUILDDIR/Makefile"
}

plan 2
parser=$FDB_BUILDDIR/broker/conf/parse.c
[ -f "$parser" ] || parser=$FDB_SRCDIR/broker/conf/parse.c
cd "$FDB_SRCDIR" || exit 1
# shellcheck disable=SC2046,SC2086
ok 'the fuzzer is built' "$clang" -std=gnu11 -D_GNU_SOURCE -g -O1 $flags \
    -iquote "$FDB_BUILDDIR" -iquote lib -iquote lib/base -iquote broker \
    $(make_variable BSD_CFLAGS) -o "$SCRATCH/fuzz_watch" \
    tests/fuzz/fuzz_watch.c broker/opener/policytext.c \
    $(find broker/conf broker/policy -name '*.c' ! -name parse.c) "$parser" \
    broker/names/lookup.c lib/client/batch.c lib/client/next.c \
    lib/client/reply.c lib/client/ring.c lib/client/send.c \
    lib/client/session.c lib/client/walk.c lib/client/walks.c \
    lib/client/watch.c lib/client/watched.c lib/base/changewire.c \
    lib/base/clock.c lib/base/dgram.c lib/base/fd.c lib/base/fdmsg.c \
    lib/base/log.c lib/base/message.c lib/base/pathname.c lib/base/proto.c \
    lib/base/rolename.c lib/base/walkwire.c lib/base/wire.c \
    $(make_variable BSD_LIBS)

# A policy, and a file, an error and the end.
mkdir "$SCRATCH/corpus" "$SCRATCH/found"
printf '\000permit read "/a"\ndeny "/a/b" label "x"\n' \
    >"$SCRATCH/corpus/text"
zeros() { head -c "$1" /dev/zero; }
{
	printf '\001\001\001\163'
	zeros 115
	printf '\001\000\014\002\000\000\000\002\000\000\000\000\001\000x'
	printf '\000\000\013\175\000\000\000\002\000\000\000\000\000\000'
} >"$SCRATCH/corpus/messages"
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' "$SCRATCH/fuzz_watch" \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=10 \
    -rss_limit_mb=1024 -max_len=8192 -close_fd_mask=0 \
    -artifact_prefix="$SCRATCH/found/" "$SCRATCH/corpus"; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in "$SCRATCH"/found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

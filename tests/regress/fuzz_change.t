#!/bin/sh
#
# fuzz_change.t: the fuzzer of the messages of changes, for a quarter of a
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
cd "$FDB_SRCDIR" || exit 1
# shellcheck disable=SC2046,SC2086
ok 'the fuzzer is built' "$clang" -std=gnu11 -g -O1 $flags \
    -iquote "$FDB_BUILDDIR" -iquote lib -iquote lib/base \
    $(make_variable BSD_CFLAGS) -o "$SCRATCH/fuzz_change" \
    tests/fuzz/fuzz_change.c lib/base/changewire.c lib/base/fd.c \
    lib/base/fdmsg.c lib/base/proto.c lib/base/wire.c \
    $(make_variable BSD_LIBS)

# A CREATE, a MKDIR, and a COMMIT with a mode and an attribute; and a result.
mkdir "$SCRATCH/corpus" "$SCRATCH/found"
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
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' "$SCRATCH/fuzz_change" \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=10 \
    -rss_limit_mb=1024 -max_len=8192 -close_fd_mask=0 \
    -artifact_prefix="$SCRATCH/found/" "$SCRATCH/corpus"; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in "$SCRATCH"/found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

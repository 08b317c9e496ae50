#!/bin/sh
#
# fuzz_conf.t: the fuzzer of the configuration, for a minute.
#
# The compiler of the tree may have no libFuzzer, so this script builds the
# fuzzer and the objects that it needs with clang and its sanitizers.
# FUZZ_SECONDS and FUZZ_SEED in the environment set the time and the seed.

. "$(dirname "$0")/lib.sh"

: "${FUZZ_SECONDS:=60}"
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
ok 'the fuzzer is built' "$clang" -std=gnu11 -g -O1 $flags \
    -iquote "$FDB_BUILDDIR" -iquote lib -iquote broker \
    $(make_variable BSD_CFLAGS) -o "$SCRATCH/fuzz_conf" tests/fuzz/fuzz_conf.c \
    $(find broker/conf broker/policy -name '*.c' ! -name parse.c) "$parser" \
    lib/base/log.c lib/base/pathname.c lib/base/rolename.c lib/base/wire.c \
    broker/names/lookup.c \
    $(make_variable BSD_LIBS)

mkdir "$SCRATCH/corpus" "$SCRATCH/found"
cp etc/fdbroker.conf tests/fuzz/conf/*.conf "$SCRATCH/corpus"
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' "$SCRATCH/fuzz_conf" \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=10 \
    -rss_limit_mb=1024 -close_fd_mask=0 -dict=tests/fuzz/conf.dict \
    -artifact_prefix="$SCRATCH/found/" "$SCRATCH/corpus"; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in "$SCRATCH"/found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

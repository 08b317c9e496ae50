#!/bin/sh
#
# fuzz_relay.t: the fuzzer of the frames of a relay, for a quarter of a minute.
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
    $(make_variable BSD_CFLAGS) -o "$SCRATCH/fuzz_relay" \
    tests/fuzz/fuzz_relay.c lib/client/relay.c $(make_variable BSD_LIBS)

# What a near end and a far end say of a stream.
hello='\001\000\000\000\000\000\000\010FDBCMD\000\001'
end='\007%b\000\000\000\000\000\004\000\000\000\000'
mkdir "$SCRATCH/corpus" "$SCRATCH/found"
# shellcheck disable=SC2059
{
	printf "\016$hello"
	printf '\002\000\000\000\000\000\000\001\003'
	printf '\005\000\000\000\000\000\000\004data'
	printf "$end" '\000'
} >"$SCRATCH/corpus/near"
# shellcheck disable=SC2059
{
	printf "\017$hello"
	printf '\003\000\000\000\000\000\000\002/x'
	for stream in 0 1 2 3; do
		printf '\004%b\000\000\000\000\000\004\000\000\000\000' \
		    "\\00$stream"
	done
	printf '\006\001\000\000\000\000\000\004\000\000\000\001'
	printf '\005\002\000\000\000\000\000\004data'
	printf "$end" '\002'
	printf '\010\001\000\000\000\000\000\004\000\000\000\014'
} >"$SCRATCH/corpus/far"
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' "$SCRATCH/fuzz_relay" \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=10 \
    -rss_limit_mb=1024 -max_len=65536 -close_fd_mask=0 \
    -artifact_prefix="$SCRATCH/found/" "$SCRATCH/corpus"; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in "$SCRATCH"/found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

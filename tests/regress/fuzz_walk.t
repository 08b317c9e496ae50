#!/bin/sh
#
# fuzz_walk.t: the fuzzer of the messages of a walk, for a quarter of a minute.
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
    -iquote "$FDB_BUILDDIR" -iquote lib -iquote lib/base -iquote broker \
    $(make_variable BSD_CFLAGS) -o "$SCRATCH/fuzz_walk" tests/fuzz/fuzz_walk.c \
    broker/opener/walk_exclude.c $(find broker/policy lib/base -name '*.c' \
    ! -name '*_none.c') \
    lib/client/ring.c lib/client/send.c lib/client/session.c \
    lib/client/walk.c lib/client/walks.c $(make_variable BSD_LIBS)

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
mkdir "$SCRATCH/corpus" "$SCRATCH/found"
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
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' "$SCRATCH/fuzz_walk" \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=10 \
    -rss_limit_mb=1024 -max_len=8192 -close_fd_mask=0 \
    -artifact_prefix="$SCRATCH/found/" "$SCRATCH/corpus"; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in "$SCRATCH"/found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

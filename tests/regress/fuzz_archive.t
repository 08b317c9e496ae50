#!/bin/sh
#
# fuzz_archive.t: the fuzzer of list and verify, for a minute.
#
# It is built with clang, as that of the configuration is; see fuzz_conf.t.
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
cd "$FDB_SRCDIR" || exit 1
# shellcheck disable=SC2046,SC2086
ok 'the fuzzer is built' "$clang" -std=gnu11 -g -O1 $flags \
    -iquote "$FDB_BUILDDIR" -iquote lib -iquote lib/base \
    -iquote broker -iquote worker \
    $(make_variable BSD_CFLAGS) $(make_variable ARCHIVE_CFLAGS) \
    $(make_variable CRYPTO_CFLAGS) -o "$SCRATCH/fuzz_archive" \
    tests/fuzz/fuzz_archive.c lib/base/json.c lib/base/fd.c \
    lib/base/pathname.c \
    worker/common/buf.c worker/common/entry.c worker/common/report.c \
    worker/common/tally.c worker/controller/jsonline.c \
    worker/controller/listing.c worker/sandbox/attributes.c \
    worker/sandbox/digest.c worker/sandbox/fdio.c worker/sandbox/list.c \
    worker/sandbox/manifest.c worker/sandbox/match.c \
    worker/sandbox/origin.c \
    worker/sandbox/reader.c worker/sandbox/rehearse.c \
    worker/sandbox/reporter.c worker/sandbox/sparsedigest.c \
    worker/sandbox/spool.c worker/sandbox/tail.c worker/sandbox/verify.c \
    worker/sandbox/window.c $(make_variable ARCHIVE_LIBS) \
    $(make_variable CRYPTO_LIBS) $(make_variable BSD_LIBS) -lpthread

# Archives of all formats, and some compressed; see fuzz_archive.c for the
# first byte.
cd "$SCRATCH" || exit 1
mkdir corpus found tree tree/dir
printf hello >tree/file
ln tree/file tree/hard
ln -s file tree/link
truncate -s 12288 tree/sparse
printf x | dd of=tree/sparse bs=1 seek=5000 conv=notrunc 2>/dev/null
# seed NAME COMMAND...: archives that the command writes to standard output
seed()
{
	seed_name=$1
	shift
	"$@" >archive 2>/dev/null || return 0
	for first in '\010' '\030' '\070' '\014' '\117' '\033' '\165'; do
		{ printf '%b' "\\0${first#?}"; cat archive; } \
		    >"corpus/$seed_name-${first#?}"
	done
}
for format in gnu oldgnu pax ustar v7; do
	seed "tar-$format" tar --format=$format -S -b 1 -cf - tree
done
for format in pax ustar gnutar newc odc zip; do
	seed "bsdtar-$format" bsdtar --format=$format -cf - tree
done
seed zip zip -qr - tree
seed fdbackup fdbackup create --none -f - tree
for how in gzip bzip2 xz lz4 zstd; do
	command -v $how >/dev/null || continue
	{ printf '\0'; tar -b 1 -cf - tree/file | $how -c; } >"corpus/$how"
done
export ASAN_OPTIONS=allocator_may_return_null=1
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' ./fuzz_archive \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=20 \
    -rss_limit_mb=2048 -malloc_limit_mb=8192 -max_len=24576 \
    -close_fd_mask=0 -artifact_prefix=found/ corpus; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

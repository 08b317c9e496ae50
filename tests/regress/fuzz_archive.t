#!/bin/sh
#
# fuzz_archive.t: the fuzzer of list and verify, for a minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 60
# shellcheck disable=SC2046
fuzz_build archive $(setting ARCHIVE_CFLAGS) $(setting CRYPTO_CFLAGS) \
    tests/fuzz/archives.c broker/policy/hours.c broker/policy/tables.c \
    broker/policy/where.c lib/base/json.c \
    lib/base/fd.c lib/base/pathname.c \
    worker/common/buf.c worker/common/entry.c worker/common/report.c \
    worker/common/tally.c worker/controller/jsonline.c \
    worker/controller/listing.c worker/sandbox/attributes.c \
    worker/sandbox/digest.c worker/sandbox/fdio.c worker/sandbox/list.c \
    worker/sandbox/manifest.c worker/sandbox/manifestcheck.c \
    worker/sandbox/match.c worker/sandbox/origin.c \
    worker/sandbox/reader.c worker/sandbox/rehearse.c \
    worker/sandbox/reporter.c worker/sandbox/sparsedigest.c \
    worker/sandbox/spool.c worker/sandbox/tail.c worker/sandbox/verify.c \
    worker/sandbox/window.c $(setting ARCHIVE_LIBS) $(setting CRYPTO_LIBS) \
    -lpthread

# Archives of all formats, and some compressed; see fuzz_archive.c for the
# first byte.
cd "$SCRATCH" || exit 1
mkdir tree tree/dir
printf hello >tree/file
ln tree/file tree/hard
ln -s file tree/link
truncate -s 12288 tree/sparse
printf x | dd of=tree/sparse bs=1 seek=5000 conv=notrunc 2>/dev/null
find tree -exec touch -h -d @0 {} +
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
for format in pax ustar gnutar newc odc zip 7zip; do
	seed "bsdtar-$format" bsdtar --format=$format -cf - tree
done
seed zip zip -qr - tree
seed fdbackup fdbackup create --none -f - tree
for how in gzip bzip2 xz lz4 zstd; do
	command -v $how >/dev/null || continue
	{ printf '\0'; tar -b 1 -cf - tree/file | $how -c; } >"corpus/$how"
done
export ASAN_OPTIONS=allocator_may_return_null=1
fuzz_run archive -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=8192 \
    -max_len=24576

#!/bin/sh
#
# fuzz_extract.t: the fuzzer of extract, for a quarter of a minute: worker and
# opener without confinement, and a tree beside the destination that must stay
# as it is.

. "$(dirname "$0")/lib.sh"

fuzz_begin 15

# Each file but those of main(), of other systems, and of other commands.
sources()
{
	find broker/opener broker/policy lib/base lib/client -name '*.c' |
	    grep -v -e /main.c -e /private.c -e /resolve_walk.c -e _posix.c \
	    -e _none.c -e /selfconfine.c -e /handoff.c -e /blocking.c \
	    -e /procfs.c -e /rlimit.c -e /env.c -e /embed.c -e /realpath.c \
	    -e /warm.c -e /command -e /reference.c -e /pump.c \
	    -e /reconnect.c
	find broker/conf -name '*.c' ! -name parse.c
	echo broker/names/lookup.c
	for name in dispatch event memfile memfile_linux msg setup types; do
		echo broker/ipc/$name.c
	done
	for name in buf entry paths report tally; do
		echo worker/common/$name.c
	done
	for name in attributes change changes cpiolinks damage digest dirs \
	    extract fdio hashing ids longnames manifest manifestcheck match \
	    object origin outcome pipeline place plan reader replay reporter \
	    restore sample seen selection siphash sparsedigest spool tail \
	    window; do
		echo worker/sandbox/$name.c
	done
}

parser=$FDB_BUILDDIR/broker/conf/parse.c
[ -f "$parser" ] || parser=$FDB_SRCDIR/broker/conf/parse.c
# shellcheck disable=SC2046
fuzz_build extract -DFDB_SANITIZED $(setting ARCHIVE_CFLAGS) \
    $(setting CRYPTO_CFLAGS) tests/fuzz/archives.c $(sources) "$parser" \
    $(setting ARCHIVE_LIBS) $(setting CRYPTO_LIBS) -lpthread

# Archives of all formats, some of them hostile; see fuzz_extract.c for the
# first byte.
cd "$SCRATCH" || exit 1
mkdir tree tree/dir
printf hello >tree/file
ln tree/file tree/hard
ln -s ../outside tree/link
mkfifo tree/pipe
truncate -s 12288 tree/sparse
printf x | dd of=tree/sparse bs=1 seek=5000 conv=notrunc 2>/dev/null
find tree -exec touch -h -d @0 {} +
# seed NAME COMMAND...: archives that the command writes to standard output
seed()
{
	seed_name=$1
	shift
	"$@" >archive 2>/dev/null || return 0
	for first in 001 005 047 207 225; do
		{ printf '%b' "\\0$first"; cat archive; } \
		    >"corpus/$seed_name-$first"
	done
}
for format in gnu pax ustar v7; do
	seed "tar-$format" tar --format=$format -S -b 1 -cf - tree
done
for format in newc zip 7zip; do
	seed "bsdtar-$format" bsdtar --format=$format -cf - tree
done
seed fdbackup fdbackup create --none -f - tree
seed hostile python3 -c '
import io, sys, tarfile
t = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
def add(name, kind=tarfile.REGTYPE, link="", data=b"x"):
    f = tarfile.TarInfo(name)
    f.type, f.linkname = kind, link
    f.size = len(data) if kind == tarfile.REGTYPE else 0
    t.addfile(f, io.BytesIO(data) if f.size else None)
add("out", tarfile.SYMTYPE, "../outside")
add("out/file")
add("link/file")
add("to")
add("../outside/file")
add("/outside/file")
add("hard", tarfile.LNKTYPE, "../outside/file")
add("hard", tarfile.LNKTYPE, "link/file")
add("out", tarfile.DIRTYPE)
add("out/new")
add("dir", tarfile.DIRTYPE)
add("dir", tarfile.SYMTYPE, "../outside")
add("dir/new")
t.close()
'
export ASAN_OPTIONS=allocator_may_return_null=1
fuzz_run extract -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=8192 \
    -max_len=24576

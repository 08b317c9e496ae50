#!/bin/sh
#
# fuzz_extract.t: the fuzzer of extract, for a quarter of a minute: worker and
# opener without confinement, and a tree beside the destination that must stay
# as it is.
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

# Each file but those of main(), of other systems, and of other commands.
sources()
{
	find broker/opener broker/policy lib/base lib/client -name '*.c' |
	    grep -v -e /main.c -e /private.c -e /resolve_walk.c -e _posix.c \
	    -e _none.c -e /selfconfine.c -e /handoff.c -e /blocking.c \
	    -e /auditmode.c -e /procfs.c -e /rlimit.c -e /env.c
	for name in dispatch event memfile memfile_linux msg setup types; do
		echo broker/ipc/$name.c
	done
	for name in buf entry paths report tally; do
		echo worker/common/$name.c
	done
	for name in attributes changes damage digest dirs extract fdio \
	    hashing ids manifest match object outcome pipeline place plan \
	    reader reporter restore seen selection sparsedigest spool tail \
	    window; do
		echo worker/sandbox/$name.c
	done
}

plan 2
cd "$FDB_SRCDIR" || exit 1
# shellcheck disable=SC2046,SC2086
ok 'the fuzzer is built' "$clang" -std=gnu11 -g -O1 $flags \
    -DFDB_SANITIZED -iquote "$FDB_BUILDDIR" -iquote lib -iquote lib/base \
    -iquote broker -iquote worker $(make_variable BSD_CFLAGS) \
    $(make_variable ARCHIVE_CFLAGS) $(make_variable CRYPTO_CFLAGS) \
    -o "$SCRATCH/fuzz_extract" tests/fuzz/fuzz_extract.c $(sources) \
    $(make_variable ARCHIVE_LIBS) $(make_variable CRYPTO_LIBS) \
    $(make_variable BSD_LIBS) -lpthread

# Archives of all formats, some of them hostile; see fuzz_extract.c for the
# first byte.
cd "$SCRATCH" || exit 1
mkdir corpus found tree tree/dir
printf hello >tree/file
ln tree/file tree/hard
ln -s ../outside tree/link
mkfifo tree/pipe
truncate -s 12288 tree/sparse
printf x | dd of=tree/sparse bs=1 seek=5000 conv=notrunc 2>/dev/null
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
for format in newc zip; do
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
diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
if ok 'no input breaks it' ./fuzz_extract \
    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=20 \
    -rss_limit_mb=2048 -malloc_limit_mb=8192 -max_len=24576 \
    -close_fd_mask=0 -artifact_prefix=found/ corpus; then
	diag "$(tail -n 1 "$SCRATCH/err")"
else
	for file in found/*; do
		diag "$file, base64:" "$(base64 "$file")"
	done
fi

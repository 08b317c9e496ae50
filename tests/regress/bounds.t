#!/bin/sh
#
# bounds.t: what an archive or a tree may cost fdbackup: memory, temporary
# space, and time until it stops.

. "$(dirname "$0")/lib.sh"

! grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h" ||
    skip_all 'a sanitizer needs more memory than the limits allow'
[ "$(uname -s)" = Linux ] || skip_all 'the limits are those of Linux'
cd "$SCRATCH" || bail_out "$SCRATCH"

FDBROKER_OPENER=$BIN/fdbroker-opener
export FDBROKER_OPENER

: >a
tar -cf small.tar a

#
# Memory.
#
# no_memory DESC COMMAND...: the command needs more than the limit.
no_memory()
{
	no_memory_what=$1
	shift
	exits 1 "$no_memory_what: fails" "$@"
	like "$no_memory_what: names the limit and the option" \
	    "$(cat "$SCRATCH/err")" \
	    '*out of memory: the worker may use *; --max-memory raises *'
}

# xz says that its dictionary has 3 GiB; small.tar is in it.
printf '%b' '\0375\0067\0172\0130\0132\0000\0000\0004\0346\0326\0264\0106'\
'\0002\0000\0041\0001\0047\0000\0000\0000\0260\0260\0162\0353\0340\0047\0377'\
'\0000\0115\0135\0000\0060\0200\0063\0120\0030\0150\0211\0203\0001\0334\0342'\
'\0156\0064\0012\0343\0322\0335\0255\0351\0131\0277\0361\0201\0376\0351\0274'\
'\0323\0272\0006\0222\0020\0316\0243\0050\0155\0305\0205\0365\0076\0101\0007'\
'\0036\0363\0204\0172\0022\0176\0256\0113\0332\0104\0321\0204\0225\0050\0233'\
'\0011\0021\0033\0340\0240\0056\0261\0126\0305\0075\0206\0124\0045\0037\0031'\
'\0266\0323\0167\0074\0226\0000\0000\0000\0000\0000\0365\0144\0335\0251\0154'\
'\0301\0313\0224\0000\0001\0151\0200\0120\0000\0000\0000\0177\0065\0105\0226'\
'\0261\0304\0147\0373\0002\0000\0000\0000\0000\0004\0131\0132' >dict.xz
no_memory 'a huge dictionary of xz' fdbackup list -f dict.xz
# limited RESOURCE OPTION BYTES: the caller allows less; $LIMIT is the limit.
limited()
{
	exits 1 "less memory by $1: fails" prlimit "--$1=$3:$3" \
	    fdbackup create -f new.tar small.tar
	is "less memory by $1: the limit is named" "$(cat "$SCRATCH/err")" \
	    "fdbackup: out of memory: the worker may use $3 bytes; raise $2"
}
if command -v prlimit >/dev/null && [ -z "$(setting SAN_LDFLAGS)" ]; then
	limited as 'RLIMIT_AS (ulimit -v)' 100000000
	limited data 'RLIMIT_DATA (ulimit -d)' 6000000
	for i in 36 38 40 42 44 46; do
		prlimit "--data=${i}00000" fdbackup list -f small.tar
		prlimit "--data=${i}00000" fdbackup create -f new.tar small.tar
	done >out 2>&1
	is 'far too little memory: libarchive is not blamed' \
	    "$(grep libarchive out)" ''
else
	skip 5 'needs prlimit, and no sanitizer'
fi
# Even if nothing may be written to a file, nobody dies of SIGXFSZ.
for i in 'create -f new.tar small.tar' 'diff -f small.tar' \
    'extract -f small.tar -C .'; do
	sh -c "ulimit -f 0; exec fdbackup $i" 2>&1 >/dev/null | cat >out
	like "no file may grow: ${i%% *} says so" "$(cat out)" \
	    'fdbackup: *: File too large'
done
ok 'a huge dictionary of xz: with --max-memory it is read' \
    fdbackup list --max-memory 4G -f dict.xz

# A frame of zstd with a window of 2 GiB, and small.tar as its one block.
{
	printf '%b' '\0050\0265\0057\0375\0000\0250\0001\0100\0001'
	head -c 10240 small.tar
} >window.zst
exits 1 'a window of zstd of 2 GiB: is refused' fdbackup list -f window.zst
is 'a window of zstd of 2 GiB: is named' "$(cat "$SCRATCH/err")" \
    'fdbackup: window.zst: the archive cannot be read: Zstd decompression '\
'failed: Frame requires too much memory for decoding, between the bytes 0 and '\
'10249'

# None of the lines of the manifest has a member: they wait in memory.
{
	printf '#mtree\n#fdbackup format=1 began=1.000000000\n'
	seq -f "./%0.f/$(printf '%0400d' 0) type=file" 100000
	echo '#end 100000'
} >.fdbackup.mtree
tar -cf - .fdbackup.mtree | gzip >missing.gz
no_memory 'a manifest of another archive' \
    fdbackup verify --max-memory 24M -f missing.gz
exits 6 'a manifest of another archive: more memory is enough' \
    fdbackup verify -f missing.gz
like 'a manifest of another archive: is compared' \
    "$(tail -n 1 "$SCRATCH/err")" '*, 100000 different, *'

# The targets alone take more than the limit.
target=$(printf '%03900d' 0)
mkdir links
seq -f "$target/%0.f" 20000 | xargs ln -s -t links
ok '80 MB of symbolic links in a directory' \
    fdbackup create --max-memory 40M -f links.tar links
like '80 MB of symbolic links in a directory: all are stored' \
    "$(cat "$SCRATCH/err")" 'fdbackup: 20001 files, *'
is '80 MB of symbolic links in a directory: their targets, too' \
    "$(fdbackup list -v -f links.tar | grep -c -- " -> $target/")" 20000
ok '80 MB of symbolic links in a directory: the archive is whole' \
    fdbackup verify -f links.tar
rm -rf links

mkdir many
(cd many && seq 100000 | xargs touch)
ok '100,000 files in a directory' \
    fdbackup create --max-memory 40M -f many.tar many
no_memory '100,000 files in a directory, with too little' \
    fdbackup create --max-memory 8M -f many.tar many
rm -rf many

# 180 MB of attributes, of 500 directories that are all on their way at once.
if command -v python3 >/dev/null; then
	python3 - <<'EOF' || bail_out python3
import os, tarfile
with tarfile.open('dirs.gz', 'w:gz', format=tarfile.PAX_FORMAT,
                  compresslevel=1) as t:
    for i in range(500):
        d = tarfile.TarInfo('d%d' % i)
        d.type, d.mode, d.uid, d.gid = (tarfile.DIRTYPE, 0o755, os.getuid(),
                                        os.getgid())
        d.pax_headers = {'SCHILY.xattr.user.%d' % k: 'v' * 60000
                         for k in range(6)}
        t.addfile(d)
EOF
	mkdir attributes
	fdbackup extract --max-memory 128M -f dirs.gz -C attributes \
	    >"$SCRATCH/out" 2>"$SCRATCH/err"
	is 'many directories with large attributes: all are made' \
	    "$(find attributes -type d | grep -c /)" 500
	like 'many directories with large attributes: memory suffices' \
	    "$(tail -n 1 "$SCRATCH/err")" 'fdbackup: 500 files, *'
	rm -rf attributes dirs.gz
fi

#
# Temporary space.
#
# 128 MiB of comments compress well.
{
	printf '#mtree\n#fdbackup format=1 began=1.000000000\n'
	yes '#' | head -c 134217728
	echo '#end 0'
} >.fdbackup.mtree
tar -cf - .fdbackup.mtree | gzip >manifest.gz
rm .fdbackup.mtree
exits 1 'a manifest that is too long for its archive: is refused' \
    fdbackup verify -f manifest.gz
like 'a manifest that is too long for its archive: names limit and option' \
    "$(cat "$SCRATCH/err")" \
    '*would take more than *; --max-manifest raises this limit'
ok 'a manifest that is too long for its archive: --max-manifest' \
    fdbackup verify --max-manifest 1G -f manifest.gz
exits 1 'a manifest that is too long for --max-manifest' \
    fdbackup verify --max-manifest 1K -f links.tar
like 'a manifest that is too long for --max-manifest: is said' \
    "$(cat "$SCRATCH/err")" '*would take more than 1024 bytes *'

mkdir dest
exits 1 'manifests of several archives, too long for --max-manifest' \
    fdbackup extract --max-manifest 1K -f links.tar -f links.tar -C dest
like 'manifests of several archives: the option is named' \
    "$(cat "$SCRATCH/err")" \
    '*manifest in this archive is too long *; --max-manifest raises this limit*'
exits 1 'manifests of several archives, with a higher --max-manifest' \
    fdbackup extract --max-manifest 1G -f manifest.gz -f manifest.gz -C dest
like 'manifests of several archives: then they are read' \
    "$(cat "$SCRATCH/err")" '*it is a full archive: *'
mkdir drill
tar --format=pax -cf short.tar a
exits 1 'lines of a drill, too long for --max-manifest' \
    fdbackup drill --sample 100% --max-manifest 10 -f short.tar -C drill
like 'lines of a drill, too long for --max-manifest: is said' \
    "$(cat "$SCRATCH/err")" \
    '*what was restored would take more than 10 bytes * --max-manifest raises *'
is 'lines of a drill, too long for --max-manifest: nothing is left' \
    "$(ls drill)" ''

# 160 MB of lines about one name: a line has four bytes for each of the target.
ln -s "$(printf '%03900d' 0 | tr 0 '\001')" link
tar -b 1 --format=pax -cf - link | head -c -1024 >one
while [ "$(wc -c <one)" -lt 5000000 ]; do
	cat one one >twice && mv twice one
done
gzip one
cat one.gz one.gz one.gz one.gz one.gz one.gz one.gz one.gz one.gz one.gz \
    >lines.gz
head -c 1024 /dev/zero | gzip >>lines.gz
exits 1 'lines that are too long for an archive without a manifest: diff' \
    fdbackup diff -f lines.gz
like 'lines that are too long for an archive without a manifest: is said' \
    "$(cat "$SCRATCH/err")" \
    '*no manifest at its end, and lines about its members would take more *'
rm link one.gz lines.gz

# Holes take a few bytes in the archive.
truncate -s 8000000000000 sparse
exits 6 'a sparse file of 8 TB: its holes are not read' \
    sh -c 'tar -S -cf - sparse | timeout 60 fdbackup verify -f -'
like 'a sparse file of 8 TB: counts' "$(cat "$SCRATCH/err")" \
    '*1 files, 8000000000000 bytes, *'
ok 'a sparse file of 8 TB: create' \
    timeout 60 fdbackup create --none -f sparse.tar sparse
ok 'a sparse file of 8 TB: verify' timeout 60 fdbackup verify -f sparse.tar
ok 'a sparse file of 8 TB: takes no room' \
    test "$(stat -c %s sparse.tar)" -lt 20000
# The same size, with a byte of data in place of a hole.
printf x | dd of=sparse bs=1 seek=4096 conv=notrunc 2>/dev/null
tar -xf sparse.tar .fdbackup.mtree
exits 6 'a sparse file of 8 TB: its map is compared' sh -c 'tar -S \
    --format=pax -cf - sparse .fdbackup.mtree | fdbackup verify -f -'
like 'a sparse file of 8 TB: the map differs' "$(cat "$SCRATCH/err")" \
    '*sparse: different:*tags=sparse:*, not tags=sparse:*'
rm sparse.tar .fdbackup.mtree
rm sparse

#
# An archive without end: the worker keeps its limit, and stops at once.
#
head -c 16777216 /dev/zero >zeros
tar -cf - zeros | gzip >zeros.tar.gz
gzip zeros
mkfifo pipe
for command in list verify; do
	# Only zeros may follow the end.
	(
		exec >pipe 2>/dev/null
		cat zeros.tar.gz
		while cat zeros.gz; do :; done
	) &
	feeder=$!
	env --default-signal=INT \
	    fdbackup $command --max-memory 64M -f pipe >out 2>err &
	run=$!
	worker=
	# The worker is confined once it has this limit.
	while [ -z "$worker" ] && kill -0 "$run" 2>/dev/null; do
		for pid in $(pgrep -P "$run"); do
			! grep -q '^Max data size  *67108864 ' \
			    "/proc/$pid/limits" 2>/dev/null || worker=$pid
		done
	done
	ok "$command, an archive without end: memory is limited" \
	    test -n "$worker"
	kill -INT "$run"
	wait "$run"
	is "$command, an archive without end: SIGINT ends it" "$?" 130
	fails "$command, an archive without end: no worker is left" \
	    kill -0 "$worker"
	kill "$feeder" 2>/dev/null
	wait "$feeder" 2>/dev/null
done

done_testing

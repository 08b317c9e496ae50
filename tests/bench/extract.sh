#!/bin/sh
#
# extract.sh: fdbackup extract beside GNU tar and bsdtar: "make bench-extract"
# builds what this needs and runs it, in about four minutes.  The first argument
# is the number of rounds, 5 by default; the second a directory to work in, on
# the file system to measure.
#
# Each command restores by a private opener, from an archive in the cache.  As
# root and without a directory, it restores to an empty ext4 in memory.
# Otherwise it gets an empty directory, and small files stay until the end,
# which takes 4 GB a round: ext4 does not use an inode again within a minute,
# and who makes files looks at each one that was removed since.

if [ "$(id -u)" -eq 0 ] && [ -z "${BENCH_MOUNTS:-}" ]; then
	exec env BENCH_MOUNTS=1 unshare -m sh "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

rounds=${1:-5}
if [ -n "${2:-}" ]; then
	work=$(mktemp -d "$2/extract.XXXXXX") || exit 1
	at_exit "rm -rf '$work'"
else
	work=$SCRATCH/work
	mkdir "$work"
fi
cd "$work" || exit 1
mkdir out old
prepare="mv out \$(mktemp -d -p old) && mkdir out"
if [ "$(id -u)" -eq 0 ] && [ -z "${2:-}" ]; then
	image=$(mktemp /dev/shm/fdbroker.XXXXXX) || exit 1
	at_exit "umount '$work/out' 2>/dev/null; rm -f '$image'"
	prepare="umount out 2>/dev/null; truncate -s 0 $image
	    truncate -s 3G $image && mkfs.ext4 -q -F -E nodiscard $image &&
	    mount -o loop,noinit_itable $image out"
fi

make_trees

for tree in small large; do
	for how in none zstd; do
		fdbackup create --$how -f $tree.$how -C $tree . 2>/dev/null
		unzip=
		[ $how = none ] || unzip=--zstd
		cat $tree.$how >/dev/null
		head_line "$tree, $how:"
		pair -n "$rounds" -p "$prepare" \
		    'GNU tar' "tar $unzip -xf $tree.$how -C out" \
		    'bsdtar' "bsdtar -xf $tree.$how -C out" \
		    'fdbackup' \
		    "fdbackup extract -f $tree.$how -C out 2>/dev/null" \
		    'fdbackup --digest none' "fdbackup extract --digest none \
			-f $tree.$how -C out 2>/dev/null"
	done
	rm -rf $tree
	# Few inodes.
	prepare="rm -rf old && mkdir old && $prepare"
done

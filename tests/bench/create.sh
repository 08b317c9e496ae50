#!/bin/sh
#
# create.sh: fdbackup create beside GNU tar and others: "make bench-create"
# builds what this needs and runs it, in about four minutes.  An argument is the
# number of rounds, 5 by default.
#
# It makes a tree of small files and one of large files, and takes /usr/share.
# All commands read a warm cache and write to a pipe.  restic is measured if it
# is there.

. "$(dirname "$0")/lib.sh"

rounds=${1:-5}
cd "$SCRATCH" || exit 1

make_trees
for tree in small large /usr/share; do
	[ -d $tree ] || continue
	tar -cf - $tree 2>/dev/null | cat >/dev/null
	head_line "$tree, uncompressed:"
	pair -n "$rounds" \
	    'GNU tar' "tar -cf - $tree 2>/dev/null | cat >/dev/null" \
	    'fdbackup --none' \
	    "fdbackup create --none -f - $tree 2>/dev/null | cat >/dev/null" \
	    'fdbackup --none --digest none' \
	    "fdbackup create --none --digest none -f - $tree 2>/dev/null |
		cat >/dev/null"
done
head_line '/usr/share, zstd:'
pair -n 3 \
    'tar --zstd' 'tar --zstd -cf - /usr/share 2>/dev/null | cat >/dev/null' \
    'fdbackup' 'fdbackup create -f - /usr/share 2>/dev/null | cat >/dev/null' \
    'fdbackup --zstd=1' \
    'fdbackup create --zstd=1 -f - /usr/share 2>/dev/null | cat >/dev/null'
if command -v restic >/dev/null; then
	RESTIC_PASSWORD=bench
	export RESTIC_PASSWORD
	head_line 'The small files, a first backup to a local repository:'
	pair -n 3 \
	    'restic' 'rm -rf repo; restic init -q -r repo >/dev/null &&
		restic backup -q -r repo small' \
	    'fdbackup' 'fdbackup create -f small.tar.zst small 2>/dev/null'
fi

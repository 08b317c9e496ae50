#!/bin/sh
#
# slow.sh: fdbackup create beside GNU tar where reading waits: a cold cache, and
# a file system whose server answers after a millisecond.  "make bench-slow"
# builds what this needs and runs it.  Needs root.  An argument is the number of
# rounds, 3 by default.

. "$(dirname "$0")/lib.sh"

need_root || exit
rounds=${1:-3}
cd "$SCRATCH" || exit 1

cold='sync; echo 3 >/proc/sys/vm/drop_caches;'
head_line '/usr/share, nothing of it in memory:'
pair -n "$rounds" \
    'GNU tar' "$cold tar -cf - /usr/share 2>/dev/null | cat >/dev/null" \
    'fdbackup --none' \
    "$cold fdbackup create --none -f - /usr/share 2>/dev/null | cat >/dev/null"

mkdir mnt
foldfs -l 1 mnt >mounted &
server=$!
# shellcheck disable=SC2016
at_exit 'umount mnt 2>/dev/null; kill $server 2>/dev/null'
wait_line mounted '^mounted' || exit 1
head_line '3,000 empty files of a file system that answers after 1 ms:'
pair -n "$rounds" \
    'GNU tar' 'tar -cf - mnt/many | cat >/dev/null' \
    'fdbackup --none' \
    'fdbackup create --none -f - mnt/many 2>/dev/null | cat >/dev/null'
umount mnt
wait "$server"

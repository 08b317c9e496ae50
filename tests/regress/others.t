#!/bin/sh
#
# others.t: what users of other backup programs have met: files whose size lies
# or that cannot be read to their end, directories that can be listed or
# entered but not both, and a user without an account, an environment or a
# umask that leaves anything.  Nothing is cut or left out silently.

. "$(dirname "$0")/lib.sh"

need_daemon
cd "$SCRATCH" || bail_out "$SCRATCH"
USER_ID=64108
SOCK=$RUNDIR/fdbroker.sock
FOLDFS=$FDB_BUILDDIR/tests/regress/foldfs
chmod 1777 .

last_line() { tail -n 1 "$SCRATCH/err"; }

#
# Sizes that lie, and a file that cannot be read to its end.
#
ok '/proc/version has no size: status' \
    fdbackup create --none -f a.tar /proc/version
is '/proc/version has no size: its contents' \
    "$(tar -xOf a.tar proc/version)" "$(cat /proc/version)"
mkdir fs
# kept NAME STATUS TEXT LENGTH MESSAGE: the file is stored with this status,
# text, length in bytes, and message.
kept()
{
	exits "$2" "$1: status" fdbackup create --none -f a.tar "fs/lies/$1"
	is "$1: is told" "$(sed -e '$d' "$SCRATCH/err")" "$5"
	is "$1: what is stored" "$(tar -xOf a.tar "fs/lies/$1" |
	    tr -d '\0')" "$3"
	is "$1: its length" "$(tar -xOf a.tar "fs/lies/$1" | wc -c)" "$4"
	ok "$1: the archive is whole" fdbackup verify -f a.tar
}
if [ -c /dev/fuse ] && [ -x "$FOLDFS" ] &&
    { "$FOLDFS" fs >mounted 2>mounted.err & fs=$!
    at_exit "umount -l '$SCRATCH/fs' 2>/dev/null; kill $fs 2>/dev/null"
    wait_line mounted '^mounted'; }; then
	kept more 0 'holds more' 11 ''
	kept zero 0 'holds more' 11 ''
	kept less "$STATUS_CHANGED" 'holds less' 1000000 'fdbackup: '\
'fs/lies/less: it holds less than its size says; stored with zeros from '\
'byte 11 on'
	kept bad "$STATUS_UNREADABLE" bad 4096 'fdbackup: fs/lies/bad: '\
'Input/output error; stored as zeros from byte 4 on'
	exits "$STATUS_UNREADABLE" 'one bad file: the others are stored' \
	    fdbackup create --none -f a.tar fs/lies
	is 'one bad file: all members are there' \
	    "$(fdbackup list -f a.tar | sort | xargs)" \
	    'fs/lies fs/lies/bad fs/lies/less fs/lies/more fs/lies/zero'
	umount fs
	wait "$fs"
else
	skip 22 "needs to mount fuse(4): $(cat mounted.err 2>/dev/null)"
fi

#
# Directories that can be listed or entered, but not both.
#
mkdir -p half/list half/enter half/both
for i in list enter both; do
	echo 1 >half/$i/f
done
chown -R "$USER_ID" half
chmod 0400 half/list
chmod 0100 half/enter
exits "$STATUS_UNREADABLE" 'half of the rights: status' \
    run_as "$USER_ID" fdbackup create --none -f u.tar half
is 'half of the rights: what is named' "$(sed '$d' "$SCRATCH/err" | sort)" \
    'fdbackup: half/enter: Permission denied
fdbackup: half/list/f: Permission denied'
like 'half of the rights: is counted' "$(last_line)" '*, 2 unreadable, *'
is 'half of the rights: the rest is there' \
    "$(fdbackup list -f u.tar | sort | xargs)" \
    'half half/both half/both/f half/enter half/list'
ok 'a file whose name is known, in a directory that cannot be listed' \
    run_as "$USER_ID" fdbackup create --none -f v.tar half/enter/f
mkdir -p data/none
echo one >data/none/f
echo two >data/g
chmod 0 data/none data/g
conf <<CONF
role "reads" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
}
CONF
ok 'the daemon starts' start_daemon
ok 'mode 0000 in a role: status' run_as "$USER_ID" fdbackup create --none \
    -f r.tar --role reads -s "$SOCK" -C "$SCRATCH" data
is 'mode 0000 in a role: contents' \
    "$(tar -xOf r.tar data/g data/none/f | xargs)" 'two one'
stop_daemon

#
# No account, no environment, no umask to speak of, no place for sockets.
#
mkdir plain
echo a >plain/a
chown -R "$USER_ID:$USER_ID" plain
# bare COMMAND...: run fdbackup as a user without an account, with nothing in
# the environment but what finds the opener of this build.
bare()
{
	run_as "$USER_ID" env -i FDBROKER_OPENER="$FDBROKER_OPENER" \
	    "$FDB_BUILDDIR/fdbackup" "$@"
}
ok 'an empty environment: create' bare create -f b.tar.zst plain
ok 'an empty environment: verify' bare verify -f b.tar.zst
is 'no account: numbers are listed' \
    "$(bare list -vf b.tar.zst | grep -c " $USER_ID/$USER_ID ")" 2
stream()
{
	umask 777
	run_as "$USER_ID" fdbackup create -f - plain 2>"$SCRATCH/first.err" |
	    run_as "$USER_ID" fdbackup verify -f -
}
# shellcheck disable=SC2310
(stream) >/dev/null 2>"$SCRATCH/err"
is 'umask 777: a stream verifies' $? 0
exits "$STATUS_FATAL" 'a TMPDIR that does not exist: status' \
    run_as "$USER_ID" env TMPDIR=/nonexistent fdbackup create -f n.tar plain
like 'a TMPDIR that does not exist: is named' "$(cat "$SCRATCH/err")" \
    '*/nonexistent*'
fails 'a TMPDIR that does not exist: no archive' test -e n.tar

#
# What is compressed ends where its program expects that, in a pipe too.
#
for how in zstd gzip bzip2 xz lz4; do
	if ! command -v $how >/dev/null; then
		skip 1 "needs $how"
		continue
	fi
	fdbackup create --$how -f - plain 2>/dev/null >stream
	ok "$how: tests a stream" sh -c "cat stream | $how -qt"
done

done_testing

#!/bin/sh
#
# logfile.t: the log of fdbackup: what --logfile writes, and where, and that no
# name of a log lets it destroy the archive.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"
mkdir -p tree/dir/empty
echo text >tree/dir/file

ok 'a log: create' fdbackup create -v --logfile log -f a.tar tree/dir
is 'a log: has the messages, with times' \
    "$(sed -n '/^2...-..-..T..:..:..Z /s///p' log | sed '1d;$d')" \
    "$(sed -e 's/^fdbackup: //' -e '$d' "$SCRATCH/err")"
lines=$(wc -l <log)
fdbackup create --logfile log -f a.tar tree/dir 2>/dev/null
is 'a log: is appended to' "$(wc -l <log)" "$((lines + 2))"
fdbackup verify --logfile '!log' -f a.tar 2>/dev/null
is 'a log: is overwritten with !' "$(wc -l <log)" 2
ok 'a log on standard output: create' \
    fdbackup create --logfile - -f a.tar tree/dir
is 'a log on standard output: has its lines' "$(grep -c Z "$SCRATCH/out")" 2
ok 'a log on standard error: create' \
    fdbackup create --logfile -stderr -f a.tar tree/dir
is 'a log on standard error: has its lines' "$(grep -c 'Z ' "$SCRATCH/err")" 2
exits 2 'a log on another stream is refused' \
    fdbackup create --logfile -x -f a.tar tree/dir
exits 1 'a log that cannot be opened' \
    fdbackup create --logfile no/log -f a.tar tree/dir
ok 'a full log: create succeeds' \
    fdbackup create --logfile /dev/full -f a.tar tree/dir
like 'a full log: is reported' "$(cat "$SCRATCH/err")" '*the log is incomplete*'
exits 3 'a full log, with messages: create succeeds' \
    fdbackup create --logfile /dev/full -f a.tar tree/dir tree/none
is 'a full log, with messages: is reported once' \
    "$(grep -c 'the log is incomplete' "$SCRATCH/err")" 1
fdbackup create --logfile tree/log -f a.tar tree/log 2>"$SCRATCH/err"
is 'a log that is stored does not count as changed' "$?" 0
rm -f tree/log

# Whatever the log is called, it must not destroy the archive.
fdbackup create -f good.tar tree/dir 2>/dev/null
cp good.tar same.tar
ln same.tar hard
ln -s same.tar symbolic
# refused DESC COMMAND ARGUMENT ...: and the archive is as it was.
refused()
{
	refused_what=$1
	shift
	exits 1 "the log is the archive: $refused_what: is refused" "$@"
	like "the log is the archive: $refused_what: both are named" \
	    "$(cat "$SCRATCH/err")" \
	    'fdbackup: the log * is the same file as the archive *; name *'
	ok "the log is the archive: $refused_what: is unchanged" \
	    cmp good.tar same.tar
	cp good.tar same.tar
}
for log in same.tar hard symbolic ./tree/../same.tar /dev/fd/7 \
    /proc/self/fd/7; do
	for mode in '' '!'; do
		refused "verify, $mode$log" fdbackup verify -f same.tar \
		    --logfile "$mode$log" 7<>same.tar
		refused "create, $mode$log" fdbackup create -f same.tar \
		    --logfile "$mode$log" tree/dir 7<>same.tar
	done
done
refused 'verify, another name of the archive' \
    fdbackup verify -f symbolic --logfile '!hard'
refused 'verify, standard input' \
    sh -c 'fdbackup verify -f - --logfile "!same.tar" <same.tar'
refused 'verify, standard output' \
    sh -c 'fdbackup verify -f same.tar --logfile - >>same.tar'
refused 'create, a symbolic link as archive' \
    fdbackup create -f symbolic --logfile '!same.tar' tree/dir
refused 'create, standard output' \
    sh -c 'fdbackup create -f - --logfile "!same.tar" tree/dir >>same.tar'
ln -s fresh.tar dangling
for log in '!fresh.tar' dangling; do
	refused "create, a new archive, $log" \
	    fdbackup create -f fresh.tar --logfile "$log" tree/dir
	fails "the log is the archive: $log: leaves no file" test -e fresh.tar
done
ok 'the log and the archive are one device: create' \
    fdbackup create -f /dev/null --logfile '!/dev/null' tree/dir
echo old >log
exits 1 'an archive that cannot be opened: is logged' \
    fdbackup verify -f no.tar --logfile '!log'
like 'an archive that cannot be opened: the log says so' "$(cat log)" \
    '2*verify begins*no.tar: No such file*failed'
rm -f good.tar same.tar hard symbolic dangling log

assert_clean
done_testing

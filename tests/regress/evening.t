#!/bin/sh
#
# evening.t: an administrator's evening, as a plain user through a role: try a
# backup out, make it, look at it, verify it, watch one on a terminal, and be
# told of what is missing and of what is damaged.

. "$(dirname "$0")/lib.sh"

need_daemon
command -v python3 >/dev/null || skip_all 'needs python3'
WORKER=64162
SOCK=$RUNDIR/fdbroker.sock
cd "$SCRATCH" || bail_out "$SCRATCH"

conf <<EOF
role "evening" {
	peer user "$WORKER"
	permit read "$SCRATCH/srv"
	deny "$SCRATCH/srv/keys"
}
EOF
mkdir -p srv/db srv/home/.cache srv/keys vault
echo key >srv/keys/host
echo junk >srv/home/.cache/page
chmod 0700 srv/home
for n in $(seq 30); do
	echo "row $n" >"srv/db/$n.db"
	echo "text $n" >"srv/home/$n.txt"
done
chown -R "$WORKER:$WORKER" vault
fdb() { run_as "$WORKER" fdbackup "$@"; }
create()
{
	create_archive=$1
	shift
	fdb create --role evening -s "$SOCK" -f "vault/$create_archive" \
	    --exclude .cache/ "$@" -C "$SCRATCH" srv
}
summary()
{
	python3 -c 'import json, sys
o = json.loads(sys.stdin.readlines()[-1])
print(*[o.get(k) for k in sys.argv[1:]])' "$@"
}
start_daemon || bail_out 'no daemon'

# Try it out: the keys are hidden, which must not go unnoticed.
exits "$STATUS_DENIED" 'dry run: policy keeps something out' \
    create full.tar -n --json
is 'dry run: the counts' "$(summary members hidden excluded status \
    <"$SCRATCH/out")" "63 1 1 $STATUS_DENIED"
like 'dry run: the denial is told' "$(cat "$SCRATCH/err")" \
    '*srv: 1 name in it is hidden by policy*'
ok 'dry run: makes nothing' test ! -e vault/full.tar

# The full backup.
exits "$STATUS_COMPLETE" 'full backup' create full.tar --denied=ok --json -v
cp "$SCRATCH/out" json
ok 'full backup: what it says is JSON' python3 -m json.tool --json-lines json
is 'full backup: the counts' "$(summary members excluded status <json)" \
    "63 1 $STATUS_COMPLETE"
is 'full backup: the archive is private' "$(stat -c %a vault/full.tar)" 600

# What is in it?
exits 0 'verify' fdb verify -f vault/full.tar
exits 0 'list -v' fdb list -v -f vault/full.tar
is 'list -v: owner, size and name' \
    "$(grep -c ' root/root .* srv/db/[0-9]*.db$' "$SCRATCH/out")" 30
is 'list -v: nothing that was denied or excluded' \
    "$(grep -c -e keys/ -e cache/ "$SCRATCH/out")" 0
exits 0 'list --json' fdb list --json -f vault/full.tar
cp "$SCRATCH/out" json
ok 'list --json: is JSON' python3 -m json.tool --json-lines json
is 'list --json: the counts' "$(summary members status <json)" '63 0'
exits 0 'tar reads it' tar -tf vault/full.tar

# Files change: the archive stays as it was, and the next one has it all.
echo changed >srv/db/1.db
echo new >srv/db/new.db
rm srv/db/2.db
exits 0 'after a change: the archive is what it was' \
    fdb verify -f vault/full.tar
exits 0 'after a change: another full backup' create second.tar --denied=ok
is 'after a change: the new file is in it' \
    "$(fdb list -f vault/second.tar | grep -c -e db/new.db -e db/2.db)" 1

# What has changed since the full backup, and a backup of just that.
exits "$STATUS_DIFFERENT" 'diff' fdb diff --role evening -s "$SOCK" \
    --denied=ok -f vault/full.tar -C "$SCRATCH" --exclude .cache/
like 'diff: a file that changed' "$(cat "$SCRATCH/out")" \
    '*changed: srv/db/1.db: *'
like 'diff: a file that was removed' "$(cat "$SCRATCH/out")" \
    '*missing: srv/db/2.db*'
like 'diff: a file that is new' "$(cat "$SCRATCH/out")" \
    '*extra: srv/db/new.db*'
exits "$STATUS_COMPLETE" 'incremental backup' \
    create inc.tar --denied=ok --since vault/full.tar
# Files as young as these are stored again: their times are in doubt.
is 'incremental backup: what changed is in it' \
    "$(fdb list -f vault/inc.tar | grep -c -e db/1.db -e db/new.db)" 2
is 'incremental backup: what was removed' \
    "$(fdb list --removed -f vault/inc.tar)" srv/db/2.db
exits 0 'incremental backup: verify' fdb verify -f vault/inc.tar

# Watch one on a terminal.
if script --version 2>/dev/null | grep -q util-linux; then
	cat >run.sh <<-EOF
		exec setpriv --reuid=$WORKER --regid=$WORKER --clear-groups \
		    fdbackup create --role evening -s "$SOCK" --estimate \
		    --denied=ok --none -f slow -C "$SCRATCH" srv
	EOF
	head -c 4000000 /dev/zero >srv/db/large.db
	mkfifo slow
	chown "$WORKER" slow
	exec 9<>slow
	: >terminal
	TERM=xterm script -q -e -f -c 'exec sh run.sh' terminal \
	    </dev/null >/dev/null 2>&1 9<&- &
	pid=$!
	ok 'watched: it says how much is done' \
	    wait_line terminal '[0-9]+ files, .*[0-9]%'
	exec 7<slow
	exec 9>&-
	cat <&7 >third.tar
	exec 7<&-
	ok 'watched: ends well' wait "$pid"
	ok 'watched: the archive is whole' fdbackup verify -f third.tar
	rm srv/db/large.db
else
	skip 3 'needs script(1) of util-linux'
fi

# A damaged archive is told, and what of it; so is one that is cut off.
fdb create --role evening -s "$SOCK" --denied=ok --none -f vault/plain.tar \
    -C "$SCRATCH" srv 2>/dev/null
at=$(grep -a -b -o 'row 7' vault/plain.tar | head -n 1 | cut -d : -f 1)
printf X | dd of=vault/plain.tar bs=1 seek="$at" conv=notrunc 2>/dev/null
exits "$STATUS_DIFFERENT" 'a damaged archive' fdb verify -f vault/plain.tar
like 'a damaged archive: which member' "$(cat "$SCRATCH/err")" \
    '*srv/db/7.db: different: *'
head -c 2000 vault/full.tar >vault/cut.tar
exits "$STATUS_FATAL" 'a cut archive' fdb verify -f vault/cut.tar
exits "$STATUS_FATAL" 'a cut archive: list' fdb list -f vault/cut.tar

# What fails makes no archive, and leaves one that is there.
cp vault/full.tar before
exits "$STATUS_FATAL" 'no such role' fdb create --role nosuch -s "$SOCK" \
    -f vault/full.tar srv
exits "$STATUS_USAGE" 'a wrong option' create full.tar --denied=never
exits "$STATUS_FATAL" 'what is denied must not be missing' \
    create full.tar --denied=fail
ok 'the archive stays' cmp before vault/full.tar

stop_daemon
assert_clean
done_testing

#!/bin/sh
#
# admin.t: an administrator's day: correct a policy with a mistake, try it out,
# explain a denial, change the policy during a large backup, read the audit.
# All that fdbrokerctl does is done by an operator in the control group.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64161 OPERATOR=64163
SOCK=$RUNDIR/fdbroker.sock
CTL=$RUNDIR/control.sock
FILES=50000
ctl() { run_as "$OPERATOR" fdbrokerctl -s "$CTL" "$@"; }
client() { run_as "$WORKER" fdbclient "$@"; }
backup()
{
	run_as "$WORKER" fdbackup create --none --role nightly -s "$SOCK" \
	    -f - -C "$SCRATCH" data
}
policy()
{
	{
		cat <<-EOF
		control group "$OPERATOR"
		log audit denied to "$SCRATCH/audit"
		role "nightly" {
			peer user "$WORKER"
			permit read "$SCRATCH/data"
		EOF
		for rule; do
			printf '\t%s\n' "$rule"
		done
		echo '}'
	} | conf
}

mkdir "$SCRATCH/data" "$SCRATCH/data/last" "$SCRATCH/data/keys"
echo key >"$SCRATCH/data/keys/a.key"
number=0
while [ $number -lt $FILES ]; do
	[ $((number % 1000)) -ne 0 ] || mkdir "$SCRATCH/data/$((number / 1000))"
	echo "$number" >"$SCRATCH/data/$((number / 1000))/$number"
	number=$((number + 1))
done

each_line_is_json()
{
	# Only the first lines, since each needs a process of its own.
	for file; do
		head -n 40 "$file"
	done | while read -r line; do
		printf '%s\n' "$line" | python3 -m json.tool >/dev/null ||
		    exit 1
	done
}

# A mistake in the policy is reported with its line, and corrected.
policy 'deny "relative/path"'
exits 1 'a policy with a mistake: status 1' fdbrokerd -n -f "$CONF"
like 'a policy with a mistake: the message has the line' \
    "$(cat "$SCRATCH/err")" "*fdbroker.conf:8: *"
policy "deny \"$SCRATCH/data/keys\" label \"keys\""
ok 'a corrected policy: status 0' fdbrokerd -n -f "$CONF"
ok 'the daemon starts' start_daemon || exit 1

# Try a rule, have a denial explained, and a rule suggested that permits it.
exits 1 'check: a denied file: status 1' \
    ctl check nightly read "$SCRATCH/data/keys/a.key"
like 'check: a denied file: the rule' \
    "$(cat "$SCRATCH/out")" '*fdbroker.conf:8*'
ok 'check: a permitted file: status 0' \
    ctl check nightly read "$SCRATCH/data/1/1000"
exits 1 'check: not a peer: status 1' ctl check -u root nightly read \
    "$SCRATCH/data/1/1000"
like 'check: not a peer: the message' \
    "$(cat "$SCRATCH/out")" '*"root": not a peer of role*'
is 'a denied file: the worker gets the same answer' \
    "$(client "$SOCK" nightly "$SCRATCH/data/keys/a.key")" \
    "$SCRATCH/data/keys/a.key: policy EACCES fdbroker.conf:8 \"keys\""
ok 'a denied file: audited' wait_line "$SCRATCH/audit" 'a\.key'
id=$(sed -n 's/.*a\.key.*"id":"\([0-9a-f]*\)".*/\1/p' "$SCRATCH/audit" |
    head -n 1)
ok 'explain: status 0' ctl explain "$id"
like 'explain: who, what and by which rule' "$(tr '\n' ' ' <"$SCRATCH/out")" \
    "*$WORKER*a.key*fdbroker.conf:8*"
ok 'suggest: status 0' ctl suggest nightly
like 'suggest: a rule that permits it' "$(cat "$SCRATCH/out")" \
    "*permit read*$SCRATCH/data/keys*"

# Monitors watch all that follows, one of which nobody reads.
watch()
{
	name=$1
	shift
	run_as "$OPERATOR" fdbrokerctl -s "$CTL" "$@" >"$SCRATCH/$name" 2>&1 &
	monitors="$monitors $!"
}
monitors=
mkfifo "$SCRATCH/unread"
exec 7<>"$SCRATCH/unread"
watch unread -j monitor
watch some monitor --role nightly --user "$WORKER" --denied
watch other -j monitor --user 0
seen() { client "$SOCK" nightly /etc/none; grep -q /etc/none "$SCRATCH/some"; }
ok 'a monitor of denials: sees one' wait_until seen

# A large backup runs, and waits because nobody reads its pipe.  Meanwhile a
# reload denies some of its files.
mkfifo "$SCRATCH/pipe"
backup >"$SCRATCH/pipe" 2>"$SCRATCH/err1" &
BACKUP=$!
exec 9<"$SCRATCH/pipe"
ok 'a reload during a backup: the backup runs' head -c 65536 <&9
cp "$SCRATCH/out" "$SCRATCH/big.tar"
policy "deny \"$SCRATCH/data/keys\" label \"keys\"" \
    "deny \"$SCRATCH/data/*/*9\" label \"nine\""
ok 'a reload during a backup: status 0' ctl reload
is 'a reload during a backup: the generation' \
    "$(tail -n 1 "$SCRATCH/out")" 'reloaded, generation 2'
cat <&9 >>"$SCRATCH/big.tar"
exec 9<&-
wait "$BACKUP"
is 'a reload during a backup: the backup has the status of policy' "$?" 5
# What is hidden from now on has no name for the walk, but is counted.
like 'a reload during a backup: the summary' "$(tail -n 1 "$SCRATCH/err1")" \
    '* 0 unreadable, 0 changed, 0 denied, [1-9]* hidden, *'
nines=$(fdbackup list -f "$SCRATCH/big.tar" | grep -c '/[0-9]*9$')
ok 'a reload during a backup: it hides files from then on' \
    test "$nines" -lt "$(find "$SCRATCH/data" -type f -name '*9' | wc -l)"
ok 'a reload during a backup: the archive verifies' \
    fdbackup verify -f "$SCRATCH/big.tar"
is 'a session after the reload: denied by the new rule' \
    "$(client "$SOCK" nightly "$SCRATCH/data/1/1009")" \
    "$SCRATCH/data/1/1009: policy EACCES fdbroker.conf:9 \"nine\""

# A reload with a mistake changes nothing.
policy 'deny "relative"'
exits 1 'a reload with a mistake: status 1' ctl reload
like 'a reload with a mistake: the message has the line' \
    "$(cat "$SCRATCH/out" "$SCRATCH/err")" '*fdbroker.conf:8: *'
is 'a reload with a mistake: the policy stays' \
    "$(client "$SOCK" nightly "$SCRATCH/data/1/1000")" \
    "$SCRATCH/data/1/1000: ok 5"

# A session is shown and killed.
hold_start "$SOCK" nightly "$SCRATCH/data/1/1000"
ok 'show sessions: status 0' ctl show sessions
like 'show sessions: the session' "$(cat "$SCRATCH/out")" "*nightly*"
session=$(sed -n 's/.*session \([0-9]*\): started.*/\1/p' "$LOG" | tail -n 1)
exits 1 'kill: no such session: status 1' ctl kill 4000000000
like 'kill: no such session: the message' \
    "$(cat "$SCRATCH/err")" '*no session 4000000000 lives*'
exits 2 'check: no such role: status 2' ctl check nosuch read /
like 'check: no such role: the message' \
    "$(cat "$SCRATCH/err")" '*unknown role "nosuch"; there are: *nightly*'
ok 'kill: status 0' ctl kill "$session"
hold_end
is 'kill: the message of the worker' "$(cat "$SCRATCH/held.err")" \
    'fdbclient: the broker ended the session: the administrator ended it'
ok 'show stats: status 0' ctl show stats
ok 'show confinement: status 0' ctl show confinement
like 'show confinement: the supervisor' "$(cat "$SCRATCH/out")" \
    '*supervisor *nothing *no_new_privs, not dumpable, seccomp*'
ok 'show metrics: status 0' ctl show metrics
is 'show metrics: the last line' "$(tail -n 1 "$SCRATCH/out")" '# EOF'

ok 'a monitor of denials: sees those of the backup' \
    wait_line "$SCRATCH/some" 'nine'
is 'a monitor of denials: sees nothing else' \
    "$(grep -vc denied "$SCRATCH/some")" 0
is 'a monitor of another user: sees no session' \
    "$(grep -c session "$SCRATCH/other")" 0
# shellcheck disable=SC2086
kill $monitors
exec 7<&-

# The audit file can be rotated, and each of its lines is JSON.
mv "$SCRATCH/audit" "$SCRATCH/audit.1"
ok 'the audit after a rotation: reopened' ctl reopen
ok 'the audit after a rotation: the log says so' \
    wait_log 'the audit file is opened anew'
client "$SOCK" nightly /etc/shadow >/dev/null
ok 'the audit after a rotation: written to' \
    wait_line "$SCRATCH/audit" '/etc/shadow'
is 'the audit after a rotation: mode and owner' \
    "$(stat -c '%a %u' "$SCRATCH/audit")" '600 0'
if command -v python3 >/dev/null; then
	# shellcheck disable=SC2016
	ok 'the audit: each line is JSON' \
	    each_line_is_json "$SCRATCH/audit.1" "$SCRATCH/audit"
else
	skip 1 'no python3'
fi
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# admin.t: an administrator's day: correct a policy with a mistake, try it out,
# explain a denial, change the policy during a large backup, read the audit.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64161
SOCK=$RUNDIR/fdbroker.sock
CTL=$RUNDIR/control.sock
FILES=50000
ctl() { fdbrokerctl -s "$CTL" "$@"; }
client() { run_as "$WORKER" fdbclient "$@"; }
backup()
{
	run_as "$WORKER" fdbackup create --none --role nightly -s "$SOCK" \
	    -f - -C "$T" data
}
policy()
{
	{
		cat <<-EOF
		log audit denied to "$T/audit"
		role "nightly" {
			peer user "$WORKER"
			permit read "$T/data"
		EOF
		for rule; do
			printf '\t%s\n' "$rule"
		done
		echo '}'
	} | conf
}

mkdir "$T/data" "$T/data/last" "$T/data/keys"
echo key >"$T/data/keys/a.key"
number=0
while [ $number -lt $FILES ]; do
	[ $((number % 1000)) -ne 0 ] || mkdir "$T/data/$((number / 1000))"
	echo "$number" >"$T/data/$((number / 1000))/$number"
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
    "$(cat "$T/err")" "*fdbroker.conf:7: *"
policy "deny \"$T/data/keys\" label \"keys\""
ok 'a corrected policy: status 0' fdbrokerd -n -f "$CONF"
ok 'the daemon starts' start_daemon || exit 1

# Try a rule, have a denial explained, and a rule suggested that permits it.
exits 1 'check: a denied file: status 1' \
    ctl check nightly read "$T/data/keys/a.key"
like 'check: a denied file: the rule' \
    "$(cat "$T/out")" '*fdbroker.conf:7*'
ok 'check: a permitted file: status 0' \
    ctl check nightly read "$T/data/1/1000"
exits 1 'check: not a peer: status 1' ctl check -u root nightly read \
    "$T/data/1/1000"
like 'check: not a peer: the message' \
    "$(cat "$T/out")" '*"root": not a peer of role*'
is 'a denied file: the worker gets the same answer' \
    "$(client "$SOCK" nightly "$T/data/keys/a.key")" \
    "$T/data/keys/a.key: policy EACCES fdbroker.conf:7 \"keys\""
ok 'a denied file: audited' wait_line "$T/audit" 'a\.key'
id=$(sed -n 's/.*a\.key.*"id":"\([0-9a-f]*\)".*/\1/p' "$T/audit" |
    head -n 1)
ok 'explain: status 0' ctl explain "$id"
like 'explain: who, what and by which rule' "$(tr '\n' ' ' <"$T/out")" \
    "*$WORKER*a.key*fdbroker.conf:7*"
ok 'suggest: status 0' ctl suggest nightly
like 'suggest: a rule that permits it' "$(cat "$T/out")" \
    "*permit read*$T/data/keys*"

# A large backup runs, and waits because nobody reads its pipe.  Meanwhile a
# reload denies some of its files.
mkfifo "$T/pipe"
backup >"$T/pipe" 2>"$T/err1" &
BACKUP=$!
exec 9<"$T/pipe"
ok 'a reload during a backup: the backup runs' head -c 65536 <&9
cp "$T/out" "$T/big.tar"
policy "deny \"$T/data/keys\" label \"keys\"" \
    "deny \"$T/data/*/*9\" label \"nine\""
ok 'a reload during a backup: status 0' ctl reload
is 'a reload during a backup: the generation' \
    "$(cat "$T/out")" 'reloaded, generation 2'
cat <&9 >>"$T/big.tar"
exec 9<&-
wait "$BACKUP"
is 'a reload during a backup: the backup has status 0' "$?" 0
like 'a reload during a backup: the summary' "$(tail -n 1 "$T/err1")" \
    '* [1-9]* denied, *'
like 'a reload during a backup: the rule in the message' \
    "$(grep -m 1 denied "$T/err1")" \
    'fdbackup: data/*9: denied by policy (fdbroker.conf:8 "nine"), id *'
ok 'a reload during a backup: the archive verifies' \
    fdbackup verify -f "$T/big.tar"
is 'a session after the reload: denied by the new rule' \
    "$(client "$SOCK" nightly "$T/data/1/1009")" \
    "$T/data/1/1009: policy EACCES fdbroker.conf:8 \"nine\""

# A reload with a mistake changes nothing.
policy 'deny "relative"'
exits 1 'a reload with a mistake: status 1' ctl reload
like 'a reload with a mistake: the message has the line' \
    "$(cat "$T/out" "$T/err")" '*fdbroker.conf:7: *'
is 'a reload with a mistake: the policy stays' \
    "$(client "$SOCK" nightly "$T/data/1/1000")" \
    "$T/data/1/1000: ok 5"

# A session is shown and killed.
mkfifo "$T/hold"
: >"$T/held"
client -h "$SOCK" nightly "$T/data/1/1000" <"$T/hold" \
    >"$T/held" 2>"$T/held.err" &
HOLDER=$!
exec 8>"$T/hold"
wait_line "$T/held" '^holding'
ok 'show sessions: status 0' ctl show sessions
like 'show sessions: the session' "$(cat "$T/out")" "*nightly*"
session=$(sed -n 's/.*session \([0-9]*\): started.*/\1/p' "$LOG" | tail -n 1)
exits 1 'kill: no such session: status 1' ctl kill 4000000000
like 'kill: no such session: the message' \
    "$(cat "$T/err")" '*no session 4000000000 lives*'
exits 2 'check: no such role: status 2' ctl check nosuch read /
like 'check: no such role: the message' \
    "$(cat "$T/err")" '*unknown role: nosuch*'
ok 'kill: status 0' ctl kill "$session"
exec 8>&-
wait "$HOLDER"
is 'kill: the message of the worker' "$(cat "$T/held.err")" \
    'fdbclient: the broker ended the session: the administrator ended it'
ok 'show stats: status 0' ctl show stats
ok 'show confinement: status 0' ctl show confinement
like 'show confinement: the supervisor' "$(cat "$T/out")" \
    '*supervisor *nothing *no_new_privs, not dumpable, seccomp*'
ok 'show metrics: status 0' ctl show metrics
is 'show metrics: the last line' "$(tail -n 1 "$T/out")" '# EOF'

# The audit file can be rotated, and each of its lines is JSON.
mv "$T/audit" "$T/audit.1"
kill -USR1 "$DAEMON"
ok 'the audit after a rotation: reopened' \
    wait_log 'the audit file is opened anew'
client "$SOCK" nightly /etc/shadow >/dev/null
ok 'the audit after a rotation: written to' \
    wait_line "$T/audit" '/etc/shadow'
is 'the audit after a rotation: mode and owner' \
    "$(stat -c '%a %u' "$T/audit")" '600 0'
if command -v python3 >/dev/null; then
	# shellcheck disable=SC2016
	ok 'the audit: each line is JSON' \
	    each_line_is_json "$T/audit.1" "$T/audit"
else
	skip 1 'no python3'
fi
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

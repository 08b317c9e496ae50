#!/bin/sh
#
# admin.t: an administrator's day: a policy with a mistake, mended, tried,
# explained, changed while a large backup runs, and the audit of it all.

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
i=0
while [ $i -lt $FILES ]; do
	[ $((i % 1000)) -ne 0 ] || mkdir "$T/data/$((i / 1000))"
	echo "$i" >"$T/data/$((i / 1000))/$i"
	i=$((i + 1))
done

each_line_is_json()
{
	# At most so many: a process a line is slow.
	for file; do
		head -n 40 "$file"
	done | while read -r line; do
		printf '%s\n' "$line" | python3 -m json.tool >/dev/null ||
		    exit 1
	done
}

# Morning: a mistake, told where; mended.
policy 'deny "relative/path"'
exits 1 'a policy with a mistake' fdbrokerd -n -f "$CONF"
like 'is told where' "$(cat "$T/err")" "*fdbroker.conf:7: *"
policy "deny \"$T/data/keys\" label \"keys\""
ok 'mended' fdbrokerd -n -f "$CONF"
ok 'the daemon starts' start_daemon || exit 1

# A rule is tried, a denial is seen and explained, another is suggested.
exits 1 'check: what is denied' ctl check nightly read "$T/data/keys/a.key"
like 'check: names the rule' "$(cat "$T/out")" '*fdbroker.conf:7*'
ok 'check: what is permitted' ctl check nightly read "$T/data/1/1000"
exits 1 'check: who may not take the role' ctl check -u root nightly read \
    "$T/data/1/1000"
like 'check: says so' "$(cat "$T/out")" '*"root": not a peer of role*'
is 'a worker sees the same' \
    "$(client "$SOCK" nightly "$T/data/keys/a.key")" \
    "$T/data/keys/a.key: policy EACCES fdbroker.conf:7 \"keys\""
ok 'the denial is audited' wait_line "$T/audit" 'a\.key'
id=$(sed -n 's/.*a\.key.*"id":"\([0-9a-f]*\)".*/\1/p' "$T/audit" | head -n 1)
ok 'explain' ctl explain "$id"
like 'explain: who, what and by which rule' "$(tr '\n' ' ' <"$T/out")" \
    "*$WORKER*a.key*fdbroker.conf:7*"
ok 'suggest' ctl suggest nightly
like 'suggest: what would have permitted it' "$(cat "$T/out")" \
    "*permit read*$T/data/keys*"

# A large backup runs; meanwhile something of it is denied.
# It writes to a pipe that is not read meanwhile.
mkfifo "$T/pipe"
backup >"$T/pipe" 2>"$T/err1" &
BACKUP=$!
exec 9<"$T/pipe"
ok 'the backup is under way' head -c 65536 <&9
cp "$T/out" "$T/big.tar"
policy "deny \"$T/data/keys\" label \"keys\"" \
    "deny \"$T/data/*/*9\" label \"nine\""
ok 'reload' ctl reload
is 'reload: the generation' "$(cat "$T/out")" 'reloaded, generation 2'
cat <&9 >>"$T/big.tar"
exec 9<&-
wait "$BACKUP"
is 'the backup finishes' "$?" 0
like 'and counts what was denied meanwhile' "$(tail -n 1 "$T/err1")" \
    '* [1-9]* denied, *'
like 'each with its rule' "$(grep -m 1 denied "$T/err1")" \
    'fdbackup: data/*9: denied by policy (fdbroker.conf:8 "nine"), id *'
ok 'its archive is whole' fdbackup verify -f "$T/big.tar"
is 'a new session is denied them from the start' \
    "$(client "$SOCK" nightly "$T/data/1/1009")" \
    "$T/data/1/1009: policy EACCES fdbroker.conf:8 \"nine\""

# A mistake does not count.
policy 'deny "relative"'
exits 1 'a reload with a mistake' ctl reload
like 'says where' "$(cat "$T/out" "$T/err")" '*fdbroker.conf:7: *'
is 'the policy stays' "$(client "$SOCK" nightly "$T/data/1/1000")" \
    "$T/data/1/1000: ok 5"

# A session is shown and killed.
mkfifo "$T/hold"
: >"$T/held"
client -h "$SOCK" nightly "$T/data/1/1000" <"$T/hold" >"$T/held" \
    2>"$T/held.err" &
HOLDER=$!
exec 8>"$T/hold"
wait_line "$T/held" '^holding'
ok 'show sessions' ctl show sessions
like 'show sessions: it is there' "$(cat "$T/out")" "*nightly*"
session=$(sed -n 's/.*session \([0-9]*\): started.*/\1/p' "$LOG" | tail -n 1)
exits 1 'kill: no such session' ctl kill 4000000000
like 'kill: names it' "$(cat "$T/err")" '*no session 4000000000 lives*'
exits 2 'check: no such role' ctl check nosuch read /
like 'check: names the role' "$(cat "$T/err")" '*unknown role: nosuch*'
ok 'kill' ctl kill "$session"
exec 8>&-
wait "$HOLDER"
is 'the worker is told' "$(cat "$T/held.err")" \
    'fdbclient: the broker ended the session: the administrator ended it'
ok 'show stats' ctl show stats
ok 'show confinement' ctl show confinement
like 'of the supervisor, too' "$(cat "$T/out")" \
    '*supervisor *nothing *no_new_privs, not dumpable, seccomp*'
ok 'show metrics' ctl show metrics
is 'metrics end as OpenMetrics does' "$(tail -n 1 "$T/out")" '# EOF'

# The audit is rotated, and is JSON.
mv "$T/audit" "$T/audit.1"
kill -USR1 "$DAEMON"
ok 'the audit is opened anew' wait_log 'the audit file is opened anew'
client "$SOCK" nightly /etc/shadow >/dev/null
ok 'and written to' wait_line "$T/audit" '/etc/shadow'
is 'for nobody else' "$(stat -c '%a %u' "$T/audit")" '600 0'
if command -v python3 >/dev/null; then
	# shellcheck disable=SC2016
	ok 'each line is JSON' each_line_is_json "$T/audit.1" "$T/audit"
else
	skip 1 'no python3'
fi
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# daemon.t: a real daemon, real uids: who is let in, what they get, and what
# is left when any of the processes dies.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64101 OTHER=64102
SOCK=$RUNDIR/fdbroker.sock
client() { run_as "$WORKER" fdbclient "$@"; }

opener_pid() { opener_pids | head -n 1; }
# Wait for the opener that has no session yet.
spare_pid()
{
	tries=400
	until pgrep -f '^\(spare\) fdbroker-opener' -s "$DAEMON"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
client_pid() { run_named '^fdbclient ' | head -n 1; }

mkdir -p "$SCRATCH/data/sub" "$SCRATCH/data/secret" "$SCRATCH/keys"
chmod 0700 "$SCRATCH/data/secret" "$SCRATCH/keys"
echo hello >"$SCRATCH/data/file"
echo hidden >"$SCRATCH/data/secret/file"
echo key >"$SCRATCH/data/sub/a.key"
echo plain >"$SCRATCH/data/sub/plain"
chmod 0600 "$SCRATCH/data/file" "$SCRATCH/data/sub/plain"
ln -s file "$SCRATCH/data/link"
ln -s sub "$SCRATCH/data/dirlink"
mkfifo "$SCRATCH/data/fifo"
mknod "$SCRATCH/data/null" c 1 3

policy()
{
	conf <<EOF
role "nightly" {
	peer user "$WORKER"
	permit read "$SCRATCH/data"
	deny "$SCRATCH/data/**/*.key" label "keys"
}
role "two" {
	peer user "$WORKER"
	permit read "$SCRATCH/data"
	limit sessions 2
}
role "others" {
	peer user "$OTHER"
	permit read "$SCRATCH/data"
}
$1
EOF
}
policy ''
ok 'the daemon starts' start_daemon || exit 1

spare=$(spare_pid)
is 'a spare opener waits, under the filter of the supervisor' \
    "$(awk '/^(NoNewPrivs|Seccomp):/ { print $2 }' "/proc/$spare/status" |
    xargs)" '1 2'
kill -KILL "$spare"
ok 'it may die' wait_log 'the spare opener ended \(status 0x9\)'
is 'a permitted file: read although the uid may not' \
    "$(client "$SOCK" nightly "$SCRATCH/data/secret/file")" \
    "$SCRATCH/data/secret/file: ok 7"
spare=$(spare_pid)
ok 'a session' hold_start "$SOCK" nightly "$SCRATCH/data/file"
is 'its opener is the spare one, which is no spare any more' "$(opener_pid)" \
    "$spare"
other=$(spare_pid)
ok 'another one waits' [ "$other" != "$spare" ]
hold_end
is 'a permitted file: read by a confined worker' \
    "$(client -c "$SOCK" nightly "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 6"
is 'a denied file: the answer names the rule' \
    "$(client "$SOCK" nightly "$SCRATCH/data/sub/a.key")" \
    "$SCRATCH/data/sub/a.key: policy EACCES fdbroker.conf:6 \"keys\""
is 'a file that no rule permits: denied' \
    "$(client "$SOCK" nightly /etc/shadow)" \
    '/etc/shadow: policy EACCES no rule of role "nightly" permits it'
is 'a listing has no denied names' \
    "$(client -l "$SOCK" nightly "$SCRATCH/data/sub")" "$SCRATCH/data/sub/plain"
is 'symbolic links are not followed' \
    "$(client "$SOCK" nightly "$SCRATCH/data/link" \
    "$SCRATCH/data/dirlink/plain")" "$SCRATCH/data/link: kernel ELOOP
$SCRATCH/data/dirlink/plain: kernel ELOOP"
is 'a FIFO is not handed out' \
    "$(client "$SOCK" nightly "$SCRATCH/data/fifo")" \
    "$SCRATCH/data/fifo: type EPERM a FIFO"
like 'a device is not handed out' \
    "$(client "$SOCK" nightly "$SCRATCH/data/null")" "$SCRATCH/data/null: * E*"
is 'hostile names are refused before they are sent' \
    "$(client "$SOCK" nightly "$SCRATCH/data/../keys/x" "$SCRATCH//data" \
    "$SCRATCH/data/." "$SCRATCH/data/")" \
    "$SCRATCH/data/../keys/x: library EINVAL
$SCRATCH//data: library EINVAL
$SCRATCH/data/.: library EINVAL
$SCRATCH/data/: library EINVAL"
is 'a missing file: ENOENT' "$(client "$SOCK" nightly "$SCRATCH/data/none")" \
    "$SCRATCH/data/none: kernel ENOENT"

exits 1 'an unknown role: status 1' client "$SOCK" nosuch
is 'an unknown role: the message' \
    "$(cat "$SCRATCH/err")" \
    'fdbclient: refused: unknown role "nosuch"; there are: nightly, two'
exits 1 'a name that no role can have: status 1' client "$SOCK" 'no such'
like 'a name that no role can have: the message' "$(cat "$SCRATCH/err")" \
    'fdbclient: no role can have this name: *letters*'
exits 2 'fdbackup, a name that no role can have: status 2' \
    fdbackup create -f - --role 'no such' -s "$SOCK" /
like 'fdbackup, a name that no role can have: the message' \
    "$(cat "$SCRATCH/err")" '*--role: no role can have the name "no such"; *'
exits 1 'a peer of another role: status 1' client "$SOCK" others
is 'a peer of another role: the message' "$(cat "$SCRATCH/err")" \
    "fdbclient: refused: uid $WORKER is not a peer of role \"others\""
exits 1 'a missing socket: status 1' \
    client "$SCRATCH/none/fdbroker.sock" nightly
like 'a missing socket: the message' \
    "$(cat "$SCRATCH/err")" "*$SCRATCH/none/fdbroker.sock*"

# Quotas.
hold_start "$SOCK" two
mkfifo "$SCRATCH/hold2"
run_as "$WORKER" fdbclient -h "$SOCK" two <"$SCRATCH/hold2" >/dev/null 8>&- &
SECOND=$!
exec 7>"$SCRATCH/hold2"
wait_log 'session 1[0-9]*: started'
exits 1 'a third session of the role: status 1' client "$SOCK" two
is 'a third session of the role: the message' "$(cat "$SCRATCH/err")" \
    'fdbclient: refused: limit of 2 sessions of role "two" is reached'
exec 7>&-
wait "$SECOND"
hold_end
is 'handshakes leave no socket behind' \
    "$(find "$RUNDIR" -type s | sort)" "$RUNDIR/control.sock
$RUNDIR/fdbroker.sock
$RUNDIR/fdbroker.sock.peers"

# Kill each process.
ok 'openers end with their workers' wait_until no_opener
# An opener is gone a little before the supervisor hears of its end.
no_session()
{
	[ "$(fdbrokerctl -s "$RUNDIR/control.sock" show sessions |
	    wc -l)" -le 1 ]
}
ok 'and their sessions' wait_until no_session
before=$(fd_count "$DAEMON")
hold_start "$SOCK" nightly "$SCRATCH/data/file"
kill -KILL "$(client_pid)"
hold_end
ok 'a killed worker: its opener ends' wait_until no_opener
hold_start "$SOCK" nightly "$SCRATCH/data/file"
kill -KILL "$(opener_pid)"
wait_log 'opener killed by signal 9'
hold_end
is 'a killed opener: the message of its worker' \
    "$(cat "$SCRATCH/held.err")" \
    'fdbclient: the broker ended the session without a reason'
is 'a killed opener: the daemon still serves' \
    "$(client "$SOCK" nightly "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 6"
# shellcheck disable=SC2317
as_before() { [ "$(fd_count "$DAEMON")" -le "$before" ]; }
ok 'killed processes: no descriptor stays open' wait_until as_before

# Reload.
policy 'role "broken" {'
kill -HUP "$DAEMON"
ok 'a reload with a mistake: rejected' \
    wait_log 'not reloaded, generation 1 stays'
like 'a reload with a mistake: the message has the line' \
    "$(cat "$LOG")" "*$CONF:1[0-9]: *"
is 'a reload with a mistake: the old policy stays' \
    "$(client "$SOCK" nightly "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 6"
policy "role \"new\" {
	peer user $WORKER
	permit read \"$SCRATCH/data\"
}"
kill -HUP "$DAEMON"
ok 'a good reload: accepted' wait_log 'reloaded, generation 2'
is 'a good reload: new sessions follow it' \
    "$(client "$SOCK" new "$SCRATCH/data/sub/a.key")" \
    "$SCRATCH/data/sub/a.key: ok 4"

# fdbrokerd starts itself with the argument "listener".  A person cannot.
exits 1 'a listener started by hand: status 1' "$BIN/fdbrokerd" listener
like 'a listener started by hand: the message' "$(cat "$SCRATCH/err")" \
    '*started by the supervisor, not by hand*'
by_hand() { "$BIN/fdbrokerd" listener 3</dev/null; }
exits 1 'a listener started by hand, with descriptor 3: status 1' by_hand

exits 1 'a names process started by hand: status 1' "$BIN/fdbrokerd" names
like 'a names process started by hand: the message' "$(cat "$SCRATCH/err")" \
    '*started by the supervisor, not by hand*'

# One daemon for a run directory.
exits 1 'a second daemon: status 1' "$BIN/fdbrokerd" -d -f "$CONF"
like 'a second daemon: the message' \
    "$(cat "$SCRATCH/err")" "*$RUNDIR: another daemon runs there*"
is 'a second daemon: the first one still serves' \
    "$(client "$SOCK" nightly "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 6"

# End the daemon with SIGTERM, with SIGKILL and by killing its listener.
hold_start "$SOCK" nightly "$SCRATCH/data/file"
stop_daemon
is 'SIGTERM: status 0' "$DAEMON_STATUS" 0
hold_end
is 'SIGTERM: the message of a live session' "$(cat "$SCRATCH/held.err")" \
    'fdbclient: the broker ended the session: the broker ends all sessions'
assert_clean 'SIGTERM: nothing is left behind'

ok 'the daemon starts again' start_daemon
hold_start "$SOCK" nightly "$SCRATCH/data/file"
stop_daemon KILL
hold_end
like 'SIGKILL: the session ends' "$(cat "$SCRATCH/held.err")" \
    'fdbclient: the broker ended the session*'
ok 'SIGKILL: no process is left' wait_gone
ok 'SIGKILL: the next daemon starts' start_daemon
is 'SIGKILL: the next daemon serves' \
    "$(client "$SOCK" nightly "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 6"
kill -KILL "$(listener_pid)"
ok 'a killed listener: the daemon ends' wait_log 'lib.sh: fdbrokerd ended: 1'
stop_daemon
assert_clean 'a killed listener: nothing is left behind'

conf <<EOF
role "x" {
	peer user "$WORKER"
	permit read "$SCRATCH/nothing-there"
}
EOF
exits 1 'a missing root: status 1' \
    "$BIN/fdbrokerd" -d -f "$CONF"
like 'a missing root: the message has the line' "$(cat "$SCRATCH/err")" \
    "*$CONF:5: *$SCRATCH/nothing-there*"
exits 1 'no configuration: status 1' "$BIN/fdbrokerd" -d -f "$SCRATCH/no.conf"
like 'no configuration: the message' \
    "$(cat "$SCRATCH/err")" "*$SCRATCH/no.conf*"
assert_clean 'failed starts: nothing is left behind'
done_testing

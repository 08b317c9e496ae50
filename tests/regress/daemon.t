#!/bin/sh
#
# daemon.t: a real daemon, real uids: who is let in, what they get, and what
# is left when any of the processes dies.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64101 OTHER=64102
SOCK=$RUNDIR/fdbroker.sock
client() { run_as "$WORKER" fdbclient "$@"; }

# A client that holds its session until its standard input, the fifo $T/hold,
# ends.  What it prints is in $T/held, its errors in $T/held.err.
hold_start()
{
	rm -f "$T/hold"
	mkfifo "$T/hold"
	: >"$T/held"
	run_as "$WORKER" fdbclient -h "$SOCK" "$@" <"$T/hold" \
	    >"$T/held" 2>"$T/held.err" &
	HOLDER=$!
	exec 8>"$T/hold"
	wait_line "$T/held" '^holding'
}
hold_end()
{
	exec 8>&-
	wait "$HOLDER"
}
opener_pid() { pgrep -f "^fdbroker-opener" -s "$DAEMON" | head -n 1; }
client_pid() { run_named '^fdbclient ' | head -n 1; }

mkdir -p "$T/data/sub" "$T/data/secret" "$T/keys"
chmod 0700 "$T/data/secret" "$T/keys"
echo hello >"$T/data/file"
echo hidden >"$T/data/secret/file"
echo key >"$T/data/sub/a.key"
echo plain >"$T/data/sub/plain"
chmod 0600 "$T/data/file" "$T/data/sub/plain"
ln -s file "$T/data/link"
ln -s sub "$T/data/dirlink"
mkfifo "$T/data/fifo"
mknod "$T/data/null" c 1 3

policy()
{
	conf <<EOF
role "nightly" {
	peer user "$WORKER"
	permit read "$T/data"
	deny "$T/data/**/*.key" label "keys"
}
role "two" {
	peer user "$WORKER"
	permit read "$T/data"
	limit sessions 2
}
role "others" {
	peer user "$OTHER"
	permit read "$T/data"
}
$1
EOF
}
policy ''
ok 'the daemon starts' start_daemon || exit 1

is 'an allowed file is read, though the uid may not' \
    "$(client "$SOCK" nightly "$T/data/secret/file")" \
    "$T/data/secret/file: ok 7"
is 'also by a confined worker' \
    "$(client -c "$SOCK" nightly "$T/data/file")" "$T/data/file: ok 6"
is 'a denied file names the rule' \
    "$(client "$SOCK" nightly "$T/data/sub/a.key")" \
    "$T/data/sub/a.key: policy EACCES fdbroker.conf:6 \"keys\""
is 'what no rule permits is denied' \
    "$(client "$SOCK" nightly /etc/shadow)" \
    '/etc/shadow: policy EACCES no rule of role "nightly" permits it'
is 'a listing has no denied names' \
    "$(client -l "$SOCK" nightly "$T/data/sub")" "$T/data/sub/plain"
is 'symbolic links are not followed' \
    "$(client "$SOCK" nightly "$T/data/link" "$T/data/dirlink/plain")" \
    "$T/data/link: kernel ELOOP
$T/data/dirlink/plain: kernel ELOOP"
is 'a FIFO is not handed out' \
    "$(client "$SOCK" nightly "$T/data/fifo")" "$T/data/fifo: type EPERM"
like 'a device is not handed out' \
    "$(client "$SOCK" nightly "$T/data/null")" "$T/data/null: * E*"
is 'hostile names are refused before they are sent' \
    "$(client "$SOCK" nightly "$T/data/../keys/x" "$T//data" "$T/data/." \
    "$T/data/")" "$T/data/../keys/x: library EINVAL
$T//data: library EINVAL
$T/data/.: library EINVAL
$T/data/: library EINVAL"
is 'what is not there' "$(client "$SOCK" nightly "$T/data/none")" \
    "$T/data/none: kernel ENOENT"

exits 1 'an unknown role is refused' client "$SOCK" nosuch
is 'and named' "$(cat "$T/err")" 'fdbclient: refused: unknown role "nosuch"'
exits 1 'a peer of another role is refused' client "$SOCK" others
is 'and told' "$(cat "$T/err")" \
    "fdbclient: refused: uid $WORKER is not a peer of role \"others\""
exits 1 'a socket that is not there' client "$T/none/fdbroker.sock" nightly
like 'is named' "$(cat "$T/err")" "*$T/none/fdbroker.sock*"

# Quotas.
hold_start two
mkfifo "$T/hold2"
run_as "$WORKER" fdbclient -h "$SOCK" two <"$T/hold2" >/dev/null 8>&- &
SECOND=$!
exec 7>"$T/hold2"
wait_log 'session 1[0-9]*: started'
exits 1 'a third session of the role is refused' client "$SOCK" two
is 'with the limit' "$(cat "$T/err")" \
    'fdbclient: refused: limit of 2 sessions of role "two" is reached'
exec 7>&-
wait "$SECOND"
hold_end
is 'handshakes left no name' \
    "$(find "$RUNDIR" -type s | sort)" "$RUNDIR/control.sock
$RUNDIR/fdbroker.sock"

# The death of each.
wait_openers_gone()
{
	tries=400
	while [ -n "$(opener_pid)" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
ok 'openers end with their workers' wait_openers_gone
before=$(fd_count "$DAEMON")
hold_start nightly "$T/data/file"
kill -KILL "$(client_pid)"
hold_end
ok 'a killed worker takes its opener with it' wait_openers_gone
hold_start nightly "$T/data/file"
kill -KILL "$(opener_pid)"
wait_log 'opener killed by signal 9'
hold_end
is 'a killed opener ends the session, and the worker is told' \
    "$(cat "$T/held.err")" \
    'fdbclient: the broker ended the session without a reason'
is 'the daemon serves on' "$(client "$SOCK" nightly "$T/data/file")" \
    "$T/data/file: ok 6"
wait_openers_gone
is 'and holds what it held before' "$(fd_count "$DAEMON")" "$before"

# Reload.
policy 'role "broken" {'
kill -HUP "$DAEMON"
ok 'a reload with a mistake is refused' \
    wait_log 'not reloaded, generation 1 stays'
like 'and says where' "$(cat "$LOG")" "*$CONF:1[0-9]: *"
is 'the old policy stays' "$(client "$SOCK" nightly "$T/data/file")" \
    "$T/data/file: ok 6"
policy "role \"new\" {
	peer user $WORKER
	permit read \"$T/data\"
}"
kill -HUP "$DAEMON"
ok 'a good one is taken' wait_log 'reloaded, generation 2'
is 'and new sessions have it' "$(client "$SOCK" new "$T/data/sub/a.key")" \
    "$T/data/sub/a.key: ok 4"

# The listener is this program with an argument, which is of use to nobody.
exits 1 'nobody is the listener by hand' "$BIN/fdbrokerd" listener
like 'and is told so' "$(cat "$T/err")" \
    '*started by the supervisor, not by hand*'
by_hand() { "$BIN/fdbrokerd" listener 3</dev/null; }
exits 1 'with a descriptor 3 neither' by_hand

# One daemon for a run directory.
exits 1 'a second daemon does not start' "$BIN/fdbrokerd" -d -f "$CONF"
like 'and says why' "$(cat "$T/err")" "*$RUNDIR: another daemon runs there*"
is 'the first one is as it was' "$(client "$SOCK" nightly "$T/data/file")" \
    "$T/data/file: ok 6"

# The end.
hold_start nightly "$T/data/file"
stop_daemon
is 'SIGTERM ends the daemon with status 0' "$DAEMON_STATUS" 0
hold_end
is 'a live session is told' "$(cat "$T/held.err")" \
    'fdbclient: the broker ended the session: the broker ends all sessions'
assert_clean

ok 'it starts again' start_daemon
hold_start nightly "$T/data/file"
stop_daemon KILL
hold_end
like 'after a SIGKILL of the daemon the session ends' "$(cat "$T/held.err")" \
    'fdbclient: the broker ended the session*'
ok 'no process is left' wait_gone
ok 'what it left does not keep the next one from starting' start_daemon
is 'which serves' "$(client "$SOCK" nightly "$T/data/file")" \
    "$T/data/file: ok 6"
kill -KILL "$(pgrep -f '^fdbrokerd: listener' -s "$DAEMON")"
ok 'without its listener the daemon ends' wait_log 'lib.sh: fdbrokerd ended: 1'
stop_daemon
assert_clean

conf <<EOF
role "x" {
	peer user "$WORKER"
	permit read "$T/nothing-there"
}
EOF
exits 1 'a root that does not exist keeps the daemon from starting' \
    "$BIN/fdbrokerd" -d -f "$CONF"
like 'and is named with its line' "$(cat "$T/err")" \
    "*$CONF:5: *$T/nothing-there*"
exits 1 'no configuration: no daemon' "$BIN/fdbrokerd" -d -f "$T/no.conf"
like 'and the file is named' "$(cat "$T/err")" "*$T/no.conf*"
assert_clean
done_testing

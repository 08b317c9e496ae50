#!/bin/sh
#
# control.t: clients of the control socket that keep it, or do not read.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64171 GROUP=64172 OTHER=64173
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
mkdir "$T/data"
echo hello >"$T/data/file"
policy()
{
	conf <<-EOF
	control group "$1"
	role "r" {
		peer user "$WORKER"
		permit read "$T/data"
		deny "$T/data/none"
	}
	EOF
}
policy "$GROUP"
ok 'the daemon starts' start_daemon || exit 1
ctl() { timeout 20 fdbrokerctl -s "$CTL" "$@"; }
listener_pid() { pgrep -f '^fdbrokerd: listener' -s "$DAEMON"; }
before=$(fd_count "$(listener_pid)")

# Until it has seen that its clients are gone.
listener_idle()
{
	tries=400
	while [ "$(fd_count "$(listener_pid)")" -ne "$before" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}

# bad UID COMMAND...: a client that lives until bad_end.
bad()
{
	rm -f "$T/hold"
	mkfifo "$T/hold"
	: >"$T/bad"
	bad_uid=$1
	shift
	(
		exec 8>&- setpriv --reuid="$bad_uid" --regid="$bad_uid" \
		    --clear-groups -- badctl "$@"
	) <"$T/hold" >"$T/bad" &
	BAD=$!
	exec 8>"$T/hold"
}
bad_end()
{
	exec 8>&-
	wait "$BAD"
}

# The last places are root's.
bad "$GROUP" hold 20 "$CTL"
ok 'one user takes all places' wait_line "$T/bad" '^held 14$'
fails 'another of the group gets none' run_as "$GROUP" \
    fdbrokerctl -s "$CTL" show stats
ok 'but root does' ctl show stats
ok 'and once more' ctl show sessions
bad_end
listener_idle
ok 'they are free again' run_as "$GROUP" fdbrokerctl -s "$CTL" show stats

# Who came in by a group that may not any more is dropped.
bad "$GROUP" hold 3 "$CTL"
ok 'three are connected' wait_line "$T/bad" '^held 3$'
ok 'a reload of the same group' ctl reload
is 'drops none' "$(grep -c dropped "$T/bad")" 0
policy "$OTHER"
ok 'a reload with another group' kill -HUP "$DAEMON"
ok 'drops all' wait_line "$T/bad" '^dropped'
bad_end
fails 'who cannot come back' run_as "$GROUP" fdbrokerctl -s "$CTL" show stats
ok 'while the other can' run_as "$OTHER" fdbrokerctl -s "$CTL" show stats

# One that asked to monitor and does not read.
bad "$OTHER" stuck "$CTL"
ok 'one monitors and does not read' wait_line "$T/bad" '^stuck'
# shellcheck disable=SC2046
set -- $(seq 1000 | sed "s,^,$T/data/none/,")
is 'denials flood it' "$(run_as "$WORKER" fdbclient "$SOCK" r "$@" |
    grep -c ': policy EACCES')" 1000
is 'a session is served' "$(run_as "$WORKER" fdbclient "$SOCK" r \
    "$T/data/file")" "$T/data/file: ok 6"
ok 'and others at the control socket' ctl show denied
timeout 20 fdbrokerctl -s "$CTL" monitor >"$T/lines" 2>&1 &
MONITOR=$!
ok 'another monitor hears of what is denied next' sh -c "
    while ! grep -q none/last '$T/lines'; do
	setpriv --reuid=$WORKER --regid=$WORKER --clear-groups -- \
	    fdbclient '$SOCK' r '$T/data/none/last' || exit 1
    done"
kill "$MONITOR"
wait "$MONITOR"
bad_end
ok 'the listener holds what it held before' listener_idle
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

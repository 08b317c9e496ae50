#!/bin/sh
#
# control.t: clients of the control socket that keep their places, or never
# read.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64171 GROUP=64172 OTHER=64173 THIRD=64174
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"
policy()
{
	conf <<-EOF
	control group "$1"
	role "r" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
		deny "$SCRATCH/data/none"
	}
	EOF
}
policy "$GROUP"
ok 'the daemon starts' start_daemon || exit 1
ctl() { timeout 20 fdbrokerctl -s "$CTL" "$@"; }
before=$(fd_count "$(listener_pid)")

# Wait until the listener has seen that its clients are gone.
is_idle() { [ "$(fd_count "$(listener_pid)")" -eq "$before" ]; }
listener_idle() { wait_until is_idle; }

# member UID COMMAND...: run it as a member of the group.
member()
{
	member_uid=$1
	shift
	setpriv --reuid="$member_uid" --regid="$GROUP" --clear-groups -- "$@"
}

# bad UID ARGUMENT...: run badctl until bad_end.
bad()
{
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	: >"$SCRATCH/bad"
	bad_uid=$1
	shift
	(
		exec 8>&- setpriv --reuid="$bad_uid" --regid="$bad_uid" \
		    --clear-groups -- badctl "$@"
	) <"$SCRATCH/hold" >"$SCRATCH/bad" &
	BAD=$!
	exec 8>"$SCRATCH/hold"
}
bad_end()
{
	exec 8>&-
	wait "$BAD"
}

# One user gets a quarter of the places, and loses the idle ones first.
bad "$GROUP" hold 20 "$CTL"
ok 'idle clients: one user keeps four' wait_line "$SCRATCH/bad" '^held 4$'
ok 'idle clients: the same user gets a place' run_as "$GROUP" \
    fdbrokerctl -s "$CTL" show stats
ok 'idle clients: another member gets a place' member "$THIRD" \
    fdbrokerctl -s "$CTL" show stats
ok 'idle clients: root gets one' ctl show stats
ok 'idle clients: root gets one again' ctl show sessions
bad_end
listener_idle
bad "$GROUP" monitor 20 "$CTL"
ok 'monitors: one user keeps four' wait_line "$SCRATCH/bad" '^held 4$'
fails 'monitors: the same user gets no fifth place' run_as "$GROUP" \
    fdbrokerctl -s "$CTL" show stats
ok 'monitors: another member gets a place' member "$THIRD" \
    fdbrokerctl -s "$CTL" show stats
ok 'monitors: root gets one' ctl show stats
bad_end
listener_idle
ok 'the places are free again' run_as "$GROUP" fdbrokerctl -s "$CTL" show stats

# A reload drops the clients of a group that it no longer admits.
bad "$GROUP" hold 3 "$CTL"
ok 'a group: three clients are connected' wait_line "$SCRATCH/bad" '^held 3$'
ok 'a reload with the same group: status 0' ctl reload
is 'a reload with the same group: no client is dropped' \
    "$(grep -c dropped "$SCRATCH/bad")" 0
policy "$OTHER"
ok 'a reload with another group: signalled' kill -HUP "$DAEMON"
ok 'a reload with another group: all are dropped' \
    wait_line "$SCRATCH/bad" '^dropped'
bad_end
fails 'a reload with another group: the old one is refused' \
    run_as "$GROUP" fdbrokerctl -s "$CTL" show stats
ok 'a reload with another group: the new one is admitted' \
    run_as "$OTHER" fdbrokerctl -s "$CTL" show stats

# A client asks to monitor, and never reads.
bad "$OTHER" stuck "$CTL"
ok 'a stuck monitor: it monitors and does not read' \
    wait_line "$SCRATCH/bad" '^stuck'
# shellcheck disable=SC2046
set -- $(seq 1000 | sed "s,^,$SCRATCH/data/none/,")
is 'a stuck monitor: denials flood it' \
    "$(run_as "$WORKER" fdbclient "$SOCK" r "$@" |
    grep -c ': policy EACCES')" 1000
is 'a stuck monitor: a session is served' \
    "$(run_as "$WORKER" fdbclient "$SOCK" r \
    "$SCRATCH/data/file")" "$SCRATCH/data/file: ok 6"
ok 'a stuck monitor: other commands are answered' ctl show denied
timeout 20 fdbrokerctl -s "$CTL" monitor >"$SCRATCH/lines" 2>&1 &
MONITOR=$!
ok 'a stuck monitor: another monitor sees a denial' sh -c "
    while ! grep -q none/last '$SCRATCH/lines'; do
	setpriv --reuid=$WORKER --regid=$WORKER --clear-groups -- \
	    fdbclient '$SOCK' r '$SCRATCH/data/none/last' || exit 1
    done"
kill "$MONITOR"
wait "$MONITOR"
bad_end
ok 'the listener holds what it held before' listener_idle
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

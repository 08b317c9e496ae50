#!/bin/sh
#
# reconnect.t: a confined worker whose session ends begins another one: after
# the daemon was started again, the session was killed, or its role changed.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64191
SOCK=$RUNDIR/fdbroker.sock
echo data >"$SCRATCH/file"

# policy [PEER]
policy()
{
	conf <<EOC
role "read" {
	peer user ${1:-$WORKER}
	permit read "$SCRATCH/file"
	${2:-}
}
EOC
}
policy
ok 'the daemon starts' start_daemon || exit 1
ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
told() { [ "$(tail -n 1 "$SCRATCH/told")" = "$1" ]; }
# says DESC LINE...: after a line of input, these lines are printed.
says()
{
	desc=$1
	shift
	: >"$SCRATCH/told"
	echo >&8
	for last; do :; done
	wait_until told "$last"
	is "$desc" "$(cat "$SCRATCH/told")" "$(printf '%s\n' "$@")"
}

mkfifo "$SCRATCH/hold"
: >"$SCRATCH/told"
run_as "$WORKER" fdbreconnect "$SOCK" read "$SCRATCH/file" <"$SCRATCH/hold" \
    >>"$SCRATCH/told" 2>"$SCRATCH/told.err" &
HOLDER=$!
exec 8>"$SCRATCH/hold"
says 'a session' opened
# It has a session, in the sense of setsid(2), of its own.
connector()
{
	for pid in $(run_named fdbreconnect); do
		[ "$(cut -d ' ' -f 6 "/proc/$pid/stat")" != "$pid" ] ||
		    echo "$pid"
	done
}
status_of() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$(connector)/status"; }
is 'the process that connects has no capabilities' "$(status_of CapPrm)" \
    0000000000000000
is 'no new privileges, and a filter' "$(status_of NoNewPrivs) \
$(status_of Seccomp)" '1 2'
is 'and two sockets at most' "$(fd_count "$(connector)")" 4

session=$(sed -n 's/.*session \([0-9]*\): started.*/\1/p' "$LOG" | tail -n 1)
ok 'the session is killed' ctl kill "$session"
wait_log "session $session: .*end"
says 'another one begins' anew opened
policy $WORKER "permit read \"$SCRATCH/tmp\""
ok 'the role gets other roots' ctl reload
says 'and another session' anew opened
stop_daemon
says 'there is no daemon' "no broker at $SOCK: No such file or \
directory; is fdbrokerd running?"
ok 'it starts again' start_daemon
says 'and another session begins' anew opened
policy 1
ok 'the user is no peer any more' ctl reload
: >"$SCRATCH/told"
echo >&8
refused() { grep -q refused "$SCRATCH/told"; }
ok 'the broker refuses' wait_until refused
pid=$(connector)
kill -KILL "$pid"
# Nobody may have waited for it.
dead() { ! grep -q '^State:.[RSD]' "/proc/$pid/status" 2>/dev/null; }
ok 'the process that connects is killed' wait_until dead
says 'which is no other error than if it ends meanwhile' \
    'no answer from the process that connects: Connection reset by peer'
# The daemon has descriptor 8, too, so its end would not be seen.
echo q >&8
exec 8>&-
wait "$HOLDER"
is 'it ends' $? 0
is 'and said nothing else' "$(cat "$SCRATCH/told.err")" ''
stop_daemon
assert_clean
done_testing

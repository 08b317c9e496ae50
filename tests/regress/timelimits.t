#!/bin/sh
#
# timelimits.t: limits of time: a session ends when it has been idle for too
# long, or has lasted too long, and client, monitor, log and audit say why.

. "$(dirname "$0")/lib.sh"

need_daemon
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"
policy()
{
	conf <<-END
	log audit denied to "$SCRATCH/audit"
	role "idle" {
		peer user "0"
		permit read "$SCRATCH/data"
		limit idle 1
	}
	role "short" {
		peer user "0"
		permit read "$SCRATCH/data"
		limit lifetime $1
	}
	role "open" {
		peer user "0"
		permit read "$SCRATCH/data"
		limit hours $(hours -60 120)
	}
	role "closed" {
		peer user "0"
		permit read "$SCRATCH/data"
		limit hours $(hours 120 180)
	}
	END
}

# hours MINUTES MINUTES: a span of time from now, of the system's time zone.
hours()
{
	env -u TZ date '+%H %M' | awk -v a="$1" -v b="$2" '
	function clock(m) {
		m = (m + 1440) % 1440
		return sprintf("%02d:%02d", int(m / 60), m % 60)
	}
	{ print clock($1 * 60 + $2 + a) "-" clock($1 * 60 + $2 + b) }'
}
policy 1s
ok 'the daemon starts' start_daemon || exit 1
fdbrokerctl -s "$CTL" -j monitor >"$SCRATCH/monitor" &
monitor=$!
there()
{
	fdbclient "$SOCK" idle "$SCRATCH/data/file" >"$SCRATCH/out"
	grep -q ended "$SCRATCH/monitor"
}
ok 'a monitor' wait_until there
# The number of the last session.
count=$(sed -n 's/.*session \([0-9][0-9]*\): .*/\1/p' "$LOG" | sort -n |
    tail -n 1)

# told ROLE SESSION WHY: a client that asks too late is told why.
told()
{
	mkfifo "$SCRATCH/in"
	fdbclient -h "$SOCK" "$1" "$SCRATCH/data/file" <"$SCRATCH/in" \
	    >"$SCRATCH/out" 2>"$SCRATCH/err" &
	told=$!
	exec 3>"$SCRATCH/in"
	wait_line "$SCRATCH/out" holding
	wait_log "session $2: ended"
	exec 3>&-
	wait "$told"
	is "$1: the client is told" "$(cat "$SCRATCH/err")" \
	    "fdbclient: the broker ended the session: $3"
	rm -f "$SCRATCH/in"
}
idle='no request for 1s (limit idle)'
lasted='the session has lasted 1s (limit lifetime)'
told idle "$((count + 1))" "$idle"
told short "$((count + 2))" "$lasted"
for session in "$((count + 1))" "$((count + 2))"; do
	why=$idle
	[ "$session" = "$((count + 1))" ] || why=$lasted
	pattern=$(printf '%s\n' "$why" | tr '()' '..')
	ok "session $session: the log says why" grep -qF \
	    "session $session: ended: $why" "$LOG"
	ok "session $session: the audit too" wait_line "$SCRATCH/audit" \
	    "\"session\":$session,.*\"ended\":\"$pattern\""
	ok "session $session: the monitor too" wait_line "$SCRATCH/monitor" \
	    "\"event\":\"ended\",\"session\":$session,.*\"why\":\"$pattern\""
done

# A reload that sets a limit ends sessions that are older.
policy 1h
ok 'a longer limit' fdbrokerctl -s "$CTL" reload
mkfifo "$SCRATCH/in"
fdbclient -h "$SOCK" short "$SCRATCH/data/file" <"$SCRATCH/in" \
    >"$SCRATCH/out" 2>"$SCRATCH/err" &
client=$!
exec 3>"$SCRATCH/in"
ok 'a session' wait_line "$SCRATCH/out" holding
policy 1s
ok 'a shorter limit' fdbrokerctl -s "$CTL" reload
like 'the reload says so' "$(fdbrokerctl -s "$CTL" -j show config)" \
    '*limit lifetime 1s*'
ok 'it ends the session' wait_log \
    "session $((count + 3)): ended: the session has lasted"
exec 3>&-
wait "$client"

rm -f "$SCRATCH/in"

# A session that only watches a name is not idle: one that begins later is
# ended before.
mkfifo "$SCRATCH/hold"
fdbwatch "$SOCK" idle "$SCRATCH/data/file" <"$SCRATCH/hold" \
    >"$SCRATCH/watched" 2>&1 &
client=$!
exec 8>"$SCRATCH/hold"
ok 'a watch' wait_line "$SCRATCH/watched" 'data/file: file hello'
told idle "$((count + 5))" "$idle"
echo other >"$SCRATCH/data/new"
mv "$SCRATCH/data/new" "$SCRATCH/data/file"
ok 'the session that watches goes on' \
    wait_line "$SCRATCH/watched" 'data/file: file other'
exec 8>&-
ok 'and ends as it wants to' wait "$client"
kill "$monitor"

# A role with hours admits sessions at these alone.
ok 'at its hours a role admits' fdbclient "$SOCK" open "$SCRATCH/data/file"
like 'and else it tells a client the hours' \
    "$(fdbclient "$SOCK" closed "$SCRATCH/data/file" 2>&1)" \
    '*role "closed" admits sessions at ??:??-??:?? only (limit hours), and*'
like 'show refused, too' "$(fdbrokerctl -s "$CTL" show refused)" \
    '*limit hours*'
ok 'the daemon stops' stop_daemon
assert_clean
done_testing

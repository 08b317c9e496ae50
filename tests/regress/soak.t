#!/bin/sh
#
# soak.t: 200 reloads in a row, a quarter of them faulty, while sessions begin,
# go on and end.  Afterwards the daemon holds what it held before.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64181
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"
# policy NAME RULE...
policy()
{
	name=$1
	shift
	conf <<-EOF
	role "r" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
		$*
	}
	EOF
	mv "$CONF" "$SCRATCH/$name"
}
policy one
policy two "deny \"$SCRATCH/data/none\" label \"two\""
policy bad 'permit'
use() { cp "$SCRATCH/$1" "$CONF"; }
use one
ok 'the daemon starts' start_daemon || exit 1
ctl() { timeout 20 fdbrokerctl -s "$CTL" "$@"; }

# Print what the two processes and the run directory hold.
state()
{
	echo "supervisor $(fd_count "$DAEMON")"
	echo "listener $(fd_count "$(listener_pid)")"
	(cd "$RUNDIR" && find . | sort)
}
is_in_state() { [ "$(state)" = "$1" ]; }
reaches() { wait_until is_in_state "$1"; }
ok 'it can be asked' ctl show stats
before=$(state)

: >"$SCRATCH/loop"
hold_start "$SOCK" r "$SCRATCH/data/file"
ok 'a session is under way' grep -q '^holding' "$SCRATCH/held"
(
	exec 8>&-
	until [ -e "$SCRATCH/stop" ]; do
		run_as "$WORKER" fdbclient "$SOCK" r "$SCRATCH/data/file" \
		    "$SCRATCH/data/file" || echo failed
		# A user may not begin sessions faster than a certain rate.
		sleep 0.1
	done
) >"$SCRATCH/loop" 2>&1 &
LOOP=$!
ok 'others come and go' wait_line "$SCRATCH/loop" 'ok 6'

count=0 good=0 bad=0
while [ "$count" -lt 200 ]; do
	count=$((count + 1))
	case $((count % 4)) in
	0)	use bad;;
	2)	use two;;
	*)	use one;;
	esac
	if ctl reload >/dev/null 2>&1; then
		good=$((good + 1))
	else
		bad=$((bad + 1))
	fi
done
is '150 reloads are accepted and 50 are not' "$good $bad" '150 50'
: >"$SCRATCH/stop"
wait "$LOOP"
is 'sessions that come and go are served' \
    "$(sort -u "$SCRATCH/loop")" "$SCRATCH/data/file: ok 6"
is 'the generation counts the accepted reloads' "$(ctl show stats |
    sed -n 's/^generation of the policy *//p')" 151
hold_end
is 'the session from before the reloads lives on' "$(cat "$SCRATCH/held")" \
    "$SCRATCH/data/file: ok 6
holding
$SCRATCH/data/file: ok 6"
ok 'the daemon holds what it held before' reaches "$before"
[ "$(state)" = "$before" ] || diag "before: $before" "now: $(state)"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# badspeaker.t: what the supervisor does with messages from openers that an
# attacker has taken over.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64161
SOCK=$RUNDIR/fdbroker.sock
ROLES='garbage strange short long record descriptor'
for role in $ROLES silent flood; do
	cat <<-EOF
	role "$role" {
		peer user "$WORKER"
		permit read "/"
	}
	EOF
done >"$SCRATCH/roles"
conf <"$SCRATCH/roles"
FDBROKER_OPENER=$BIN/badspeaker
export FDBROKER_OPENER
ok 'the daemon starts' start_daemon || exit 1

ctl() { timeout 20 fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
# ask_for ROLE: a worker that waits for its session until it is killed.
ask_for()
{
	(
		exec setpriv --reuid="$WORKER" --regid="$WORKER" \
		    --clear-groups -- fdbclient "$SOCK" "$1" /
	) >"$SCRATCH/asked" 2>&1 &
	ASKER=$!
}
asker_end()
{
	kill "$ASKER" 2>/dev/null
	wait "$ASKER"
}
session=0
for role in $ROLES; do
	session=$((session + 1))
	ask_for "$role"
	ok "$role: the opener is killed for it" \
	    wait_log "session $session: killing its opener"
	ok "$role: the opener is reaped" \
	    wait_log "session $session: opener killed by signal 9"
	asker_end
done
ok 'the daemon goes on' ctl show stats

# An opener that says nothing lives on, until an administrator ends it.
session=$((session + 1))
ask_for silent
ok 'silent: the opener lives' wait_log "session $session: uid $WORKER"
ok 'silent: it is told to end' ctl kill "$session"
ok 'silent: it is killed since it does not' \
    wait_log "session $session: opener killed by signal 9"
asker_end

# The supervisor serves the others while one opener never stops to speak.
session=$((session + 1))
ask_for flood
ok 'flood: the opener begins' wait_log "session $session: uid $WORKER"
ok 'flood: an administrator is answered' ctl show stats
is 'flood: the administrator sees its session' \
    "$(ctl show sessions | grep -c ' flood$')" 1
asker_end
ask_for garbage
ok 'flood: another bad opener is killed' \
    wait_log "session $((session + 1)): killing its opener"
asker_end
ok 'flood: the opener is told to end' ctl kill "$session"
ok 'flood: it is killed' wait_log "session $session: opener killed by signal 9"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# badspeaker.t: openers that were taken over, and what the supervisor makes of
# what they say.

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
done >"$T/roles"
conf <"$T/roles"
FDBROKER_OPENER=$BIN/badspeaker
export FDBROKER_OPENER
ok 'the daemon starts' start_daemon || exit 1

ctl() { timeout 20 fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
# A worker that waits for its session until it is killed.
ask_for()
{
	(
		exec setpriv --reuid="$WORKER" --regid="$WORKER" \
		    --clear-groups -- fdbclient "$SOCK" "$1" /
	) >"$T/asked" 2>&1 &
	ASKER=$!
}
asker_end()
{
	kill "$ASKER" 2>/dev/null
	wait "$ASKER"
}
n=0
for role in $ROLES; do
	n=$((n + 1))
	ask_for "$role"
	ok "$role: the opener is killed for it" \
	    wait_log "session $n: killing its opener"
	ok "$role: and reaped" wait_log "session $n: opener killed by signal 9"
	asker_end
done
ok 'the daemon goes on' ctl show stats

# One that says nothing is left alone, and can be ended.
n=$((n + 1))
ask_for silent
ok 'one that says nothing lives' wait_log "session $n: uid $WORKER"
ok 'it is told to end' ctl kill "$n"
ok 'and killed since it does not' \
    wait_log "session $n: opener killed by signal 9"
asker_end

# One that does not stop speaking does not keep the others from being heard.
n=$((n + 1))
ask_for flood
ok 'one floods the log' wait_log "session $n: uid $WORKER"
ok 'the daemon is asked meanwhile' ctl show stats
is 'and answers others' "$(ctl show sessions | grep -c ' flood$')" 1
m=$((n + 1))
asker_end
ask_for garbage
ok 'another bad opener is killed meanwhile' \
    wait_log "session $m: killing its opener"
asker_end
ok 'the flood is ended' ctl kill "$n"
ok 'by a signal' wait_log "session $n: opener killed by signal 9"
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

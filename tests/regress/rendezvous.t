#!/bin/sh
#
# rendezvous.t: what strangers send to the daemon's socket: after each, an
# honest worker is served, and the daemon holds what it held before.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64111 HOSTILE=64112
SOCK=$RUNDIR/fdbroker.sock
mkdir "$T/data" "$T/evil"
echo hello >"$T/data/file"
chown "$HOSTILE" "$T/evil"
conf <<EOF
role "r" {
	peer user "$WORKER"
	peer user "$HOSTILE"
	permit read "$T/data"
}
EOF
ok 'the daemon starts' start_daemon || exit 1
honest()
{
	run_as "$WORKER" fdbclient "$SOCK" r "$T/data/file"
}
listener_pid() { pgrep -f '^fdbrokerd: listener' -s "$DAEMON"; }
is 'an honest worker is served' "$(honest)" "$T/data/file: ok 6"

# Until the daemon has no opener any more: its descriptors can be compared.
wait_idle()
{
	tries=400
	while pgrep -f '^fdbroker-opener' -s "$DAEMON" >/dev/null; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
wait_idle
before=$(fd_count "$DAEMON")
before_listener=$(fd_count "$(listener_pid)")

for c in empty short long welcome descriptors role unbound elsewhere symlink \
    file random; do
	ok "$c: sent" run_as "$HOSTILE" badhello "$c" "$SOCK" r "$T/evil"
	is "$c: an honest worker is served after it" "$(honest)" \
	    "$T/data/file: ok 6"
done

# A name that belongs to another's socket.
mkfifo "$T/hold"
run_as "$WORKER" badhello victim "$SOCK" r <"$T/hold" >"$T/evil/victim" &
VICTIM=$!
exec 8>"$T/hold"
victim_is_bound()
{
	timeout 20 tail -n +1 -f "$T/evil/victim" | grep -q -m 1 '^[0-9a-f]'
}
ok 'a victim is bound' victim_is_bound
ok 'forged: sent' run_as "$HOSTILE" badhello forged "$SOCK" r "$T/evil"
ok "the daemon does not connect to another's socket" \
    wait_log 'its socket: Operation not permitted'
is 'an honest worker is served after it' "$(honest)" "$T/data/file: ok 6"
exec 8>&-
wait "$VICTIM"
is 'the victim was not answered' "$(grep -c answered "$T/evil/victim")" 0

ok 'gone: sent' run_as "$HOSTILE" badhello gone "$SOCK" r "$T/evil"
is 'an honest worker is served after it' "$(honest)" "$T/data/file: ok 6"
ok 'silent: sent' run_as "$HOSTILE" badhello silent "$SOCK" r "$T/evil"
is 'an honest worker is served after it' "$(honest)" "$T/data/file: ok 6"

run_as "$HOSTILE" badhello flood "$SOCK" r "$T/evil" &
FLOOD=$!
is 'an honest worker is served during a flood' "$(honest)" \
    "$T/data/file: ok 6"
wait "$FLOOD"
ok 'the flood was limited' wait_log \
    'dropped .*uid 64112 .*too many sessions asked for'
ok 'all openers end' wait_idle
is 'the supervisor holds what it held before' "$(fd_count "$DAEMON")" \
    "$before"
is 'so does the listener' "$(fd_count "$(listener_pid)")" "$before_listener"
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

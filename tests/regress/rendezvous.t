#!/bin/sh
#
# rendezvous.t: hostile messages to the daemon's socket.  After each, the daemon
# serves an honest worker; in the end it has as many descriptors as before.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64111 HOSTILE=64112
SOCK=$RUNDIR/fdbroker.sock
mkdir "$SCRATCH/data" "$SCRATCH/evil"
echo hello >"$SCRATCH/data/file"
chown "$HOSTILE" "$SCRATCH/evil"
conf <<EOF
role "r" {
	peer user "$WORKER"
	peer user "$HOSTILE"
	permit read "$SCRATCH/data"
}
EOF
ok 'the daemon starts' start_daemon || exit 1
honest()
{
	run_as "$WORKER" fdbclient "$SOCK" r "$SCRATCH/data/file"
}
is 'an honest worker is served' "$(honest)" "$SCRATCH/data/file: ok 6"

# Wait until no opener is left: then the descriptors can be compared.
no_opener() { [ -z "$(opener_pids)" ]; }
wait_idle() { wait_until no_opener; }
wait_idle
before=$(fd_count "$DAEMON")
before_listener=$(fd_count "$(listener_pid)")

for message in empty short long welcome descriptors role unbound elsewhere \
    symlink file random; do
	ok "$message: sent" \
	    run_as "$HOSTILE" badhello "$message" "$SOCK" r "$SCRATCH/evil"
	is "$message: an honest worker is served after it" "$(honest)" \
	    "$SCRATCH/data/file: ok 6"
done

# The name of another worker's socket.
mkfifo "$SCRATCH/hold"
: >"$SCRATCH/evil/victim"
run_as "$WORKER" badhello victim "$SOCK" r <"$SCRATCH/hold" \
    >"$SCRATCH/evil/victim" &
VICTIM=$!
exec 8>"$SCRATCH/hold"
victim_is_bound()
{
	timeout 20 tail -n +1 -f "$SCRATCH/evil/victim" |
	    grep -q -m 1 '^[0-9a-f]'
}
ok 'forged: a victim is bound' victim_is_bound
ok 'forged: sent' run_as "$HOSTILE" badhello forged "$SOCK" r "$SCRATCH/evil"
ok 'forged: the daemon does not connect to the victim' \
    wait_log 'its socket: Operation not permitted'
is 'forged: an honest worker is served after it' \
    "$(honest)" "$SCRATCH/data/file: ok 6"
exec 8>&-
wait "$VICTIM"
is 'forged: the victim gets no answer' \
    "$(grep -c answered "$SCRATCH/evil/victim")" 0

ok 'gone: sent' run_as "$HOSTILE" badhello gone "$SOCK" r "$SCRATCH/evil"
is 'gone: an honest worker is served after it' \
    "$(honest)" "$SCRATCH/data/file: ok 6"
ok 'silent: sent' run_as "$HOSTILE" badhello silent "$SOCK" r "$SCRATCH/evil"
is 'silent: an honest worker is served after it' \
    "$(honest)" "$SCRATCH/data/file: ok 6"

run_as "$HOSTILE" badhello flood "$SOCK" r "$SCRATCH/evil" &
FLOOD=$!
is 'flood: an honest worker is served meanwhile' "$(honest)" \
    "$SCRATCH/data/file: ok 6"
wait "$FLOOD"
ok 'flood: it is limited' wait_log \
    'dropped .*uid 64112 .*too many sessions asked for'
ok 'all openers end' wait_idle
is 'the supervisor has as many descriptors as before' "$(fd_count "$DAEMON")" \
    "$before"
is 'the listener has as many descriptors as before' \
    "$(fd_count "$(listener_pid)")" "$before_listener"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

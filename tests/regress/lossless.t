#!/bin/sh
#
# lossless.t: the rate of the audit: what is beyond it is dropped and counted,
# a lossless audit has every request, and each session a summary.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64211
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
FILES=3000
mkdir "$SCRATCH/data"
for number in $(seq $FILES); do
	: >"$SCRATCH/data/f$number"
done
policy()
{
	conf <<-END
	log audit all $1 to "$SCRATCH/audit"
	role "r" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
	}
	END
}
backup()
{
	: >"$SCRATCH/audit"
	run_as "$WORKER" fdbackup create --none --role r -s "$SOCK" -f - \
	    -C "$SCRATCH" data >"$SCRATCH/archive"
}
# Each session has a record of its end, so that all others are there.
ended() { wait_log "session $1: ended"; }
files() { grep -c '"operation":"read","path":"[^"]*/data/f' "$SCRATCH/audit"; }

policy lossless
ok 'the daemon starts' start_daemon || exit 1
ok 'lossless: a backup' backup
ended 1
wait_line "$SCRATCH/audit" summary
is 'lossless: every file is recorded' "$(files)" "$FILES"
is 'lossless: nothing is dropped' \
    "$(grep -c '"dropped":[1-9]' "$SCRATCH/audit")" 0
ok 'lossless: a summary' wait_line "$SCRATCH/audit" \
    "\"summary\":{\"names\":[0-9]*,\"opened\":$FILES,\"denied\":0,"
like 'lossless: shown' "$(fdbrokerctl -s "$CTL" show stats)" \
    '*audit *all lossless*'
policy 'rate 10'
ok 'a low rate: reload' fdbrokerctl -s "$CTL" reload
ok 'a low rate: a backup' backup
ended 2
ok 'a low rate: most is dropped' test "$(files)" -lt 1000
ok 'a low rate: which is told' wait_line "$SCRATCH/audit" '"dropped":[1-9]'
policy_denied()
{
	conf <<-END
	log audit denied to "$SCRATCH/audit"
	role "r" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
		deny "$SCRATCH/data/f1" label "one"
	}
	END
}
policy_denied
ok 'denied: reload' fdbrokerctl -s "$CTL" reload
: >"$SCRATCH/audit"
run_as "$WORKER" fdbclient "$SOCK" r "$SCRATCH/data/f1" "$SCRATCH/data/f1" \
    "$SCRATCH/data/f2" "$SCRATCH/data/missing" /etc/shadow >/dev/null
ok 'denied: the summary counts all' wait_line "$SCRATCH/audit" \
    '"names":5,"opened":1,"denied":3,"refused":0,'
ok 'denied: and by rule' wait_line "$SCRATCH/audit" \
    '"denied":2,"rule":"fdbroker.conf:7 .*one'
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

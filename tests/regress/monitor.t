#!/bin/sh
#
# monitor.t: what fdbrokerctl monitor shows: sessions that begin, are refused
# and end, requests, kills and reloads; and its filters.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64201 OTHER=64202
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"
ctl() { timeout 40 fdbrokerctl -s "$CTL" "$@"; }
policy()
{
	conf <<-END
	role "r" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
		deny "$SCRATCH/data/no" $1
	}
	role "s" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
	}
	END
}
policy ''
ok 'the daemon starts' start_daemon || exit 1

monitors=
# watch NAME ARGUMENT...: monitor into a file.
watch()
{
	name=$1
	shift
	: >"$SCRATCH/$name"
	fdbrokerctl -s "$CTL" "$@" >"$SCRATCH/$name" 2>&1 &
	monitors="$monitors $!"
}
watch all monitor
watch role monitor --role s
watch mine monitor -u "$OTHER"
watch denied monitor -d
watch json -j monitor
sees() { ok "$1" wait_line "$SCRATCH/$2" "$3"; }
client() { run_as "$WORKER" fdbclient "$SOCK" "$@" >"$SCRATCH/answer" 2>&1; }
# All five are there once each has seen a session of role s end.
for name in all role json; do
	all_there()
	{
		client s "$SCRATCH/data/file"
		grep -q ended "$SCRATCH/$name"
	}
	ok "the monitor $name is there" wait_until all_there
done

client r "$SCRATCH/data/no"
sees 'a session that begins' all "session .*  begun  .user $WORKER, role r"
sees 'a denial' all "denied read \"$SCRATCH/data/no\": fdbroker.conf:"
sees 'a session that ends' all "ended  .user $WORKER, role r"
sees 'only denials' denied "denied read \"$SCRATCH/data/no\""
sees 'as JSON' json '"event":"begun"'
run_as "$OTHER" fdbclient "$SOCK" r "$SCRATCH/data/file" >/dev/null 2>&1
sees 'a session that is refused' all "refused: uid $OTHER is not a peer"
sees 'only of a user' mine "refused: uid $OTHER is not a peer"
sees 'a refusal among denials' denied "refused: uid $OTHER is not a peer"
hold_start "$SOCK" s "$SCRATCH/data/file"
session=$(ctl show sessions | awk 'NR == 2 { print $1 }')
ctl kill "$session"
sees 'a kill' all "session $session  killed  .user $WORKER, role s"
sees 'only of a role' role "session $session  killed"
hold_end
policy 'label "x"'
ok 'reload' ctl reload
sees 'a reload' all 'reloaded: reloaded, generation 2'
policy 'deny'
exits 1 'reload with an error' ctl reload
sees 'a reload that failed' all 'not reloaded: '
is 'another role: nothing' "$(grep -c 'role r' "$SCRATCH/role")" 0
is 'another user: nothing' "$(grep -c "user $WORKER" "$SCRATCH/mine")" 0
is 'no begin among denials' "$(grep -c begun "$SCRATCH/denied")" 0
exits 2 'an unknown user' ctl monitor -u zork-
exits 2 'an unknown option' ctl monitor -x
stop_daemon
# shellcheck disable=SC2086
wait $monitors
is 'a monitor ends with the daemon' "$?" 0
if command -v python3 >/dev/null; then
	sed '$d' "$SCRATCH/json" >"$SCRATCH/lines"
	ok 'each line is JSON' python3 -c 'import json, sys
for line in open(sys.argv[1]):
	json.loads(line)' "$SCRATCH/lines"
else
	skip 1 'needs python3'
fi
assert_clean
done_testing

#!/bin/sh
#
# startstop.t: fdbrokerd detaches once it is ready, and says why if it never is;
# the service manager is told; fdbrokerctl ends it and opens its audit anew.

. "$(dirname "$0")/lib.sh"

need_root || exit
need_daemon
plan 36

ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
pid() { cat "$RUNDIR/lock"; }
end() { [ ! -s "$RUNDIR/lock" ] || kill -KILL "$(pid)" 2>/dev/null; }

# is_alive PID: the process runs; one that nobody has waited for does not.
is_alive()
{
	grep -q '^State:[[:blank:]]*[^ZX[:blank:]]' "/proc/$1/status" \
	    2>/dev/null
}

# detached [ARG...]: start it, as an administrator does.  What it says is in
# $SCRATCH/said.  The output is a pipe, which it must not keep open.
detached()
{
	detached_status=0
	{
		fdbrokerd -f "$CONF" "$@" 2>&1 || echo $? >"$SCRATCH/status"
	} | cat >"$SCRATCH/said"
	[ ! -e "$SCRATCH/status" ] || {
		detached_status=$(cat "$SCRATCH/status")
		rm "$SCRATCH/status"
	}
	return "$detached_status"
}

said() { like "$1" "$(cat "$SCRATCH/said")" "$2"; }

mkdir "$SCRATCH/data"
echo text >"$SCRATCH/data/file"
conf <<EOF
log audit all to "$SCRATCH/audit"
role "r" {
	peer user "root"
	permit read "$SCRATCH/data"
}
EOF
at_exit end

ok 'it starts' detached
said 'says that it is ready' "*fdbrokerd: ready at $RUNDIR/fdbroker.sock"
is 'it answers at once' \
    "$(fdbclient "$RUNDIR/fdbroker.sock" r "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 5"
ok 'the lock has its process id' kill -0 "$(pid)"
like 'which is the supervisor' \
    "$(tr '\0' ' ' <"/proc/$(pid)/cmdline")" 'fdbrokerd: supervisor*'
is 'it has a session of its own' \
    "$(ps -o sid= -p "$(pid)" | tr -d ' ')" "$(pid)"
is 'its directory is the root directory' "$(readlink "/proc/$(pid)/cwd")" /
is 'it keeps no terminal and no pipe' \
    "$(readlink "/proc/$(pid)/fd/0" "/proc/$(pid)/fd/1" "/proc/$(pid)/fd/2" |
    sort -u)" /dev/null
first=$(pid)
exits 1 'a second daemon: status 1' detached
said 'a second daemon: says who is there' \
    "fdbrokerd: $RUNDIR: another daemon runs there, process $first; \
*-s $RUNDIR/control.sock stop*"
is 'a second daemon: the first one stays' "$(pid)" "$first"

mv "$SCRATCH/audit" "$SCRATCH/audit.1"
ok 'reopen' ctl reopen
is 'reopen: says what it did' "$(cat "$SCRATCH/out")" \
    "$SCRATCH/audit is opened anew"
fdbclient "$RUNDIR/fdbroker.sock" r "$SCRATCH/data/file" >/dev/null
ok 'reopen: records go to the new file' wait_line "$SCRATCH/audit" data/file
ok 'stop' ctl stop
fails 'stop: the daemon has ended' is_alive "$first"
fails 'stop: nobody answers' ctl show stats
is 'stop: nothing is left' "$(find "$RUNDIR" -type s)" ''

# A reload reads the same file, although the daemon works in another directory.
(
	cd "$SCRATCH" || exit
	fdbrokerd -f "$(basename "$CONF")" >"$SCRATCH/said" 2>&1
	ok 'a relative path of the configuration: it reloads' ctl reload
	ctl stop >/dev/null
)
tap_count=$((tap_count + 1))

# Faults of the start, each of which the foreground must tell.
chown 12345 "$RUNDIR"
exits 1 'a run directory of somebody else: status 1' detached
said 'a run directory of somebody else: says so' \
    "fdbrokerd: $RUNDIR: owned by uid 12345, not by us*"
fails 'a run directory of somebody else: -n tells, too' \
    fdbrokerd -n -f "$CONF"
like 'a run directory of somebody else: -n says why' "$(cat "$SCRATCH/err")" \
    "*:1: rundir \"$RUNDIR\": it is owned by uid 12345; expected root's*"
chown 0 "$RUNDIR"
cp "$CONF" "$SCRATCH/good"
sed 's,/audit",/nowhere/audit",' "$SCRATCH/good" >"$CONF"
exits 1 'an audit that cannot be opened: status 1' detached
said 'an audit that cannot be opened: says so' "*nowhere/audit*No such file*"
cp "$SCRATCH/good" "$CONF"
(
	FDBROKER_OPENER=$BIN/nowhere
	export FDBROKER_OPENER
	exits 0 'an opener that is not there: it starts' detached
	ctl stop
)
tap_count=$((tap_count + 1))
# The limit is raised to what the configuration needs.
# shellcheck disable=SC3045
if (ulimit -H -n 400000) 2>/dev/null; then
	(
		ulimit -S -n 256
		ulimit -H -n 1000
		exits 0 'few open files: it starts' detached
		like 'few open files: it has more' \
		    "$(grep '^Max open files' "/proc/$(pid)/limits")" \
		    '*162981 *'
		ctl stop
	)
	tap_count=$((tap_count + 2))
else
	skip 2 'needs CAP_SYS_RESOURCE'
fi

grep -v '^log audit' "$SCRATCH/good" >"$CONF"
ok 'without an audit file' detached
exits 1 'reopen without an audit file' ctl reopen
like 'reopen without an audit file: says so' "$(cat "$SCRATCH/err")" \
    '*the audit is not in a file*'
ctl stop

# The service manager, as sd_notify(3) describes it.
if ! command -v python3 >/dev/null; then
	skip 5 'needs python3'
	exit 0
fi
cat >"$SCRATCH/manager" <<'EOF'
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    text = s.recv(4096).decode()
    print(text.replace("\n", " "), flush=True)
    if "STOPPING=1" in text:
        break
EOF
: >"$SCRATCH/told"
python3 "$SCRATCH/manager" "$SCRATCH/notify" >"$SCRATCH/told" &
manager=$!
wait_line "$SCRATCH/told" '^listening'
NOTIFY_SOCKET=$SCRATCH/notify
export NOTIFY_SOCKET
ok 'with a service manager' detached
unset NOTIFY_SOCKET
wait_line "$SCRATCH/told" '^READY=1 STATUS='
ok 'a reload' ctl reload
wait_line "$SCRATCH/told" '^READY=1 STATUS=.*generation 2'
ctl stop
wait "$manager"
like 'the service manager is told' "$(cat "$SCRATCH/told")" \
"listening
READY=1 STATUS=at $RUNDIR/fdbroker.sock, generation 1
RELOADING=1 MONOTONIC_USEC=[0-9]*
READY=1 STATUS=at $RUNDIR/fdbroker.sock, generation 2
STOPPING=1"
NOTIFY_SOCKET=$SCRATCH/nowhere
export NOTIFY_SOCKET
ok 'a service manager that is not there: it starts' detached
said 'a service manager that is not there: says so' '*nowhere*is told nothing*'
ctl stop

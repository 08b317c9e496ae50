#!/bin/sh
#
# status.t: what the kernel says about every process: ids, capabilities,
# no_new_privs, seccomp, root directory and descriptors.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64131
SOCK=$RUNDIR/fdbroker.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"
conf <<EOF
log audit denied to "$SCRATCH/audit"
role "r" {
	peer user "$WORKER"
	permit read "$SCRATCH/data"
}
role "asuser" {
	as user "nobody"
	peer user "$WORKER"
	permit read "$SCRATCH/data"
}
EOF
ok 'the daemon starts' start_daemon || exit 1

hold() { hold_start -c "$SOCK" "$1" "$SCRATCH/data/file"; }
# status PID NAME: print the words after "NAME:".
status()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' ' |
	    sed 's/ *$//'
}
expect()
{
	is "$2: uids" "$(status "$1" Uid)" "$3 $3 $3 $3"
	is "$2: supplementary groups" "$(status "$1" Groups)" ''
	is "$2: capabilities" "$(status "$1" CapInh) $(status "$1" CapPrm) \
$(status "$1" CapEff) $(status "$1" CapBnd) $(status "$1" CapAmb)" \
	    "0000000000000000 $4 $4 0000000000000000 0000000000000000"
	is "$2: no_new_privs and seccomp" \
	    "$(status "$1" NoNewPrivs) $(status "$1" Seccomp)" '1 2'
	is "$2: its root is empty" "$(ls -A "/proc/$1/root/")" ''
}
# fds PID: print what the descriptors are, without numbers.
fds()
{
	find "/proc/$1/fd" -type l -exec readlink {} + |
	    sed -e 's/:\[.*//' | sort | uniq -c | sed 's/^ *//' | sort
}

nobody=$(id -u nobody)
none=0000000000000000
hold r
listener=$(listener_pid)
opener=$(opener_pids)
worker=$(run_named '^fdbclient ')
expect "$listener" listener "$nobody" "$none"
is 'the listener does not hold the audit file' \
    "$(find "/proc/$listener/fd" -lname "$SCRATCH/audit")" ''
expect "$opener" opener "$nobody" 0000000000000004
is 'worker: no_new_privs and seccomp' \
    "$(status "$worker" NoNewPrivs) $(status "$worker" Seccomp)" '1 2'
is 'supervisor: no_new_privs and seccomp' \
    "$(status "$DAEMON" NoNewPrivs) $(status "$DAEMON" Seccomp)" '1 2'
is 'supervisor: uids' "$(status "$DAEMON" Uid)" '0 0 0 0'
# Sockets: the channel, the connection and the session.  One root.
is 'opener: descriptors' "$(fds "$opener")" "$(printf '%s\n' \
    '1 /' '2 /dev/null' "1 $LOG" '3 socket' | sort)"
hold_end
hold asuser
opener=$(pgrep -n -f '^fdbroker-opener' -s "$DAEMON")
is 'opener of "as user": capabilities' "$(status "$opener" CapEff)" "$none"
is 'opener of "as user": uids' "$(status "$opener" Uid)" \
    "$nobody $nobody $nobody $nobody"
hold_end
stop_daemon
assert_clean
done_testing

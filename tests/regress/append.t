#!/bin/sh
#
# append.t: a daemon whose child may open nothing reopens its log through the
# broker; and what rules for writing permit and deny.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64141
SOCK=$RUNDIR/fdbroker.sock
mkdir -p "$SCRATCH/logs" "$SCRATCH/state/sub" "$SCRATCH/empty" \
    "$SCRATCH/outside"
echo secret >"$SCRATCH/outside/secret"
echo old >"$SCRATCH/logs/there.log"
echo state >"$SCRATCH/state/file"
echo both >"$SCRATCH/state/sub/both"
ln -s "$SCRATCH/outside/secret" "$SCRATCH/logs/link.log"
mkfifo "$SCRATCH/logs/fifo.log"
mkdir -p "$SCRATCH/nobodys/roots"
chown nobody "$SCRATCH/nobodys"
chmod 0700 "$SCRATCH/nobodys/roots"
ln "$SCRATCH/state/file" "$SCRATCH/state/second"
conf <<EOF
role "logger" {
	peer user 0
	permit append, create "$SCRATCH/logs/*.log" mode 0640 owner "$WORKER" \
	    group "$WORKER" label "logs"
}
role "spool" {
	peer user "$WORKER"
	permit read, write "$SCRATCH/state"
	permit create "$SCRATCH/state/new-*" mode 0600 exclusive
	option single-link
}
role "asuser" {
	as user "nobody"
	peer user "$WORKER"
	permit write, create "$SCRATCH/nobodys"
}
role "nested" {
	peer user "$WORKER"
	permit read "$SCRATCH/state"
	permit write "$SCRATCH/state/sub"
}
EOF
ok 'the daemon starts' start_daemon || exit 1

: >"$SCRATCH/said"
logger "$SOCK" logger "$WORKER" "$SCRATCH/empty" "$SCRATCH/logs/app.log" \
    >"$SCRATCH/said" 2>"$SCRATCH/said.err" &
LOGGER=$!
ok 'logger: the log is created' wait_line "$SCRATCH/said" '^open'
child=$(sed -n 's/^child //p' "$SCRATCH/said")
is 'logger: mode and owner are those of the rule' \
    "$(stat -c '%a %u %g' "$SCRATCH/logs/app.log")" "640 $WORKER $WORKER"
is "logger: the child's root directory is empty" \
    "$(ls -A "/proc/$child/root/")" ''
said() { grep -c "^$1" "$SCRATCH/said"; }
has_said() { [ "$(said "$1")" -ge "$2" ]; }
# until_said WORD N: wait until the child has said WORD N times.
until_said()
{
	timeout 20 tail -n +1 -f "$SCRATCH/said" | grep -q -m "$2" -c "^$1"
	wait_until has_said "$1" "$2"
}
kill -USR1 "$child"
ok 'logger: a line is written' until_said written 1
mv "$SCRATCH/logs/app.log" "$SCRATCH/logs/app.log.1"
kill -HUP "$child"
ok 'logger: after a rotation the log is created again' until_said open 2
kill -USR1 "$child"
ok 'logger: after a rotation a line is written' until_said written 2
is 'logger: each file has one line' \
    "$(cat "$SCRATCH/logs/app.log" "$SCRATCH/logs/app.log.1")" 'a line
a line'

# A reload denies the log while the child lives: it cannot reopen the log.
conf <<EOF
role "logger" {
	peer user 0
	permit append, create "$SCRATCH/logs/*.log" mode 0640 owner "$WORKER" \
	    group "$WORKER"
	deny "$SCRATCH/logs/app.log" label "no more"
}
role "spool" {
	peer user "$WORKER"
	permit read, write "$SCRATCH/state"
	permit create "$SCRATCH/state/new-*" mode 0600 exclusive
	option single-link
}
role "fresh" {
	peer user "$WORKER"
	permit read, write, create "$SCRATCH/state" exclusive
}
role "asuser" {
	as user "nobody"
	peer user "$WORKER"
	permit write, create "$SCRATCH/nobodys"
}
role "nested" {
	peer user "$WORKER"
	permit read "$SCRATCH/state"
	permit write "$SCRATCH/state/sub"
}
EOF
kill -HUP "$DAEMON"
ok 'logger: a reload that denies the log' wait_log 'reloaded, generation 2'
kill -HUP "$child"
ok 'logger: the next open is refused' until_said refused 1
like 'logger: the message has the rule' "$(grep '^refused' "$SCRATCH/said")" \
    'refused: */logs/app.log: denied by policy (fdbroker.conf:6 "no more")*'
kill -TERM "$child"
wait "$LOGGER"
is 'logger: status 0' "$?" 0

client() { run_as "$WORKER" fdbclient "$@"; }
is 'create: a new file is written; ".." is refused' \
    "$(client -w "$SOCK" spool "$SCRATCH/state/sub/../file" \
    "$SCRATCH/state/new-1")" "$SCRATCH/state/sub/../file: library EINVAL
$SCRATCH/state/new-1: written"
is "create: the rule's mode, the peer's uid" \
    "$(stat -c '%a %u' "$SCRATCH/state/new-1")" "600 $WORKER"
is 'exclusive: an existing file is not opened' \
    "$(client -w "$SOCK" spool "$SCRATCH/state/new-1" | sed 's/ (.*//')" \
    "$SCRATCH/state/new-1: policy EEXIST it exists, and the rule says exclusive"
is 'a name that no rule creates: denied' \
    "$(client -w "$SOCK" spool "$SCRATCH/state/other" | cut -d ' ' -f 2-3)" \
    'policy EACCES'
is 'a name that no rule creates: no file is made' \
    "$(test -e "$SCRATCH/state/other" || echo none)" none
is 'single-link: a file with two names: denied' \
    "$(client -w "$SOCK" spool "$SCRATCH/state/file" | cut -d ' ' -f 2-3)" \
    'policy EACCES'
is 'single-link: a file with two names: unchanged' \
    "$(cat "$SCRATCH/state/file")" state
is 'exclusive: what an exclusive rule permits to read is not read' \
    "$(client "$SOCK" fresh "$SCRATCH/state/file")" \
    "$SCRATCH/state/file: policy EEXIST it exists, and the rule says exclusive"
like 'exclusive: also without a request to create' \
    "$(client -u "$SOCK" spool "$SCRATCH/state/new-1")" \
    "$SCRATCH/state/new-1: policy EEXIST *"
is 'a file is opened for reading and writing' \
    "$(client -u "$SOCK" nested "$SCRATCH/state/sub/both")" \
    "$SCRATCH/state/sub/both: ok 5"
is 'as user: a file is created' \
    "$(client -w "$SOCK" asuser "$SCRATCH/nobodys/file")" \
    "$SCRATCH/nobodys/file: written"
is "as user: the file is that user's" \
    "$(stat -c %U "$SCRATCH/nobodys/file")" nobody
is 'as user: the kernel refuses what that user may not do' \
    "$(client -w "$SOCK" asuser "$SCRATCH/nobodys/roots/file")" \
    "$SCRATCH/nobodys/roots/file: kernel EACCES"
is 'a file outside the roots: denied' \
    "$(client -w "$SOCK" spool "$SCRATCH/outside/secret" | cut -d ' ' -f 2-3)" \
    'policy EACCES'
is 'a file outside the roots: unchanged' \
    "$(cat "$SCRATCH/outside/secret")" secret
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

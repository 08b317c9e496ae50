#!/bin/sh
#
# append.t: a daemon whose child may open nothing reopens its log through the
# broker; and what writing rules give and do not give.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64141
SOCK=$RUNDIR/fdbroker.sock
mkdir -p "$T/logs" "$T/state/sub" "$T/empty" "$T/outside"
echo secret >"$T/outside/secret"
echo old >"$T/logs/there.log"
echo state >"$T/state/file"
echo both >"$T/state/sub/both"
ln -s "$T/outside/secret" "$T/logs/link.log"
mkfifo "$T/logs/fifo.log"
mkdir -p "$T/nobodys/roots"
chown nobody "$T/nobodys"
chmod 0700 "$T/nobodys/roots"
ln "$T/state/file" "$T/state/second"
conf <<EOF
role "logger" {
	peer user 0
	permit append, create "$T/logs/*.log" mode 0640 owner "$WORKER" \
	    group "$WORKER" label "logs"
}
role "spool" {
	peer user "$WORKER"
	permit read, write "$T/state"
	permit create "$T/state/new-*" mode 0600 exclusive
	option single-link
}
role "asuser" {
	as user "nobody"
	peer user "$WORKER"
	permit write, create "$T/nobodys"
}
role "nested" {
	peer user "$WORKER"
	permit read "$T/state"
	permit write "$T/state/sub"
}
EOF
ok 'the daemon starts' start_daemon || exit 1

: >"$T/said"
logger "$SOCK" logger "$WORKER" "$T/empty" "$T/logs/app.log" >"$T/said" \
    2>"$T/said.err" &
LOGGER=$!
ok 'the log is made' wait_line "$T/said" '^open'
child=$(sed -n 's/^child //p' "$T/said")
is 'with the mode and the owner of the rule' \
    "$(stat -c '%a %u %g' "$T/logs/app.log")" "640 $WORKER $WORKER"
is 'by a child in an empty root' "$(ls -A "/proc/$child/root/")" ''
said() { grep -c "^$1" "$T/said"; }
# until WORD N: the child has said it so often.
until_said()
{
	timeout 20 tail -n +1 -f "$T/said" | grep -q -m "$2" -c "^$1"
	tries=200
	until [ "$(said "$1")" -ge "$2" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
kill -USR1 "$child"
ok 'a line is written' until_said written 1
mv "$T/logs/app.log" "$T/logs/app.log.1"
kill -HUP "$child"
ok 'after a rotation the log is made anew' until_said open 2
kill -USR1 "$child"
ok 'and written to' until_said written 2
is 'each file has its line' \
    "$(cat "$T/logs/app.log" "$T/logs/app.log.1")" 'a line
a line'

# The rule is taken away while the child lives: it cannot open it any more.
conf <<EOF
role "logger" {
	peer user 0
	permit append, create "$T/logs/*.log" mode 0640 owner "$WORKER" \
	    group "$WORKER"
	deny "$T/logs/app.log" label "no more"
}
role "spool" {
	peer user "$WORKER"
	permit read, write "$T/state"
	permit create "$T/state/new-*" mode 0600 exclusive
	option single-link
}
role "asuser" {
	as user "nobody"
	peer user "$WORKER"
	permit write, create "$T/nobodys"
}
role "nested" {
	peer user "$WORKER"
	permit read "$T/state"
	permit write "$T/state/sub"
}
EOF
kill -HUP "$DAEMON"
ok 'a reload' wait_log 'reloaded, generation 2'
kill -HUP "$child"
ok 'refuses the next open' until_said refused 1
like 'with the rule' "$(grep '^refused' "$T/said")" \
    'refused: */logs/app.log: denied by policy (fdbroker.conf:6 "no more")*'
kill -TERM "$child"
wait "$LOGGER"
is 'the small daemon ends well' "$?" 0

client() { run_as "$WORKER" fdbclient "$@"; }
is 'a file is written' "$(client -w "$SOCK" spool "$T/state/sub/../file" \
    "$T/state/new-1")" "$T/state/sub/../file: library EINVAL
$T/state/new-1: written"
is 'it is the peer'"'"'s' "$(stat -c '%a %u' "$T/state/new-1")" "600 $WORKER"
is 'exclusive: what is there is not used' \
    "$(client -w "$SOCK" spool "$T/state/new-1" | sed 's/ (.*//')" \
    "$T/state/new-1: policy EEXIST it exists, and the rule says exclusive"
is 'a name that no rule creates' \
    "$(client -w "$SOCK" spool "$T/state/other" | cut -d ' ' -f 2-3)" \
    'policy EACCES'
is 'and nothing is made' "$(test -e "$T/state/other" || echo none)" none
is 'a file of two names is refused by single-link' \
    "$(client -w "$SOCK" spool "$T/state/file" | cut -d ' ' -f 2-3)" \
    'policy EACCES'
is 'and unchanged' "$(cat "$T/state/file")" state
like 'exclusive binds also who does not ask for creation' \
    "$(client -u "$SOCK" spool "$T/state/new-1")" \
    "$T/state/new-1: policy EEXIST *"
is 'a file is opened for reading and writing' \
    "$(client -u "$SOCK" nested "$T/state/sub/both")" \
    "$T/state/sub/both: ok 5"
is 'as user: a file is made' \
    "$(client -w "$SOCK" asuser "$T/nobodys/file")" "$T/nobodys/file: written"
is 'as user: and is that user'"'"'s' "$(stat -c %U "$T/nobodys/file")" nobody
is 'as user: what that user may not do is refused by the kernel' \
    "$(client -w "$SOCK" asuser "$T/nobodys/roots/file")" \
    "$T/nobodys/roots/file: kernel EACCES"
is 'beyond the roots nothing is written' \
    "$(client -w "$SOCK" spool "$T/outside/secret" | cut -d ' ' -f 2-3)" \
    'policy EACCES'
is 'it is as it was' "$(cat "$T/outside/secret")" secret
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# reload.t: what a reload does to sessions that are under way.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64121
SOCK=$RUNDIR/fdbroker.sock
mkdir "$T/data" "$T/more"
echo hello >"$T/data/file"
echo more >"$T/more/file"

# policy PEER ROOTS RULE...
policy()
{
	peer=$1 roots=$2
	shift 2
	{
		printf 'role "r" {\n\tpeer user "%s"\n\tpermit read %s\n' \
		    "$peer" "$roots"
		for rule; do
			printf '\t%s\n' "$rule"
		done
		printf '}\n'
	} | conf
}

# A client opens the file, waits for us, and opens it again.
hold_start()
{
	rm -f "$T/hold"
	mkfifo "$T/hold"
	: >"$T/held"
	run_as "$WORKER" fdbclient -h "$SOCK" r "$T/data/file" <"$T/hold" \
	    >"$T/held" 2>"$T/held.err" &
	HOLDER=$!
	exec 8>"$T/hold"
	wait_line "$T/held" '^holding'
}
hold_end()
{
	exec 8>&-
	wait "$HOLDER"
}
generation=1
reload()
{
	generation=$((generation + 1))
	kill -HUP "$DAEMON"
	wait_log "reloaded, generation $generation"
}

policy "$WORKER" "\"$T/data\""
ok 'the daemon starts' start_daemon || exit 1

hold_start
policy "$WORKER" "\"$T/data\"" "deny \"$T/data/file\" label \"new\""
ok 'a rule is added' reload
hold_end
is 'it counts for a live session from its next request on' \
    "$(cat "$T/held")" "$T/data/file: ok 6
holding
$T/data/file: policy EACCES fdbroker.conf:6 \"new\""

policy "$WORKER" "\"$T/data\""
reload
hold_start
policy "$WORKER" "\"$T/data\"" 'deny'
kill -HUP "$DAEMON"
ok 'a configuration with a mistake is not taken' \
    wait_log "not reloaded, generation $generation stays"
hold_end
is 'and changes nothing for a live session' "$(cat "$T/held")" \
    "$T/data/file: ok 6
holding
$T/data/file: ok 6"

# What a live session cannot go on with ends it, with a reason.
ends_with()
{
	hold_start
	desc=$1 why=$2
	shift 2
	"$@"
	ok "$desc" reload
	hold_end
	is "$desc: the session is told why it ends" "$(cat "$T/held.err")" \
	    "fdbclient: the broker ended the session: $why"
	policy "$WORKER" "\"$T/data\""
	reload
}
other_role()
{
	conf <<-EOF
	role "other" {
		peer user "$WORKER"
		permit read "$T/data"
	}
	EOF
}
policy "$WORKER" "\"$T/data\""
reload
ends_with 'the role is gone' \
    'the role was removed from the configuration' other_role
ends_with 'the peer is gone' 'the role no longer admits this user' \
    policy 64122 "\"$T/data\""
ends_with 'the role has one root more' \
    "the role's roots or mount options have changed" \
    policy "$WORKER" "\"$T/data\" \"$T/more\""
# An opener that does not listen may not go on with what it had.
hold_start
kill -STOP "$(pgrep -f '^fdbroker-opener' -s "$DAEMON")"
other_role
ok 'the role is gone and its opener is stopped' reload
ok 'it is killed' wait_log 'opener killed by signal 9'
hold_end
like 'and the session has ended' "$(cat "$T/held.err")" \
    'fdbclient: the broker ended the session*'

# The C library makes calls for these that nothing else does.
mkdir "$T/many"
ln -s data "$T/link"
ln -s many/../data "$T/dots"
many_roots()
{
	list=\"$T/data\" n=0
	while [ $n -lt 150 ]; do
		n=$((n + 1))
		mkdir -p "$T/many/$n"
		list="$list \"$T/many/$n\""
	done
	policy "$WORKER" "$list"
}
many_roots
ok 'a role gets many roots' reload
ok 'and they are opened' run_as "$WORKER" \
    fdbclient "$SOCK" r "$T/data/file"
for link in link dots; do
	policy "$WORKER" "\"$T/data\" \"$T/$link\""
	kill -HUP "$DAEMON"
	ok "a root that is a link is a mistake: $link" wait_log \
	    "generation $generation stays.*$T/$link is a symb.* \"$T/data\""
done
mkdir "$T/include"
n=0
while [ $n -lt 150 ]; do
	n=$((n + 1))
	: >"$T/include/$n.conf"
done
printf 'include "%s"\n' "$T/include" | conf
ok 'a directory of many files is included' reload
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

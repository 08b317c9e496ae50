#!/bin/sh
#
# reload.t: what a reload does to live sessions.

# In a mount namespace: the mount below ends with the script.
[ -n "${RELOAD_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env RELOAD_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64121
SOCK=$RUNDIR/fdbroker.sock
mkdir "$SCRATCH/data" "$SCRATCH/more"
echo hello >"$SCRATCH/data/file"
echo more >"$SCRATCH/more/file"
mkdir "$SCRATCH/data/mnt"
mount -t tmpfs none "$SCRATCH/data/mnt"
echo other >"$SCRATCH/data/mnt/file"

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

# A client opens the file, waits for hold_end, and opens it again.
hold_file() { hold_start "$SOCK" r "$SCRATCH/data/file"; }
# A client lists a directory on another file system, waits for hold_end, and
# opens a file in it by the token that it holds.
hold_token() { hold_start -k -l -b file "$SOCK" r "$SCRATCH/data/mnt"; }
generation=1
reload()
{
	generation=$((generation + 1))
	kill -HUP "$DAEMON"
	wait_log "reloaded, generation $generation"
}

policy "$WORKER" "\"$SCRATCH/data\""
ok 'the daemon starts' start_daemon || exit 1

hold_file
policy "$WORKER" "\"$SCRATCH/data\"" "deny \"$SCRATCH/data/file\" label \"new\""
ok 'a new rule: reload' reload
hold_end
is 'a new rule: a live session obeys at its next request' \
    "$(cat "$SCRATCH/held")" "$SCRATCH/data/file: ok 6
holding
$SCRATCH/data/file: policy EACCES fdbroker.conf:6 \"new\""

policy "$WORKER" "\"$SCRATCH/data\""
reload
hold_file
policy "$WORKER" "\"$SCRATCH/data\"" 'deny'
kill -HUP "$DAEMON"
ok 'a mistake: the configuration is rejected' \
    wait_log "not reloaded, generation $generation stays"
hold_end
is 'a mistake: nothing changes for a live session' "$(cat "$SCRATCH/held")" \
    "$SCRATCH/data/file: ok 6
holding
$SCRATCH/data/file: ok 6"

# A change that a live session cannot follow ends it, with a reason.
ends_with()
{
	"$hold"
	desc=$1 why=$2
	shift 2
	"$@"
	ok "$desc: reload" reload
	hold_end
	is "$desc: the message of the worker" "$(cat "$SCRATCH/held.err")" \
	    "fdbclient: the broker ended the session: $why"
	policy "$WORKER" "\"$SCRATCH/data\""
	reload
}
other_role()
{
	conf <<-EOF
	role "other" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
	}
	EOF
}
hold=hold_file
policy "$WORKER" "\"$SCRATCH/data\""
reload
ends_with 'the role is removed' \
    'the role was removed from the configuration' other_role
ends_with 'the peer is removed' 'the role no longer admits this user' \
    policy 64122 "\"$SCRATCH/data\""
ends_with 'the role gets another root' \
    "the role's roots or mount options have changed" \
    policy "$WORKER" "\"$SCRATCH/data\" \"$SCRATCH/more\""
ends_with 'one-filesystem is added' \
    "the role's roots or mount options have changed" \
    policy "$WORKER" "\"$SCRATCH/data\"" 'option one-filesystem'

# A token is held across the reload.  The directory was opened under the old
# options of mounts, so it must not serve under the new ones.
listed="$SCRATCH/data/mnt/file
holding"
hold=hold_token
for option in one-filesystem noatime; do
	ends_with "a token is held, $option is added" \
	    "the role's roots or mount options have changed" \
	    policy "$WORKER" "\"$SCRATCH/data\"" "option $option"
	is "a token is held, $option is added: nothing is opened" \
	    "$(cat "$SCRATCH/held")" "$listed"
done
# What does not concern mounts is judged anew for a name beneath the token.
# goes_on DESC RULE ANSWER
goes_on()
{
	hold_token
	policy "$WORKER" "\"$SCRATCH/data\"" "$2"
	ok "a token is held, $1: reload" reload
	hold_end
	is "a token is held, $1: a file in its directory" \
	    "$(cat "$SCRATCH/held")" "$listed
file: $3"
	policy "$WORKER" "\"$SCRATCH/data\""
	reload
}
goes_on 'nothing changes' '' 'ok 6'
goes_on 'its directory is denied' "deny read \"$SCRATCH/data/mnt\"" \
    'policy EACCES fdbroker.conf:6'
goes_on 'regular-only is added' 'option regular-only' 'ok 6'

# An opener that does not listen must not keep what the old policy gave it.
hold_file
kill -STOP "$(opener_pids)"
other_role
ok 'a stopped opener: its role is removed' reload
ok 'a stopped opener: killed' wait_log 'opener killed by signal 9'
hold_end
like 'a stopped opener: the session ends' "$(cat "$SCRATCH/held.err")" \
    'fdbclient: the broker ended the session*'

# For these the C library makes system calls that nothing else needs.
mkdir "$SCRATCH/many"
ln -s data "$SCRATCH/link"
ln -s many/../data "$SCRATCH/dots"
many_roots()
{
	list=\"$SCRATCH/data\" number=0
	while [ $number -lt 150 ]; do
		number=$((number + 1))
		mkdir -p "$SCRATCH/many/$number"
		list="$list \"$SCRATCH/many/$number\""
	done
	policy "$WORKER" "$list"
}
many_roots
ok 'many roots: reload' reload
ok 'many roots: a session opens a file' run_as "$WORKER" \
    fdbclient "$SOCK" r "$SCRATCH/data/file"
target="\"$SCRATCH/data\""
for link in link dots; do
	policy "$WORKER" "\"$SCRATCH/data\" \"$SCRATCH/$link\""
	kill -HUP "$DAEMON"
	ok "a root that is a link is rejected: $link" wait_log \
	    "generation $generation stays.*$SCRATCH/$link is a symb.* $target"
done
mkdir "$SCRATCH/include"
number=0
while [ $number -lt 150 ]; do
	number=$((number + 1))
	: >"$SCRATCH/include/$number.conf"
done
printf 'include "%s"\n' "$SCRATCH/include" | conf
ok 'a directory with many files is included' reload
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

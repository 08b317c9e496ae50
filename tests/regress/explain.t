#!/bin/sh
#
# explain.t: what fdbrokerctl says of refusals: which cure there is for each,
# who was refused, and which rules it suggests.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64191
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
DATA=$SCRATCH/data
ctl() { timeout 40 fdbrokerctl -s "$CTL" "$@"; }
mkdir -p "$DATA/live" "$DATA/archive" "$DATA/dir"
echo key >"$DATA/archive/key"
echo id >"$DATA/dir/id_1"
mkfifo "$DATA/fifo"
ln -s ../archive/key "$DATA/live/key"
for name in 1 2 3 4; do
	echo x >"$DATA/dir/$name"
done
# fdbroker-opener opens no socket; any socket does.
cat >"$SCRATCH/top" <<END
log audit all to "$SCRATCH/audit"
END
{
	cat "$SCRATCH/top"
	cat <<END
role "plain" {
	peer user "$WORKER"
	permit read "$DATA"
	deny "$DATA/dir"
	deny "$DATA/dir/id_*" label "private"
}
role "live" {
	peer user "$WORKER"
	option follow
	permit read "$DATA/live"
}
role "user" {
	peer user "$WORKER"
	permit read "$DATA"
	use "common"
}
include "$SCRATCH/common.conf"
END
} | conf
cat >"$SCRATCH/common.conf" <<END
role "common" {

	deny "$DATA/archive"
}
END
ok 'the daemon starts' start_daemon || exit 1
python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$DATA/socket" 2>/dev/null ||
    true

# refuse ROLE PATH: the client asks, and explain tells about it.  The record may
# come later than the answer.
last_id()
{
	ctl show denied | awk -v path="$1" '$0 ~ path { id = $1 }
	    END { print id }'
}
has_new_id()
{
	id=$(last_id "$1")
	[ -n "$id" ] && [ "$id" != "$before" ]
}
refuse()
{
	before=$(last_id "$2")
	answer=$(run_as "$WORKER" fdbclient "$SOCK" "$1" "$2")
	wait_until has_new_id "$2"
	ctl explain "$id" >"$SCRATCH/said" 2>&1
	said=$(tr '\n' ' ' <"$SCRATCH/said")
}
helps() { like "$1" "$said" "*$2*"; }
some_rule_helps()
{
	is "$1: it does not say that no rule helps" \
	    "$(grep -c 'No rule changes' "$SCRATCH/said")" 0
}

refuse plain "$DATA/fifo"
is 'a FIFO: the client is told its type' "$answer" \
    "$DATA/fifo: type EPERM a FIFO"
helps 'a FIFO: a rule for it' "it is a FIFO*permit read, special \"$DATA/fifo\""
some_rule_helps 'a FIFO'
refuse plain "$DATA/archive"
helps 'a directory: its type' 'It is a directory*can be listed*No rule changes'
if [ -S "$DATA/socket" ]; then
	refuse plain "$DATA/socket"
	helps 'a socket: its type' 'It is a socket*No rule changes'
else
	skip 1 'needs python3'
fi
refuse plain "$DATA/live/key"
helps 'a link: option follow' 'symbolic link*"plain" option follow'
some_rule_helps 'a link'
refuse live "$DATA/live/key"
helps 'a link out of the root: one root for both' \
    'leads out of the role?s root*holds both the path and what the link'
some_rule_helps 'a link out of the root'

# A rule that comes by use is named by the file and line where it stands.
refuse user "$DATA/archive/key"
is 'a rule that is used: the client is told where it stands' "$answer" \
    "$DATA/archive/key: policy EACCES common.conf:3"
helps 'a rule that is used: explain' \
    'rule at common.conf:3*append to role "user"'

# explained ROLE COMMAND...: what explain says of the last refusal.
explained()
{
	role=$1
	shift
	run_as "$WORKER" fdbprivate "$SOCK:$role" "$@" >"$SCRATCH/answers" 2>&1
	ctl explain "$(ctl -j show denied | sed -n \
	    's/.*"id":"\([0-9a-f]*\)".*/\1/p' | tail -n 1)" >"$SCRATCH/said"
	said=$(tr '\n' ' ' <"$SCRATCH/said")
}
explained plain "w$DATA/dir/1"
helps 'a watch: the rule' \
    "read \"$DATA/dir/1\"*rule at fdbroker.conf:*permit read"
explained plain "lpermit read \"$DATA/live\"" "r$DATA/archive/key"
helps 'a session that was narrowed: who did that' \
    'role permits it, by fdbroker.conf:*client itself gave up*fdb_limit(3)'
is 'a session that was narrowed: there is nothing to suggest' \
    "$(ctl suggest plain | grep -c 'archive/key')" 0

# What is missing pushes out nothing, and is shown with -a.
# shellcheck disable=SC2046
run_as "$WORKER" fdbclient "$SOCK" plain $(seq 200 | sed "s,^,$DATA/no,") \
    >"$SCRATCH/answers"
ok 'missing files: audited' wait_line "$SCRATCH/audit" "$DATA/no200"
is 'missing files: not in show denied' \
    "$(ctl show denied | grep -c "$DATA/no")" 0
is 'missing files: some in show denied -a' \
    "$(ctl show denied -a | grep -c "$DATA/no")" 64
ok 'missing files: the denials are there' sh -c \
    "fdbrokerctl -s '$CTL' show denied | grep -q '$DATA/fifo'"
exits 2 'another table has no -a' ctl show roles -a
like 'show denied: a date and the user' "$(ctl show denied | sed -n 2p)" \
    "*20[0-9][0-9]-[01][0-9]-[0-3][0-9] ??:??:?? *$WORKER *plain*"

# Nothing that overrides a deny with a label can be pasted unread.
run_as "$WORKER" fdbclient "$SOCK" plain "$DATA/dir/id_1" "$DATA/dir/1" \
    "$DATA/dir/2" "$DATA/dir/3" "$DATA/dir/4" >"$SCRATCH/answers"
wait_line "$SCRATCH/audit" "$DATA/dir/4"
ctl suggest plain >"$SCRATCH/said"
ok 'suggest: says who asked' grep -q 'hostile ones too' "$SCRATCH/said"
ok 'suggest: a rule for a file' grep -q "^	permit read \"$DATA/dir/1\"" \
    "$SCRATCH/said"
is 'suggest: no rule for what a label guards' \
    "$(grep -c "^	permit.*id_1\|^	permit.*dir/\*" "$SCRATCH/said")" 0
ok 'suggest: it is a comment' grep -q \
    "^	# permit read \"$DATA/dir/id_1\"" "$SCRATCH/said"
ok 'suggest: which deny that is' grep -q \
    'would override the deny at fdbroker.conf:8 "private"' "$SCRATCH/said"

# The rules, the configuration, and who was refused.
ok 'show rules: status 0' ctl show rules plain
like 'show rules: in their order' "$(cat "$SCRATCH/out")" \
    "*fdbroker.conf:6 *permit read*
2 *fdbroker.conf:7 *deny*
3 *fdbroker.conf:8 *label \"private\"*"
exits 1 'show rules of no role: status 1' ctl show rules ect
is 'show rules of no role: the message' "$(cat "$SCRATCH/err")" \
    'fdbrokerctl: unknown role "ect"; there are: plain, live, user'
ok 'show config: status 0' ctl show config
cp "$SCRATCH/out" "$SCRATCH/shown.conf"
is 'show config: the generation' "$(head -n 1 "$SCRATCH/shown.conf")" \
    "# generation 1 of $CONF"
fdbrokerd -nv -f "$CONF" 2>/dev/null >"$SCRATCH/canonical"
is 'show config: the canonical form' "$(sed 1d "$SCRATCH/shown.conf")" \
    "$(cat "$SCRATCH/canonical")"
ok 'show config: it is a configuration' fdbrokerd -n -f "$SCRATCH/shown.conf"
for role in plain plain nosuch; do
	run_as 64192 fdbclient "$SOCK" "$role" "$DATA/fifo" >/dev/null 2>&1
done
ok 'show refused: status 0' ctl show refused
like 'show refused: who, how often, which role, and why' \
    "$(cat "$SCRATCH/out")" "*64192 * 2  plain *uid 64192 is not a peer*
* 64192 * 1  nosuch *unknown role*"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
rm -f "$DATA/socket"
assert_clean
done_testing

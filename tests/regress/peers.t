#!/bin/sh
#
# peers.t: the daemon's second socket, which only those can reach whom a role
# names, and how they are served while strangers flood the other one.

# In a mount namespace: the mount below ends with the script.
[ -n "${PEERS_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env PEERS_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
USER=64131 BYGROUP=64132 STRANGER=64133 GROUP=64139
FIRST=64140 LAST=64179
SOCK=$RUNDIR/fdbroker.sock PEERS=$RUNDIR/fdbroker.sock.peers
FILE=$SCRATCH/file
echo hello >"$FILE"
ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }

# Somebody whose group is known to the databases only.
MEMBERS=64138
{
	cat /etc/group
	echo "fdbmembers:x:$MEMBERS:nobody"
} >"$SCRATCH/group"
MEMBER=
[ -z "${PEERS_NS:-}" ] ||
    ! mount --bind "$SCRATCH/group" /etc/group 2>"$SCRATCH/err" ||
    MEMBER=$(id -u nobody)

# policy LINE...: with these peers.
policy()
{
	{
		echo 'role "r" {'
		for line; do
			echo "	peer $line"
		done
		echo "	permit read \"$FILE\""
		echo '}'
		printf 'role "other" {\n\tpeer group %s\n' "$MEMBERS"
		echo "	permit read \"$FILE\""
		echo '}'
	} | conf
}
# as UID GID SOCKET ROLE: open the file; print what the client prints.
as()
{
	setpriv --reuid="$1" --regid="$STRANGER" --groups="$2" -- \
	    fdbclient "$3" "$4" "$FILE" 2>&1
}
OPENED="$FILE: ok 6"
served() { is "$1" "$(as "$2" "$3" "$4" "$5")" "$OPENED"; }
DENIED="fdbclient: no broker at $PEERS: Permission denied"

policy "user $USER" "group $GROUP"
ok 'the daemon starts' start_daemon || exit 1
if grep -q "$PEERS: not for peers" "$LOG"; then
	stop_daemon
	skip_all 'needs a file system with ACLs'
fi

served 'a user whom a role names' "$USER" "$STRANGER" "$SOCK" r
served 'the same at the second socket' "$USER" "$STRANGER" "$PEERS" r
served 'a member of a group that it names' "$BYGROUP" "$GROUP" "$SOCK" r
served 'the same at the second socket' "$BYGROUP" "$GROUP" "$PEERS" r
if [ -n "$MEMBER" ]; then
	is 'a member by the database cannot reach the second socket' \
	    "$(as "$MEMBER" "$STRANGER" "$PEERS" other)" "$DENIED"
	served 'but is served' "$MEMBER" "$STRANGER" "$SOCK" other
else
	skip 2 'nothing can be mounted'
fi
is 'a stranger cannot reach the second socket' \
    "$(as "$STRANGER" "$STRANGER" "$PEERS" r)" "$DENIED"
is 'and is told why it is refused' \
    "$(as "$STRANGER" "$STRANGER" "$SOCK" r)" \
    "fdbclient: refused: uid $STRANGER is not a peer of role \"r\""
is 'a peer of another role is refused as ever' \
    "$(as "$USER" "$STRANGER" "$SOCK" other)" \
    "fdbclient: refused: uid $USER is not a peer of role \"other\""

# The list is no authority: who is connected already is judged by the role.
policy "user $STRANGER"
ok 'a reload' ctl reload
served 'a new peer' "$STRANGER" "$STRANGER" "$PEERS" r
is 'an old one cannot reach the socket' \
    "$(as "$USER" "$STRANGER" "$PEERS" r)" "$DENIED"
is 'an old group cannot, either' \
    "$(as "$BYGROUP" "$GROUP" "$PEERS" r)" "$DENIED"
is 'an old peer is told why' "$(as "$USER" "$STRANGER" "$SOCK" r)" \
    "fdbclient: refused: uid $USER is not a peer of role \"r\""

# The client does not need the other socket.
mv "$SOCK" "$SCRATCH/away"
served 'the second socket alone' "$STRANGER" "$STRANGER" "$SOCK" r
mv "$SCRATCH/away" "$SOCK"
mv "$PEERS" "$SCRATCH/away"
served 'the first socket alone' "$STRANGER" "$STRANGER" "$SOCK" r
mv "$SCRATCH/away" "$PEERS"

# More peers than a list takes.
# shellcheck disable=SC2046
policy $(seq -f 'user%.0f' 100000 109000 | sed 's/user/"/; s/$/"/') \
    2>/dev/null
sed -i 's/peer "/peer user "/' "$CONF"
sed -i "/peer user \"100000\"/i\\	peer user $USER" "$CONF"
ok 'a reload with too many peers' ctl reload
ok 'it is logged' wait_log \
    "$PEERS: not for peers: the roles name too many users and groups"
is 'nobody reaches the second socket' \
    "$(as "$USER" "$STRANGER" "$PEERS" r)" "$DENIED"
served 'all are served at the first one' "$USER" "$STRANGER" "$SOCK" r
# shellcheck disable=SC2046
policy "user $USER" $(seq -f 'user%.0f' "$FIRST" "$LAST")
sed -i 's/peer user\([0-9]\)/peer user \1/' "$CONF"
ok 'a reload with fewer' ctl reload
served 'the second socket is back' "$USER" "$STRANGER" "$PEERS" r

# Four processes of strangers flood the first socket.  Meanwhile 200 sessions
# of 40 peers begin, and all of them succeed.
cat >"$SCRATCH/flood" <<'EOF'
while :; do
	badhello flood "$1" r
done
EOF
flood()
{
	exec setpriv --reuid="$1" --regid="$1" --clear-groups -- \
	    sh "$SCRATCH/flood" "$SOCK"
}
flooders=
for uid in 64181 64181 64182 64182; do
	flood "$uid" 2>/dev/null &
	flooders="$flooders $!"
done
# shellcheck disable=SC2016
at_exit 'kill $flooders 2>/dev/null'
ok 'a flood has begun' wait_log \
    'refused uid 64181 .*too many sessions asked for'
n=0
for _ in 1 2 3 4 5; do
	for uid in $(seq "$FIRST" "$LAST"); do
		[ "$(as "$uid" "$uid" "$SOCK" r)" != "$OPENED" ] ||
		    n=$((n + 1))
	done
done
is 'a flood of strangers: peers get their sessions' "$n" 200
[ -z "$MEMBER" ] ||
    served 'a flood of strangers: so does a member by the database' \
    "$MEMBER" "$STRANGER" "$SOCK" other
# shellcheck disable=SC2086
kill $flooders
# shellcheck disable=SC2086
wait $flooders 2>/dev/null
flooders=

# A peer floods the second socket, and is shut out of it.
denied_at_last()
{
	tries=100
	while run_as "$FIRST" badhello flood "$PEERS" r 2>"$SCRATCH/flooded"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
	done
	grep 'Permission denied' "$SCRATCH/flooded"
}
ok 'a flood of a peer: the kernel refuses it in the end' denied_at_last
ok 'a flood of a peer: it is logged' wait_log \
    "uid $FIRST floods $PEERS: shut out of it for 10 seconds"
served 'a flood of a peer: another one is served' \
    "$USER" "$STRANGER" "$PEERS" r
back_in()
{
	run_as "$FIRST" fdbclient "$PEERS" r "$FILE" >"$SCRATCH/back" 2>&1
}
ok 'a flood of a peer: it may come back' wait_until back_in
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
is 'no socket is left' "$(find "$RUNDIR" -type s)" ''
# A file system without ACLs.
if [ -n "${PEERS_NS:-}" ] && mount -t ramfs none "$RUNDIR" 2>/dev/null; then
	ok 'without ACLs: the daemon starts' start_daemon
	ok 'without ACLs: it is logged' wait_log \
	    "$PEERS: not for peers: Operation not supported: they use $SOCK"
	is 'without ACLs: nobody reaches the second socket' \
	    "$(as "$USER" "$STRANGER" "$PEERS" r)" "$DENIED"
	served 'without ACLs: a peer is served' "$USER" "$STRANGER" "$SOCK" r
	stop_daemon
	umount "$RUNDIR"
else
	skip 4 'needs mount(8) and ramfs'
fi
assert_clean
done_testing

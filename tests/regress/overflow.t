#!/bin/sh
#
# overflow.t: a daemon in a user namespace that does not map all ids.  The
# kernel reports whoever has no id there as the overflow uid, which is also the
# number of the user "nobody": that one is refused.

. "$(dirname "$0")/lib.sh"

need_daemon
need userns mntns
WORKER=64101 UNMAPPED=70001 NOBODY=65534
SOCK=$RUNDIR/fdbroker.sock
mkdir "$SCRATCH/data"
echo text >"$SCRATCH/data/file"

# The daemon's process enters the namespace; another one, outside, maps the ids
# up to 65534, which is the most that leaves some out.
mv "$BIN/fdbrokerd" "$BIN/fdbrokerd.real"
cat >"$BIN/fdbrokerd" <<'EOF'
#!/bin/sh
outside=$(readlink /proc/self/ns/user)
(
	tries=200
	while [ "$(readlink /proc/$$/ns/user)" = "$outside" ]; do
		[ $((tries -= 1)) -gt 0 ] || exit 1
		sleep 0.05
	done
	echo '0 0 65535' >/proc/$$/uid_map
	echo '0 0 65535' >/proc/$$/gid_map
) &
exec unshare -U -m sh -c 'tries=200
until [ "$(id -u)$(id -g)" = 00 ]; do
	[ $((tries -= 1)) -gt 0 ] || exit 1
	sleep 0.05
done
exec "$0" "$@"' "$0.real" "$@"
EOF
chmod 0755 "$BIN/fdbrokerd"
conf <<EOF
confinement optional
role "worker" {
	peer user "$WORKER"
	permit read "$SCRATCH/data"
}
role "nobody" {
	peer user "$NOBODY"
	peer group "$NOBODY"
	permit read "$SCRATCH/data"
}
EOF
start_daemon >"$SCRATCH/start" || skip_all \
    "needs a daemon in a user namespace: $(tail -n 1 "$LOG")"
client()
{
	client_uid=$1 client_gid=$2
	shift 2
	setpriv --reuid="$client_uid" --regid="$client_gid" --clear-groups -- \
	    fdbclient "$SOCK" "$@" "$SCRATCH/data/file"
}
# What the kernel maps is told apart: it gets as far as the role's opener.
client "$WORKER" "$WORKER" worker >"$SCRATCH/out" 2>&1
ok 'a user with an id: is admitted' wait_log \
    "session 1: uid $WORKER pid .*role \"worker\""
why='stands for all users without an id in this user namespace'
is 'a user without an id: is not "nobody"' \
    "$(client "$UNMAPPED" "$UNMAPPED" nobody 2>&1)" \
    "fdbclient: refused: uid $NOBODY $why"
is 'the user "nobody": cannot be told from those' \
    "$(client "$NOBODY" "$NOBODY" nobody 2>&1)" \
    "fdbclient: refused: uid $NOBODY $why"
is 'a group without an id: is not "nogroup"' \
    "$(client "$WORKER" "$UNMAPPED" nobody 2>&1)" \
    "fdbclient: refused: uid $WORKER is not a peer of role \"nobody\""
stop_daemon
assert_clean
done_testing

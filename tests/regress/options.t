#!/bin/sh
#
# options.t: what the options and limits of a role change.

# What is mounted here is seen by nobody else, and gone with us.
[ -n "${OPTIONS_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env OPTIONS_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64151
SOCK=$RUNDIR/fdbroker.sock
D=$T/data
mkdir -p "$D/sub/deep" "$D/secret" "$T/outside"
echo file >"$D/file"
echo deep >"$D/sub/deep/file"
echo secret >"$D/secret/file"
echo out >"$T/outside/file"
echo mine >"$D/mine"
chown "$WORKER" "$D/mine"
ln "$D/file" "$D/second"
ln -s sub/deep/file "$D/rel"
ln -s "$D/sub/deep/file" "$D/abs"
ln -s sub/deep "$D/dir"
ln -s ../outside/file "$D/out"
ln -s "$T/outside/file" "$D/absout"
ln -s secret/file "$D/tosecret"
ln -s loop "$D/loop"
ln -s secret/none/x "$D/tonone"
ln -s secret/file/x "$D/tofile"
mkfifo "$D/fifo"
mknod "$D/zero" c 1 5
mkdir "$D/mnt"
mount -t tmpfs none "$D/mnt"
echo other >"$D/mnt/file"
conf <<EOF
role "follow" {
	peer user "$WORKER"
	permit read "$D"
	deny "$D/secret" label "secret"
	option follow
}
role "single" {
	peer user "$WORKER"
	permit read "$D"
	option single-link
}
role "own" {
	peer user "$WORKER"
	permit read "$D"
	option owned-by-peer
}
role "one" {
	peer user "$WORKER"
	permit read "$D"
	option one-filesystem
	option follow
}
role "special" {
	peer user "$WORKER"
	permit read "$D"
	permit special "$D/zero"
}
role "tokens" {
	peer user "$WORKER"
	permit read "$D"
	limit tokens 1
}
role "slow" {
	peer user "$WORKER"
	permit read "$D"
	limit opens 50
}
log audit denied to "$T/audit"
EOF
ok 'the daemon starts' start_daemon || exit 1
client() { run_as "$WORKER" fdbclient "$@"; }

is 'follow: a relative link' "$(client "$SOCK" follow "$D/rel")" "$D/rel: ok 5"
is 'follow: an absolute link beneath the root' \
    "$(client "$SOCK" follow "$D/abs")" "$D/abs: ok 5"
is 'follow: a link to a directory in the middle' \
    "$(client "$SOCK" follow "$D/dir/file")" "$D/dir/file: ok 5"
is 'follow: a link that leads out' "$(client "$SOCK" follow "$D/out")" \
    "$D/out: kernel EXDEV"
is 'follow: an absolute link that leads out' \
    "$(client "$SOCK" follow "$D/absout")" "$D/absout: kernel EXDEV"
is 'follow: what it leads to is judged' \
    "$(client "$SOCK" follow "$D/tosecret")" \
    "$D/tosecret: policy EACCES fdbroker.conf:6 \"secret\""
is 'follow: a link tells nothing of what is denied' \
    "$(client "$SOCK" follow "$D/tonone" "$D/tofile" | cut -d : -f 2-)" \
    " policy EACCES fdbroker.conf:6 \"secret\"
 policy EACCES fdbroker.conf:6 \"secret\""
is 'follow: a loop' "$(client "$SOCK" follow "$D/loop")" \
    "$D/loop: kernel ELOOP"
is 'follow: a directory is listed through a link' \
    "$(client -l "$SOCK" follow "$D/dir")" "$D/dir/file"
is 'without follow none is' "$(client "$SOCK" single "$D/rel")" \
    "$D/rel: kernel ELOOP"

like 'single-link: a file of two names' \
    "$(client "$SOCK" single "$D/second")" "$D/second: policy EACCES *"
is 'single-link: a file of one' "$(client "$SOCK" single "$D/mine")" \
    "$D/mine: ok 5"
like "owned-by-peer: another's file" "$(client "$SOCK" own "$D/file")" \
    "$D/file: policy EACCES *"
is "owned-by-peer: the peer's" "$(client "$SOCK" own "$D/mine")" \
    "$D/mine: ok 5"

is 'one-filesystem: a file of another' "$(client "$SOCK" one "$D/mnt/file")" \
    "$D/mnt/file: policy EXDEV option one-filesystem of role \"one\""
is 'one-filesystem: a link that leads out' "$(client "$SOCK" one "$D/out")" \
    "$D/out: kernel EXDEV"
is 'without it, what is mounted is there' \
    "$(client "$SOCK" own "$D/mnt" | cut -d : -f 2)" ' type EISDIR'
like 'one-filesystem: the mount point is in the listing' \
    "$(client -l "$SOCK" one "$D" 2>&1)" "*$D/mnt*"
ok 'one-filesystem: it is audited' wait_line "$T/audit" 'mnt/file'
id=$(sed -n 's/.*mnt.file.*"id":"\([0-9a-f]*\)".*/\1/p' "$T/audit" | head -n 1)
ok 'explain' fdbrokerctl -s "$RUNDIR/control.sock" explain "$id"
like 'explain: by policy, by which option' "$(tr '\n' ' ' <"$T/out")" \
    '*denied: policy, EXDEV*option one-filesystem of role "one"*has an option*'

# A device that is permitted opens; what is not, does not.  A file system may be
# mounted without devices, and /tmp often is.
if (: <"$D/zero") 2>/dev/null; then
	is 'special: a device where a rule permits it' "$(timeout 20 \
	    setpriv --reuid="$WORKER" --regid="$WORKER" --clear-groups \
	    fdbclient -o "$SOCK" special "$D/zero")" "$D/zero: opened"
else
	skip 1 "needs devices on the file system of $T"
fi
like 'special: a FIFO where none does' \
    "$(client "$SOCK" special "$D/fifo")" "$D/fifo: type EPERM"
like 'special: a device of a role without' \
    "$(client "$SOCK" own "$D/zero")" "$D/zero: * E*"

is 'tokens: one directory at a time' \
    "$(client -l "$SOCK" tokens "$D/sub" "$D/sub/deep")" "$D/sub/deep
$D/sub/deep/file"

# shellcheck disable=SC2046
set -- $(seq 120 | sed "s,.*,$D/file,")
is 'opens: a worker is slowed down and nothing is refused' \
    "$(client "$SOCK" slow "$@" | sort | uniq -c | sed 's/^ *//')" \
    "120 $D/file: ok 5"
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# options.t: what the options and limits of a role change.

# In a mount namespace: the mounts below end with the script.
[ -n "${OPTIONS_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env OPTIONS_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64151
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/sub/deep" "$DATA/secret" "$SCRATCH/outside"
echo file >"$DATA/file"
echo deep >"$DATA/sub/deep/file"
echo secret >"$DATA/secret/file"
echo out >"$SCRATCH/outside/file"
echo mine >"$DATA/mine"
chown "$WORKER" "$DATA/mine"
ln "$DATA/file" "$DATA/second"
ln -s sub/deep/file "$DATA/rel"
ln -s "$DATA/sub/deep/file" "$DATA/abs"
ln -s sub/deep "$DATA/dir"
ln -s ../outside/file "$DATA/out"
ln -s "$SCRATCH/outside/file" "$DATA/absout"
ln -s secret/file "$DATA/tosecret"
ln -s loop "$DATA/loop"
ln -s secret/none/x "$DATA/tonone"
ln -s secret/file/x "$DATA/tofile"
mkfifo "$DATA/fifo"
mknod "$DATA/zero" c 1 5
mkdir "$DATA/mnt"
mount -t tmpfs none "$DATA/mnt"
echo other >"$DATA/mnt/file"
conf <<EOF
role "follow" {
	peer user "$WORKER"
	permit read "$DATA"
	deny "$DATA/secret" label "secret"
	option follow
}
role "single" {
	peer user "$WORKER"
	permit read "$DATA"
	option single-link
}
role "own" {
	peer user "$WORKER"
	permit read "$DATA"
	option owned-by-peer
}
role "one" {
	peer user "$WORKER"
	permit read "$DATA"
	option one-filesystem
	option follow
}
role "special" {
	peer user "$WORKER"
	permit read "$DATA"
	permit special "$DATA/zero"
}
role "tokens" {
	peer user "$WORKER"
	permit read "$DATA"
	limit tokens 1
}
role "new" {
	peer user "$WORKER"
	permit write, create "$SCRATCH/outside/file" mode 0600 exclusive
}
role "slow" {
	peer user "$WORKER"
	permit read "$DATA"
	limit opens 50
}
log audit denied to "$SCRATCH/audit"
EOF
ok 'the daemon starts' start_daemon || exit 1
client() { run_as "$WORKER" fdbclient "$@"; }

is 'follow: a relative link' \
    "$(client "$SOCK" follow "$DATA/rel")" "$DATA/rel: ok 5"
is 'follow: an absolute link beneath the root' \
    "$(client "$SOCK" follow "$DATA/abs")" "$DATA/abs: ok 5"
is 'follow: a link to a directory in the middle' \
    "$(client "$SOCK" follow "$DATA/dir/file")" "$DATA/dir/file: ok 5"
is 'follow: a link that leads out' "$(client "$SOCK" follow "$DATA/out")" \
    "$DATA/out: kernel EXDEV leads out of the role's root"
is 'follow: an absolute link that leads out' \
    "$(client "$SOCK" follow "$DATA/absout")" \
    "$DATA/absout: kernel EXDEV leads out of the role's root"
is 'follow: the rules apply to what the link leads to' \
    "$(client "$SOCK" follow "$DATA/tosecret")" \
    "$DATA/tosecret: policy EACCES fdbroker.conf:6 \"secret\""
is 'follow: a link tells nothing about a denied directory' \
    "$(client "$SOCK" follow "$DATA/tonone" "$DATA/tofile" | cut -d : -f 2-)" \
    " policy EACCES fdbroker.conf:6 \"secret\"
 policy EACCES fdbroker.conf:6 \"secret\""
is 'follow: a loop' "$(client "$SOCK" follow "$DATA/loop")" \
    "$DATA/loop: kernel ELOOP"
is 'follow: a directory is listed through a link' \
    "$(client -l "$SOCK" follow "$DATA/dir")" "$DATA/dir/file"
is 'without follow: no link is followed' \
    "$(client "$SOCK" single "$DATA/rel")" "$DATA/rel: kernel ELOOP"

like 'single-link: a file with two names' \
    "$(client "$SOCK" single "$DATA/second")" "$DATA/second: policy EACCES *"
is 'single-link: a file with one name' "$(client "$SOCK" single "$DATA/mine")" \
    "$DATA/mine: ok 5"
like "owned-by-peer: another's file" "$(client "$SOCK" own "$DATA/file")" \
    "$DATA/file: policy EACCES *"
is "owned-by-peer: the peer's" "$(client "$SOCK" own "$DATA/mine")" \
    "$DATA/mine: ok 5"

is 'one-filesystem: a file on another file system' \
    "$(client "$SOCK" one "$DATA/mnt/file")" \
    "$DATA/mnt/file: policy EXDEV option one-filesystem of role \"one\""
is 'one-filesystem: a link that leads out' "$(client "$SOCK" one "$DATA/out")" \
    "$DATA/out: kernel EXDEV leads out of the role's root"
is 'without one-filesystem: the mount is reached' \
    "$(client "$SOCK" own "$DATA/mnt" | cut -d : -f 2)" \
    ' type EISDIR a directory'
like 'one-filesystem: the mount point is in the listing' \
    "$(client -l "$SOCK" one "$DATA" 2>&1)" "*$DATA/mnt*"
ok 'one-filesystem: the denial is audited' wait_line "$SCRATCH/audit" 'mnt/file'
id=$(sed -n 's/.*mnt.file.*"id":"\([0-9a-f]*\)".*/\1/p' "$SCRATCH/audit" |
    head -n 1)
ok 'explain: status 0' fdbrokerctl -s "$RUNDIR/control.sock" explain "$id"
like 'explain: the option' "$(tr '\n' ' ' <"$SCRATCH/out")" \
    '*denied: policy, EXDEV*option one-filesystem of role "one"*has an option*'

# A device opens if a rule permits it as special; other devices do not.  A file
# system may be mounted nodev, and /tmp often is.
if (: <"$DATA/zero") 2>/dev/null; then
	is 'special: a device that a rule permits' "$(timeout 20 \
	    setpriv --reuid="$WORKER" --regid="$WORKER" --clear-groups \
	    fdbclient -o "$SOCK" special "$DATA/zero")" "$DATA/zero: opened"
	is 'special: a device without an end, in a confined worker' \
	    "$(timeout 20 setpriv --reuid "$WORKER" --regid "$WORKER" \
	    --clear-groups fdbclient -c "$SOCK" special "$DATA/zero")" \
	    "$DATA/zero: endless"
else
	skip 2 "needs devices on the file system of $SCRATCH"
fi
like 'special: a FIFO that no rule permits' \
    "$(client "$SOCK" special "$DATA/fifo")" "$DATA/fifo: type EPERM a FIFO"
like 'special: a device in a role without the rule' \
    "$(client "$SOCK" own "$DATA/zero")" "$DATA/zero: * E*"

is 'tokens: one directory at a time' \
    "$(client -l "$SOCK" tokens "$DATA/sub" "$DATA/sub/deep")" "$DATA/sub/deep
$DATA/sub/deep/file"

# shellcheck disable=SC2046
set -- $(seq 120 | sed "s,.*,$DATA/file,")
is 'opens: a worker is slowed down, and nothing is refused' \
    "$(client "$SOCK" slow "$@" | sort | uniq -c | sed 's/^ *//')" \
    "120 $DATA/file: ok 5"
# audited ROLE PATH WHY: the record of a denial says why the policy denied it.
audited()
{
	ok "audited as $3" wait_line "$SCRATCH/audit" \
	    "\"role\":\"$1\",.*\"path\":\"$2\".*\"policy\",\"policy\":\"$3\","
}
client -w "$SOCK" new "$SCRATCH/outside/file" >"$SCRATCH/answers"
client "$SOCK" own /etc/passwd >>"$SCRATCH/answers"
client -l "$SOCK" own / >>"$SCRATCH/answers" 2>&1
is 'what policy denies: three denials' \
    "$(grep -c ': policy E' "$SCRATCH/answers")" 3
audited follow "$DATA/tosecret" denied
audited single "$DATA/second" single-link
audited own "$DATA/file" owned-by-peer
audited one "$DATA/mnt/file" one-filesystem
audited new "$SCRATCH/outside/file" exists
audited own /etc/passwd no-rule
audited own / no-root
ok 'what the kernel refuses is audited' \
    wait_line "$SCRATCH/audit" '"reason":"kernel","errno":"ELOOP"'
is 'what the kernel refuses is no denial of the policy' \
    "$(grep -v '"reason":"policy"' "$SCRATCH/audit" | grep -c '"policy":')" 0

stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

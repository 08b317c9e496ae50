#!/bin/sh
#
# realpath.t: fdb_stat() and fdb_realpath() against the daemon, for a user
# without rights: through links, and with components that the policy denies.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64173
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/dir/sub" "$DATA/secret/sub" "$DATA/list" "$SCRATCH/beside"
chmod 0700 "$DATA/dir"
echo hello >"$DATA/dir/file"
echo secret >"$DATA/secret/file"
echo beside >"$SCRATCH/beside/file"
ln -s dir "$DATA/to-dir"
ln -s to-dir/file "$DATA/to-file"
ln -s ../../to-file "$DATA/dir/sub/up"
ln -s "$DATA/to-dir/../to-file" "$DATA/absolute"
ln -s loop "$DATA/loop"
ln -s none "$DATA/dangling"
ln -s secret/file "$DATA/to-secret"
ln -s ../beside/file "$DATA/out"
ln -s secret "$DATA/denied-link"
ln -s ../dir/file "$DATA/list/to-file"
mkfifo "$DATA/fifo"
conf <<EOC
role "plain" {
	peer user $WORKER
	permit read "$DATA"
	deny "$DATA/secret" label "no secrets"
	deny "$DATA/denied-link" label "no link"
}
role "follow" {
	peer user $WORKER
	permit read "$DATA"
	deny "$DATA/secret" label "no secrets"
	option follow
}
role "list" {
	peer user $WORKER
	permit list "$DATA/list"
}
EOC
ok 'the daemon starts' start_daemon || exit 1

# resolves PATH WANT [ROLE]: what fdbstat will say of it, once asked.
resolves()
{
	printf '%s\t%s\n' "$1" "$2" >>"$SCRATCH/wanted.${3:-plain}"
}

# ask ROLE: look at each of these paths.  One session does for all of them: the
# daemon refuses a user who asks for too many.
ask()
{
	tab=$(printf '\t')
	# No path here has a blank.
	# shellcheck disable=SC2046
	run_as "$WORKER" fdbstat "$SOCK" "$1" \
	    $(cut -f 1 "$SCRATCH/wanted.$1") >"$SCRATCH/got" 2>&1
	while IFS=$tab read -r path want <&3; do
		read -r got <&4 || got='no answer'
		like "$1: ${path#"$SCRATCH"}" "$got" "$want"
	done 3<"$SCRATCH/wanted.$1" 4<"$SCRATCH/got"
}

# Paths that need no link, and need not be clean.
for role in plain follow; do
	resolves "$DATA/dir/file" "f 6 $DATA/dir/file" $role
	resolves "$DATA/dir" "d 0 $DATA/dir" $role
	resolves "$DATA//dir/./sub/../file" "f 6 $DATA/dir/file" $role
	resolves "$DATA/dir/" "d 0 $DATA/dir" $role
	resolves "$DATA/fifo" "- 0 $DATA/fifo" $role
	# Links, of which the role follows none in a request of the library.
	resolves "$DATA/to-dir" "d 0 $DATA/dir" $role
	resolves "$DATA/to-file" "f 6 $DATA/dir/file" $role
	resolves "$DATA/to-dir/sub/up" "f 6 $DATA/dir/file" $role
	resolves "$DATA/absolute" "f 6 $DATA/dir/file" $role
	resolves "$DATA/loop" 'here ELOOP' $role
	resolves "$DATA/dangling" 'kernel ENOENT' $role
	resolves "$DATA/to-file/x" 'kernel ENOTDIR' $role
	resolves "$DATA/dir/file/" 'here ENOTDIR' $role
	resolves "dir/file" 'here EINVAL' $role
done

# What the policy denies, whatever way leads there: the rule that denies it, and
# the same answer whether something is there or not.
for path in secret secret/file secret/none secret/sub/../file to-secret \
    dir/../secret/file to-dir/../secret/file; do
	resolves "$DATA/$path" 'policy EACCES *"no secrets"*'
done
resolves "$DATA/out" 'policy EACCES *'
resolves "$SCRATCH/beside/file" 'policy EACCES *'
# A component is looked at before ".." goes back from it: one that is denied or
# missing fails, although what is left of the path is permitted.
resolves "$DATA/secret/../dir/file" 'policy EACCES *"no secrets"*'
resolves "$DATA/none/../dir/file" 'kernel ENOENT'
resolves "$SCRATCH/beside/../data/dir/file" 'policy EACCES *'
resolves "$DATA/dir/file/../file" 'here ENOTDIR'
# A link must be permitted, and what it leads to.
resolves "$DATA/denied-link" 'policy EACCES *"no link"*'
resolves "$DATA/list/to-file" 'policy EACCES *' list
# What is above the roots is denied, but a path may go up from them and return.
resolves "$DATA/.." "policy EACCES above the role's roots"
resolves "$DATA/../data/dir/file" "f 6 $DATA/dir/file"

for role in plain follow list; do
	ask $role
done
stop_daemon
assert_clean
done_testing

#!/bin/sh
#
# moved.t: a root that is removed or replaced between the configuration and the
# start of a session.  What was a directory is not looked for in the directory
# above, neither by the rules nor by the kernel.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64154
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/dir" "$DATA/other" "$SCRATCH/elsewhere"
chmod 0777 "$DATA" "$DATA/dir"
echo file >"$DATA/dir/file"
echo other >"$DATA/other/file"
echo above >"$DATA/above"
echo named >"$DATA/named"
echo else >"$SCRATCH/elsewhere/file"
conf <<EOF
role "r" {
	peer user "$WORKER"
	permit read "$DATA/dir" "$DATA/other" "$DATA/named"
}
role "w" {
	peer user "$WORKER"
	permit write, create "$DATA/dir"
}
EOF
ok 'the daemon starts' start_daemon || exit 1
client() { run_as "$WORKER" fdbclient "$@" 2>&1; }

# The directories that an opener holds: the inode of each of its descriptors
# that is a directory.
holds()
{
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	run_as "$WORKER" fdbclient -h "$SOCK" "$1" <"$SCRATCH/hold" \
	    >"$SCRATCH/held" &
	holder=$!
	exec 8>"$SCRATCH/hold"
	wait_line "$SCRATCH/held" '^holding'
	pid=$(pgrep -f '^fdbroker-opener' -s "$DAEMON")
	for fd in "/proc/$pid/fd"/*; do
		[ ! -d "$fd/" ] || stat -L -c %i "$fd"
	done | sort -u
	exec 8>&-
	wait "$holder"
}
inode() { stat -c %i "$1"; }

is 'before: a file of each root' \
    "$(client "$SOCK" r "$DATA/dir/file" "$DATA/other/file" "$DATA/named")" \
    "$DATA/dir/file: ok 5
$DATA/other/file: ok 6
$DATA/named: ok 6"

# gone DESC: the others still work, and nothing above is held or reached.
gone()
{
	is "$1: names beneath it are not there" \
	    "$(client "$SOCK" r "$DATA/dir" "$DATA/dir/file" "$DATA/dir/x/y" |
	    cut -d : -f 2 | sort -u)" ' kernel ENOENT'
	is "$1: the other roots are" \
	    "$(client "$SOCK" r "$DATA/other/file")" "$DATA/other/file: ok 6"
	like "$1: the directory above is denied" \
	    "$(client "$SOCK" r "$DATA/above")" '*: policy EACCES *'
	is "$1: nothing is created" "$(client -w "$SOCK" w "$DATA/dir" \
	    "$DATA/dir/new")" "$DATA/dir: kernel ENOENT
$DATA/dir/new: kernel ENOENT"
	is "$1: a session that writes has no directory" "$(holds w)" ''
	ok "$1: the log says so" wait_log \
	    "root $DATA/dir is no longer a directory: nothing beneath it can"
	stop_daemon
	rm -rf "$DATA/dir"
	mkdir -m 0777 "$DATA/dir"
	start_daemon
}
mv "$DATA/dir" "$DATA/old"
gone 'renamed'
rmdir "$DATA/dir"
gone 'removed'
rmdir "$DATA/dir"
echo text >"$DATA/dir"
gone 'a file in its place'
is 'a file in its place: it is as it was' "$(cat "$DATA/above")" above

# A link: no session begins.
rmdir "$DATA/dir"
ln -s "$SCRATCH/elsewhere" "$DATA/dir"
is 'a link in its place: the session is refused' \
    "$(client "$SOCK" r "$DATA/dir/file")" \
    "fdbclient: refused: root $DATA/dir: Too many levels of symbolic links"
rm "$DATA/dir"

# Another directory in its place is the root.
mkdir "$DATA/dir"
echo replaced >"$DATA/dir/file"
is 'another directory in its place: it is the root' \
    "$(client "$SOCK" r "$DATA/dir/file")" "$DATA/dir/file: ok 9"
is 'and a session that writes holds it alone' \
    "$(holds w)" "$(inode "$DATA/dir")"

# A file that was a file may be gone for a while.
mv "$DATA/named" "$DATA/old/named"
is 'a named file that is gone: not there' \
    "$(client "$SOCK" r "$DATA/named" "$DATA/other/file")" \
    "$DATA/named: kernel ENOENT
$DATA/other/file: ok 6"

stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

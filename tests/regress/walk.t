#!/bin/sh
#
# walk.t: walks by the daemon: flags, mounts, attributes, huge and deep trees, a
# worker that stops, a tree that changes under the walk, and a reload.

# In a mount namespace: the mounts below end with the script.
[ -n "${WALK_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env WALK_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64171
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
HUGE=100000
DEEP=5000

policy()
{
	conf <<-EOF
	log audit denied to "$SCRATCH/audit"
	role "tree" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
		deny "$SCRATCH/data/secret" label "secret"
		deny read "$SCRATCH/data/unread"
		${1:-}
	}
	role "one" {
		peer user "$WORKER"
		permit read "$SCRATCH/data"
		option one-filesystem
	}
	EOF
}
client() { run_as "$WORKER" fdbclient "$@"; }
walk() { client "$@" "$SOCK" tree "$DATA" | sed "s|$DATA||"; }
ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }

mkdir -p "$DATA/sub" "$DATA/secret" "$DATA/mnt" "$DATA/pseudo"
echo file >"$DATA/file"
echo 0600 >"$DATA/sub/private"
chmod 0600 "$DATA/sub/private"
echo secret >"$DATA/secret/file"
echo unread >"$DATA/unread"
ln -s file "$DATA/link"
mkfifo "$DATA/fifo"
mount -t tmpfs none "$DATA/mnt"
echo other >"$DATA/mnt/file"
mount -t proc none "$DATA/pseudo" 2>/dev/null || rmdir "$DATA/pseudo"
policy
ok 'the daemon starts' start_daemon || exit 1

walk -t a >"$SCRATCH/walk"
has() { ok "$1" grep -q -x -e "$2" "$SCRATCH/walk"; }
has 'a file is read' 'entry /file 100644 5 fd 5'
has 'a file of root, too' 'entry /sub/private 100600 5 fd 5'
has 'a link is described' 'entry /link 120777 4 -> file'
has 'a FIFO is described' 'entry /fifo 10644 0'
has 'a file that may not be read is refused' \
    'failed /unread policy EACCES fdbroker.conf:.*'
has 'a mount is entered' 'entry /mnt/file 100644 6 fd 6'
has 'denied names are counted' 'leave  1'
has 'it ends well' 'end OK 9'
fails 'a denied directory is not shown' grep -q secret "$SCRATCH/walk"
if [ -d "$DATA/pseudo" ]; then
	has 'a pseudo file system is skipped' 'skipped /pseudo pseudo'
	walk -t np >"$SCRATCH/walk"
	has 'it is entered on demand' 'entry /pseudo/version .*'
else
	skip 2 'procfs cannot be mounted'
fi
walk -t o >"$SCRATCH/walk"
has 'one file system: the mount is skipped' 'skipped /mnt onefs'
client -t n "$SOCK" one "$DATA" | sed "s|$DATA||" >"$SCRATCH/walk"
has 'the option of the role denies it' 'failed /mnt policy EXDEV .*'
like 'a denied start' "$(client -t a "$SOCK" tree "$DATA/secret")" \
    'end EACCES 0'
ok 'it is in the audit' wait_line "$SCRATCH/audit" \
    "\"list\",\"path\":\"$DATA/secret\",\"verdict\":\"denied\""
is 'no such start' "$(client -t a "$SOCK" tree "$DATA/none")" 'end ENOENT 0'

#
# Attributes.
#
x=$DATA/sub/private
if command -v setfattr >/dev/null && setfattr -n user.one -v 12345 "$x"; then
	head -c 60000 /dev/zero | tr '\0' v >"$SCRATCH/value"
	setfattr -n user.big -v "$(cat "$SCRATCH/value")" "$DATA/mnt" \
	    2>/dev/null
	walk -t x >"$SCRATCH/walk"
	has 'an attribute of a file' 'xattr /sub/private user.one 5 .*'
else
	skip 1 'needs setfattr(1) and user attributes'
fi
if command -v setcap >/dev/null && cp /bin/true "$DATA/sub/capable" &&
    setcap cap_net_raw+ep "$DATA/sub/capable"; then
	walk -t x >"$SCRATCH/walk"
	has 'a capability' 'xattr /sub/capable security.capability .*'
	walk -t nx >"$SCRATCH/walk"
	has 'by name, too' 'xattr /sub/capable security.capability .*'
else
	skip 2 'needs setcap(8)'
fi

#
# A huge directory: the opener's memory does not grow with it.
#
opener() { opener_pids; }
peak() { sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }
mkfifo "$SCRATCH/hold"
# hold_start FILE OPTION... PATH: a worker that walks, then waits.
hold_start()
{
	out=$1
	shift
	: >"$out"
	run_as "$WORKER" fdbclient -h "$@" <"$SCRATCH/hold" \
	    >"$out" 2>&1 &
	HOLDER=$!
	exec 8>"$SCRATCH/hold"
}
hold_end()
{
	exec 8>&-
	wait "$HOLDER"
}
mkdir "$SCRATCH/data/huge"
(cd "$DATA/huge" && seq -f 'a-name-that-is-not-so-short-%.0f' "$HUGE" |
    xargs touch)
hold_start "$SCRATCH/held" -t q "$SOCK" tree "$DATA/sub"
wait_line "$SCRATCH/held" holding
small=$(peak "$(opener)")
hold_end
hold_start "$SCRATCH/held" -t q "$SOCK" tree "$DATA/huge"
wait_line "$SCRATCH/held" holding
huge=$(peak "$(opener)")
hold_end
ok 'a huge directory: all of it comes' \
    grep -q -x "end OK $((HUGE + 1))" "$SCRATCH/held"
ok 'the memory is that of a part' test "$huge" -lt $((small + 6000))
rm -rf "$DATA/huge"

#
# A deep tree, whose paths no system call takes.
#
# Each of four parts has paths that can be named; the last one goes into the
# first three, one after the other.
part=directory
n=1
while [ $n -lt $((DEEP / 4)) ]; do
	n=$((n + 1))
	part=$part/d
done
for n in 1 2 3 4; do
	mkdir -p "$DATA/deep$n/$part"
done
echo bottom >"$DATA/deep4/$part/file"
for n in 4 3 2; do
	mv "$DATA/deep$n/directory" "$DATA/deep$((n - 1))/$part"
done
mv "$DATA/deep1/directory" "$DATA"
rmdir "$DATA"/deep?
deepest=$(find "$DATA/directory" -type d 2>/dev/null | wc -l)
hold_start "$SCRATCH/held" -t q "$SOCK" tree "$DATA/directory"
wait_line "$SCRATCH/held" holding
ok 'a deep tree: few directories are open' \
    test "$(fd_count "$(opener)")" -lt 64
hold_end
ok 'all of it comes' \
    grep -q -x "end OK $((deepest + 1))" "$SCRATCH/held"
is 'it is as deep as that' "$deepest" "$DEEP"
fails 'nothing was left with an error' grep -q leave "$SCRATCH/held"
rm -rf "$DATA/directory"

# pipe_start OPTION... PATH: a worker that walks, and prints into a pipe.  After
# the first line it stands still, since nobody reads, and the pipe holds a
# fraction of what it has to print.
mkfifo "$SCRATCH/pipe"
pipe_start()
{
	# Not by run_as: the number is that of the worker itself.
	setpriv --reuid="$WORKER" --regid="$WORKER" --clear-groups -- \
	    fdbclient -h "$@" <"$SCRATCH/hold" >"$SCRATCH/pipe" 2>&1 &
	HOLDER=$!
	exec 8>"$SCRATCH/hold" 9<"$SCRATCH/pipe"
	read -r first <&9
	like 'a walk has begun' "$first" 'entry *'
}
# Read the rest of the first walk, and of the one that comes after the hold.
pipe_end()
{
	exec 8>&-
	cat <&9 >"$SCRATCH/piped"
	exec 9<&-
	wait "$HOLDER"
	sed '/^holding$/q' "$SCRATCH/piped" >"$SCRATCH/held"
}

#
# A worker that stops does not stop another; and goes on where it was.
#
mkdir "$DATA/many"
(cd "$DATA/many" && seq -f 'a-name-that-is-not-so-short-%.0f' 5000 |
    xargs touch)
pipe_start -t d=8 "$SOCK" tree "$DATA/many"
kill -STOP "$HOLDER"
is 'another session walks' "$(walk -t q -t 'e=/mnt' | tail -n 1)" \
    "end OK $((5000 + $(find "$DATA/sub" | wc -l) + 6))"
kill -CONT "$HOLDER"
pipe_end
ok 'the stopped one goes on' grep -q -x 'end OK 5001' "$SCRATCH/held"
rm -rf "$DATA/many"

#
# Directories and links change places under the walk: nothing from elsewhere
# is ever sent.
#
mkdir -p "$SCRATCH/outside/dir"
echo outside >"$SCRATCH/outside/file"
echo outside >"$SCRATCH/outside/dir/file"
race=$DATA/race
mkdir -p "$race/dir"
echo in >"$race/dir/file"
ln -s "$SCRATCH/outside" "$race/swap"
n=0
while [ $n -lt 50 ]; do
	n=$((n + 1))
	mkdir -p "$race/d$n/dir"
	echo in >"$race/d$n/file"
	echo in >"$race/d$n/dir/file"
	ln -s "$SCRATCH/outside" "$race/l$n"
done
racer()
{
	cd "$race" || exit
	while [ ! -e "$SCRATCH/raced" ]; do
		n=0
		while [ $n -lt 50 ]; do
			n=$((n + 1))
			mv d$n t && mv -T l$n d$n && mv t l$n
			mv "d$n" t && mv -T l$n d$n && mv t l$n
		done
	done 2>/dev/null
}
racer &
RACER=$!
rounds=0
: >"$SCRATCH/walks"
while [ $rounds -lt 60 ]; do
	rounds=$((rounds + 1))
	# A user may ask for 20 sessions a second.
	until client -t a "$SOCK" tree "$race" >>"$SCRATCH/walks" \
	    2>"$SCRATCH/refused" || ! grep -q 'too many' "$SCRATCH/refused"; do
		sleep 0.1
	done
done
: >"$SCRATCH/raced"
wait "$RACER"
is 'a race: each walk ends well' \
    "$(grep -c '^end OK' "$SCRATCH/walks")" 60
ok 'files are read' grep -q 'file 100644 3 fd 3' "$SCRATCH/walks"
fails 'nothing from outside is read' grep -q 'file 100644 8' "$SCRATCH/walks"

#
# A reload in the middle.
#
mkdir -p "$DATA/late/a" "$DATA/late/b"
(cd "$DATA/late" && seq -f 'a/%.0f' 20000 | xargs touch &&
    seq -f 'b/%.0f' 20000 | xargs touch)
pipe_start -t d=8 "$SOCK" tree "$DATA/late"
policy "deny \"$DATA/late/*\""
ok 'a reload' ctl reload
pipe_end
ok 'the walk ends' grep -q '^end OK' "$SCRATCH/held"
ok 'the directory is left with a status' \
    grep -q '^leave /[ab] .* EACCES' "$SCRATCH/held"
ok 'most of it was not sent' test \
    "$(grep -c '^entry /[ab]/' "$SCRATCH/held")" -lt 20000

stop_daemon
assert_clean
done_testing

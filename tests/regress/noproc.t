#!/bin/sh
#
# noproc.t: without /proc, or with one that shows other processes, fdbackup and
# the hand-off say so, and leave nothing behind.

. "$(dirname "$0")/lib.sh"

need mntns
cd "$SCRATCH" || bail_out "$SCRATCH"
echo data >data
fdbackup create -f made.tar data 2>/dev/null || bail_out 'no archive'
says='this needs /proc, which is not mounted or does not show this process; '\
'mount it: mount -t proc proc /proc'

# in_ns SETUP COMMAND...: run a command where the shell command SETUP has
# changed mounts.  SETUP must succeed.
in_ns()
{
	in_setup=$1
	shift
	set -- sh -c "{ $in_setup; } || exit 99; exec \"\$@\"" sh "$@"
	[ "$(id -u)" -eq 0 ] || set -- --map-root-user "$@"
	unshare --mount --propagation private "$@"
}

left_behind()
{
	find "$TMPDIR" ! -path "$TMPDIR"
	find . -name '.fdbackup*' -o -name new.tar
}

# fault DESC SETUP: what is said when /proc is like that.
fault()
{
	if ! in_ns "$2" true 2>"$SCRATCH/why"; then
		skip 9 "$1: needs to change mounts: $(head -n 1 "$SCRATCH/why")"
		return
	fi
	exits 1 "$1: create" in_ns "$2" fdbackup create -f new.tar data
	is "$1: create says so" "$(cat "$SCRATCH/err")" \
	    "fdbackup: cannot start the opener $FDBROKER_OPENER: $says"
	for fault_command in list verify; do
		exits 1 "$1: $fault_command" \
		    in_ns "$2" fdbackup $fault_command -f made.tar
		like "$1: $fault_command says so" "$(cat "$SCRATCH/err")" \
		    "*: cannot hand the archive to the worker at *: $says"
	done
	exits 1 "$1: a hand-off" in_ns "$2" handover
	is "$1: a hand-off has this error" "$(cat "$SCRATCH/err")" \
	    'handover: fdb_handoff_send: Operation not supported'
	is "$1: nothing is left" "$(left_behind)" ''
}
fault 'something else in its place' 'mount -t tmpfs none /proc'
fault 'no /proc' 'umount -l /proc'
fault 'the /proc of other processes' \
    'unshare --pid --fork mount -t proc proc /proc'

# A /proc that cannot be written to: the worker has no namespaces and says why.
ro='mount --bind /proc /proc && mount -o remount,bind,ro /proc'
if why=$(needs userns mntns pidns netns ipcns utsns cgroupns clone3) &&
    in_ns "$ro" true 2>"$SCRATCH/why"; then
	ok 'a /proc to read only: create' \
	    in_ns "$ro" fdbackup create -v -f new.tar data
	is 'a /proc to read only: create says what is missing' \
	    "$(head -n 1 "$SCRATCH/err")" 'fdbackup: the worker has no '\
'namespaces of its own: they need /proc, mounted to write and with all '\
'processes of the user'
	rm -f new.tar
else
	skip 2 "a /proc to read only: ${why:-$(head -n 1 "$SCRATCH/why")}"
fi
assert_clean
done_testing

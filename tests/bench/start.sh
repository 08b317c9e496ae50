#!/bin/sh
#
# start.sh: run bench_start on one file of 4 KB, with a daemon if it can be run
# (as root).  "make bench-start" builds what this needs and runs it.  Arguments
# go to bench_start: -n 99 for more rounds.

. "$(dirname "$0")/../regress/lib.sh"

cd "$SCRATCH" || exit 1
dd if=/dev/urandom of=one bs=4k count=1 2>/dev/null
if [ "$(id -u)" -eq 0 ]; then
	# Sockets are on a tmpfs when it is installed, as /run usually is.
	for dir in /run /dev/shm; do
		[ "$(stat -f -c %T "$dir")" = tmpfs ] || continue
		RUNDIR=$(mktemp -d "$dir/fdb.XXXXXX") || exit 1
		chmod 0755 "$RUNDIR"
		at_exit "stop_daemon; rm -rf '$RUNDIR'"
		break
	done
	conf <<-EOF
	role "bench" {
		peer user 0
		permit read "$SCRATCH"
	}
	EOF
	start_daemon || exit 1
	set -- -s "$RUNDIR/fdbroker.sock" -r bench "$@"
fi
"$FDB_BUILDDIR/tests/bench/bench_start" "$@" fdbackup one

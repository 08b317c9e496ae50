#!/bin/sh
#
# flood.sh: start a daemon for bench_flood, and run that; see there.  Needs
# root.  Arguments are passed on.  With FLOOD_PEERS=1 in the environment, those
# who flood are peers of another role.

. "$(dirname "$0")/../regress/lib.sh"

need_daemon
FIRST=65000
UNWELCOME='65300 65301'
echo text >"$SCRATCH/file"
{
	echo 'limit sessions 16'
	echo 'role "r" {'
	uid=$FIRST
	while [ "$uid" -lt $((FIRST + 128)) ]; do
		echo "	peer user $uid"
		uid=$((uid + 1))
	done
	echo "	permit read \"$SCRATCH/file\""
	echo '}'
	if [ -n "${FLOOD_PEERS:-}" ]; then
		echo 'role "s" {'
		for uid in $UNWELCOME; do
			echo "	peer user $uid"
		done
		echo "	permit read \"$SCRATCH/file\""
		echo '}'
	fi
} | conf
start_daemon || exit 1
# shellcheck disable=SC2086
"$FDB_BUILDDIR/tests/bench/bench_flood" "$@" "$RUNDIR/fdbroker.sock" r \
    "$SCRATCH/file" $FIRST $UNWELCOME
status=$?
stop_daemon
exit $status

#!/bin/sh
#
# names.sh: the milliseconds of a session, one file opened in it, in roles that
# name from 1 to 20,000 files of one directory.  Needs root.

. "$(dirname "$0")/../regress/lib.sh"

need_daemon
FIRST=65000
DATA=$SCRATCH/data
SIZES='1 200 2000 10000 20000'
mkdir "$DATA"
awk 'BEGIN { for (i = 1; i <= 20000; i++) print i }' |
    (cd "$DATA" && xargs touch)
for size in $SIZES; do
	awk -v n="$size" -v dir="$DATA" -v uid=$FIRST 'BEGIN {
		print "role \"r" n "\" {"
		for (i = 0; i < 128; i++)
			print "\tpeer user " uid + i
		for (i = 1; i <= n; i++)
			print "\tpermit read \"" dir "/" i "\""
		print "}"
	}'
done | conf
start_daemon || exit 1
first=
for size in $SIZES; do
	ms=$("$FDB_BUILDDIR/tests/bench/bench_flood" -a -n 5 \
	    "$RUNDIR/fdbroker.sock" "r$size" "$DATA/1" $FIRST 1 2) || break
	: "${first:=$ms}"
	awk -v n="$size" -v ms="$ms" -v first="$first" 'BEGIN {
		printf "%5d files: %7.2f ms, ratio %5.1f", n, ms, ms / first
		if (n > 1)
			printf ", %4.1f us a file", (ms - first) * 1000 / n
		print ""
	}'
done
stop_daemon

#!/bin/sh
#
# hostile.t: what a worker and openers that were taken over can do, with all
# layers of confinement, without each, and with each alone, is what the tables
# in ATTACKS.md say, line by line.  Where the kernel at hand lacks what a line
# takes for granted, the result is skipped and says what is missing.
#
# With HOSTILE_UPDATE=1 in the environment the tables are written anew.  With
# HOSTILE_ONLY only the operations are tried that it names, one a line.

. "$(dirname "$0")/lib.sh"
need_root
[ -x "$BIN/badworker" ] || skip_all 'needs Linux'

page=$FDB_SRCDIR/ATTACKS.md

# block NAME: the table of that name in ATTACKS.md.
block()
{
	awk -v begin="<!-- table: $1 -->" '
	$0 == begin { inside = 1; next }
	/^<!-- end of table -->/ { inside = 0 }
	inside && !/^```/' "$page"
}

# awk_table NAME [OPTION...]: table.awk, with what this run says.
awk_table()
{
	awk_name=$1
	shift
	awk -v table="$awk_name" "$@" \
	    -f "$FDB_SRCDIR/tests/hostile/table.awk" \
	    "$SCRATCH/$awk_name.want" "$SCRATCH/$awk_name.out"
}

# update NAME: put the table of this run there, and the kernel that it is of.
update()
{
	awk_table "$1" -v make=1 >"$SCRATCH/$1.new"
	awk -v begin="<!-- table: $1 -->" -v file="$SCRATCH/$1.new" \
	    -v release="$(uname -r | cut -d . -f 1,2)" \
	    -v machine="$(uname -m)" '
	/^The tables were generated on / {
		sub(/on .*/, "on Linux " release " (" machine ").")
	}
	/^<!-- end of table -->/ && inside {
		print "```"
		while ((getline line <file) > 0)
			print line
		print "```"
		inside = 0
	}
	!inside { print }
	$0 == begin { inside = 1 }' "$page" >"$SCRATCH/new" &&
	    cat "$SCRATCH/new" >"$page"
	block "$1" >"$SCRATCH/$1.want"
}

# compare NAME: the committed table with that of this run.
compare()
{
	awk_table "$1" -v only="${HOSTILE_ONLY:+1}" >"$SCRATCH/$1.results"
	while IFS='	' read -r result desc why; do
		case $result in
		pass)	pass "$desc";;
		skip)	skip 1 "$desc: $why";;
		*)	fail "$desc" || diag "$why";;
		esac
	done <"$SCRATCH/$1.results"
}

pids=
for name in badworker badopener; do
	mkdir "$SCRATCH/$name"
	block "$name" >"$SCRATCH/$name.want"
	{
		# Only newlines separate what is named.
		set -f
		IFS='
'
		# shellcheck disable=SC2086
		"$BIN/$name" "$SCRATCH/$name" ${HOSTILE_ONLY:-} \
		    >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err"
		echo $? >"$SCRATCH/$name.status"
	} &
	pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids

for name in badworker badopener; do
	status=$(cat "$SCRATCH/$name.status")
	[ "$status" -ne 77 ] || skip_all "$(tail -n 1 "$SCRATCH/$name.err")"
	[ ! -s "$SCRATCH/$name.err" ] || diag "$(sort -u "$SCRATCH/$name.err")"
	is "$name: nothing works but what is granted" "$status" 0
	[ -z "${HOSTILE_UPDATE:-}" ] || update "$name"
	compare "$name"
	is "$name leaves nothing behind" "$(ls -A "$SCRATCH/$name")" ''
done
is 'no mount is left' "$(grep -F " $SCRATCH/" /proc/self/mountinfo)" ''
assert_clean
done_testing

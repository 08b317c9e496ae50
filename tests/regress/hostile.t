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
	    "$T/$awk_name.want" "$T/$awk_name.out"
}

# update NAME: put the table of this run there, and the kernel that it is of.
update()
{
	awk_table "$1" -v make=1 >"$T/$1.new"
	awk -v begin="<!-- table: $1 -->" -v file="$T/$1.new" \
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
	$0 == begin { inside = 1 }' "$page" >"$T/new" &&
	    cat "$T/new" >"$page"
	block "$1" >"$T/$1.want"
}

# compare NAME: the committed table with that of this run.
compare()
{
	awk_table "$1" -v only="${HOSTILE_ONLY:+1}" >"$T/$1.results"
	while IFS='	' read -r result desc why; do
		case $result in
		pass)	pass "$desc";;
		skip)	skip 1 "$desc: $why";;
		*)	fail "$desc" || diag "$why";;
		esac
	done <"$T/$1.results"
}

pids=
for name in badworker badopener; do
	mkdir "$T/$name"
	block "$name" >"$T/$name.want"
	{
		# Only newlines separate what is named.
		set -f
		IFS='
'
		# shellcheck disable=SC2086
		"$BIN/$name" "$T/$name" ${HOSTILE_ONLY:-} \
		    >"$T/$name.out" 2>"$T/$name.err"
		echo $? >"$T/$name.status"
	} &
	pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids

for name in badworker badopener; do
	status=$(cat "$T/$name.status")
	[ "$status" -ne 77 ] || skip_all "$(tail -n 1 "$T/$name.err")"
	[ ! -s "$T/$name.err" ] || diag "$(sort -u "$T/$name.err")"
	is "$name: nothing works but what is granted" "$status" 0
	[ -z "${HOSTILE_UPDATE:-}" ] || update "$name"
	compare "$name"
	is "$name leaves nothing behind" "$(ls -A "$T/$name")" ''
done
is 'no mount is left' "$(grep -F " $T/" /proc/self/mountinfo)" ''
assert_clean
done_testing

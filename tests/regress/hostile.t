#!/bin/sh
#
# hostile.t: what a worker and an opener that were taken over can do, with all
# layers of confinement, without each, and with each alone, is what the tables
# in ATTACKS.md say, line by line.  Where this system cannot say, its line has
# "?", which matches anything.
#
# With HOSTILE_UPDATE=1 in the environment the tables are written anew.

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

# update NAME FILE: put the table there.
update()
{
	awk -v begin="<!-- table: $1 -->" -v file="$2" '
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
}

# compare NAME: the committed table with that of this run.
compare()
{
	block "$1" >"$T/$1.want"
	is "$1: as many lines" "$(wc -l <"$T/$1.out")" \
	    "$(wc -l <"$T/$1.want")" || {
		diag "$(diff "$T/$1.want" "$T/$1.out")"
		return
	}
	exec 3<"$T/$1.want"
	while IFS= read -r got; do
		IFS= read -r want <&3 || want=
		# Among shell patterns only "?" occurs in these lines.
		like "$1: $(echo "$got" | cut -c 1-33 | sed 's/ *$//')" \
		    "$want" "$got"
	done <"$T/$1.out"
	exec 3<&-
}

mounts=$(cat /proc/self/mountinfo)
pids=
for name in badworker badopener; do
	mkdir "$T/$name"
	{
		"$BIN/$name" "$T/$name" >"$T/$name.out" \
		    2>"$T/$name.err"
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
	[ -z "${HOSTILE_UPDATE:-}" ] || update "$name" "$T/$name.out"
	compare "$name"
	is "$name leaves nothing behind" "$(ls -A "$T/$name")" ''
done
is 'no mount is left' "$(cat /proc/self/mountinfo)" "$mounts"
assert_clean
done_testing

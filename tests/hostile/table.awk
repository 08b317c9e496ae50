# table.awk: compare what badworker and badopener print with the tables of
# ATTACKS.md, or make such a table of it.
#
# usage: awk -v table=NAME [-v only=1] [-v make=1] -f table.awk TABLE ROWS
#
# TABLE is what stands in ATTACKS.md, ROWS is what a program printed.  Prints
# for each row, separated by tabs, "pass", "skip" or "fail", the description
# of the result, and why; or the new table.  Unless only some rows were tried,
# each row of the table must be among them.

BEGIN {
	FS = "\t"
	granted_line = "Granted, or not promised to be stopped:"
	if (table == "badopener")
		section = "reader"
	else
		section = "worker"
}

function trim(s)
{
	gsub(/^ +| +$/, "", s)
	return s
}

# The parts of a row: with all layers, with none, the marks.
function part(cells, n)
{
	if (n == 1)
		return trim(substr(cells, 1, 7))
	if (n == 2)
		return trim(substr(cells, 9, 7))
	return trim(substr(cells, 17))
}

# Are they the same where both are known?
function same(a, b,	i)
{
	if (a == "?" || b == "?")
		return 1
	if (length(a) != length(b))
		return 0
	for (i = 1; i <= length(a); i++)
		if (substr(a, i, 1) != substr(b, i, 1) &&
		    substr(a, i, 1) != "?" && substr(b, i, 1) != "?")
			return 0
	return 1
}

function keep(who, name, cells)
{
	want[who, name] = cells
	seen[++nseen] = who SUBSEP name
}

#
# The table as it is.
#
NR == FNR {
	name = trim(substr($0, 1, 33))
	if ($0 == "") {
		section = table == "badworker" ? "connector" : \
		    section == "reader" ? "writer" : \
		    section == "writer" ? "restorer" : "embedded"
	} else if ($0 ~ /^Without no_new_privs/) {
		split(substr($0, index($0, ":") + 2), nnp_want, " ")
	} else if (name == "" || $0 ~ /^Granted/ || $0 ~ / all +none /) {
		next
	} else if (section == "reader") {
		keep("reader", name, substr($0, 35, 29))
		keep("private", name, substr($0, 66))
	} else
		keep(section, name, substr($0, 35))
	next
}

#
# What was tried.
#
$1 == "head" {
	head[$2] = $3
}
$1 == "row" {
	stage[++nrows] = $2
	granted[nrows] = $3
	op[nrows] = $4
	cells[nrows] = $5
	needs[nrows] = $6
	why[nrows] = $7
	tried[$2, $4] = nrows
}
$1 == "nnp" {
	nnp[++nnnp] = $3
}

# Of a writer there are only rows that differ from the reader's, and of an
# embedded one those that differ from the private one's.
function wanted(who, name)
{
	if ((who, name) in want)
		return want[who, name]
	if (who == "writer" && ("reader", name) in want)
		return want["reader", name]
	if (who == "embedded" && ("private", name) in want)
		return want["private", name]
	return ""
}

function say(result, i, reason)
{
	printf "%s\t%s: %s: %s\t%s\n", result, table, stage[i], op[i], reason
}

function compare(i,	got, old, without)
{
	got = cells[i]
	old = wanted(stage[i], op[i])
	without = part(got, 2)
	if (old == "")
		say("fail", i, "is not in the table: " got)
	else if (without == "?")
		say("skip", i, why[i])
	else if (part(old, 2) == "?")
		say("skip", i, "the table is of a kernel without it")
	else if (without != part(old, 2) && needs[i] != "")
		say("skip", i, "without confinement it ends with " without \
		    " here, with " part(old, 2) " in the table")
	else if (!same(part(got, 1), part(old, 1)) ||
	    without != part(old, 2) || !same(part(got, 3), part(old, 3)))
		say("fail", i, "is " got ", not " old)
	else if (index(got, "?") > 0)
		say("skip", i, why[i])
	else
		say("pass", i, "")
}

function compare_all(	i, key)
{
	for (i = 1; i <= nrows; i++)
		compare(i)
	for (i = 1; i <= nnnp; i++)
		printf "%s\t%s: without no_new_privs: %s\tis %s, not %s\n",
		    nnp[i] == nnp_want[i] ? "pass" : "fail", table, i,
		    nnp[i], nnp_want[i]
	for (i = 1; i <= nseen && !only; i++) {
		split(seen[i], key, SUBSEP)
		if (!(seen[i] in tried))
			printf "fail\t%s: %s: %s\tnobody tries it\n", table,
			    key[1], key[2]
	}
}

# What is to stand in the table: as it was where this kernel cannot say.
function cells_for(i,	old)
{
	old = wanted(stage[i], op[i])
	return part(cells[i], 2) == "?" && old != "" ? old : cells[i]
}

# The rows of a stage that are granted, or that are not.
function print_rows(who, given,	i, text, other)
{
	for (i = 1; i <= nrows; i++) {
		if (stage[i] != who || granted[i] != given)
			continue
		text = cells_for(i)
		if (who == "writer" && ("reader", op[i]) in tried) {
			other = cells_for(tried["reader", op[i]])
			if (text == other)
				continue
		}
		if (who == "embedded" &&
		    text == cells_for(tried["private", op[i]]))
			continue
		if (who == "reader")
			text = text "  " cells_for(tried["private", op[i]])
		printf "%-33s %s\n", op[i], text
	}
}

function print_section(who, title, heading)
{
	printf "%-33s %s\n", title, heading
	print_rows(who, 0)
	print granted_line
	print_rows(who, 1)
}

function make_table()
{
	if (table == "badworker") {
		print_section("worker", "A worker", head["worker"])
		print ""
		print_section("connector", "The one that connects",
		    head["connector"])
		print "Without no_new_privs they do not start: " nnp[1] " " \
		    nnp[2]
		return
	}
	printf "%-33s %-29s  %s\n", "", "An opener of a role that reads",
	    "A private one"
	print_section("reader", "", head["reader"] "  " head["private"])
	print ""
	print_section("writer", "One that appends and creates", head["writer"])
	print ""
	print_section("restorer", "One that restores", head["restorer"])
	print ""
	print_section("embedded", "One that a program started",
	    head["embedded"])
	print "Without no_new_privs they do not start: " nnp[1] " " nnp[2] \
	    " " nnp[3] " " nnp[4] " " nnp[5]
}

END {
	if (make)
		make_table()
	else
		compare_all()
}

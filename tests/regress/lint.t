#!/bin/sh
#
# lint.t: rules of the house that a machine can check.  See CONTRIBUTING.md.

. "$(dirname "$0")/lib.sh"

cd "$FDB_SRCDIR" || exit 1
programs=$(find lib broker worker -name '*.[chy]' ! -name parse.c)
tests=$(find tests -name '*.[ch]')
scripts=$(find quickstart .ci tests etc -type f ! -name '*.[ch]' \
    ! -name '*.o' ! -name '*.log' ! -name '*.trs' ! -name '*.want' ! -perm -u+x)
scripts="$scripts $(find quickstart .ci/run tests -name '*.sh' -o -name '*.t')"
build="configure.ac Makefile.am m4/fdb_flags.m4"

# The code without its comments, as FILE:LINE:text.
code()
{
	awk '
	FNR == 1 { inside = 0 }
	{
		text = $0
		out = ""
		while (text != "") {
			if (inside) {
				if ((i = index(text, "*/")) == 0)
					break
				text = substr(text, i + 2)
				inside = 0
			} else if ((i = index(text, "/*")) == 0) {
				out = out text
				break
			} else {
				out = out substr(text, 1, i - 1)
				text = substr(text, i + 2)
				inside = 1
			}
		}
		print FILENAME ":" FNR ":" out
	}' "$@"
}

# nothing DESC: $SCRATCH/found, the places that break a rule, is empty.
nothing()
{
	is "$1" "$(cat "$SCRATCH/found")" ''
}

# calls FUNCTIONS: of code, the lines that call one of them.
calls()
{
	grep -E "[^_.>[:alnum:]]($1)[[:space:]]*\("
}

# The exceptions to only lib/base/dgram.c doing that: where, what, and why.
allowed()
{
	while read -r file call why; do
		[ -n "$why" ] || continue
		printf '^%s:[0-9]*:.*[^_]%s *\\(\n' "$file" "$call"
	done >"$SCRATCH/allowed" <<-END
	broker/daemon/rundir.c unlinkat sockets of a daemon that was killed
	broker/opener/naming.c unlinkat what a role may replace or remove
	worker/controller/output.c unlinkat the unfinished archive, a file
	worker/controller/redirect.c unlinkat a directory, if it is empty
	worker/controller/output.c unlink a spool, or an empty log
	lib/confine/landlock_linux.c socket to see that it cannot be bound
	lib/confine/landlock_linux.c bind which is what must fail
	END
	grep -v -E -f "$SCRATCH/allowed"
}

# shellcheck disable=SC2086
{
code $programs >"$SCRATCH/code"
code $tests >"$SCRATCH/tests"

for file in $programs $tests $scripts $build; do
	expand "$file" | awk -v f="$file" \
	    'length($0) > 80 { print f ":" NR ": " length($0) " columns" }'
done >"$SCRATCH/found"
nothing 'lines of at most 80 columns'

for file in $programs; do
	grep -q -F -w -e "$file" Makefile.am || echo "$file"
done >"$SCRATCH/found"
nothing 'every source file is in Makefile.am'

for file in *.md; do
	grep -q -F -w -e "$file" Makefile.am || echo "$file"
done >"$SCRATCH/found"
nothing 'every page is in the tarball'

# Of a page, the files of the sources that it names in backquotes: by path, or
# by the last part of one.  Braces and wildcards stand for several.
find lib broker worker tests contrib examples -type f >"$SCRATCH/files"
awk '
function missing(name, re, i) {
	if (name in there)
		return 0
	if (name !~ /\*/)
		return 1
	re = name
	gsub(/\./, "\\.", re)
	gsub(/\*/, "[^/]*", re)
	for (i in there)
		if (i ~ "^" re "$")
			return 0
	return 1
}
function check(name, i, n, part, before, after) {
	if (match(name, /\{[^}]*\}/)) {
		before = substr(name, 1, RSTART - 1)
		after = substr(name, RSTART + RLENGTH)
		n = split(substr(name, RSTART + 1, RLENGTH - 2), part, ",")
		for (i = 1; i <= n; i++)
			check(before part[i] after)
	} else if (missing(name))
		print FILENAME ":" FNR ": " name
}
NR == FNR {
	there[$0] = 1
	sub(/.*\//, "")
	there[$0] = 1
	next
}
{
	text = $0
	while (match(text, /`[[:alnum:]_\/{},.*-]+\.([chty]|sh|\{[^`]*\})`/)) {
		name = substr(text, RSTART + 1, RLENGTH - 2)
		text = substr(text, RSTART + RLENGTH)
		check(name)
	}
}' "$SCRATCH/files" ARCHITECTURE.md SECURITY.md PORTABILITY.md BENCHMARKS.md \
    >"$SCRATCH/found"
nothing 'the pages name files that exist'

grep -n -E '[[:blank:]]+$' $programs $tests $scripts $build man/*.[0-9] \
    >"$SCRATCH/found"
nothing 'no blanks at the end of a line'

grep -n -E -w 'TODO|FIXME|XXX' $programs $tests $build man/*.[0-9] \
    >"$SCRATCH/found"
nothing 'nothing is left to do'

# lib.sh chooses $SCRATCH; everything else belongs beneath it.
grep -n -E '(^|[^[:alnum:]_}])/(var/)?tmp/' $scripts |
    grep -v '^tests/regress/lib\.sh:' >"$SCRATCH/found"
nothing 'no script names a file in /tmp'

for file in $programs $tests; do
	case $file in
	*.h)	continue;;
	esac
	grep -m 1 '^#[[:space:]]*include' "$file" |
	    grep -q -F '"config.h"' || echo "$file"
done >"$SCRATCH/found"
nothing 'config.h comes first'

for file in $programs $tests; do
	head -n 2 "$file" | grep -q -E '^(%\{)?/\*' || echo "$file"
done >"$SCRATCH/found"
nothing 'every file says what it is'

awk '
FNR == 1 { start = 0 }
/^\{/ { start = FNR }
/^\}/ && start {
	if (FNR - start > 100)
		print FILENAME ":" start ": " FNR - start " lines"
	start = 0
}' $programs >"$SCRATCH/found"
nothing 'functions of at most 100 lines'

calls 'sendmsg|recvmsg|sendmmsg|recvmmsg|CMSG_[A-Z]+' <"$SCRATCH/code" |
    grep -v '^lib/base/fdmsg\.c:' >"$SCRATCH/found"
nothing 'only lib/base/fdmsg.c sends and receives messages'

calls 'socket|socketpair|bind|connect|unlink|unlinkat' <"$SCRATCH/code" |
    grep -v '^lib/base/dgram\.c:' | allowed >"$SCRATCH/found"
nothing 'only lib/base/dgram.c makes, binds, connects and removes sockets'

grep -w MSG_PEEK "$SCRATCH/code" >"$SCRATCH/found"
nothing 'nothing peeks'

grep -E '[[:space:](](SYS|__NR)_openat2' "$SCRATCH/code" |
    grep -v '^broker/opener/resolve\.c:' >"$SCRATCH/found"
nothing 'only broker/opener/resolve.c resolves what a client named'

calls 'get(pw|gr)(nam|uid|gid|ent)[a-z_]*|getgrouplist|initgroups' \
    <"$SCRATCH/code" | grep -v -E '^(broker/(names/lookup\.c|ctl/)|worker/)' \
    >"$SCRATCH/found"
nothing 'only broker/names/lookup.c asks the name service for the daemon'

grep -w omit "$SCRATCH/code" | grep -v '^lib/confine/' >"$SCRATCH/found"
nothing 'no program leaves a layer of confinement out'

cat "$SCRATCH/code" "$SCRATCH/tests" |
    calls 'strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|alloca' \
    >"$SCRATCH/found"
nothing 'no function without a bound'
}

#
# The folders: what each may use of the others is a table in ARCHITECTURE.md.
#

# The table, as "FOLDER USED" for each pair, in the order in which it stands.
edges()
{
	awk '
	/^<!-- edges -->/ { inside = 1; next }
	/^<!-- end of edges -->/ { inside = 0 }
	inside && NF > 0 && !/^```/ {
		print $1, $1
		for (i = 2; i <= NF; i++)
			if ($i != "-")
				print $1, $i
	}' ARCHITECTURE.md
}

# The folder of a path: broker/policy/glob.c is of policy.
folder_of()
{
	sed 's|.*/\([^/]*\)/[^/]*$|\1|'
}

# What includes say, as "FILE INCLUDED".
includes()
{
	# shellcheck disable=SC2086
	grep -E '^#[[:space:]]*include "' $programs |
	    sed 's/^\([^:]*\):.*"\(.*\)".*/\1 \2/' |
	    grep -v ' config\.h$'
}

# The built objects of the programs, each with what it defines and wants:
# "D SYMBOL OBJECT" and "U SYMBOL OBJECT".
symbols()
{
	# shellcheck disable=SC2046
	(cd "$FDB_BUILDDIR" && nm -g -A $(find lib broker worker \
	    -name '*.o' ! -name 'tests_*')) |
	    awk '{
		object = $1
		sub(/:.*/, "", object)
		sub(/\.libs\//, "", object)
		print ($(NF - 1) == "U" ? "U" : "D"), $NF, object
	}'
}

edges >"$SCRATCH/edges"
find lib broker worker -mindepth 1 -type d | sed "s|.*/||" | sort \
    >"$SCRATCH/folders"
is 'ARCHITECTURE.md says of each folder what it uses' \
    "$(cut -d ' ' -f 1 "$SCRATCH/edges" | sort -u)" "$(cat "$SCRATCH/folders")"

# A folder stands in the table after all that it uses: so there is no circle.
awk '{ seen[$1] = 1 } !seen[$2] { print $1 " uses " $2 }' "$SCRATCH/edges" \
    >"$SCRATCH/found"
nothing 'no folder uses one that stands above it'

includes >"$SCRATCH/includes"
grep -v -E ' [a-z]+/[a-z_]+\.h$' "$SCRATCH/includes" |
    grep -v '^lib/client/fdbroker\.h fdbroker_types\.h$' >"$SCRATCH/found"
nothing 'includes name the folder'

while read -r file included; do
	echo "$(echo "$file" | folder_of) ${included%%/*} $file"
done <"$SCRATCH/includes" | grep -v ' fdbroker_types\.h ' |
    awk 'NR == FNR { may[$1 " " $2] = 1; next }
	!(($1 " " $2) in may) { print $3 " includes " $2 "/" }' \
    "$SCRATCH/edges" - >"$SCRATCH/found"
nothing 'files include what their folders may use'

symbols >"$SCRATCH/symbols"
awk '
$1 == "D" { of[$2] = $3; next }
{ want[++n] = $2; by[n] = $3 }
END {
	for (i = 1; i <= n; i++)
		if (want[i] in of && of[want[i]] != by[i])
			print by[i], of[want[i]], want[i]
}' "$SCRATCH/symbols" | sort -u >"$SCRATCH/calls"
ok 'the objects are built' test -s "$SCRATCH/calls"

awk '
function folder(path) {
	sub(/\/[^\/]*$/, "", path)
	sub(/.*\//, "", path)
	return path
}
NR == FNR { may[$1 " " $2] = 1; next }
!((folder($1) " " folder($2)) in may) { print $1 " calls " $3 " of " $2 }' \
    "$SCRATCH/edges" "$SCRATCH/calls" >"$SCRATCH/found"
nothing 'objects call what their folders may use'

cut -d ' ' -f 1,2 "$SCRATCH/calls" | sort -u | tsort >/dev/null \
    2>"$SCRATCH/found"
nothing 'no two objects call each other, however far around'

#
# broker/policy is pure: its objects use each other, idset, pathname, rolename
# and wire of lib/base, and what the C library has for memory and strings.  A
# system call in it would be an undefined symbol that is none of these.
#
cat >"$SCRATCH/pure" <<'END'
(idset|pathname|rolename|wire)_[a-z0-9_]+
(malloc|calloc|realloc|reallocarray|free)
(mem(chr|cmp|cpy|move|rchr|set)|bcmp)
str(chr|cmp|cspn|dup|lcat|lcpy|len|ncmp|ndup|nlen|rchr|spn|str)
(snprintf|qsort|bsearch)
is(alnum|alpha|digit|print)|__ctype_b_loc|_ctype_
__errno_location|__errno|__error
__[a-z]+_chk|__stack_chk_(fail|guard)|__stack_smash_handler
_*(asan|ubsan|tsan|sancov|sanitizer)_.*|_GLOBAL_OFFSET_TABLE_
END

# objects DIR: what its sources were compiled to, beneath the build directory,
# a line each.  The directory's own name may have blanks.
objects()
{
	for file in "$1"/*.c; do
		name=$(basename "$file" .c)
		for object in "$1/.libs/$name.o" "$1/$name.o"; do
			[ -f "$FDB_BUILDDIR/$object" ] && break
		done
		echo "$object"
	done
}

# impure DIR: the symbols that its objects may not use if they are pure.
impure()
{
	objects "$1" >"$SCRATCH/objects"
	# shellcheck disable=SC2046
	(cd "$FDB_BUILDDIR" && nm $(cat "$SCRATCH/objects")) >"$SCRATCH/nm" ||
	    echo "nm: $?"
	awk '
	NF == 3 { defined[$3] = 1 }
	NF == 2 && $1 == "U" { used[$2] = 1 }
	END {
		for (name in used)
			if (!(name in defined))
				print name
	}' "$SCRATCH/nm" | grep -v -x -E -f "$SCRATCH/pure" | sort
}

if command -v nm >/dev/null; then
	impure broker/policy >"$SCRATCH/found"
	nothing 'broker/policy is pure'
	ok 'what opens files is not' eval 'impure broker/conf | grep -q open'
else
	skip 2 'needs nm'
fi

if command -v mandoc >/dev/null; then
	ok 'manuals are clean' mandoc -T lint -W warning man/*.[0-9]
else
	skip 1 'needs mandoc'
fi

if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2046
	ok 'scripts are clean' shellcheck -s sh -x -e SC1091 \
	    quickstart .ci/run tests/run-tests tests/unit-tap \
	    etc/fdbroker.openrc.in etc/fdbroker.rc.in debian/tests/smoke \
	    $(find tests -name '*.sh' -o -name '*.t')
else
	skip 1 'needs shellcheck'
fi

done_testing

#!/bin/sh
#
# lint.t: rules of the house that a machine can check.  See CONTRIBUTING.md.

. "$(dirname "$0")/lib.sh"

cd "$FDB_SRCDIR" || exit 1
programs=$(find lib broker worker -name '*.[chy]' ! -name parse.c)
tests=$(find tests -name '*.[ch]')
scripts=$(find quickstart .ci tests etc -type f ! -name '*.[ch]' \
    ! -name '*.o' ! -name '*.log' ! -name '*.trs' ! -perm -u+x)
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

# nothing DESC: $T/found, the places that break a rule, is empty.
nothing()
{
	is "$1" "$(cat "$T/found")" ''
}

# calls FUNCTIONS: of code, the lines that call one of them.
calls()
{
	grep -E "[^_.>[:alnum:]]($1)[[:space:]]*\("
}

# The exceptions to only lib/dgram.c doing that: where, what, and why.
allowed()
{
	while read -r file call why; do
		[ -n "$why" ] || continue
		printf '^%s:[0-9]*:.*[^_]%s *\\(\n' "$file" "$call"
	done >"$T/allowed" <<-END
	broker/rundir.c	unlinkat	sockets of a daemon that was killed
	worker/output.c	unlinkat	the unfinished archive, a regular file
	lib/landlock_linux.c socket	to see that it cannot be bound
	lib/landlock_linux.c bind	which is what must fail
	worker/output.c	unlink		a spool; the socket of a killed worker
	END
	grep -v -E -f "$T/allowed"
}

# shellcheck disable=SC2086
{
code $programs >"$T/code"
code $tests >"$T/tests"

for file in $programs $tests $scripts $build; do
	expand "$file" | awk -v f="$file" \
	    'length($0) > 80 { print f ":" NR ": " length($0) " columns" }'
done >"$T/found"
nothing 'lines of at most 80 columns'

for file in $programs; do
	grep -q -F -w -e "$file" Makefile.am || echo "$file"
done >"$T/found"
nothing 'every source file is in Makefile.am'

for file in *.md; do
	grep -q -F -w -e "$file" Makefile.am || echo "$file"
done >"$T/found"
nothing 'every page is in the tarball'

grep -n -E '[[:blank:]]+$' $programs $tests $scripts $build man/*.[0-9] \
    >"$T/found"
nothing 'no blanks at the end of a line'

grep -n -E -w 'TODO|FIXME|XXX' $programs $tests $build man/*.[0-9] >"$T/found"
nothing 'nothing is left to do'

# lib.sh chooses $T; everything else belongs beneath it.
grep -n -E '(^|[^[:alnum:]_}])/(var/)?tmp/' $scripts |
    grep -v '^tests/regress/lib\.sh:' >"$T/found"
nothing 'no script names a file in /tmp'

for file in $programs $tests; do
	case $file in
	*.h)	continue;;
	esac
	grep -m 1 '^#[[:space:]]*include' "$file" |
	    grep -q -F '"config.h"' || echo "$file"
done >"$T/found"
nothing 'config.h comes first'

for file in $programs $tests; do
	head -n 2 "$file" | grep -q -E '^(%\{)?/\*' || echo "$file"
done >"$T/found"
nothing 'every file says what it is'

awk '
FNR == 1 { start = 0 }
/^\{/ { start = FNR }
/^\}/ && start {
	if (FNR - start > 100)
		print FILENAME ":" start ": " FNR - start " lines"
	start = 0
}' $programs >"$T/found"
nothing 'functions of at most 100 lines'

calls 'sendmsg|recvmsg|sendmmsg|recvmmsg|CMSG_[A-Z]+' <"$T/code" |
    grep -v '^lib/fdmsg\.c:' >"$T/found"
nothing 'only lib/fdmsg.c sends and receives messages'

calls 'socket|socketpair|bind|connect|unlink|unlinkat' <"$T/code" |
    grep -v '^lib/dgram\.c:' | allowed >"$T/found"
nothing 'only lib/dgram.c makes, binds, connects and removes sockets'

grep -w MSG_PEEK "$T/code" >"$T/found"
nothing 'nothing peeks'

grep -E '[[:space:](](SYS|__NR)_openat2' "$T/code" |
    grep -v '^broker/resolve\.c:' >"$T/found"
nothing 'only broker/resolve.c resolves'

grep -w omit "$T/code" | grep -v '^lib/confine' >"$T/found"
nothing 'no program leaves a layer of confinement out'

cat "$T/code" "$T/tests" |
    calls 'strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|alloca' \
    >"$T/found"
nothing 'no function without a bound'
}

if command -v mandoc >/dev/null; then
	ok 'manuals are clean' mandoc -T lint -W warning man/*.[0-9]
else
	skip 1 'needs mandoc'
fi

if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2046
	ok 'scripts are clean' shellcheck -s sh -x -e SC1091 \
	    quickstart .ci/run tests/run-tests tests/unit-tap \
	    $(find tests -name '*.sh' -o -name '*.t')
else
	skip 1 'needs shellcheck'
fi

done_testing

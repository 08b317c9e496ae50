#!/bin/sh
#
# abi.t: the binary interface of libfdbroker is the one in tests/abi: functions,
# sizes and offsets of structures, and values.  Whoever changes it on purpose
# writes it anew with ABI_UPDATE=1, and reads the difference: what a program
# was built with must not change within a version of the library.
#
# With ABI_OLD, the path of an older libfdbroker.so, abidiff(1) compares, too.

. "$(dirname "$0")/lib.sh"

WANT=$FDB_SRCDIR/tests/abi/lp64.want
CC=${CC:-cc}
INCLUDES="-I $FDB_SRCDIR/lib/client -I $FDB_SRCDIR/lib/base"

cat >"$SCRATCH/lp64.c" <<'EOF'
int lp64[sizeof(long) == 8 && sizeof(void *) == 8 ? 1 : -1];
EOF
# shellcheck disable=SC2086
$CC -c "$SCRATCH/lp64.c" -o "$SCRATCH/lp64.o" 2>/dev/null ||
    skip_all 'tests/abi is about machines with 64 bits'

# The header's declarations, a line each, and its macros with values.
# shellcheck disable=SC2086
interface()
{
	echo '#include <fdbroker.h>' >"$SCRATCH/all.c"
	# Lines of "# LINE FILE" say what is of the headers themselves.
	$CC -E $INCLUDES "$SCRATCH/all.c" | awk '
	/^# [0-9]+ "/ { ours = /fdbroker(_types)?\.h"/; next }
	ours && !/^extern "C"/' | tr '\n' ' ' | awk '{
		depth = 0
		n = length($0)
		for (i = 1; i <= n; i++) {
			c = substr($0, i, 1)
			depth += c == "{" ? 1 : c == "}" ? -1 : 0
			printf "%s", c
			if (c == ";" && depth == 0)
				print ""
		}
	}'
	sed -n 's/^#define[[:blank:]]*\(FDB_[A-Z_0-9]*\)[[:blank:]].*/\1/p' \
	    "$FDB_SRCDIR/lib/base/fdbroker_types.h" \
	    "$FDB_SRCDIR/lib/client/fdbroker.h" | sed 's/^/macro /' |
	    grep -v FDB_SOCKET_PATH
}

interface >"$SCRATCH/interface"
awk -f "$FDB_SRCDIR/tests/regress/abi.awk" "$SCRATCH/interface" \
    >"$SCRATCH/abi.c"
# shellcheck disable=SC2086
ok 'a program that prints the interface' \
    $CC $INCLUDES -Wno-pedantic -o "$SCRATCH/abi" "$SCRATCH/abi.c"
{
	"$SCRATCH/abi" | LC_ALL=C sort
	nm -D --defined-only "$FDB_BUILDDIR/.libs/libfdbroker.so" |
	    awk '$2 != "A" { sub(/@.*/, "", $3); print "exported", $3 }' |
	    LC_ALL=C sort
	echo "version-info $(sed -n 's/.*-version-info \([0-9:]*\).*/\1/p' \
	    "$FDB_SRCDIR/Makefile.am")"
} >"$SCRATCH/got"
ok 'it has functions' grep -q '^int fdb_open(' "$SCRATCH/got"
ok 'it has structures' grep -q '^struct fdb_result\.fd offset' "$SCRATCH/got"
ok 'it has values' grep -q '^FDB_RESULT_OPEN 1$' "$SCRATCH/got"
if [ -n "${ABI_UPDATE:-}" ]; then
	cat "$SCRATCH/got" >"$WANT"
fi
ok 'it is the one in tests/abi' diff -u "$WANT" "$SCRATCH/got"

# Masks of all bits are for the library itself.
cat "$FDB_SRCDIR"/man/*.3 >"$SCRATCH/manuals"
sed -n 's/^struct [a-z_]*\.\([a-z_]*\) .*/\1/p; s/^\(FDB_[A-Z0-9_]*\) .*/\1/p' \
    "$SCRATCH/got" | grep -v '_ALL$' | sort -u | while IFS= read -r name; do
	grep -q -w -e "$name" "$SCRATCH/manuals" || echo "$name"
done >"$SCRATCH/unnamed"
is 'the manuals name all of it' "$(cat "$SCRATCH/unnamed")" ''

if [ -z "${ABI_OLD:-}" ]; then
	skip 1 'no older library (ABI_OLD)'
elif ! command -v abidiff >/dev/null; then
	skip 1 'needs abidiff'
else
	mkdir "$SCRATCH/include"
	cp "$FDB_SRCDIR/lib/client/fdbroker.h" \
	    "$FDB_SRCDIR/lib/base/fdbroker_types.h" "$SCRATCH/include"
	ok 'abidiff finds nothing that breaks programs' \
	    abidiff --no-added-syms --drop-private-types \
	    --headers-dir1 "$SCRATCH/include" \
	    --headers-dir2 "$SCRATCH/include" "$ABI_OLD" \
	    "$FDB_BUILDDIR/.libs/libfdbroker.so"
fi
done_testing

#!/bin/sh
#
# symbols.t: libfdbroker exports the functions of fdbroker.h and nothing else,
# each with the library's version.  The daemon's programs do not contain the
# objects of the library.

. "$(dirname "$0")/lib.sh"
plan 7

library=$FDB_BUILDDIR/.libs/libfdbroker.so
list=$FDB_SRCDIR/lib/client/libfdbroker.sym

sed -n 's/^[[:blank:]]*\(fdb_[a-z_]*\);$/\1/p' "$list" | sort >"$SCRATCH/listed"

# The preprocessor removes the comments, which also name functions.
echo '#include "client/fdbroker.h"' |
    ${CC:-cc} -E -P -iquote "$FDB_SRCDIR/lib" -iquote "$FDB_SRCDIR/lib/base" \
    -x c - >"$SCRATCH/header"
grep -o 'fdb_[a-z_]* *(' "$SCRATCH/header" | tr -d ' (' |
    sort >"$SCRATCH/declared"
is 'libfdbroker.sym lists the functions of fdbroker.h' \
    "$(cat "$SCRATCH/listed")" "$(cat "$SCRATCH/declared")"

# A linker may list the version itself as an absolute symbol (A).
nm -D --defined-only "$library" |
    awk '$2 != "A" { print $3 }' >"$SCRATCH/symbols"
is 'the library exports them and no others' \
    "$(sed 's/@.*//' "$SCRATCH/symbols" | sort)" "$(cat "$SCRATCH/listed")"

if grep -q '^[^#].*--version-script=' "$FDB_BUILDDIR/Makefile"; then
	is 'each has the version FDB_1.0' \
	    "$(grep -v '@@FDB_1\.0$' "$SCRATCH/symbols")" ''
else
	skip 1 'this linker takes no version script'
fi

# The manuals: each function has a page that has its name, and its synopsis.
cat "$FDB_SRCDIR"/man/*.3 >"$SCRATCH/manuals"
is 'each function is the name of a manual' \
    "$(sed -n '/^\.Sh NAME/,/^\.Sh/s/^\.Nm \(fdb_[a-z_]*\).*/\1/p' \
	"$SCRATCH/manuals" | sort)" "$(cat "$SCRATCH/listed")"
is 'each function has a synopsis' \
    "$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh/s/^\.F[no] \(fdb_[a-z_]*\).*/\1/p' \
	"$SCRATCH/manuals" | sort)" "$(cat "$SCRATCH/listed")"

# Threads use different sessions at the same time.  Only reference.c has memory
# for all of them, and a lock.  Sanitizers have names that begin with "_".
for object in "$FDB_BUILDDIR"/lib/client/.libs/*.o; do
	nm "$object" | awk -v object="${object##*/}" \
	    '$2 ~ /^[bBC]$/ && $3 !~ /^_/ { print object ": " $3 }'
done | grep -v '^reference\.o: ' >"$SCRATCH/shared"
is 'sessions share no memory that is written' "$(cat "$SCRATCH/shared")" ''

for program in fdbrokerd fdbroker-opener fdbrokerctl; do
	nm "$FDB_BUILDDIR/$program" | awk -v program="$program" \
	    '$3 ~ /^fdb_/ { print program ": " $3 }'
done >"$SCRATCH/clients"
is 'no program of the daemon contains a function of the library' \
    "$(cat "$SCRATCH/clients")" ''

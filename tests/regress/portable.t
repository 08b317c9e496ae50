#!/bin/sh
#
# portable.t: the files for OpenBSD and FreeBSD compile without the interfaces
# that only Linux has.  tests/standin stands in for those that only they have;
# all other headers are of this system.  So a file that fails here would fail
# there, but one that passes here may still fail there.

. "$(dirname "$0")/lib.sh"

standin=$FDB_SRCDIR/tests/standin
: "${CC:=cc}"

# Files that have a sibling for other systems.
siblings='broker/opener/resolve.c'

# syntax SYSTEM FILE: check one file as on another system.
syntax()
{
	# shellcheck disable=SC2086
	$CC -std=gnu11 -fsyntax-only -Werror -Wall -Wextra -Wpedantic \
	    -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	    -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 \
	    -D"__${1}__" -DHAVE_CONFIG_H \
	    -DOPENER_PATH='""' -DCONF_PATH='""' -DDAEMON_PATH='""' \
	    -isystem "$standin/$(echo "$1" | tr '[:upper:]' '[:lower:]')" \
	    -iquote "$FDB_BUILDDIR" -iquote "$FDB_SRCDIR/lib" \
	    -iquote "$FDB_SRCDIR/lib/base" \
	    -iquote "$FDB_SRCDIR/broker" -iquote "$FDB_SRCDIR/worker" \
	    -iquote "$FDB_SRCDIR" -include "$standin/notlinux.h" \
	    $cflags "$FDB_SRCDIR/$2" >>"$SCRATCH/out.$1" 2>&1
}

# others SYSTEM: print a pattern of the files for other systems.
others()
{
	case $1 in
	OpenBSD)	echo '/confine_freebsd\.c$';;
	FreeBSD)	echo '/confine_openbsd\.c$';;
	esac
}

cflags="$(setting BSD_CFLAGS) $(setting EVENT_CFLAGS)
    $(setting ARCHIVE_CFLAGS) $(setting CRYPTO_CFLAGS)"
cd "$FDB_SRCDIR" || exit 1
find lib broker worker -name '*.c' ! -name '*_linux.c' ! -name parse.c |
    grep -v -x -F -e "$siblings" | sort >"$SCRATCH/files"

for system in OpenBSD FreeBSD; do
	: >"$SCRATCH/out.$system"
	grep -v "$(others "$system")" "$SCRATCH/files" | while read -r file; do
		syntax "$system" "$file" || echo "$file"
	done >"$SCRATCH/fails"
	is "what does not compile for $system" \
	    "$(cat "$SCRATCH/fails")" '' ||
	    sed 's/^/# /' "$SCRATCH/out.$system"
done

done_testing

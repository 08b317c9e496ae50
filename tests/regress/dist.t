#!/bin/sh
#
# dist.t: the tarball: it has every file of the repository, whoever makes it
# twice gets the same bytes, and nothing of who made it is in it.

. "$(dirname "$0")/lib.sh"

cd "$FDB_BUILDDIR" || exit 1
tar --version 2>&1 | grep -q GNU || skip_all 'needs GNU tar'
command -v xz >/dev/null || skip_all 'needs xz'
unset MAKEFLAGS MFLAGS TESTS SOURCE_DATE_EPOCH
XZ_OPT=-0
export XZ_OPT
name=fdbroker-$(sed -n 's/^VERSION = //p' Makefile)

# dist DIR UMASK: make the tarball in that directory.
dist()
{
	mkdir "$SCRATCH/$1"
	(umask "$2" && "${FDB_MAKE:-make}" -s dist distdir="$SCRATCH/$1/$name")
}
tarball() { echo "$SCRATCH/$1/$name.tar.xz"; }

ok 'make dist' dist one 022 || { done_testing; exit 0; }
ok 'make dist with another umask' dist two 077
ok 'both tarballs are the same' cmp "$(tarball one)" "$(tarball two)"

tar -tf "$(tarball one)" | sed "s,^$name/,," | sort >"$SCRATCH/in"
tar -tvf "$(tarball one)" --numeric-owner >"$SCRATCH/long"
is 'nobody owns what is in it' \
    "$(awk '$2 != "0/0"' "$SCRATCH/long" | head)" ''
is 'all is of one time' \
    "$(awk '{ print $4, $5 }' "$SCRATCH/long" | sort -u | wc -l)" 1
is 'everybody may read it, and only the owner write' \
    "$(awk '$1 !~ /^.rw.r-.r-.$/' "$SCRATCH/long" | head)" ''
is 'what autoreconf makes is in it' \
    "$(grep -c -x -e configure -e Makefile.in -e build-aux/ltmain.sh \
	"$SCRATCH/in")" 3

is 'the parser does not tell where it was built' \
    "$(tar -xOf "$(tarball one)" "$name/broker/conf/parse.c" |
	sed -n 's/^#line [0-9]* //p' | sort -u)" '"broker/conf/parse.c"
"broker/conf/parse.y"'

if git -C "$FDB_SRCDIR" ls-files >"$SCRATCH/tracked" 2>&1; then
	grep -v '^\.gitignore$' "$SCRATCH/tracked" | sort |
	    comm -23 - "$SCRATCH/in" >"$SCRATCH/missing"
	is 'every file of the repository is in it' \
	    "$(cat "$SCRATCH/missing")" ''
	is 'it is as old as the commit' \
	    "$(TZ=UTC tar -tvf "$(tarball one)" --full-time |
		awk 'NR == 1 { print $4, $5 }')" \
	    "$(TZ=UTC git -C "$FDB_SRCDIR" log -1 \
		--date='format-local:%Y-%m-%d %H:%M:%S' --format=%cd)"
else
	skip 2 'needs a repository'
fi
SOURCE_DATE_EPOCH=1000000000
export SOURCE_DATE_EPOCH
ok 'make dist with SOURCE_DATE_EPOCH' dist three 022
is 'it is as old as that says' \
    "$(TZ=UTC tar -tvf "$(tarball three)" --full-time |
	awk 'NR == 1 { print $4, $5 }')" '2001-09-09 01:46:40'
done_testing

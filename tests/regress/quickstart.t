#!/bin/sh
#
# quickstart.t: quickstart in a clone whose path has a blank in it, with
# arguments that have one, too, and are relative to where it is called.
#
# The programs that it calls are replaced by scripts, of which configure
# refuses a name with a blank, as the real one does.

. "$(dirname "$0")/lib.sh"

[ -e /usr/include/stdio.h ] || skip_all 'needs the headers of the C library'

clone="$SCRATCH/a clone"
stub=$SCRATCH/stub
mkdir -p "$clone/m4" "$clone/tests" "$stub" "$SCRATCH/some where/tree" \
    "$SCRATCH/other"
cp "$FDB_SRCDIR/quickstart" "$clone"
: >"$clone/configure.ac"
: >"$clone/Makefile.am"
: >"$clone/m4/fdb_flags.m4"

# script NAME: a program whose text is the standard input.
script()
{
	{
		echo '#!/bin/sh'
		echo "said=$SCRATCH/said"
		cat
	} >"$1"
	chmod 0755 "$1"
}
for name in cc automake libtoolize pkg-config bison bsdtar mandoc pgrep \
    strace setpriv zstd; do
	script "$stub/$name" </dev/null
done
script "$stub/clang" <<END
echo "$stub"
END
: >"$stub/clang_rt.fuzzer"
script "$stub/autoreconf" <<END
echo "autoreconf \$*" >>"\$said"
cp "$stub/configure" .
END
script "$stub/configure" <<'END'
echo "configure by $0 $*" >>"$said"
case $0 in
*[[:blank:]]*)	echo 'unsafe srcdir value' >&2; exit 1;;
esac
: >Makefile
END
script "$stub/make" <<END
case \$* in
*distdir=*)
	echo "make \$*" >>"\$said"
	mkdir -p build/tree
	cp configure build/tree;;
*)	cp "$stub/fdbackup" .;;
esac
END
script "$stub/fdbackup" <<'END'
[ "$1" = create ] || exit 0
echo "in $PWD: $*" >>"$said"
echo 'fdbackup: worker: W; opener: O; controller: C' >&2
exit "${BACKUP_STATUS:-0}"
END
script "$clone/tests/run-tests" <<'END'
echo "run-tests $*" >>"$said"
END

# run ARGUMENT...: quickstart; what it called is in $SCRATCH/said.
run()
{
	: >"$SCRATCH/said"
	PATH=$stub:$PATH "$clone/quickstart" "$@"
}

cd "$SCRATCH/some where" || exit 1
ok 'a backup' run backup tree 'the archive'
like 'it shows how it was confined' "$(cat "$SCRATCH/out")" \
    '*confined:*compresses and writes: W*opens for it: O*your rights: C*'
is 'configure is called by a name without a blank' \
    "$(head -n 2 "$SCRATCH/said")" \
    'autoreconf -fi
configure by ../../configure '
is 'what is backed up and where to is relative to the caller' \
    "$(tail -n 1 "$SCRATCH/said")" \
    "in $SCRATCH/some where: create -v -f the archive -- tree"

cd "$SCRATCH/other" || exit 1
ok 'another one' run backup '../some where/tree' '../archive'
is 'what is built is not built again, and no name has ".." in it' \
    "$(cat "$SCRATCH/said")" \
    "in $SCRATCH/other: create -v -f ../archive -- $SCRATCH/some where/tree"

BACKUP_STATUS=3
export BACKUP_STATUS
exits 3 'what could not be read is told' \
    run backup "$SCRATCH/some where" archive
BACKUP_STATUS=1
exits 1 'a backup that fails' run backup "$SCRATCH/some where" archive
fails 'no directory' run backup "$SCRATCH/none" archive
exits 2 'too few arguments' run backup tree

ok 'a check' run check --disable-hardening
is 'it is configured by itself' "$(cat "$SCRATCH/said")" \
    "configure by ../../configure --enable-werror --disable-hardening
run-tests $clone/build/check"

# A build in the tree, by hand.
: >"$clone/config.status"
ok 'something is built in the tree' run check
is 'a copy is built instead' "$(cat "$SCRATCH/said")" \
    "make -s distdir distdir=build/tree
configure by ../tree/configure --enable-werror
run-tests $clone/build/check"
ok 'a check of the same' run check
is 'it is copied anew, and not configured' "$(cat "$SCRATCH/said")" \
    "make -s distdir distdir=build/tree
run-tests $clone/build/check"
rm "$clone/config.status"
ok 'the tree is clean again' run check
is 'it is configured by itself again' "$(cat "$SCRATCH/said")" \
    "configure by ../../configure --enable-werror
run-tests $clone/build/check"

# Whoever follows README.md has all that quickstart would install.
sed -n 's/^[[:blank:]]*\(command\|file\|module\|fuzzer\):[^[:blank:]]*//p' \
    "$FDB_SRCDIR/quickstart" | sed -n 's/^[[:blank:]]*\([a-z0-9-]*\)$/\1/p' |
    sort -u >"$SCRATCH/needed"
sed -n '/^## Build and install/,/^## /p' "$FDB_SRCDIR/README.md" |
    tr -s '[:space:]' '\n' | sort -u >"$SCRATCH/named"
ok 'there are packages' grep -qx libbsd-dev "$SCRATCH/needed"
is 'README.md names every package' \
    "$(sed 's/^pkg-config$/pkgconf/' "$SCRATCH/needed" | sort |
	comm -23 - "$SCRATCH/named")" ''
assert_clean
done_testing

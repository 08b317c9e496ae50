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
cp "$stub/fdbackup" .
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
assert_clean
done_testing

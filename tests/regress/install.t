#!/bin/sh
#
# install.t: what make install puts where, beneath DESTDIR, and that pkg-config
# finds what a program needs to build with it.

. "$(dirname "$0")/lib.sh"
plan 18

cd "$FDB_BUILDDIR" || exit 1
prefix=$(setting prefix)
dest=$SCRATCH/dest
unset MAKEFLAGS MFLAGS TESTS

ok 'make install' "${FDB_MAKE:-make}" -s install DESTDIR="$dest"
is 'nothing is installed outside the prefix and sysconfdir' \
    "$(find "$dest" ! -type d ! -path "$dest$prefix/*")" ''
is 'programs' "$(find "$dest" -type f -perm -u+x ! -name '*.so*' \
    ! -name '*.la' -printf '%f\n' | sort | xargs)" \
    'fdbackup fdbroker-opener fdbrokerctl fdbrokerd'
is 'manuals' "$(find "$dest" -path '*/man/*' -type f -printf '%f\n' |
    sort | xargs)" \
    'fdb_command.3 fdb_create.3 fdb_limit.3 fdb_private.3 fdb_reconnect.3 '\
'fdb_walk.3 fdb_watch.3 fdbackup.1 fdbroker-protocol.7 fdbroker.3 '\
'fdbroker.conf.5 fdbrokerctl.8 fdbrokerd.8'
is 'completions' "$(find "$dest" -path '*completions*' -type f \
    -printf '%f\n' -o -path '*/site-functions/*' -printf '%f\n' | sort |
    xargs)" \
    "_fdbackup _fdbrokerctl _fdbrokerd fdbackup fdbackup.fish fdbrokerctl \
fdbrokerctl.fish fdbrokerd fdbrokerd.fish"
is 'nothing is set-uid or set-gid' "$(find "$dest" -type f -perm /6000)" ''
is 'no example has a placeholder left' \
    "$(grep -r '@[A-Za-z_]*@' "$dest$prefix/share/doc" "$dest" \
	--include='*.pc' --include='fdbroker.*')" ''
{
	echo 'user "nobody"'
	cat "$(find "$dest" -path '*/examples/fdbroker.conf')"
} >"$SCRATCH/example.conf"
is 'the client in Python is not installed' \
    "$(find "$dest" -name '*.py')" ''
ok 'make install with a directory for it' \
    "${FDB_MAKE:-make}" -s install-data-local pythondir=/python \
    DESTDIR="$SCRATCH/python"
is 'all of it is installed' \
    "$(cd "$SCRATCH/python/python/fdbroker" && find . ! -type d | sort)" \
    "$(cd "$FDB_SRCDIR/contrib/python/fdbroker" &&
	find . -name '*.py' -o -name py.typed | sort)"
ok 'the example is a good configuration' fdbrokerd -n -f "$SCRATCH/example.conf"

library=$(find "$dest" -name 'libfdbroker.so.0')
is 'the library exports fdb_ names only' \
    "$(nm -D --defined-only "$library" |
	grep -v -E ' [TDBR] fdb_| A FDB_1\.0')" ''

cat >"$SCRATCH/client.c" <<'END'
#include <fdbroker.h>

int
main(void)
{
	unsigned int done;

	fdb_disconnect(0);
	return fdb_confine(&done) == -1;
}
END
PKG_CONFIG_PATH=$(dirname "$(find "$dest" -name fdbroker.pc)")
PKG_CONFIG_SYSROOT_DIR=$dest
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$(setting SAN_CFLAGS)
types=$dest$prefix/include/fdbroker_types.h
is 'pkg-config knows the socket' \
    "$(env -u PKG_CONFIG_SYSROOT_DIR pkg-config --variable=socket fdbroker)" \
    "$(setting RUNDIR)/fdbroker.sock"
is 'so does the header' \
    "$(sed -n 's/.*FDB_SOCKET_PATH[[:blank:]]*"\(.*\)"/\1/p' "$types")" \
    "$(setting RUNDIR)/fdbroker.sock"
ok 'the header of a broker that listens elsewhere' \
    "${FDB_MAKE:-make}" -s install-includeHEADERS install-data-hook \
    RUNDIR=/elsewhere DESTDIR="$dest"
ok 'says so' grep -q '"/elsewhere/fdbroker.sock"' "$types"
# shellcheck disable=SC2046,SC2086
ok 'a client builds with pkg-config' ${CC:-cc} $flags -std=c11 -Wall -Wextra \
    -Wpedantic -Werror -o "$SCRATCH/client" "$SCRATCH/client.c" \
    $(pkg-config --cflags --libs fdbroker)
# No leak detection: the program is confined by then, and may not do it.
LD_LIBRARY_PATH=$(dirname "$library") ASAN_OPTIONS=detect_leaks=0
export LD_LIBRARY_PATH ASAN_OPTIONS
if ! why=$(needs seccomp landlock); then
	skip 1 "$why"
else
	ok 'the client runs' "$SCRATCH/client"
fi

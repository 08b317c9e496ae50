#!/bin/sh
#
# examples.t: the programs in the manuals and in examples/ build with what is
# installed and pkg-config, without a warning, and do what they say, run by a
# uid without rights.

# In a mount namespace: the paths in the manuals are real.
[ -n "${EXAMPLES_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env EXAMPLES_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
command -v pkg-config >/dev/null || skip_all 'needs pkg-config'
WORKER=64351
DEST=$SCRATCH/dest
PROGRAMS=$SCRATCH/programs
LOGS=/var/log/nginx

cd "$FDB_BUILDDIR" || exit 1
sanitizers=$(setting SAN_CFLAGS)
unset MAKEFLAGS MFLAGS TESTS
ok 'make install' "${FDB_MAKE:-make}" -s install DESTDIR="$DEST"
PKG_CONFIG_PATH=$(dirname "$(find "$DEST" -name fdbroker.pc)")
PKG_CONFIG_SYSROOT_DIR=$DEST
LD_LIBRARY_PATH=$(dirname "$(find "$DEST" -name 'libfdbroker.so.0')")
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR

# The programs of a manual: displays that begin with an include.
extract()
{
	awk -v name="$PROGRAMS/$(basename "$1" .3)" '
	/^\.Bd -literal/ { display = 1; text = ""; next }
	/^\.Ed/ {
		if (text ~ /^#include/)
			printf "%s", text >(name (++n) ".c")
		display = 0
	}
	display {
		gsub(/\\e/, "\\")
		gsub(/\\-/, "-")
		sub(/^\\&/, "")
		text = text $0 "\n"
	}' "$1"
}

mkdir "$PROGRAMS"
for manual in "$FDB_SRCDIR"/man/*.3; do
	extract "$manual"
done
cp "$FDB_SRCDIR"/examples/*.c "$PROGRAMS"
for file in "$PROGRAMS"/*.c; do
	# shellcheck disable=SC2046,SC2086
	ok "${file##*/} builds" ${CC:-cc} $sanitizers -std=c99 \
	    -D_DEFAULT_SOURCE -Wall -Wextra -pedantic -Werror \
	    -DFDB_SOCKET_PATH="\"$RUNDIR/fdbroker.sock\"" \
	    "$file" $(pkg-config --cflags --libs fdbroker) -o "${file%.c}"
done

#
# Without the shared library.
#
echo 'int main(void) { return 0; }' >"$SCRATCH/static.c"
if [ -z "$(find "$DEST" -name libfdbroker.a)" ]; then
	skip 2 'the static library was not built'
elif [ -n "$sanitizers" ] ||
    ! ${CC:-cc} -static "$SCRATCH/static.c" -lbsd -lmd \
	-o "$SCRATCH/static" 2>/dev/null; then
	skip 2 'needs static libraries, and no sanitizers'
else
	# shellcheck disable=SC2046,SC2086
	ok 'a static program builds' ${CC:-cc} -static \
	    "$PROGRAMS/openone.c" $(pkg-config --static --cflags --libs \
		fdbroker) -o "$SCRATCH/static"
	exits 1 'it runs' "$SCRATCH/static"
fi

#
# With a broker.
#
mount -t tmpfs none /var/log || skip_all 'cannot mount a tmpfs'
mount -t tmpfs none /srv || skip_all 'cannot mount a tmpfs'
mkdir -p "$LOGS/old" /srv/www
printf 'one\ntwo\n' >"$LOGS/access.log"
echo three >"$LOGS/old/error.log"
echo secret >"$LOGS/key"
chmod 0600 "$LOGS/access.log"
conf <<EOF
role "weblogs" {
	peer user "$WORKER"
	permit read "$LOGS"
	deny read "$LOGS/key" label "keys"
}
role "webmaster" {
	peer user "$WORKER"
	permit list, create, setmeta, replace "/srv/www"
}
EOF
ok 'the daemon starts' start_daemon || exit 1

# No leak detection: the programs are confined by then, and may not do it.
run()
{
	program=$1
	shift
	run_as "$WORKER" env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
	    ASAN_OPTIONS=detect_leaks=0 "$PROGRAMS/$program" "$@"
}
# shows DESC WANT PROGRAM ARG...: it succeeds and prints that, in any order.
shows()
{
	desc=$1 want=$2
	shift 2
	ok "$desc" run "$@"
	is "$desc: what it prints" "$(sort "$SCRATCH/out")" "$want"
}
shows 'fdbroker(3): one file' "$(printf 'one\ntwo')" fdbroker1
shows 'fdbroker(3): many files' "$LOGS/access.log: 8 bytes
$LOGS/old/error.log: 6 bytes" fdbroker2 "$LOGS/access.log" \
    "$LOGS/old/error.log" "$LOGS/key"
like 'the denial' "$(cat "$SCRATCH/err")" "*$LOGS/key: Permission denied*keys*"
shows 'fdb_walk(3)' "$(printf '6 error.log\n8 access.log')" fdb_walk1
like 'it tells of the denial' "$(cat "$SCRATCH/err")" \
    '*key: Permission denied*keys*'
shows 'fdb_create(3)' '' fdb_create1
is 'the file is there' \
    "$(stat -c %a /srv/www/motd.txt; cat /srv/www/motd.txt)" \
    "644
closed on Sunday"
shows 'openone' "$(printf 'one\ntwo')" openone weblogs "$LOGS/access.log"
exits 1 'openone, denied' run openone weblogs "$LOGS/key"
like 'it says how to find out more' "$(cat "$SCRATCH/err")" \
    '*denied by policy*keys*fdbrokerctl explain [0-9a-f]*'
id=$(sed -n 's/.*fdbrokerctl explain //p' "$SCRATCH/err")
ok 'which works' fdbrokerctl -s "$RUNDIR/control.sock" explain "$id"
like 'and names the file' "$(cat "$SCRATCH/out")" "*$LOGS/key*"
shows 'walktree' "         6 $LOGS/old/error.log" walktree weblogs "$LOGS/old"
exits 1 'walktree, partly denied' run walktree weblogs "$LOGS"
like 'it says which' "$(cat "$SCRATCH/err")" "$LOGS/key: Permission denied*"
is 'it prints the rest' "$(sort "$SCRATCH/out")" \
    "         6 $LOGS/old/error.log
         8 $LOGS/access.log"
printf '%s\n' "$LOGS/access.log" "$LOGS/old/error.log" "$LOGS/key" \
    "$LOGS/../x" >"$SCRATCH/paths"
worker() { run worker weblogs <"$SCRATCH/paths"; }
ok 'worker' worker
is 'worker: what it prints' "$(sort "$SCRATCH/out" | sed 's/ fdb.*//')" \
    "$LOGS/../x: the name is not clean: it has an empty component, \".\", \
\"..\", or a component over 255 bytes
$LOGS/access.log: 2 lines
$LOGS/key: Permission denied
$LOGS/old/error.log: 1 lines"
stop_daemon
umount /var/log /srv
assert_clean
done_testing

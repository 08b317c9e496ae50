#!/bin/sh
#
# python.t: the client in Python, contrib/python: against a broker that breaks
# the protocol, and against the daemon, as a uid without rights.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64331
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
DEST=$SCRATCH/dest

# Other uids may have no access to the sources, or to root's python3.
cp -R "$FDB_SRCDIR/contrib/python" "$SCRATCH/python"
chmod -R a+rX "$SCRATCH/python"
find_python()
{
	echo "$PATH" | tr : '\n' | while IFS= read -r dir; do
		run_as "$WORKER" "$dir/python3" -c 'import sys
sys.exit(sys.version_info < (3, 9))' 2>/dev/null || continue
		echo "$dir/python3"
		break
	done
}
PYTHON=$(find_python)
[ -n "$PYTHON" ] || skip_all 'needs python3 of version 3.9 or later'

conf <<EOF
role "reader" {
	peer user "$WORKER"
	permit read "$DATA"
	deny "$DATA/secret" label "no secrets"
}
role "writer" {
	peer user "$WORKER"
	permit read, write, append, create, mkdir, symlink, link, setmeta, \
	    replace, remove "$DEST"
	permit read "$DATA"
}
role "others" {
	peer user "nobody"
	permit read "$DATA"
}
EOF
mkdir -p "$DATA/sub" "$DATA/secret" "$DATA/many" "$DEST"
echo hello >"$DATA/file"
echo other >"$DATA/sub/other"
echo raw >"$DATA/sub/$(printf '\377\376')"
echo secret >"$DATA/secret/file"
ln -s file "$DATA/link"
mkfifo "$DATA/fifo"
chmod 0600 "$DATA/file"
for i in $(seq 0 599); do
	# The last characters of its path.
	name=$DATA/many/$i
	printf '%s' "${name#"${name%?????}"}" >"$name"
done
if "$PYTHON" -c 'import os, sys
os.setxattr(sys.argv[1], "user.small", b"1")
os.setxattr(sys.argv[1], "user.big", 3000 * b"v")' "$DATA/sub/other" \
    2>/dev/null; then
	FDB_TEST_XATTR=1
	export FDB_TEST_XATTR
fi
is 'its version is that of configure' \
    "$(sed -n 's/^__version__ = "\(.*\)"/\1/p' \
	"$SCRATCH/python/fdbroker/__init__.py")" \
    "$(sed -n 's/^VERSION = //p' "$FDB_BUILDDIR/Makefile")"
ok 'the daemon starts' start_daemon || exit 1

# unittest MODULE: run its tests, none of which may warn.
unittest()
{
	(cd "$SCRATCH/python" && run_as "$WORKER" env -u PYTHONPATH \
	    FDB_TEST_SOCKET="$SOCK" FDB_TEST_DATA="$DATA" \
	    FDB_TEST_DEST="$DEST" \
	    timeout 300 "$PYTHON" -B -W error -m unittest "tests.$1")
}
ok 'a broker that breaks the protocol' unittest test_hostile
ok 'the daemon' unittest test_broker
ran=$(sed -n 's/^Ran \([0-9]*\) tests.*/\1/p' "$SCRATCH/err")
ok 'tests have run' test "${ran:-0}" -gt 0
if command -v mypy >/dev/null; then
	ok 'the types are right' \
	    mypy --strict --cache-dir=/dev/null "$SCRATCH/python/fdbroker"
else
	skip 1 'needs mypy'
fi
if "$PYTHON" -c 'import setuptools, wheel, pip' 2>/dev/null; then
	ok 'pip installs it' "$PYTHON" -m pip install --quiet --no-index \
	    --no-build-isolation --no-deps --disable-pip-version-check \
	    --target "$SCRATCH/pip" "$SCRATCH/python"
	ok 'it can be imported' env PYTHONPATH="$SCRATCH/pip" \
	    "$PYTHON" -B -c 'import fdbroker; fdbroker.Session'
else
	skip 2 'needs pip, setuptools and wheel'
fi
stop_daemon
assert_clean
done_testing

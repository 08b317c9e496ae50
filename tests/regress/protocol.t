#!/bin/sh
#
# protocol.t: fdbroker-protocol(7) shows a session byte by byte, as it is.
# PROTOCOL_UPDATE=1 writes it anew.

# In a mount namespace: the paths in the manual are real.
[ -n "${PROTOCOL_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env PROTOCOL_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
[ -d /srv ] || skip_all 'needs /srv'
[ "$(printf '\1\0' | od -An -d | tr -d ' ')" = 1 ] ||
    skip_all 'the manual shows a little-endian machine'
WORKER=64341
MANUAL=$FDB_SRCDIR/man/fdbroker-protocol.7

mount -t tmpfs none /srv || skip_all 'cannot mount a tmpfs'
mkdir /srv/logs
echo 'GET /' >/srv/logs/access
echo secret >/srv/logs/key
conf <<EOF
role "logs" {
	peer user "$WORKER"
	permit read "/srv/logs"
	deny "/srv/logs/key" label "keys"
}
EOF
ok 'the daemon starts' start_daemon || exit 1
run_as "$WORKER" dumpsession "$RUNDIR/fdbroker.sock" logs srv/logs access \
    key >"$SCRATCH/session" 2>"$SCRATCH/session.err"
is 'a session' "$?$(cat "$SCRATCH/session.err")" 0

if [ -n "${PROTOCOL_UPDATE:-}" ]; then
	sed -e "/^\.\\\\\" session begins/r $SCRATCH/session" \
	    -e '/^\.\\" session begins/,/^\.\\" session ends/{' \
	    -e '/^\.\\"/!d' -e '}' "$MANUAL" >"$SCRATCH/manual" &&
	    cat "$SCRATCH/manual" >"$MANUAL"
fi
sed -n '/^\.\\" session begins/,/^\.\\" session ends/{/^\.\\"/!p;}' \
    "$MANUAL" >"$SCRATCH/shown"
ok 'the manual shows it' diff -u "$SCRATCH/shown" "$SCRATCH/session"
stop_daemon
umount /srv
assert_clean
done_testing

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
# All messages are in the manual: those of a session with their numbers.
sed -n 's/^	{ PROTO_[A-Z_]*,[[:blank:]]*"\([A-Z_]*\)".*/\1/p' \
    "$FDB_SRCDIR/lib/base/proto.c" >"$SCRATCH/ours"
ok 'the messages of a session: found' grep -qx WATCHED "$SCRATCH/ours"
while read -r name; do
	number=$(sed -n "s/^	PROTO_$name = \([0-9]*\),*/\1/p" \
	    "$FDB_SRCDIR/lib/base/proto.h")
	grep -q "^\.It $name Ta $number Ta" "$MANUAL" ||
	    echo "$name $number"
done <"$SCRATCH/ours" >"$SCRATCH/missing"
is 'the messages of a session: in the manual' "$(cat "$SCRATCH/missing")" ''
sed -n 's/^	IPC_\([A-Z_]*\) = [0-9]*,*.*/\1/p' \
    "$FDB_SRCDIR/broker/ipc/types.h" >"$SCRATCH/ours"
ok 'the messages within the broker: found' grep -qx SUMMARY "$SCRATCH/ours"
while read -r name; do
	grep -q "\b$name\b" "$MANUAL" || echo "$name"
done <"$SCRATCH/ours" >"$SCRATCH/missing"
is 'the messages within the broker: in the manual' \
    "$(cat "$SCRATCH/missing")" ''
ok 'the manual shows it' diff -u "$SCRATCH/shown" "$SCRATCH/session"
stop_daemon
umount /srv
assert_clean
done_testing

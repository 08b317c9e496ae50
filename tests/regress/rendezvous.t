#!/bin/sh
#
# rendezvous.t: hostile clients at the daemon's socket.  After each, the daemon
# serves an honest worker; in the end it has as many descriptors as before.
# Nobody can create anything beneath the run directory.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64111 HOSTILE=64112 STRANGER=64113 FLOODER=64114
SOCK=$RUNDIR/fdbroker.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"
conf <<EOF
role "r" {
	peer user "$WORKER"
	peer user "$HOSTILE"
	peer user "$FLOODER"
	permit read "$SCRATCH/data"
}
EOF
ok 'the daemon starts' start_daemon || exit 1
honest()
{
	run_as "$WORKER" fdbclient "$SOCK" r "$SCRATCH/data/file"
}
is 'an honest worker is served' "$(honest)" "$SCRATCH/data/file: ok 6"

# Wait until no opener is left: then the descriptors can be compared.
wait_idle() { wait_until no_opener; }
wait_idle
before=$(fd_count "$DAEMON")
before_listener=$(fd_count "$(listener_pid)")

# Try to create a file, a directory, a link, a FIFO and a socket in each
# directory that there is.  Prints what was created.
cat >"$SCRATCH/create" <<'EOF'
for dir in "$1" "$1/session" "$1/empty" \
    $(find "$1" -xdev -type d 2>/dev/null); do
	(: >"$dir/x") 2>/dev/null && echo "$dir/x"
	mkdir "$dir/x.d" 2>/dev/null && echo "$dir/x.d"
	ln -s / "$dir/x.l" 2>/dev/null && echo "$dir/x.l"
	mkfifo "$dir/x.f" 2>/dev/null && echo "$dir/x.f"
	badhello bind "$dir/x.s" r 2>/dev/null && echo "$dir/x.s"
done
rm -f "$1/fdbroker.sock" 2>/dev/null && echo 'the rendezvous is removed'
mv "$1/session" "$1/moved" 2>/dev/null && echo 'session is moved'
:
EOF
for uid in "$STRANGER" "$HOSTILE"; do
	is "uid $uid can create nothing beneath the run directory" \
	    "$(run_as "$uid" sh "$SCRATCH/create" "$RUNDIR")" ''
done
is 'there is nothing in it but what the daemon made' \
    "$(cd "$RUNDIR" && find . | sort)" ".
./control.sock
./empty
./fdbroker.sock
./fdbroker.sock.peers
./lock
./session"

for message in empty short long welcome descriptors role types dies0 dies1 \
    dies2 dies3 immortal talks twice shut random; do
	ok "$message: done" \
	    run_as "$HOSTILE" badhello "$message" "$SOCK" r
	is "$message: an honest worker is served after it" "$(honest)" \
	    "$SCRATCH/data/file: ok 6"
	ok "$message: all openers end" wait_idle
done
ok 'a stranger: done' run_as "$STRANGER" badhello dies2 "$SOCK" r
ok 'a stranger: is refused for what the kernel says' \
    wait_log "uid $STRANGER .*refused: uid $STRANGER is not a peer"

# Hundreds of connections that say nothing, of one uid and of several.
# crowd N UID...: each uid makes N of them.
crowd()
{
	crowd_size=$1
	shift
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	crowds=
	for uid in "$@"; do
		: >"$SCRATCH/crowd.$uid"
		(
			exec setpriv --reuid="$uid" --regid="$uid" \
			    --clear-groups -- badhello crowd "$SOCK" r \
			    "$crowd_size"
		) <"$SCRATCH/hold" >"$SCRATCH/crowd.$uid" &
		crowds="$crowds $!"
	done
	exec 8>"$SCRATCH/hold"
	for uid in "$@"; do
		wait_line "$SCRATCH/crowd.$uid" '^waiting' || return 1
	done
}
crowd_end()
{
	exec 8>&-
	# shellcheck disable=SC2086
	wait $crowds
}
places() { echo $(($(fd_count "$(listener_pid)") - before_listener)); }
has_places()
{
	tries=400
	until [ "$(places)" -eq "$1" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
ok 'a silent crowd of one uid: is there' crowd 500 "$STRANGER"
is 'a silent crowd of one uid: an honest worker is served' "$(honest)" \
    "$SCRATCH/data/file: ok 6"
ok 'a silent crowd of one uid: has few places' [ "$(places)" -le 8 ]
crowd_end
# shellcheck disable=SC2046
ok 'a silent crowd of many uids: is there' crowd 20 $(seq 64200 64220)
is 'a silent crowd of many uids: an honest worker is served' "$(honest)" \
    "$SCRATCH/data/file: ok 6"
# The honest worker's place may be given back a little later.
few_places() { [ "$(places)" -le 128 ]; }
ok 'a silent crowd of many uids: has few places' wait_until few_places
crowd_end
ok 'the crowds leave nothing' has_places 0

run_as "$FLOODER" badhello flood "$SOCK" r &
FLOOD=$!
is 'flood: an honest worker is served meanwhile' "$(honest)" \
    "$SCRATCH/data/file: ok 6"
wait "$FLOOD"
ok 'flood: it is limited' wait_log \
    "refused uid $FLOODER .*too many sessions asked for"
ok 'flood: all openers end' wait_idle

# Who is admitted nowhere writes a few lines, however often it asks.
ok 'a flood of a stranger: done' run_as 64115 badhello insist "$SOCK" r
is 'a flood of a stranger: an honest worker is served after it' "$(honest)" \
    "$SCRATCH/data/file: ok 6"
ok 'the listener has as many descriptors as before' has_places 0
ok 'all openers end' wait_idle
has_as_before() { [ "$(fd_count "$DAEMON")" = "$before" ]; }
wait_until has_as_before
is 'the supervisor has as many descriptors as before' "$(fd_count "$DAEMON")" \
    "$before"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
# The end writes the counts, which a minute would have written.
lines=$(grep -c 'uid 64115 ' "$LOG")
ok "a flood of a stranger: a few lines ($lines)" [ "$lines" -le 12 ]
like 'a flood of a stranger: how many there were' \
    "$(grep 'more like this' "$LOG")" '*uid 64115: * more like this*'
# The listener counts what it refuses by itself, and its end writes that, too.
like 'flood: how much the listener refused' \
    "$(grep "uid $FLOODER: .* more like this" "$LOG")" '*: rendezvous: *'
assert_clean
done_testing

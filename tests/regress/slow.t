#!/bin/sh
#
# slow.t: fdbackup create from a server that lets lookups wait.  The opener's
# threads look names up and open files, several at a time.  Nothing else is
# different: not what is asked of the server, not the archive, and not how a
# session ends.  The server is foldfs, which logs what it is asked.

. "$(dirname "$0")/lib.sh"

need_daemon
if [ ! -c /dev/fuse ] || [ ! -x "$BIN/foldfs" ]; then
	skip_all 'needs fuse(4)'
fi
WORKER=64176
SOCK=$RUNDIR/fdbroker.sock
FS=$SCRATCH/fs
SLOW=$FS/slow
ASKED=$SCRATCH/asked
cd "$SCRATCH" || bail_out "$SCRATCH"
chmod 1777 .
mkdir fs
: >mounted
foldfs -l 2 -o "$ASKED" fs >mounted 2>mounted.err &
server=$!
at_exit "umount -l '$FS' 2>/dev/null; kill $server 2>/dev/null"
wait_line mounted '^mounted' ||
    skip_all "needs to mount fuse(4): $(cat mounted.err)"

conf <<EOF
role "slow" {
	peer user "$WORKER"
	permit read "$SLOW"
	deny "$SLOW/no*"
}
log audit denied to "$SCRATCH/audit"
EOF
ok 'the daemon starts' start_daemon || exit 1

ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
# By the daemon's opener, or by one of its own.
brokered() { run_as "$WORKER" fdbackup create -s "$SOCK" -r slow "$@"; }
private() { run_as "$WORKER" fdbackup create "$@"; }

# fields DIRECTORY NAMES: the fields and the contents of what is in slow, but
# not of what begins like NAMES.
fields()
{
	(cd "$1" && find slow -regextype egrep -regex "slow/($2).*" -prune -o \
	    -type f -printf '%p %m %U:%G %s %T@ ' -exec cksum {} \; -o \
	    -printf '%p %y %m %U:%G %T@\n' | sort)
}

# stored HOW NAMES: what is stored is the same as on the server, which is asked
# for several names at a time, but for none that begins like NAMES.
stored()
{
	: >"$ASKED"
	"$1" --none -f "$1.tar" --exclude 'out*' --exclude stuck "$SLOW" \
	    2>"$1.err"
	cp "$ASKED" "$1.asked"
	# shellcheck disable=SC2016
	ok "$1: several requests are under way at a time" \
	    awk '$1 > 2 { found = 1 } END { exit !found }' "$1.asked"
	is "$1: each file is opened" \
	    "$(sed -n 's/^[0-9]* open \([0-9]*\)$/\1/p' "$1.asked" |
	    sort -u | wc -l)" 300
	is "$1: no other name is asked for" \
	    "$(grep -E " ($2)[0-9]*\$" "$1.asked")" ''
	mkdir "$1.copy"
	ok "$1: tar extracts it" \
	    tar -C "$1.copy" --exclude .fdbackup.mtree -xpf "$1.tar"
	fields "$FS" "$2" >"$1.there"
	fields "$1.copy$FS" "$2" >"$1.extracted"
	is "$1: there are files" "$(grep -c '^slow/[0-9]* ' "$1.there")" 300
	ok "$1: all fields are the same" diff "$1.there" "$1.extracted"
	is "$1: nothing else is extracted" \
	    "$(cd "$1.copy$FS" && find slow | wc -l)" \
	    "$(wc -l <"$1.there")"
	ok "$1: it verifies" fdbackup verify -f "$1.tar"
}
stored brokered 'no|out|stuck'
like 'brokered: what is denied is counted' "$(cat brokered.err)" '*11 hidden*'
stored private 'out|stuck'

# Threads that wait for a server that has stopped to answer: all four open.
all_stuck() { [ "$(grep -c ' open stuck[0-9]*$' "$ASKED")" -ge 4 ]; }
: >"$ASKED"
brokered -f - "$SLOW" >killed.out 2>killed.err &
run=$!
ok 'brokered: the server does not answer four requests' wait_until all_stuck
ok 'brokered: the session is killed' \
    ctl kill "$(ctl show sessions | awk 'NR == 2 { print $1 }')"
ok 'brokered: its opener ends' wait_until no_opener
wait "$run"
is 'brokered: the backup has failed' $? "$STATUS_FATAL"

: >"$ASKED"
private -f - "$SLOW" >killed.out 2>killed.err &
run=$!
ok 'private: the server does not answer four requests' wait_until all_stuck
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
# shellcheck disable=SC2046
kill -KILL $(run_named '^fdbackup create')
wait "$run" 2>/dev/null
opener_gone() { [ -z "$(run_named '^fdbroker-opener')" ]; }
# shellcheck disable=SC2046
ok 'private: its opener ends when the backup is killed' \
    wait_until opener_gone ||
    kill -KILL $(run_named '^fdbroker-opener')

sweep_killed
umount fs
wait "$server"
assert_clean
done_testing

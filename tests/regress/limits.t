#!/bin/sh
#
# limits.t: limits per uid: two sessions of one user, and one of another.

. "$(dirname "$0")/lib.sh"

need_daemon
need_files 16384
ANN=64151
BOB=64152
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/sub/deep"
for number in $(seq 17); do
	mkdir "$DATA/$number"
done
echo file >"$DATA/file"
conf_of()
{
	conf <<EOF
limit sessions 8
limit tokens $1 per uid
limit opens $2 per uid
limit bytes 128K per uid
role "a" {
	peer user "$ANN"
	peer user "$BOB"
	permit read "$DATA"
	limit tokens 256
	limit bytes 64K
}
role "b" {
	peer user "$ANN"
	permit read "$DATA"
	limit bytes 64K
	limit tokens 20 per uid
}
role "fat" {
	peer user "$BOB"
	permit read "$DATA"
	limit bytes 1M
}
EOF
}
conf_of 288 1000
ok 'the daemon starts' start_daemon || exit 1

# hold NAME UID ROLE FD [PATH ...]: a session that lives until drop NAME FD.
hold()
{
	hold_name=$1 hold_uid=$2 hold_role=$3 hold_fd=$4
	shift 4
	mkfifo "$SCRATCH/in.$hold_name"
	: >"$SCRATCH/out.$hold_name"
	# Not run_as: its shell would keep the FIFOs of the others open.
	(
		exec 3>&- 4>&- 5>&- setpriv --reuid="$hold_uid" \
		    --regid="$hold_uid" --clear-groups -- fdbclient -h \
		    "$SOCK" "$hold_role" "$@"
	) <"$SCRATCH/in.$hold_name" >"$SCRATCH/out.$hold_name" &
	eval "pid_$hold_name=\$!"
	eval "exec $hold_fd>\"\$SCRATCH/in.$hold_name\""
	wait_line "$SCRATCH/out.$hold_name" '^holding'
}
# sessions N: wait until N sessions live.
has_sessions() { [ "$(row sessions | cut -d " " -f 1)" = "$1" ]; }
sessions() { wait_until has_sessions "$1"; }
# drop NAME FD N: end a session, and wait until N sessions live.
drop()
{
	eval "exec $2>&-"
	eval "wait \"\$pid_$1\""
	sessions "$3"
	rm -f "$SCRATCH/in.$1" "$SCRATCH/out.$1"
}
limits() { fdbrokerctl -s "$RUNDIR/control.sock" show limits; }
# row TEXT: print "USED LIMIT" of the row of show limits that begins with TEXT.
row() { limits | sed -n "s/^$1  *\([0-9-]*\)  *\([0-9]*\)\$/\1 \2/p"; }

is 'sessions: a user gets three quarters of all at most' \
    "$(row 'sessions of each user')" '- 6'
exits 0 'check: a peer without an account: status 0' fdbrokerctl \
    -s "$RUNDIR/control.sock" check -u "$BOB" fat read "$DATA/file"
exits 1 'check: no peer, and no account: status 1' fdbrokerctl \
    -s "$RUNDIR/control.sock" check -u "$ANN" fat read "$DATA/file"
hold one "$ANN" a 3
is 'first session: the tokens of its role' \
    "$(row "tokens of user $ANN")" '256 288'
is 'first session: all opens' "$(row "opens of user $ANN")" '1000 1000'
hold two "$ANN" b 4
is 'second session: the tokens that are left' \
    "$(row "tokens of user $ANN")" '276 288'
is 'second session: the limit of its role per uid' \
    "$(row "tokens of user $ANN in role b")" '20 20'
is 'second session: the bytes of both' \
    "$(row "bytes of user $ANN")" '131072 131072'
is 'second session: both share the opens' \
    "$(row "opens of user $ANN")" '1000 1000'
hold other "$BOB" fat 5
is 'another user has limits of its own' \
    "$(row "tokens of user $BOB") $(row "bytes of user $BOB") $(
    row "opens of user $BOB")" '256 288 131072 131072 1000 1000'
is 'show sessions as JSON: the share of each' \
    "$(fdbrokerctl -s "$RUNDIR/control.sock" -j \
    show sessions | sed -n 's/.*"opens": \([0-9]*\).*/\1/p' | sort |
    tr '\n' ' ')" '1000 500 500 '

is 'third session: refused by a limit' \
    "$(run_as "$ANN" fdbclient "$SOCK" a "$DATA/file" 2>&1)" \
    "fdbclient: refused: limit of 288 tokens of uid $ANN is reached"
ok 'third session: the limit is logged' wait_log \
    "uid $ANN .*refused: limit of 288 tokens of uid $ANN is reached"
is 'another user: a second session exceeds its bytes' \
    "$(run_as "$BOB" fdbclient "$SOCK" fat "$DATA/file" 2>&1)" \
    "fdbclient: refused: limit of 131072 bytes of uid $BOB is reached"

drop one 3 2
ok 'a session ends: the next one gets its tokens' \
    run_as "$ANN" fdbclient "$SOCK" a "$DATA/file"
drop two 4 1
hold three "$ANN" b 3
is 'a session ends: the share of opens grows again' \
    "$(row "opens of user $ANN")" '1000 1000'

# A reload changes the opens of live sessions; other limits hold for new ones.
hold four "$ANN" a 4
conf_of 16 20
ok 'a reload: status 0' fdbrokerctl -s "$RUNDIR/control.sock" reload
is 'a reload: live sessions get the new opens' \
    "$(row "opens of user $ANN")" '20 20'
is 'a reload: live sessions keep their tokens' \
    "$(row "tokens of user $ANN")" '276 16'
fails 'a reload: a new session is refused' \
    run_as "$ANN" fdbclient "$SOCK" a "$DATA/file"
drop four 4 2
drop three 3 1

# A session may hold 16 directories.  The answer for the 17th and its record
# both name the limit.
# shellcheck disable=SC2046
set -- $(seq 17 | sed "s,^,$DATA/,")
is 'a directory too many: refused by the limit' \
    "$(run_as "$ANN" fdbclient -lk "$SOCK" a "$@" | grep -v "^$DATA/[0-9]*/")" \
    "$DATA/17: limit EMFILE directories held"
like 'a directory too many: recorded as limited' \
    "$(fdbrokerctl -s "$RUNDIR/control.sock" show denied |
    grep "$DATA/17")" '* limited *directories held'

# Two sessions share 20 opens a second.  One of them opens 30 files: with its
# share of 10 it can open 10 at once and needs two seconds for the others; with
# all 20 it would need half a second.
conf_of 1000 20
ok 'a second reload: status 0' fdbrokerctl -s "$RUNDIR/control.sock" reload
# shellcheck disable=SC2046
set -- $(seq 30 | sed "s,.*,$DATA/file,")
hold five "$ANN" a 3 "$@"
hold six "$ANN" b 4
begin=$(date +%s%N)
exec 3>&-
eval 'wait "$pid_five"'
took=$((($(date +%s%N) - begin) / 1000000))
ok "a slowed session: its share is its rate ($took ms)" [ "$took" -ge 1800 ]
is 'a slowed session: nothing is refused' \
    "$(sort "$SCRATCH/out.five" | uniq -c | sed 's/^ *//')" "60 $DATA/file: ok 5
1 holding"
drop six 4 1
drop other 5 0
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# limits.t: limits per uid: two sessions of one user, and one of another.

. "$(dirname "$0")/lib.sh"

need_daemon
ANN=64151
BOB=64152
SOCK=$RUNDIR/fdbroker.sock
D=$T/data
mkdir -p "$D/sub/deep"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
	mkdir "$D/$i"
done
echo file >"$D/file"
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
	permit read "$D"
	limit tokens 256
	limit bytes 64K
}
role "b" {
	peer user "$ANN"
	permit read "$D"
	limit bytes 64K
	limit tokens 20 per uid
}
role "fat" {
	peer user "$BOB"
	permit read "$D"
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
	mkfifo "$T/in.$hold_name"
	: >"$T/out.$hold_name"
	# Not run_as, in a process that would hold what the others wait for.
	(
		exec 3>&- 4>&- 5>&- setpriv --reuid="$hold_uid" \
		    --regid="$hold_uid" --clear-groups -- fdbclient -h \
		    "$SOCK" "$hold_role" "$@"
	) <"$T/in.$hold_name" >"$T/out.$hold_name" &
	eval "pid_$hold_name=\$!"
	eval "exec $hold_fd>\"\$T/in.$hold_name\""
	wait_line "$T/out.$hold_name" '^holding'
}
# sessions N: until there are so many.
sessions()
{
	tries=400
	while [ "$(row sessions | cut -d " " -f 1)" != "$1" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
# drop NAME FD N: end it, and wait until the daemon knows and has N.
drop()
{
	eval "exec $2>&-"
	eval "wait \"\$pid_$1\""
	sessions "$3"
	rm -f "$T/in.$1" "$T/out.$1"
}
limits() { fdbrokerctl -s "$RUNDIR/control.sock" show limits; }
# row TEXT: "used of", by its beginning.
row() { limits | sed -n "s/^$1  *\([0-9-]*\)  *\([0-9]*\)\$/\1 \2/p"; }

is 'a user never has more than three quarters of all sessions' \
    "$(row 'sessions of each user')" '- 6'
exits 0 'a user without an account can be asked about' fdbrokerctl \
    -s "$RUNDIR/control.sock" check -u "$BOB" fat read "$D/file"
exits 1 'one that is no peer, too' fdbrokerctl \
    -s "$RUNDIR/control.sock" check -u "$ANN" fat read "$D/file"
hold one "$ANN" a 3
is 'the first session has what its role gives' \
    "$(row "tokens of user $ANN")" '256 288'
is 'and all the opens' "$(row "opens of user $ANN")" '1000 1000'
hold two "$ANN" b 4
is 'the second what is left' "$(row "tokens of user $ANN")" '276 288'
is 'of its role as well' "$(row "tokens of user $ANN in role b")" '20 20'
is 'bytes are set aside, too' "$(row "bytes of user $ANN")" '131072 131072'
is 'opens are shared out' "$(row "opens of user $ANN")" '1000 1000'
hold other "$BOB" fat 5
is "another user's are not touched" \
    "$(row "tokens of user $BOB") $(row "bytes of user $BOB") $(
    row "opens of user $BOB")" '256 288 131072 131072 1000 1000'
is 'JSON has the shares' "$(fdbrokerctl -s "$RUNDIR/control.sock" -j \
    show sessions | sed -n 's/.*"opens": \([0-9]*\).*/\1/p' | sort |
    tr '\n' ' ')" '1000 500 500 '

is 'a third session of the user is refused as a limit' \
    "$(run_as "$ANN" fdbclient "$SOCK" a "$D/file" 2>&1)" \
    "fdbclient: refused: limit of 288 tokens of uid $ANN is reached"
ok 'and logged as one' wait_log \
    "uid $ANN .*refused: limit of 288 tokens of uid $ANN is reached"
is 'one of the other user is refused because of its bytes' \
    "$(run_as "$BOB" fdbclient "$SOCK" fat "$D/file" 2>&1)" \
    "fdbclient: refused: limit of 131072 bytes of uid $BOB is reached"

drop one 3 2
ok 'what ended is had by the next' run_as "$ANN" fdbclient "$SOCK" a "$D/file"
drop two 4 1
hold three "$ANN" b 3
is 'the share grows again' "$(row "opens of user $ANN")" '1000 1000'

# A reload: opens of live sessions, the rest of new ones.
hold four "$ANN" a 4
conf_of 16 20
ok 'a reload is taken' fdbrokerctl -s "$RUNDIR/control.sock" reload
is 'opens are what they are now' "$(row "opens of user $ANN")" '20 20'
is 'live sessions keep their tokens' "$(row "tokens of user $ANN")" '276 16'
fails 'and a new one is refused' run_as "$ANN" fdbclient "$SOCK" a "$D/file"
drop four 4 2
drop three 3 1

# 16 directories are held and the next is one too many: a limit, in the answer
# and in the record.
# shellcheck disable=SC2046
set -- $(seq 17 | sed "s,^,$D/,")
is 'what is beyond it is refused as a limit' \
    "$(run_as "$ANN" fdbclient -lk "$SOCK" a "$@" | grep -v "^$D/[0-9]*/")" \
    "$D/17: limit EMFILE directories held"
like 'and recorded as limited' "$(fdbrokerctl -s "$RUNDIR/control.sock" \
    show denied | grep "$D/17")" '* limited *directories held'

# One of two sessions of 10 opens a second each, which began with 20: 10 at
# once and the others in two seconds, not in one half.
conf_of 1000 20
ok 'another reload is taken' fdbrokerctl -s "$RUNDIR/control.sock" reload
# shellcheck disable=SC2046
set -- $(seq 30 | sed "s,.*,$D/file,")
hold five "$ANN" a 3 "$@"
hold six "$ANN" b 4
begin=$(date +%s%N)
exec 3>&-
eval 'wait "$pid_five"'
took=$((($(date +%s%N) - begin) / 1000000))
ok "a session's share is its rate (it took $took ms)" [ "$took" -ge 1800 ]
is 'and nothing is refused because of it' "$(sort "$T/out.five" | uniq -c |
    sed 's/^ *//')" "60 $D/file: ok 5
1 holding"
drop six 4 1
drop other 5 0
stop_daemon
is 'the daemon ends well' "$DAEMON_STATUS" 0
assert_clean
done_testing

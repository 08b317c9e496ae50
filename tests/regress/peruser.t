#!/bin/sh
#
# peruser.t: %u and %h in paths: one role serves all users, and each session
# gets its own user's paths alone.

# The users of this test are known in a mount namespace of its own.
[ -n "${PERUSER_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env PERUSER_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
[ -n "${PERUSER_NS:-}" ] || skip_all 'needs a mount namespace'
ANN=64311 BOB=64312 EVE=64313 DOT=64314 ROOTY=64315 NOBODY=64316
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/home/ann/docs" "$DATA/home/b*b" "$DATA/home/eve" \
    "$DATA/mail/ann" "$DATA/mail/b*b" "$DATA/mail/bob"
echo ann >"$DATA/home/ann/docs/file"
echo bob >"$DATA/home/b*b/file"
echo 'ann mail' >"$DATA/mail/ann/inbox"
echo 'bob mail' >"$DATA/mail/b*b/inbox"
echo key >"$DATA/home/ann/id_rsa"
ln -s "$DATA/home/ann" "$DATA/home/link"
{
	grep -v -e '^ann:' -e '^eve:' /etc/passwd
	echo "ann:x:$ANN:$ANN::$DATA/home/ann:/bin/sh"
	echo "b*b:x:$BOB:$BOB::$DATA/home/b*b:/bin/sh"
	echo "eve:x:$EVE:$EVE::$DATA/home/link:/bin/sh"
	echo "..:x:$DOT:$DOT::$DATA/home/ann/../ann:/bin/sh"
	echo "rooty:x:$ROOTY:$ROOTY::/:/bin/sh"
} >"$SCRATCH/passwd"
mount --bind "$SCRATCH/passwd" /etc/passwd 2>"$SCRATCH/err" ||
    skip_all 'needs to mount over /etc/passwd'

peers()
{
	for uid in "$ANN" "$BOB" "$EVE" "$DOT" "$ROOTY" "$NOBODY"; do
		echo "	peer user \"$uid\""
	done
}
policy()
{
	conf <<-END
	role "home" {
		$(peers)
		permit read "%h"
		deny "%h/id_*" $1
	}
	role "mail" {
		$(peers)
		permit read "$DATA/mail/%u"
	}
	END
}
policy 'label "keys"'
ok 'the daemon starts' start_daemon || exit 1
as() { run_as "$1" fdbclient "$SOCK" "$2" "$3" 2>&1; }
is '%h: the own file' "$(as "$ANN" home "$DATA/home/ann/docs/file")" \
    "$DATA/home/ann/docs/file: ok 4"
is '%h: with a special character' "$(as "$BOB" home "$DATA/home/b*b/file")" \
    "$DATA/home/b*b/file: ok 4"
like "%h: another user's file" "$(as "$BOB" home "$DATA/home/ann/docs/file")" \
    '*: policy EACCES *'
like '%h: a deny' "$(as "$ANN" home "$DATA/home/ann/id_rsa")" \
    '*: policy EACCES fdbroker.conf:*"keys"'
is '%u: the own file' "$(as "$ANN" mail "$DATA/mail/ann/inbox")" \
    "$DATA/mail/ann/inbox: ok 9"
is '%u: with a special character' "$(as "$BOB" mail "$DATA/mail/b*b/inbox")" \
    "$DATA/mail/b*b/inbox: ok 9"
like '%u: which is no wildcard' "$(as "$BOB" mail "$DATA/mail/bob/inbox")" \
    '*: policy EACCES *'

# Who has no such path.
like 'no account' "$(as "$NOBODY" home /)" \
    "*refused*uid $NOBODY has no account, and the paths of role \"home\" need*"
like 'a name ..' "$(as "$DOT" mail /)" '*name cannot stand for %u*'
like 'a home with ..' "$(as "$DOT" home /)" \
    '*home directory cannot stand for %h*'
like 'a home /' "$(as "$ROOTY" home /)" '*home directory cannot stand for %h*'
is 'a home /, and no %h' "$(as "$ROOTY" mail "$DATA/mail/rooty")" \
    "$DATA/mail/rooty: kernel ENOENT"
like 'a home that is a link' "$(as "$EVE" home "$DATA/home/link/docs/file")" \
    "*root $DATA/home/link: *"

# What fdbrokerctl says of such a role.
ctl() { fdbrokerctl -s "$CTL" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
exits 2 'check: nobody is given' ctl check home read "$DATA/home/ann/x"
like 'check: ... and the cure' "$(cat "$SCRATCH/err")" '*say with -u*'
exits 0 'check: ann' ctl check -u ann home read "$DATA/home/ann/x"
exits 1 'check: another user' ctl check -u ann home read "$DATA/home/b*b/x"
like 'check: the rule' "$(cat "$SCRATCH/out")" '*no rule of role*'
ok 'show rules' ctl show rules home
like 'show rules: as configured' "$(cat "$SCRATCH/out")" \
    "*permit read \"%h\"*peer's home*deny \"%h/id_\**"
exits 2 'show rules: an unknown user' ctl show rules -u zork- home
ok 'show rules: for ann' ctl show rules -u ann home
like 'show rules: for ann: her paths' "$(cat "$SCRATCH/out")" \
    "*permit read \"$DATA/home/ann\" *deny \"$DATA/home/ann/id_\**"
ok 'show rules: for a number' ctl -j show rules -u "$BOB" home
like 'show rules: for a number: as JSON, escaped' "$(cat "$SCRATCH/out")" \
    "*permit read *$DATA/home/b*\\*b*\"differs\": false*"
exits 2 'show rules: a user without such a path' ctl show rules -u rooty home
like 'show rules: ... and why' "$(cat "$SCRATCH/err")" \
    '*home directory cannot stand for %h*'
ok 'show rules: a role that is the same for all' \
    ctl show rules -u rooty mail
ok 'suggest' ctl suggest home
like "suggest: another user's file is that" "$(cat "$SCRATCH/out")" \
    "*permit read \"$DATA/home/ann/docs/file\"*"
like 'suggest: a labelled deny is a comment' "$(cat "$SCRATCH/out")" \
    '*# permit read "%h/id_rsa"*'
ctl -j show denied
id=$(sed -n 's/.*id_rsa.*"id":"\([0-9a-f]*\)".*/\1/p' "$SCRATCH/out" |
    tail -n 1)
ok 'explain' ctl explain "$id"
like 'explain: the rule is for all users' "$(cat "$SCRATCH/out")" \
    '*permit read "%h/id_rsa"*Think twice*'

# A reload keeps what the session began with.
mkfifo "$SCRATCH/in"
(exec setpriv --reuid="$ANN" --regid="$ANN" --clear-groups -- fdbclient -h \
    "$SOCK" home "$DATA/home/ann/id_rsa") <"$SCRATCH/in" >"$SCRATCH/held" &
client=$!
exec 3>"$SCRATCH/in"
ok 'a session' wait_line "$SCRATCH/held" holding
policy 'label "other keys"'
ok 'a reload' ctl reload
exec 3>&-
wait "$client"
like 'the new rules, for the same user' "$(tail -n 1 "$SCRATCH/held")" \
    "$DATA/home/ann/id_rsa: policy EACCES fdbroker.conf:*\"other keys\""
ok 'the daemon stops' stop_daemon
assert_clean
done_testing

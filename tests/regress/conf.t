#!/bin/sh
#
# conf.t: what fdbrokerd -n says of a configuration, and what -nv prints.

. "$(dirname "$0")/lib.sh"

plan 23
mkdir -m 0755 "$T/data" "$T/conf.d"
check() { fdbrokerd -n -f "$CONF" "$@"; }

# said PATTERN DESC: of the standard error.
said()
{
	like "$2" "$(cat "$T/err")" "$1"
}

conf <<EOF
include "conf.d"
role "r" {
	peer user "root"
	permit read "$T/data"
	permit append, create "$T/data/new.log" mode 0640 exclusive
}
EOF
ok 'a directory without files to include' check
is 'nothing to warn about' "$(cat "$T/err")" "$CONF: configuration OK"

ok 'it is printed' check -v
cp "$T/out" "$T/printed"
like 'as it is meant' "$(cat "$T/printed")" \
    "*permit append, create \"$T/data/new.log\" mode 0640 exclusive*"
ok 'what was printed is a configuration' fdbrokerd -nv -f "$T/printed"
cp "$T/out" "$T/again"
ok 'and is printed in the same way' cmp "$T/printed" "$T/again"

printf 'limit sessions 5\nlimit frobs 5\n' >"$T/conf.d/b.conf"
printf 'limit sessions 5\n' >"$T/conf.d/a.conf"
fails 'files that are included have faults' check
is 'which are told where they are, in order' "$(cat "$T/err")" \
"fdbrokerd: $T/conf.d/b.conf:1: limit sessions is already set at \
$T/conf.d/a.conf:1
fdbrokerd: $T/conf.d/b.conf:2: unknown limit \"frobs\"; expected one of: \
sessions, sessions per uid, tokens per uid, opens per uid, bytes per uid"
rm "$T/conf.d/b.conf"
chmod g+w "$T/conf.d"
fails 'a directory to which others may add files' check
said "*$CONF:3: cannot include \"$T/conf.d\": group or others may write it*" \
    'is not included'

conf <<EOF
role "r" {
	peer user "root"
	permit read "$T/data/sub"
	permit read "$T/data" "$T/missing" "$T/absent/*"
}
EOF
mkdir "$T/data/sub"
exits 1 'roots that do not exist and rules that never decide' check
said "*$CONF:6: warning: $T/missing: No such file*
*$CONF:6: warning: $T/absent: No such file*" 'are warned about: the roots'
said "*$CONF:5: warning: rule \"$T/data/sub\" has no effect; \"$T/data\" at \
$CONF:6 *2 roots are missing" 'are warned about: the rule'
fails 'it cannot be used' fdbrokerd -d -f "$CONF"
said "*$CONF:6: $T/missing: No such file or directory; the path of a permit*" \
    'with the root named'

# What is to be made need not be there; the directory that it is in must.
conf <<EOF
role "r" {
	peer user "root"
	permit append, create "$T/data/new.log"
	permit read "$T/data/sub"
	permit read "$T/data"
}
EOF
ok 'a file that is to be made, a rule that never decides' check
said "*rule \"$T/data/sub\" has no effect*configuration OK, 1 warning" \
    'is warned about: the rule'
conf <<EOF
role "r" {
	peer user "root"
	permit append, create "$T/absent/new.log"
}
EOF
exits 1 'a file that is to be made where there is no directory' check
said "*$CONF:5: warning: $T/absent: No such file*1 root is missing" \
    'is warned about: the directory'
exits 1 'it is printed nevertheless' check -v
like 'whole' "$(cat "$T/out")" "*permit append, create \"$T/absent/new.log\"*"

# What an ordinary user may not look at is there for the daemon.
mkdir -m 0700 "$T/data/mine" "$T/data/mine/root"
conf <<EOF
role "r" {
	peer user "root"
	permit read "$T/data/mine/root"
}
EOF
chmod 0644 "$CONF"
if need_root 2; then
	ok 'a root that may not be looked at' run_as 64171 fdbrokerd -n \
	    -f "$CONF"
	said "*warning: $T/data/mine/root: Permission denied*OK, 1 warning" \
	    'is warned about'
fi

#!/bin/sh
#
# conf.t: what fdbrokerd -n says about a configuration, and what -nv prints.

. "$(dirname "$0")/lib.sh"

plan 25
mkdir -m 0755 "$SCRATCH/data" "$SCRATCH/conf.d"
check() { fdbrokerd -n -f "$CONF" "$@"; }

# said PATTERN DESC: standard error is like the pattern.
said()
{
	like "$2" "$(cat "$SCRATCH/err")" "$1"
}

conf <<EOF
include "conf.d"
role "r" {
	peer user "root"
	permit read "$SCRATCH/data"
	permit append, create "$SCRATCH/data/new.log" mode 0640 exclusive
}
EOF
ok 'a directory without files to include' check
is 'a directory without files to include: no warning' \
    "$(cat "$SCRATCH/err")" "$CONF: configuration OK"

ok '-v: status 0' check -v
cp "$SCRATCH/out" "$SCRATCH/printed"
like '-v: the rule' "$(cat "$SCRATCH/printed")" \
    "*permit append, create \"$SCRATCH/data/new.log\" mode 0640 exclusive*"
ok '-v: it prints a configuration' fdbrokerd -nv -f "$SCRATCH/printed"
cp "$SCRATCH/out" "$SCRATCH/again"
ok '-v: which it prints in the same way' cmp "$SCRATCH/printed" "$SCRATCH/again"

conf <<EOF
role "restore" {
	peer user "root"
	permit create, mkdir, setmeta "$SCRATCH/data" owner any
	permit replace, special "$SCRATCH/data"
}
EOF
ok '-v: a role that restores: status 0' check -v
like '-v: what it implies' "$(cat "$SCRATCH/out")" \
    '*owner any*its opener may: write to files, make files, make directories, '\
'make FIFOs, make devices and sockets, remove files
*its opener keeps: CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER, CAP_FSETID, '\
'CAP_MKNOD, CAP_SETFCAP*'
conf <<EOF
include "conf.d"
role "r" {
	peer user "root"
	permit read "$SCRATCH/data"
	permit append, create "$SCRATCH/data/new.log" mode 0640 exclusive
}
EOF

printf 'limit sessions 5\nlimit frobs 5\n' >"$SCRATCH/conf.d/b.conf"
printf 'limit sessions 5\n' >"$SCRATCH/conf.d/a.conf"
fails 'included files with faults: rejected' check
is 'included files with faults: the messages, in order' \
    "$(cat "$SCRATCH/err")" \
"fdbrokerd: $SCRATCH/conf.d/b.conf:1: limit sessions is already set at \
$SCRATCH/conf.d/a.conf:1
fdbrokerd: $SCRATCH/conf.d/b.conf:2: unknown limit \"frobs\"; expected one of: \
sessions, sessions per uid, tokens per uid, opens per uid, bytes per uid"
rm "$SCRATCH/conf.d/b.conf"
chmod g+w "$SCRATCH/conf.d"
fails 'a directory that others may write: rejected' check
said "*$CONF:3: cannot include \"$SCRATCH/conf.d\": \
group or others may write it*" \
    'a directory that others may write: the message'

conf <<EOF
role "r" {
	peer user "root"
	permit read "$SCRATCH/data/sub"
	permit read "$SCRATCH/data" "$SCRATCH/missing" "$SCRATCH/absent/*"
}
EOF
mkdir "$SCRATCH/data/sub"
exits 1 'missing roots, a rule that never decides: status 1' check
said "*$CONF:6: $SCRATCH/missing: No such file*
*$CONF:6: $SCRATCH/absent: No such file*" 'missing roots: both are named'
said "*$CONF:5: warning: permit \"$SCRATCH/data/sub\" has no effect; permit \
\"$SCRATCH/data\" at $CONF:6 *2 roots are missing" \
    'a rule that never decides: the warning'
fails 'missing roots: the daemon does not start' fdbrokerd -d -f "$CONF"
said "*$CONF:6: $SCRATCH/missing: No such file or directory; \
the path of a permit*" \
    'missing roots: the message'

# A file to create need not exist, but its directory must.
conf <<EOF
role "r" {
	peer user "root"
	permit append, create "$SCRATCH/data/new.log"
	permit read "$SCRATCH/data/sub"
	permit read "$SCRATCH/data"
}
EOF
ok 'a file to create, a rule that never decides: status 0' check
said "*permit \"$SCRATCH/data/sub\" has no effect*configuration OK, 1 warning" \
    'a file to create: a warning about the rule only'
conf <<EOF
role "r" {
	peer user "root"
	permit append, create "$SCRATCH/absent/new.log"
}
EOF
exits 1 'a file to create in a missing directory: status 1' check
said "*$CONF:5: $SCRATCH/absent: No such file*1 root is missing" \
    'a file to create in a missing directory: the warning'
exits 1 'a file to create in a missing directory: -v: status 1' check -v
like 'a file to create in a missing directory: -v: the rule' \
    "$(cat "$SCRATCH/out")" \
    "*permit append, create \"$SCRATCH/absent/new.log\"*"

# The daemon may reach a root that an ordinary user may not.
mkdir -m 0700 "$SCRATCH/data/mine" "$SCRATCH/data/mine/root"
conf <<EOF
role "r" {
	peer user "root"
	permit read "$SCRATCH/data/mine/root"
}
EOF
chmod 0644 "$CONF"
if need_root 2; then
	ok 'a root that the user may not reach: status 0' \
	    run_as 64171 fdbrokerd -n \
	    -f "$CONF"
	said "*warning: $SCRATCH/data/mine/root: Permission denied*OK, \
1 warning" \
	    'a root that the user may not reach: the warning'
fi

#!/bin/sh
#
# reloadsays.t: what fdbrokerctl reload says: the changes, the sessions that
# end, the warnings and all faults; with -n without changing anything.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64181 GROUP=64182
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
mkdir "$SCRATCH/data" "$SCRATCH/more"
echo hello >"$SCRATCH/data/file"
ctl() { timeout 40 fdbrokerctl -s "$CTL" "$@"; }
# policy STATEMENT...: the configuration, with a role r that has them.
policy()
{
	{
		printf '%s\nrole "r" {\n\tpeer user "%s"\n' "$top" "$WORKER"
		printf '\tpermit read "%s"\n' "$SCRATCH/data"
		for statement; do
			printf '\t%s\n' "$statement"
		done
		printf '}\n'
	} | conf
}
# shows DESC TEXT, says DESC TEXT: the last command wrote it.
shows() { like "$1" "$(tr '\n' ' ' <"$SCRATCH/out")" "*$2*"; }
says() { like "$1" "$(cat "$SCRATCH/err")" "*$2*"; }
generation() { ctl show stats | sed -n 's/^generation of the policy *//p'; }

top="control group \"$GROUP\""
policy
ok 'the daemon starts' start_daemon || exit 1

ok 'nothing has changed: status 0' ctl reload
is 'nothing has changed: says so' "$(cat "$SCRATCH/out")" \
    'the configuration is unchanged
reloaded, generation 2'
ok 'nothing has changed: the log, too' wait_log \
    "$CONF: the configuration is unchanged"

# With -n nothing happens to the daemon or to its sessions.
hold_start "$SOCK" r "$SCRATCH/data/file"
cat >>"$CONF" <<END
role "new" {
	peer user "$WORKER"
	permit read "$SCRATCH/more"
	permit read "$SCRATCH/more"
}
limit sessions 7
END
sed -i -e "s,^	permit read \"$SCRATCH/data\",&\\
	deny \"$SCRATCH/data/key\" label \"keys\"," \
    -e "s,peer user \"$WORKER\",peer user \"$GROUP\"," "$CONF"
ok 'reload -n: status 0' ctl reload -n
shows 'reload -n: the statements of the daemon' 'the daemon changes: limits'
shows 'reload -n: a role' "role \"r\" changes: peers, rules \
*+ deny \"$SCRATCH/data/key\" label \"keys\""
shows 'reload -n: a new role' 'role "new" is added'
shows 'reload -n: a session that would end' \
    "session 1 of uid $WORKER, role \"r\", ends: the role no longer admits"
shows 'reload -n: a warning' "$CONF:*: warning: permit*has no effect"
is 'reload -n: the last line' "$(tail -n 1 "$SCRATCH/out")" \
    'nothing was changed: -n only shows what a reload would change'
is 'reload -n: the generation stays' "$(generation)" 2
cp "$SCRATCH/out" "$SCRATCH/dry"
ok 'reload -n again: status 0' ctl reload -n
is 'reload -n again: the same' "$(cat "$SCRATCH/out")" "$(cat "$SCRATCH/dry")"
hold_end
like 'reload -n: the session goes on' "$(cat "$SCRATCH/held")" \
    "*holding
$SCRATCH/data/file: ok 6"

ok 'reload: status 0' ctl reload
is 'reload: the last line' "$(tail -n 1 "$SCRATCH/out")" \
    'reloaded, generation 3'
sed '$d' "$SCRATCH/dry" | grep -v ^session >"$SCRATCH/want"
sed '$d' "$SCRATCH/out" | grep -v ^session >"$SCRATCH/got"
ok 'reload: the same changes as with -n' cmp "$SCRATCH/want" "$SCRATCH/got"
ok 'reload: the log has the changes' grep -q \
    "$CONF: role \"r\" changes: peers, rules" "$LOG"
ok 'reload: the log has the warning' grep -q "$CONF:.*has no effect" "$LOG"

policy
ok 'a role that is removed: status 0' ctl reload
shows 'a role that is removed: says so' 'role "new" is removed'

# All faults are told, not only the first.
policy 'deny "relative"' 'deny "relative/2"'
for option in '' -n; do
	# shellcheck disable=SC2086
	exits 1 "two faults: status 1 ${option:-without -n}" ctl reload $option
	says "two faults: the first ${option:-without -n}" "$CONF:7: "
	says "two faults: the second ${option:-without -n}" "$CONF:8: "
done
is 'two faults: the generation stays' "$(generation)" 4
exits 1 'faults as JSON: status 1' ctl -j reload
shows 'faults as JSON' '"reloaded": false*"faults": *conf:7: *conf:8: '
policy 'option noatime'
ok 'changes as JSON: status 0' ctl -j reload
shows 'changes as JSON' \
    '"reloaded": true*"result": "reloaded, generation 5"*role*options'
if command -v python3 >/dev/null; then
	mv "$SCRATCH/out" "$SCRATCH/json"
	ok 'changes as JSON: it is JSON' python3 -m json.tool "$SCRATCH/json"
else
	skip 1 'needs python3'
fi

# What reload says of paths that differ from peer to peer, of rules that come by
# use, and of limits of time; with -n and without.
parts()
{
	{
		printf '%s\nrole "part" {\n\tdeny "%s"\n}\n' "$top" "$1"
		printf 'role "r" {\n\tpeer user "%s"\n' "$WORKER"
		printf '\tpermit read "%s/%s"\n' "$SCRATCH/data" "$2"
		printf '\tuse "part"\n\tlimit lifetime %s\n' "$3"
		printf '\tlimit idle %s\n}\n' "$4"
	} | conf
}
mkdir "$SCRATCH/data/%" "$SCRATCH/data/b"
parts "$SCRATCH/data/b" '' 1h 10m
sed -i 's,/data/",/data",' "$CONF"
ok 'parts: status 0' ctl reload
# changes DESC WANT: a reload, dry or not, says so.
changes()
{
	ok "$1: -n: status 0" ctl reload -n
	shows "$1: -n" "$2"
	ok "$1: status 0" ctl reload
	shows "$1" "$2"
}
parts "$SCRATCH/data/b" '%u' 1h 10m
changes '%u in a path' "role \"r\" changes: rules \
*- permit list, read \"$SCRATCH/data\"\
*+ permit list, read \"$SCRATCH/data/%u\""
parts "$SCRATCH/data/%u/b" '%u' 1h 10m
changes 'a rule that is used' "role \"r\" changes: rules \
*- deny \"$SCRATCH/data/b\"*+ deny \"$SCRATCH/data/%u/b\""
parts "$SCRATCH/data/%u/b" '%%' 1h 10m
changes '%% in a path' "- permit list, read \"$SCRATCH/data/%u\"\
*+ permit list, read \"$SCRATCH/data/%%\""
parts "$SCRATCH/data/%u/b" '%%' 2h 10m
changes 'limit lifetime' \
    'role "r" changes: limits *- limit lifetime 1h *+ limit lifetime 2h'
parts "$SCRATCH/data/%u/b" '%%' 2h 11m
changes 'limit idle' \
    'role "r" changes: limits *- limit idle 10m *+ limit idle 11m'
sed -i -e '/^role "part"/,/^}/d' -e '/use "part"/d' "$CONF"
changes 'no use any more' "role \"r\" changes: rules \
*- deny \"$SCRATCH/data/%u/b\""

# An audit file that cannot be opened: which one, and why.
before=$top
top="$before
log audit denied to \"$SCRATCH/none/audit\""
policy
exits 1 'an audit file without a directory: status 1' ctl reload
says 'an audit file without a directory: which one, and why' \
    "log audit to \"$SCRATCH/none/audit\": $SCRATCH/none: No such file or"
exits 1 'reload -n says so, too' ctl reload -n
top="$before
log audit denied to \"/proc/fdbroker-audit\""
policy
exits 1 'an audit file that cannot be made: status 1' ctl reload
says 'an audit file that cannot be made: which one, and why' \
    "the audit cannot begin: No such file or directory: /proc/fdbroker-audit"

# A file of somebody else is refused, and the daemon lives.
top=$before
policy
chown 12345 "$CONF"
exits 1 'a file of somebody else: status 1' ctl reload
says 'a file of somebody else: says so' \
    "cannot read the file: it is owned by uid 12345, not by root"
chown 0 "$CONF"
mkdir "$SCRATCH/theirs"
chown 12345 "$SCRATCH/theirs"
top="$before
include \"$SCRATCH/theirs\""
policy
exits 1 'a directory of somebody else: status 1' ctl reload
says 'a directory of somebody else: says so' \
    "cannot include \"$SCRATCH/theirs\": it is owned by uid 12345"
top=$before
policy
ok 'the daemon lives' ctl reload -n

# Whoever reloads another group in gets the answer nevertheless.
top="control group \"$WORKER\""
policy 'option noatime'
ok 'another control group: the old one reloads, and is answered' \
    run_as "$GROUP" fdbrokerctl -s "$CTL" reload
shows 'another control group: says so' 'control group*generation 13'
fails 'another control group: the old one is refused from then on' \
    run_as "$GROUP" fdbrokerctl -s "$CTL" show stats

# A deny whose path cannot be looked at in time must not stop the daemon, so
# nobody looks at it.
policy 'option noatime' "deny \"$SCRATCH/data/missing\""
ok 'a deny of what is missing: status 0' ctl reload
is 'a deny of what is missing: no warning' \
    "$(grep -c warning "$SCRATCH/out")" 0
exits 2 'reload takes no other word' ctl reload now

# No mistake ends the daemon: what it calls to tell of one is permitted.
mkdir -p "$SCRATCH/data/etc" "$SCRATCH/data/home/ann/.ssh"
: >"$SCRATCH/data/etc/motd"
: >"$SCRATCH/data/etc/shadow"
ln -s motd "$SCRATCH/data/etc/link"
survived()
{
	for sample in "$FDB_SRCDIR"/tests/regress/mistakes/*.conf; do
		sed "s|@D@|$SCRATCH/data|g; s|@U@|nobody|g" "$sample" |
		    conf
		ctl reload >"$SCRATCH/told" 2>&1
		ctl reload -n >>"$SCRATCH/told" 2>&1
		ctl show stats >"$SCRATCH/told" 2>&1 ||
		    { diag "$sample"; return 1; }
	done
}
ok 'the daemon lives after each mistake' survived
policy
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

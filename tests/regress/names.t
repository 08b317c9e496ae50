#!/bin/sh
#
# names.t: modules of the name service that sleep, map code, ask over the
# network, hang and crash: the daemon serves on, and so does a reload.
#
# The module is tests/regress/nss.c, in a mount namespace in place of one that
# the system has and nobody uses.

. "$(dirname "$0")/lib.sh"

need_daemon
[ "$(uname -s)" = Linux ] || skip_all 'needs the name service of glibc'
! grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h" ||
    skip_all 'the module is without the sanitizer'
need mntns
command -v unshare >/dev/null || skip_all 'needs unshare(1)'
: "${CC:=cc}"
command -v "${CC%% *}" >/dev/null || skip_all 'needs a compiler'

# library NAME: where the dynamic linker finds it.
library()
{
	ldconfig -p 2>/dev/null | sed -n "s/^[[:space:]]*$1 .*=> //p" |
	    head -n 1
}
PATH=$PATH:/sbin:/usr/sbin
for module in hesiod compat db; do
	victim=$(library "libnss_$module.so.2")
	[ -z "$victim" ] || break
done
[ -n "$victim" ] ||
    skip_all 'needs libnss_hesiod.so.2, in place of which to put another'
code=$(library libutil.so.1)
[ -n "$code" ] || skip_all 'needs libutil.so.1, for code that is mapped'

STATE=$SCRATCH/state
echo 64298 >"$STATE"
# $CC may be more than a word.
# shellcheck disable=SC2086
$CC -shared -fPIC -D_GNU_SOURCE -DNSS="$module" -DSTATE="\"$STATE\"" \
    -DCODE="\"$code\"" -I"$FDB_BUILDDIR" -o "$SCRATCH/module" \
    "$FDB_SRCDIR/tests/regress/nss.c" 2>"$SCRATCH/err" ||
    skip_all "the module cannot be compiled: $(head -n 1 "$SCRATCH/err")"
{
	grep -v -E '^(passwd|group|initgroups):' /etc/nsswitch.conf
	echo "passwd: files $module"
	echo "group: files $module"
} >"$SCRATCH/nsswitch.conf"

# The daemon sees the module and nobody else does.
mkdir "$SCRATCH/real"
mv "$BIN/fdbrokerd" "$SCRATCH/real/fdbrokerd"
cat >"$BIN/fdbrokerd" <<END
#!/bin/sh
exec unshare -m -- /bin/sh -c '
	mount --make-rprivate / &&
	    mount --bind "$SCRATCH/nsswitch.conf" /etc/nsswitch.conf &&
	    mount --bind "$SCRATCH/module" "$victim" &&
	    exec "$SCRATCH/real/fdbrokerd" "\$@"' fdbrokerd "\$@"
END
chmod 0755 "$BIN/fdbrokerd"
[ -e /etc/nsswitch.conf ] || skip_all 'needs /etc/nsswitch.conf'

UIDPEER=64200 SLEEPS=64201 MAPS=64202 ASKS=64203 HANGS=64204 CRASHES=64205
MANY=64206 MOVES=64207 GROUP=64299 OTHER=64210
SOCK=$RUNDIR/fdbroker.sock
mkdir "$SCRATCH/data"
echo hello >"$SCRATCH/data/file"

# policy NAME...: with these as further peers.
policy()
{
	{
		printf 'role "byuid" {\n\tpeer user %s\n' "$UIDPEER"
		for name; do
			printf '\tpeer user "%s"\n' "$name"
		done
		printf '\tpermit read "%s"\n}\n' "$SCRATCH/data"
		printf 'role "bygroup" {\n\tpeer group %s\n' "$GROUP"
		printf '\tpermit read "%s"\n}\n' "$SCRATCH/data"
		printf 'role "asmany" {\n\tpeer user %s\n' "$UIDPEER"
		printf '\tas user "user-%s"\n\tpermit read "%s"\n}\n' \
		    "$MANY" "$SCRATCH/data"
	} | conf
}
ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
# session UID ROLE: open the file; print what the client prints.
session() { run_as "$1" fdbclient "$SOCK" "$2" "$SCRATCH/data/file" 2>&1; }
served()
{
	is "$1" "$(session "$2" "$3")" "$SCRATCH/data/file: ok 6"
}
refused()
{
	like "$1" "$(session "$2" "$3")" "fdbclient: refused: $4"
}
# stat_of TEXT: a number of show stats.
stat_of() { ctl show stats | sed -n "s/^$1  *\([0-9]*\)\$/\1/p"; }
questions() { stat_of 'questions to the name service'; }
# asked_more N: wait until the name service was asked more often.
asked_more()
{
	tries=400
	until [ "$(questions)" -gt "$1" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}
names_pid() { pgrep -f '^fdbrokerd: names' -s "$DAEMON"; }

policy
ok 'the daemon starts' start_daemon || exit 1
served 'a peer by its uid' "$UIDPEER" byuid
is 'a peer by its uid: the name service is not asked' "$(questions)" 0
served 'a module that sleeps: a peer by its group' "$SLEEPS" bygroup
served 'a module that maps code: a peer by its group' "$MAPS" bygroup
served 'a module that opens a socket: a peer by its group' "$ASKS" bygroup
served 'more than 64 groups: a peer by the last' "$MANY" bygroup
refused 'a user whom nobody knows' "$OTHER" bygroup \
    "uid $OTHER is not a peer of role \"bygroup\""

# The second time, nobody is asked.
served 'again: a peer by its group' "$SLEEPS" bygroup
before=$(questions) again=$(stat_of 'answers used again')
served 'once more: a peer by its group' "$SLEEPS" bygroup
is 'once more: the name service is not asked' "$(questions)" "$before"
ok 'once more: the answer is used again' \
    test "$(stat_of 'answers used again')" -gt "$again"

# Modules that hang and crash.
hanging()
{
	before=$(questions)
	session "$HANGS" bygroup >"$SCRATCH/hanging" &
	HANGING=$!
	asked_more "$before"
}
ok 'a module that hangs: it is asked' hanging
served 'a module that hangs: a peer by its uid' "$UIDPEER" byuid
served 'a module that hangs: another peer by its group' "$SLEEPS" bygroup
ok 'a module that hangs: show is answered' ctl show sessions
wait "$HANGING"
is 'a module that hangs: the peer is refused' "$(cat "$SCRATCH/hanging")" \
    "fdbclient: refused: the groups of uid $HANGS cannot be looked up: \
Connection timed out"
ok 'a module that hangs: logged' wait_log \
    "name service: groups of uid $HANGS: no answer in time"
refused 'a module that crashes: the peer is refused' "$CRASHES" bygroup \
    "the groups of uid $CRASHES cannot be looked up: Input/output error"
served 'a module that crashes: a peer by its uid' "$UIDPEER" byuid
served 'a module that crashes: another peer by its group' "$MANY" bygroup

# An opener with more than 64 groups: the file is for the last of them.
chgrp "$GROUP" "$SCRATCH/data/file"
chmod 0640 "$SCRATCH/data/file"
served 'as user: the opener has all groups' "$UIDPEER" asmany
chmod 0644 "$SCRATCH/data/file"

# Who comes into a group is a peer at the latest when the answer is forgotten.
refused 'a user in another group' "$MOVES" bygroup "uid $MOVES is not a peer*"
echo "$GROUP" >"$STATE"
becomes_peer()
{
	tries=600
	until [ "$(session "$MOVES" bygroup)" = "$SCRATCH/data/file: ok 6" ]
	do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}
ok 'a user who moves into the group: a peer after a while' becomes_peer
echo 64298 >"$STATE"
ok 'a reload: status 0' ctl reload
refused 'a user who moves out of the group: none after a reload' "$MOVES" \
    bygroup "uid $MOVES is not a peer*"

# A reload asks the same way.
generation=2
for what in "$SLEEPS sleeps" "$MAPS maps" "$ASKS asks"; do
	policy "user-${what%% *}"
	generation=$((generation + 1))
	is "a reload, a module that ${what#* }: the message" \
	    "$(ctl reload | tail -n 1)" "reloaded, generation $generation"
	served "a reload, a module that ${what#* }: the new peer" \
	    "${what%% *}" byuid
done
policy "user-$HANGS"
before=$(questions)
ctl reload >"$SCRATCH/reload" 2>&1 &
RELOAD=$!
ok 'a reload, a module that hangs: it is asked' asked_more "$before"
served 'a reload, a module that hangs: the old peer' "$ASKS" byuid
served 'a reload, a module that hangs: a peer by its group' "$SLEEPS" bygroup
wait "$RELOAD"
is 'a reload, a module that hangs: status 1' $? 1
like 'a reload, a module that hangs: the message' \
    "$(cat "$SCRATCH/reload")" "*$CONF:5: user \"user-$HANGS\" cannot be \
looked up: Connection timed out"
served 'a reload, a module that hangs: the old policy stays' "$ASKS" byuid
policy "user-$CRASHES"
fails 'a reload, a module that crashes: status 1' ctl reload
like 'a reload, a module that crashes: the message' \
    "$(cat "$SCRATCH/err")" "*$CONF:5: user \"user-$CRASHES\" cannot be \
looked up: Input/output error"
policy nobody-of-that-name
fails 'a reload, no such user: status 1' ctl reload
like 'a reload, no such user: the message' "$(cat "$SCRATCH/err")" \
    "*$CONF:5: user \"nobody-of-that-name\" does not exist"

# A live session of a peer by its group survives a reload, and not the end of
# the membership.
hold_start()
{
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	: >"$SCRATCH/held"
	run_as "$MOVES" fdbclient -h "$SOCK" bygroup "$SCRATCH/data/file" \
	    <"$SCRATCH/hold" >"$SCRATCH/held" 2>"$SCRATCH/held.err" &
	HOLDER=$!
	exec 8>"$SCRATCH/hold"
	wait_line "$SCRATCH/held" '^holding'
}
policy
echo "$GROUP" >"$STATE"
ok 'a live session: a reload before it' ctl reload
ok 'a live session: it begins' hold_start
before=$(questions)
ok 'a live session: a reload' ctl reload
ok 'a live session: its user is looked up' asked_more "$before"
echo 64298 >"$STATE"
ok 'a live session, and a user who left the group: a reload' ctl reload
ok 'a live session, and a user who left the group: logged' wait_log \
    'the role no longer admits this user'
exec 8>&-
wait "$HOLDER"
like 'a live session, and a user who left the group: it ends' \
    "$(cat "$SCRATCH/held.err")" \
    '*the broker ended the session: the role no longer admits this user'

# Without its names process the daemon serves whom it need not look up.
kill -KILL "$(names_pid)"
ok 'no names process: logged' wait_log 'the names process is gone or broken'
served 'no names process: a peer by its uid' "$UIDPEER" byuid
refused 'no names process: a user who is not remembered' "$OTHER" bygroup \
    "the groups of uid $OTHER cannot be looked up: No such process"
fails 'no names process: a reload fails' ctl reload
is 'no lookup process is left' "$(pgrep -f '^fdbrokerd: lookup' \
    -s "$DAEMON")" ''
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

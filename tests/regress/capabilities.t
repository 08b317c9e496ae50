#!/bin/sh
#
# capabilities.t: the supervisor has the capabilities that it and its openers
# need, and each of them is needed: without it something breaks.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64101
SOCK=$RUNDIR/fdbroker.sock
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }

mkdir "$T/data"
echo text >"$T/data/file"
chmod 0600 "$T/data/file"
policy()
{
	conf <<EOC
$1
role "read" {
	peer user "$WORKER"
	permit read "$T/data"
}
EOC
}

# The daemon is started without what is in $WITHOUT, also in the bounding set.
mv "$BIN/fdbrokerd" "$BIN/fdbrokerd.real"
cat >"$BIN/fdbrokerd" <<'EOC'
#!/bin/sh
[ -n "$WITHOUT" ] || exec "$0.real" "$@"
exec setpriv --bounding-set="-$WITHOUT" --inh-caps="-$WITHOUT" "$0.real" "$@"
EOC
chmod 0755 "$BIN/fdbrokerd"
WITHOUT=
export WITHOUT

policy ''
ok 'the daemon starts' start_daemon || exit 1
# CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, KILL, SETGID, SETUID, SETPCAP,
# SYS_CHROOT, SYS_ADMIN.
for set in CapPrm CapEff CapBnd; do
	is "the supervisor's $set" "$(status "$DAEMON" $set)" 00000000002401e7
done
for set in CapInh CapAmb; do
	is "its $set" "$(status "$DAEMON" $set)" 0000000000000000
done
is 'it can gain no more' "$(status "$DAEMON" NoNewPrivs)" 1
is 'it has no groups' "$(status "$DAEMON" Groups)" ''
is 'its environment is gone' "$(tr -d '\0' <"/proc/$DAEMON/environ")" ''
stop_daemon

WITHOUT=sys_chroot
exits 1 'it does not start where one is missing' \
    "$BIN/fdbrokerd" -d -f "$CONF"
like 'and names it' "$(cat "$T/err")" '*CAP_SYS_CHROOT*'

# needed CAPABILITY LOG-RE: what the log says where confinement is optional.
policy 'confinement optional'
client=
end_client() { [ -z "$client" ] || kill "$client" 2>/dev/null; }
at_exit end_client
needed()
{
	WITHOUT=$1
	start_daemon >"$T/start"
	client=
	if [ -n "$DAEMON" ]; then
		mkfifo "$T/hold.$1"
		: >"$T/held"
		run_as "$WORKER" fdbclient -h "$SOCK" read "$T/data/file" \
		    <"$T/hold.$1" >"$T/held" 2>/dev/null &
		client=$!
		exec 8>"$T/hold.$1"
	fi
	if [ "$1" = kill ]; then
		# One that does not end when it is told.
		wait_line "$T/held" '^holding'
		pkill -STOP -f '^fdbroker-opener' -s "$DAEMON"
		opener=$(pgrep -f '^fdbroker-opener' -s "$DAEMON")
		kill "$DAEMON"
	fi
	ok "without CAP_$1 it does not work" wait_log "$2"
	[ "$1" != kill ] || kill -KILL "$opener"
	if [ -n "$client" ]; then
		kill "$client" 2>/dev/null
		wait "$client" 2>/dev/null
		exec 8>&-
		client=
	fi
	stop_daemon
}
needed chown 'its socket: Operation not permitted'
needed dac_override 'its socket: Permission denied'
needed dac_read_search 'dropping privileges: capabilities'
needed kill 'an opener did not end'
needed setgid 'listener: dropping privileges: groups and ids'
needed setuid 'listener: dropping privileges: groups and ids'
needed setpcap 'listener: dropping privileges: securebits'
needed sys_chroot 'listener: dropping privileges: chroot'
is 'and without a listener it is never ready' "$(grep 'ready' "$LOG")" ''
needed sys_admin 'root .*: Operation not permitted'
WITHOUT=
assert_clean
done_testing

#!/bin/sh
#
# capabilities.t: the supervisor has only the capabilities that it and its
# openers need: without any one of them something breaks.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64101
SOCK=$RUNDIR/fdbroker.sock
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }

mkdir "$SCRATCH/data"
echo text >"$SCRATCH/data/file"
chmod 0600 "$SCRATCH/data/file"
policy()
{
	conf <<EOC
$1
role "read" {
	peer user "$WORKER"
	permit read "$SCRATCH/data"
}
role "create" {
	peer user "$WORKER"
	permit create "$SCRATCH/data"
}
role "restore" {
	peer user "$WORKER"
	permit setmeta, special "$SCRATCH/data"
}
EOC
}

# Start the daemon without the capability $WITHOUT, in its bounding set, too.
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
# CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, KILL, SETGID, SETUID,
# SETPCAP, SYS_CHROOT, SYS_ADMIN, MKNOD, SETFCAP.
for set in CapPrm CapEff CapBnd; do
	is "the supervisor's $set" "$(status "$DAEMON" $set)" 00000000882401ff
done
for set in CapInh CapAmb; do
	is "the supervisor's $set" "$(status "$DAEMON" $set)" 0000000000000000
done
is 'the supervisor can gain no capability' "$(status "$DAEMON" NoNewPrivs)" 1
is 'the supervisor has no supplementary groups' "$(status "$DAEMON" Groups)" ''
is "the supervisor's environment is empty" \
    "$(tr -d '\0' <"/proc/$DAEMON/environ")" ''
stop_daemon

WITHOUT=sys_chroot
exits 1 'without CAP_SYS_CHROOT: status 1' \
    "$BIN/fdbrokerd" -d -f "$CONF"
like 'without CAP_SYS_CHROOT: the message' \
    "$(cat "$SCRATCH/err")" '*CAP_SYS_CHROOT*'

# needed CAPABILITY LOG-RE [ROLE]: start the daemon without the capability, with
# optional confinement, and take a role; the log must have a line.
policy 'confinement optional'
client=
end_client() { [ -z "$client" ] || kill "$client" 2>/dev/null; }
at_exit end_client
needed()
{
	WITHOUT=$1
	start_daemon >"$SCRATCH/start"
	client=
	if [ -n "$DAEMON" ]; then
		mkfifo "$SCRATCH/hold.$1"
		: >"$SCRATCH/held"
		run_as "$WORKER" fdbclient -h "$SOCK" "${3:-read}" \
		    "$SCRATCH/data/file" <"$SCRATCH/hold.$1" >"$SCRATCH/held" \
		    2>/dev/null &
		client=$!
		exec 8>"$SCRATCH/hold.$1"
	fi
	if [ "$1" = kill ]; then
		# A stopped opener does not end when it is told to.
		wait_line "$SCRATCH/held" '^holding'
		pkill -STOP -f '^fdbroker-opener' -s "$DAEMON"
		opener=$(opener_pids)
		kill "$DAEMON"
	fi
	ok "without CAP_$1: it does not work" wait_log "$2"
	[ "$1" != kill ] || kill -KILL "$opener"
	if [ -n "$client" ]; then
		kill "$client" 2>/dev/null
		wait "$client" 2>/dev/null
		exec 8>&-
		client=
	fi
	stop_daemon
}
needed chown 'dropping privileges: CAP_CHOWN' create
needed dac_override 'dropping privileges: CAP_DAC_OVERRIDE' create
needed dac_read_search 'dropping privileges: CAP_DAC_READ_SEARCH'
needed fowner 'dropping privileges: CAP_FOWNER' restore
needed fsetid 'dropping privileges: CAP_FSETID' restore
needed mknod 'dropping privileges: CAP_MKNOD' restore
needed setfcap 'dropping privileges: CAP_SETFCAP' restore
needed kill 'an opener did not end'
needed setgid '(listener|names): dropping privileges: groups and ids'
needed setuid '(listener|names): dropping privileges: groups and ids'
needed setpcap '(listener|names): dropping privileges: securebits'
needed sys_chroot 'listener: dropping privileges: chroot'
is 'without CAP_SYS_CHROOT: the daemon is never ready' \
    "$(grep 'ready' "$LOG")" ''
needed sys_admin 'its roots are not mount clones: .*: Operation not permitted'
WITHOUT=
assert_clean
done_testing

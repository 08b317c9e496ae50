#!/bin/sh
#
# unit.t: the units of etc/ as systemd-analyze(1) and the daemon's own tables
# see them: how much they leave open, and that they permit what the processes
# need.  systemd.t runs them.

. "$(dirname "$0")/lib.sh"

DAEMON_UNIT=$SCRATCH/fdbroker.service
BACKUP_UNIT=$SCRATCH/fdbackup@nightly.service
DRILL_UNIT=$SCRATCH/fdbackup-drill@nightly.service
DROPINS=$FDB_SRCDIR/etc/fdbroker.service.d
LISTS=$FDB_SRCDIR/tests/confine
DAEMON_LISTS='supervisor listener names lookup opener writer restorer
setid-restorer'

# The units with the paths of the programs that were built.
for unit in fdbroker.service fdbackup@.service fdbackup@.timer \
    fdbackup-drill@.service fdbackup-drill@.timer; do
	sed "s|^\(Exec[A-Za-z]*=\)[^ ]*/|\1$BIN/|" \
	    "$FDB_BUILDDIR/etc/$unit" >"$SCRATCH/$unit"
done
cp "$SCRATCH/fdbackup@.service" "$BACKUP_UNIT"
cp "$SCRATCH/fdbackup-drill@.service" "$DRILL_UNIT"

# values UNIT SETTING: what a unit says, a line each.
values() { sed -n "s/^$2=//p" "$1"; }

# Only roles that restore devices need one more.
values "$DROPINS/devices.conf" CapabilityBoundingSet >"$SCRATCH/devices"
is 'the bounding set has the capabilities of the supervisor' \
    "$(values "$DAEMON_UNIT" CapabilityBoundingSet | tr ' ' '\n' |
	cat - "$SCRATCH/devices" | sort)" \
    "$(sed -n 's/^[[:blank:]]*{ \(CAP_[A-Z_]*\),.*/\1/p' \
	"$FDB_SRCDIR/lib/confine/privdrop_linux.c" | sort)"
is 'a backup has no capability' \
    "$(values "$BACKUP_UNIT" CapabilityBoundingSet)" ''
is 'nor has a drill' "$(values "$DRILL_UNIT" CapabilityBoundingSet)" ''
# Each of these takes away files that roles name, or a call that opens them.
is 'nothing is set that hides files, or refuses openat2(2)' \
    "$(grep -E '^(RestrictSUIDSGID|ProtectKernelModules|ProtectHome|'\
'ProtectSystem|PrivateTmp|PrivateDevices|ProcSubset|PrivateUsers|RootDirectory'\
'|InaccessiblePaths|TemporaryFileSystem)=' "$DAEMON_UNIT")" ''
if [ "$(values "$DAEMON_UNIT" LimitNOFILE)" -ge 162981 ]; then
	pass 'the limit of descriptors is enough for the default sessions'
else
	fail 'the limit of descriptors is enough for the default sessions'
fi

command -v systemd-analyze >/dev/null || {
	skip 1 'needs systemd-analyze'
	done_testing
	exit 0
}

#
# What the analysis says.
#
if systemd-analyze security --offline=true --no-pager "$DAEMON_UNIT" \
    >/dev/null 2>&1; then
	for bound in 30:"$DAEMON_UNIT" 20:"$BACKUP_UNIT" 20:"$DRILL_UNIT"; do
		ok "${bound##*/}: an exposure of at most ${bound%%:*}" \
		    systemd-analyze security --offline=true --no-pager \
		    --threshold="${bound%%:*}" "${bound#*:}"
	done
	cat "$DAEMON_UNIT" "$DROPINS/read-only.conf" >"$SCRATCH/ro.service"
	ok 'read-only.conf: the same bound' systemd-analyze security \
	    --offline=true --no-pager --threshold=30 "$SCRATCH/ro.service"
else
	skip 4 'needs systemd-analyze security --offline'
fi

# verified DESC UNIT...: nothing at all is said.
verified()
{
	desc=$1
	shift
	ok "$desc: systemd-analyze verify" systemd-analyze verify --man=no "$@"
	is "$desc: it has nothing to say" "$(cat "$SCRATCH/err")" ''
}
verified 'the units' "$DAEMON_UNIT" "$BACKUP_UNIT" "$DRILL_UNIT"
for file in "$DROPINS"/*.conf; do
	cat "$DAEMON_UNIT" "$file" >"$SCRATCH/with.service"
	verified "${file##*/}" "$SCRATCH/with.service"
done
is 'every drop-in is installed' \
    "$(cd "$FDB_SRCDIR" && ls etc/fdbroker.service.d/*.conf)" \
    "$(grep -o 'etc/fdbroker\.service\.d/[a-z-]*\.conf' \
	"$FDB_SRCDIR/Makefile.am" | sort)"

#
# The system calls.
#

# members NAME: the calls of a set, or of a set of sets, or the call itself.
members()
{
	case $1 in
	@*)	;;
	*)	echo "$1"; return;;
	esac
	for member in $(systemd-analyze syscall-filter "$1" |
	    sed -e 1d -e 's/#.*//'); do
		members "$member"
	done
}

# permitted UNIT: the calls that the unit permits, in the order of the lines.
permitted()
{
	: >"$SCRATCH/set"
	values "$1" SystemCallFilter | while read -r line; do
		for name in ${line#\~}; do
			members "$name"
		done | sort -u >"$SCRATCH/some"
		case $line in
		\~*)	comm -23 "$SCRATCH/set" "$SCRATCH/some";;
		*)	sort -u "$SCRATCH/set" "$SCRATCH/some";;
		esac >"$SCRATCH/set.new"
		mv "$SCRATCH/set.new" "$SCRATCH/set"
	done
	cat "$SCRATCH/set"
}

# outside UNIT-SET: of the calls on standard input, those that are not in it.
outside() { sort -u | comm -23 - "$1"; }

# The calls of a list, without those that fail anyway.
listed() { sed -e '/^#/d' -e '/->/d' -e 's/ .*//' "$LISTS/$1.calls"; }

permitted "$DAEMON_UNIT" >"$SCRATCH/daemon.set"
permitted "$BACKUP_UNIT" >"$SCRATCH/backup.set"
permitted "$DRILL_UNIT" >"$SCRATCH/drill.set"
ok 'the set of calls is one' grep -qx openat2 "$SCRATCH/daemon.set"
for list in $DAEMON_LISTS; do
	is "$list: the unit permits what it needs" \
	    "$(listed "$list" | outside "$SCRATCH/daemon.set")" ''
done
for list in controller worker; do
	is "$list: the unit of a backup permits what it needs" \
	    "$(listed "$list" | outside "$SCRATCH/backup.set")" ''
done
for list in controller worker opener writer restorer; do
	is "$list: the unit of a drill permits what it needs" \
	    "$(listed "$list" | outside "$SCRATCH/drill.set")" ''
done
for call in bpf init_module kexec_load mount open_by_handle_at perf_event_open \
    pivot_root ptrace reboot swapon syslog; do
	! grep -qx "$call" "$SCRATCH/daemon.set" || echo "$call"
done >"$SCRATCH/found"
is 'the daemon has no call that only an attacker needs' \
    "$(cat "$SCRATCH/found")" ''

#
# The daemon with what setpriv(1) and unshare(1) can do of the unit: its
# capabilities, no_new_privs, and no network.
#
finish()
{
	done_testing
	exit 0
}
[ "$(id -u)" -eq 0 ] || { skip 1 'needs root'; finish; }
why=$(needs seccomp landlock openat2 clones memfd netns) ||
    { skip 1 "$why"; finish; }
may_open 4096 || { skip 1 'needs 4096 open files (ulimit -n)'; finish; }

WORKER=64161
SOCK=$RUNDIR/fdbroker.sock
caps=$(values "$DAEMON_UNIT" CapabilityBoundingSet | tr '\n' ' ' |
    sed -e 's/CAP_/+/g' -e 's/ *$//' -e 's/ /,/g' |
    tr '[:upper:]' '[:lower:]')
tracer=
if ! grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h" &&
    command -v strace >/dev/null &&
    strace -f -qq -o "$SCRATCH/trace.try" true 2>/dev/null; then
	tracer="strace -DDD -f -qq -o $SCRATCH/trace"
fi
mkdir "$SCRATCH/real" "$SCRATCH/data"
mv "$BIN/fdbrokerd" "$SCRATCH/real/fdbrokerd"
cat >"$BIN/fdbrokerd" <<EOF
#!/bin/sh
exec setpriv --bounding-set="-all,$caps" --inh-caps=-all --no-new-privs \
    unshare --net $tracer "$SCRATCH/real/fdbrokerd" "\$@"
EOF
chmod 0755 "$BIN/fdbrokerd"
echo text >"$SCRATCH/data/file"
chmod 0600 "$SCRATCH/data/file"
conf <<EOF
log audit all to "$SCRATCH/audit"
role "read" {
	peer user $WORKER
	permit read "$SCRATCH/data"
}
role "write" {
	peer user $WORKER
	permit write, create "$SCRATCH/data" mode 0640 owner "$WORKER" \
	    group "$WORKER"
}
EOF
ok 'with these capabilities the daemon starts' start_daemon || finish
is 'they are those that it keeps' \
    "$(sed -n 's/^CapBnd:[[:blank:]]*//p' "/proc/$DAEMON/status")" \
    "$(sed -n 's/^CapPrm:[[:blank:]]*//p' "/proc/$DAEMON/status")"
is 'a session of reading' \
    "$(run_as "$WORKER" fdbclient "$SOCK" read "$SCRATCH/data/file")" \
    "$SCRATCH/data/file: ok 5"
is 'a session of writing' \
    "$(run_as "$WORKER" fdbclient -w "$SOCK" write "$SCRATCH/data/new")" \
    "$SCRATCH/data/new: written"
is 'what it made has the owner and mode of the rule' \
    "$(stat -c '%u %g %a' "$SCRATCH/data/new")" "$WORKER $WORKER 640"
ok 'a reload' fdbrokerctl -s "$RUNDIR/control.sock" reload
stop_daemon
if [ -z "$tracer" ]; then
	skip 2 'needs strace(1), and no sanitizer'
else
	no_tracer() { ! pgrep -f "^strace .* $SCRATCH/trace" >/dev/null; }
	wait_until no_tracer
	# A line is PROCESS CALL(ARGUMENTS, or says that a call was resumed.
	sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' "$SCRATCH/trace" |
	    sort -u >"$SCRATCH/made"
	ok 'the run is traced' grep -qx mount_setattr "$SCRATCH/made"
	outside "$SCRATCH/daemon.set" <"$SCRATCH/made" >"$SCRATCH/found"
	is 'the unit permits every call of this run' \
	    "$(cat "$SCRATCH/found")" ''
fi
assert_clean
done_testing

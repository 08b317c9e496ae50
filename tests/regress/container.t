#!/bin/sh
#
# container.t: the installed programs in containers: the daemon and fdbackup on
# an overlay as the root directory, with namespaces of their own; with fewer
# capabilities than they need; and where only one user exists.
#
# The script runs itself in each of these.  CONTAINER then says in which, and
# CONTAINER_DIR is the directory of the outer script; what it made there lies in
# the lower layer.

. "$(dirname "$0")/lib.sh"

WORKER=64157

#
# What is the same in every container.
#

# installed: run the installed programs.
installed()
{
	BIN=$CONTAINER_SBIN
	PATH=$CONTAINER_SBIN:$CONTAINER_BIN:$PATH
	# Where they are not installed, but beneath a directory.
	FDBROKER_OPENER=${CONTAINER_OPENER:-}
	[ -n "$FDBROKER_OPENER" ] || unset FDBROKER_OPENER
	# The run directory is on the overlay, and the log is not: tail(1) looks
	# at a log there once a second.
	[ "$CONTAINER" = single ] || RUNDIR=/fdbroker
	SOCK=$RUNDIR/fdbroker.sock
	DATA=$CONTAINER_DIR/lower
	cd "$SCRATCH" || bail_out "$SCRATCH"
}
client() { run_as "$WORKER" fdbclient "$@" 2>&1; }
ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }
# layers KIND: what processes of this kind lack, as the daemon says.
layers() { ctl show confinement | awk -v k="$1" '$1 == k { print $4 }'; }

policy()
{
	conf <<EOC
$1
role "data" {
	peer user "$WORKER"
	permit read, write, append, create "$DATA" mode 0644
}
role "named" {
	peer user "$WORKER"
	permit read, append "$DATA/named"
	permit read, append "$DATA/log"
}
role "one" {
	peer user "$WORKER"
	permit read "$DATA"
	option one-filesystem
	option single-link
}
role "read" {
	peer user "$WORKER"
	permit read "$DATA"
}
role "as" {
	as user "daemon"
	peer user "$WORKER"
	permit read "$DATA"
}
EOC
}

as_archiver()
{
	if [ "$archive_user" -ne 0 ]; then
		run_as "$archive_user" "$@"
	else
		"$@"
	fi
}

# archive NAME USER OPTION...: create an archive of $DATA, list and verify it.
archive()
{
	archive_name=$1 archive_user=$2
	shift 2
	mkdir "$SCRATCH/$archive_name"
	chown "$archive_user" "$SCRATCH/$archive_name"
	cd "$SCRATCH/$archive_name" || return
	ok "$archive_name: create" as_archiver fdbackup create \
	    -f a.tar.zst --logfile log "$@" "$DATA"
	ok "$archive_name: verify" as_archiver fdbackup verify -f a.tar.zst
	ok "$archive_name: list" as_archiver fdbackup list -f a.tar.zst
	is "$archive_name: all files are in it" \
	    "$(sort "$SCRATCH/out")" "$(cd / && find "${DATA#/}" | sort)"
	cd "$SCRATCH" || return
}

# held CHANGE COMMAND...: run the command, which changes the named file log, in
# a session that has opened it.  What the session says is in $SCRATCH/held.
held()
{
	change=$1
	shift
	[ -p "$SCRATCH/hold" ] || mkfifo "$SCRATCH/hold"
	: >"$SCRATCH/held"
	client -h "$SOCK" named "$DATA/log" <"$SCRATCH/hold" \
	    >"$SCRATCH/held" &
	holder=$!
	exec 8>"$SCRATCH/hold"
	ok "a named file that is $change: a session is held" \
	    wait_line "$SCRATCH/held" '^holding'
	"$@"
	exec 8>&-
	wait "$holder"
}
copy_log() { echo more >>"$DATA/log"; }
replace_log() { echo new >"$DATA/log.new" && mv "$DATA/log.new" "$DATA/log"; }

#
# The whole container.
#
in_full()
{
	installed
	is 'the root directory is an overlay' "$(stat -f -c %T /)" overlayfs
	is 'nobody else is here' "$(cat /proc/1/comm)" sh
	policy ''
	ok 'the configuration is accepted' fdbrokerd -n -f "$CONF"
	ok 'the daemon starts' start_daemon || return
	is 'the supervisor lacks nothing' "$(layers supervisor)" nothing
	is 'the listener lacks nothing' "$(layers listener)" nothing

	is 'a file of the lower layer is read' \
	    "$(client "$SOCK" data "$DATA/read")" "$DATA/read: ok 5"
	is '... read and written' \
	    "$(client -u "$SOCK" data "$DATA/write")" "$DATA/write: ok 5"
	is '... appended to' "$(client -a "$SOCK" data "$DATA/append")" \
	    "$DATA/append: written"
	is '... and has its old contents' "$(cat "$DATA/append")" 'text
written'
	is '... truncated' "$(client -w "$SOCK" data "$DATA/empty")" \
	    "$DATA/empty: written"
	is '... and has new contents only' "$(cat "$DATA/empty")" written
	is '... made in a directory of it' \
	    "$(client -w "$SOCK" data "$DATA/sub/new")" \
	    "$DATA/sub/new: written"
	is '... made where one was removed' "$(rm "$DATA/gone" &&
	    client -w "$SOCK" data "$DATA/gone")" "$DATA/gone: written"
	is 'a named file is appended to, and again after it was copied' \
	    "$(client -a "$SOCK" named "$DATA/named" "$DATA/named")" \
	    "$DATA/named: written
$DATA/named: written"
	is '... to read as well' "$(client "$SOCK" named "$DATA/named")" \
	    "$DATA/named: ok 21"
	held copied copy_log
	is '... and reads what was written' "$(cat "$SCRATCH/held")" \
	    "$DATA/log: ok 5
holding
$DATA/log: ok 10"
	held replaced replace_log
	is '... and reads the new file' "$(cat "$SCRATCH/held")" \
	    "$DATA/log: ok 10
holding
$DATA/log: ok 4"
	is 'one-filesystem: a file of each layer' \
	    "$(client "$SOCK" one "$DATA/read" "$DATA/append" \
	    "$DATA/sub/new" "$DATA/sub/deep/file")" \
	    "$DATA/read: ok 5
$DATA/append: ok 13
$DATA/sub/new: ok 8
$DATA/sub/deep/file: ok 5"

	archive 'through the daemon' "$WORKER" -s "$SOCK" --role read
	archive 'privately' "$WORKER"
	archive 'privately, as root' 0

	sed '/^role "read"/,/^}/s|^}|deny "'"$DATA"'/read"\n&|' "$CONF" \
	    >"$CONF.new"
	mv "$CONF.new" "$CONF"
	kill -HUP "$DAEMON"
	ok 'the daemon reloads' wait_log '^fdbrokerd: .*reloaded'
	like 'a rule that is new counts' \
	    "$(client "$SOCK" read "$DATA/sub/deep/file" "$DATA/read")" "\
$DATA/sub/deep/file: ok 5
$DATA/read: policy EACCES *"
	stop_daemon
	is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
	is 'every opener has ended well' "$(grep 'opener failed' "$LOG")" ''
	assert_clean
	is 'the run directory is empty' "$(find "$RUNDIR" ! -type d)" \
	    "$RUNDIR/lock"

	# Without the filter, the limit keeps a writer from growing files.
	cat >"$SCRATCH/fdbrokerd" <<-EOC
	#!/bin/sh
	exec without seccomp -- "$CONTAINER_SBIN/fdbrokerd" "\$@"
	EOC
	chmod 0755 "$SCRATCH/fdbrokerd"
	BIN=$SCRATCH
	policy 'confinement optional'
	ok 'without seccomp: the daemon starts' start_daemon || return
	is 'without seccomp: nothing can be copied' \
	    "$(client -a "$SOCK" data "$DATA/late")" "$DATA/late: kernel EFBIG"
	is 'without seccomp: what was copied can be written' \
	    "$(client -a "$SOCK" data "$DATA/append")" "$DATA/append: written"
	stop_daemon
	BIN=$CONTAINER_SBIN
	assert_clean
}

#
# Without /proc, and with one that hides other users' processes.
#
in_proc()
{
	installed
	policy ''
	mend='mount it: mount -t proc proc /proc'
	mount -t tmpfs none /proc
	exits 1 'without /proc: the daemon does not start' \
	    fdbrokerd -d -f "$CONF"
	is 'without /proc: it says what to do' "$(cat "$SCRATCH/err")" \
	    "fdbrokerd: /proc is missing, or not of these processes; $mend"
	umount /proc
	ok 'the daemon starts' start_daemon || return
	mount -t tmpfs none /proc
	is 'after /proc went away: a session begins all the same' \
	    "$(client "$SOCK" read "$DATA/read")" "$DATA/read: ok 5"
	umount /proc
	is 'after /proc came back: a session begins' \
	    "$(client "$SOCK" read "$DATA/read")" "$DATA/read: ok 5"
	mount -t proc -o hidepid=invisible proc /proc
	is 'with hidepid: a session begins' \
	    "$(client "$SOCK" read "$DATA/read")" "$DATA/read: ok 5"
	archive 'with hidepid: privately' "$WORKER"
	stop_daemon
	ok 'with hidepid: the daemon starts' start_daemon
	is 'with hidepid: a session begins with it' \
	    "$(client "$SOCK" read "$DATA/read")" "$DATA/read: ok 5"
	stop_daemon
	is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
	umount /proc
	assert_clean
}

#
# As an ordinary container: without CAP_SYS_ADMIN.
#
in_fewer()
{
	installed
	policy ''
	exits 1 'the daemon does not start' fdbrokerd -d -f "$CONF"
	like 'it says which capability is missing, what for, and what to do' \
	    "$(cat "$SCRATCH/err")" 'fdbrokerd: the supervisor lacks '\
'CAP_SYS_ADMIN: roots are not mount clones, so *
fdbrokerd: start it with these capabilities (in a container, *), or *'
	policy 'confinement optional'
	ok 'optional: the daemon starts' start_daemon || return
	ok 'optional: it says what is missing' wait_log \
	    'the supervisor runs without CAP_SYS_ADMIN: roots are not mount'
	is 'optional: a session reads' "$(client "$SOCK" read "$DATA/read")" \
	    "$DATA/read: ok 5"
	ok 'optional: the opener says what it lacks' wait_log \
	    "session 1: its roots are not mount clones: $DATA: Operation not"
	is 'optional: a session reads, writes and creates' \
	    "$(client -u "$SOCK" data "$DATA/write"
	    client -w "$SOCK" data "$DATA/sub/new")" "$DATA/write: ok 5
$DATA/sub/new: written"
	is 'optional: a device is no file' \
	    "$(client "$SOCK" data "$DATA/null")" \
	    "$DATA/null: type EPERM a device"
	like 'optional: nothing outside the roots' \
	    "$(client "$SOCK" data /etc/passwd)" '/etc/passwd: policy EACCES *'
	rm "$DATA/null"
	archive 'through the daemon' "$WORKER" -s "$SOCK" --role read
	archive 'privately, as root' 0
	stop_daemon
	is 'optional: the daemon ends with status 0' "$DAEMON_STATUS" 0
	assert_clean
}

#
# Without CAP_DAC_READ_SEARCH, too, which is what most give a container.
#
in_few()
{
	installed
	policy 'confinement optional'
	ok 'the daemon starts' start_daemon || return
	ok 'it says that roles need as user' wait_log \
	    'without CAP_DAC_READ_SEARCH: roles that only read need "as user"'
	is 'a role that reads as no user is refused' \
	    "$(client "$SOCK" read "$DATA/read")" "fdbclient: refused: \
dropping privileges: CAP_DAC_READ_SEARCH"
	is 'a role with as user works' "$(client "$SOCK" as "$DATA/read")" \
	    "$DATA/read: ok 5"
	stop_daemon
	is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
	assert_clean
}

#
# A user namespace that maps one user, which is root there.
#
in_single()
{
	installed
	is 'there is one user' "$(awk '{ print $1, $3 }' /proc/self/uid_map)" \
	    '0 1'
	mkdir "$RUNDIR"
	conf <<-EOC
	role "read" {
		peer user 0
		permit read "$DATA"
	}
	EOC
	exits 1 'there can be no daemon' fdbrokerd -d -f "$CONF"
	is 'it says why' "$(cat "$SCRATCH/err")" "fdbrokerd: supervisor: \
dropping privileges: groups: this user namespace lets nobody change them, so \
it can have no daemon: Operation not permitted"
	archive 'privately' 0
	assert_clean
}

if [ -n "${CONTAINER:-}" ]; then
	"in_$CONTAINER"
	done_testing
	exit 0
fi

#
# Outside.
#
need_daemon
need mntns pidns netns ipcns utsns
for program in pivot_root setpriv unshare; do
	command -v $program >/dev/null || skip_all "needs $program"
done
prefix=$(setting prefix)
unset MAKEFLAGS MFLAGS TESTS
CONTAINER_DIR=$SCRATCH
CONTAINER_SBIN=$prefix/sbin
CONTAINER_BIN=$prefix/bin
export CONTAINER CONTAINER_DIR CONTAINER_SBIN CONTAINER_BIN

# The tests, which lie where the container can see them.
inside=$SCRATCH/inside
mkdir -p "$inside/tests/regress" "$inside/tests/hostile" \
    "$inside/tests/confine" "$SCRATCH/ov"
cp "$FDB_SRCDIR/tests/regress/lib.sh" "$0" "$inside/tests/regress"
cp "$BIN/fdbclient" "$inside/tests/regress"
cp "$BIN/without" "$inside/tests/confine"
ok 'the programs are installed' "${FDB_MAKE:-make}" -C "$FDB_BUILDDIR" -s \
    install DESTDIR="$SCRATCH/dest" || exit 1

mkdir -p "$SCRATCH/lower/sub/deep"
for file in read write append empty gone late log sub/deep/file; do
	echo text >"$SCRATCH/lower/$file"
done
: >"$SCRATCH/lower/named"
printf 'named' >"$SCRATCH/lower/named"
chmod 0666 "$SCRATCH/lower/write"

# Make an overlay of the root directory and become it.  What lies on another
# file system is not in the lower layer, so this directory may need its own.
cat >"$inside/enter" <<'EOF'
set -eu
new=$CONTAINER_DIR/ov/root
overlay()
{
	mkdir -p "$CONTAINER_DIR/ov/$1.up" "$CONTAINER_DIR/ov/$1.work"
	mount -t overlay overlay -o "lowerdir=$2,upperdir=$CONTAINER_DIR/ov/\
$1.up,workdir=$CONTAINER_DIR/ov/$1.work" "$3"
}
mount --make-rprivate /
mount -t tmpfs none "$CONTAINER_DIR/ov"
mkdir "$new"
overlay all / "$new"
if [ ! -d "$new$CONTAINER_DIR/lower" ]; then
	mkdir -p "$new$CONTAINER_DIR"
	overlay own "$CONTAINER_DIR" "$new$CONTAINER_DIR"
fi
cp -R "$CONTAINER_DIR/dest/." "$new"
mkdir -p "$new/proc" "$new/dev" "$new/run"
mount -t proc proc "$new/proc"
mount -t tmpfs -o mode=0755 none "$new/run"
mount -t tmpfs -o mode=0755 none "$new/dev"
for device in null zero random urandom; do
	: >"$new/dev/$device"
	mount --bind "/dev/$device" "$new/dev/$device"
done
hostname container
cd "$new"
mkdir .old
pivot_root . .old
umount -l .old
rmdir .old
cd /
EOF

why=$(unshare -m -p -f -u -i -n sh "$inside/enter" 2>&1) || {
	case $why in
	*overlay*) skip_all "needs overlayfs: $why";;
	esac
	skip_all "cannot make a container: $why"
}

# relay: pass on the results of the script in a container.
relay()
{
	relay_done=false
	while IFS= read -r line; do
		case $line in
		'ok '*' # SKIP '*)
			skip 1 "$CONTAINER: ${line#*# SKIP }";;
		'ok '*)	pass "$CONTAINER: ${line#* - }";;
		'not ok '*)
			fail "$CONTAINER: ${line#* - }";;
		'1..'*)	relay_done=true;;
		*)	printf '%s\n' "$line";;
		esac
	done <"$SCRATCH/relayed"
	ok "$CONTAINER: all of it ran" $relay_done
}

# container NAME COMMAND...: run the script in a container, by a command.
container()
{
	CONTAINER=$1
	shift
	# shellcheck disable=SC2016
	env FDB_SRCDIR="$inside" FDB_BUILDDIR="$inside" FDB_TEST_TMPDIR=/run \
	    unshare -m -p -f -u -i -n sh -c '. "$1/enter"; shift; exec "$@"' \
	    container "$inside" "$@" sh "$inside/tests/regress/container.t" \
	    >"$SCRATCH/relayed" 2>&1 </dev/null
	relay
}
before=$(cd "$SCRATCH/lower" && find . -type f -exec cat {} + | cksum)
container full env
container proc env
mknod -m 0666 "$SCRATCH/lower/null" c 1 3
container fewer setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin
rm "$SCRATCH/lower/null"
container few setpriv --bounding-set=-sys_admin,-dac_read_search \
    --inh-caps=-sys_admin,-dac_read_search
is 'the lower layer is as it was' \
    "$(cd "$SCRATCH/lower" && find . -type f -exec cat {} + | cksum)" "$before"

# Here the root directory stays: the user cannot make an overlay of it.
if why=$(needs -u "$WORKER" userns); then
	CONTAINER=single
	CONTAINER_SBIN=$SCRATCH/dest$prefix/sbin
	CONTAINER_BIN=$SCRATCH/dest$prefix/bin
	CONTAINER_OPENER=$(find "$SCRATCH/dest" -name fdbroker-opener)
	export CONTAINER_OPENER
	env FDB_SRCDIR="$inside" FDB_BUILDDIR="$inside" \
	    setpriv --reuid=$WORKER --regid=$WORKER --clear-groups \
	    unshare -U -r -m -p -f -u -i -n --mount-proc \
	    sh "$inside/tests/regress/container.t" \
	    >"$SCRATCH/relayed" 2>&1 </dev/null
	relay
else
	skip 1 "$why"
fi
is 'no mount is left' "$(grep -F " $SCRATCH/" /proc/self/mountinfo)" ''
assert_clean
done_testing

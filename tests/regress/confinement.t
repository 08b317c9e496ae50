#!/bin/sh
#
# confinement.t: a daemon with sessions in three roles, a private backup and
# a backup by root: the ids, rights and descriptors of each process, as the
# kernel tells them.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64101
SOCK=$RUNDIR/fdbroker.sock
# Any two accounts without rights, and the daemon's own.
# shellcheck disable=SC2046
set -- $(awk -F : '$3 > 0 && $4 > 0 && $3 < 65534 { print $1 }' /etc/passwd |
    head -n 2)
AS=$1 OWN=$2
[ -n "$OWN" ] || skip_all 'needs two accounts'
DAEMON_UID=$(id -u "${FDB_TEST_USER:-nobody}")
DAEMON_GID=$(id -g "${FDB_TEST_USER:-nobody}")

NONE=0000000000000000
status()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' ' |
	    sed 's/ *$//'
}
# ids WHAT PID UID GID GROUPS; caps WHAT PID PERMITTED BOUNDING
ids()
{
	is "$1: its uid" "$(status "$2" Uid)" "$3 $3 $3 $3"
	is "$1: its gid" "$(status "$2" Gid)" "$4 $4 $4 $4"
	is "$1: its groups" "$(status "$2" Groups)" "$5"
}
caps()
{
	is "$1: capabilities" \
	    "$(for set in Inh Prm Eff Bnd Amb; do status "$2" Cap$set; done)" \
	    "$(printf '%s\n' $NONE "$3" "$3" "$4" $NONE)"
	is "$1: no_new_privs" "$(status "$2" NoNewPrivs)" 1
}
# filtered WHAT PID N: by N filters more than what this script has.
had=$(status self Seccomp_filters)
filtered()
{
	is "$1: its system calls are filtered" "$(status "$2" Seccomp)" 2
	if [ -z "$had" ]; then
		skip 1 'needs Seccomp_filters in /proc/PID/status'
		return
	fi
	is "$1: by its own, and those of its parents" \
	    "$(status "$2" Seccomp_filters)" $((had + $3))
}
# rights PID...: what the kernel says of the rights of processes or threads.
rights()
{
	for rights_pid; do
		grep -E -h '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp.*):' \
		    "/proc/$rights_pid/status"
	done | sort -u
}
# threads WHAT PID: none of its threads has other rights; counted PID: how many.
threads()
{
	# shellcheck disable=SC2046
	is "$1: the rights of each thread" \
	    "$(rights $(ls "/proc/$2/task"))" "$(rights "$2")"
}
counted() { find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l; }
# limits WHAT PID NAME SOFT...
limits()
{
	limits_what=$1 limits_pid=$2
	shift 2
	while [ $# -gt 0 ]; do
		is "$limits_what: limit of $1" "$(sed -n \
		    "s/^Max $1  *\([^ ]*\)  *\([^ ]*\) .*/\1 \2/p" \
		    "/proc/$limits_pid/limits")" "$2 $2"
		shift 2
	done
}
# fds PID: print what each descriptor is, without numbers of sockets and pipes.
fds()
{
	for fds_n in $(find "/proc/$1/fd" -type l -printf '%f\n' | sort -n); do
		printf '%s %s\n' "$fds_n" "$(readlink "/proc/$1/fd/$fds_n" |
		    sed -e 's/:\[[0-9]*\]$//' -e "s|^$SCRATCH|DIR|")"
	done
}
# Print the environment, without the options of the sanitizers.
environment() { tr '\0' '\n' <"/proc/$1/environ" | grep -v '^ASAN_OPTIONS='; }
# The /proc files of a process that is not dumpable belong to root.
nodump() { is "$1: not dumpable" "$(stat -c %u "/proc/$2/fd")" 0; }

mkdir "$SCRATCH/logs" "$SCRATCH/tree" "$SCRATCH/data"
chmod 0777 "$SCRATCH/logs" "$SCRATCH/data"
echo text >"$SCRATCH/data/file"
chmod 0644 "$SCRATCH/data/file"
# More than a pipe holds: a backup of it waits for its reader.
dd if=/dev/urandom of="$SCRATCH/tree/big" bs=65536 count=32 2>/dev/null
conf <<EOC
worker user "$OWN"
role "read" {
	peer user "$WORKER"
	peer user "root"
	permit read "/"
	deny "/proc" "/sys" "/dev"
}
role "as" {
	peer user "$WORKER"
	as user "$AS"
	permit read "$SCRATCH/data"
}
role "append" {
	peer user "$WORKER"
	permit create, append, write "$SCRATCH/logs"
}
EOC

# The daemon must not inherit these from the one who starts it.
SECRET=secret
export SECRET
exec 7</etc/passwd 9<"$SCRATCH"
ok 'the daemon starts' start_daemon || exit 1
exec 7<&- 9<&-

# worker ROLE FD PATH: a worker that holds its session until FD is closed.
worker()
{
	mkfifo "$SCRATCH/hold.$1"
	: >"$SCRATCH/held.$1"
	run_as "$WORKER" fdbclient -c -o -h "$SOCK" "$1" "$3" \
	    <"$SCRATCH/hold.$1" >"$SCRATCH/held.$1" 2>&1 &
	eval "exec $2>\"\$SCRATCH/hold.\$1\""
	wait_line "$SCRATCH/held.$1" '^holding' ||
	    bail_out "$(cat "$SCRATCH/held.$1")"
}
worker read 4 "$SCRATCH/data/file"
worker as 5 "$SCRATCH/data/file"
run_as "$WORKER" touch "$SCRATCH/logs/file"
worker append 6 "$SCRATCH/logs/file"
listener=$(listener_pid)
opener_of()
{
	fdbrokerctl -s "$RUNDIR/control.sock" show confinement |
	    awk -v role="$1" '$1 == "opener" && $4 == role { print $3 }'
}

ids supervisor "$DAEMON" 0 0 ''
caps supervisor "$DAEMON" 00000000882401ff 00000000882401ff
limits supervisor "$DAEMON" 'core file size' 0
filtered supervisor "$DAEMON" 1
is 'supervisor: environment' "$(environment "$DAEMON")" ''
like 'supervisor: descriptor 0 is /dev/null' "$(fds "$DAEMON")" '0 /dev/null*'
is 'supervisor: no descriptor is inherited' \
    "$(fds "$DAEMON" | grep -E '/etc/passwd| DIR$|/hold')" ''

ids listener "$listener" "$DAEMON_UID" "$DAEMON_GID" ''
caps listener "$listener" $NONE $NONE
filtered listener "$listener" 1
nodump listener "$listener"
limits listener "$listener" 'core file size' 0 'file size' 0 processes 0
is 'listener: environment' "$(environment "$listener")" ''
is 'listener: its root directory' "$(readlink "/proc/$listener/root")" \
    "$RUNDIR/empty"
is 'listener: its name' "$(cat "/proc/$listener/comm")" fdbrokerd
is 'listener: its descriptors' "$(fds "$listener" |
    sed 's/^\([3-9]\|1[0-9]\) //' | tail -n +4 | sort | uniq -c |
    sed 's/^ *//')" '1 anon_inode:[eventpoll]
2 pipe
4 socket'

# The lookup process has looked up the user of role "as".
pid_of() { pgrep -f "^fdbrokerd: $1" -s "$DAEMON" | head -n 1; }
filters=1
for process in names lookup; do
	pid=$(pid_of $process)
	ids $process "$pid" "$DAEMON_UID" "$DAEMON_GID" ''
	caps $process "$pid" $NONE $NONE
	filtered $process "$pid" $filters
	nodump $process "$pid"
	limits $process "$pid" 'core file size' 0 'file size' 0 \
	    'open files' 256
	is "$process: environment" "$(environment "$pid")" ''
	filters=2
done
lookup=$(pid_of lookup)
if grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h"; then
	skip 1 'a sanitizer needs its memory'
else
	limits lookup "$lookup" 'address space' 1073741824
fi
is 'lookup: its descriptors' "$(fds "$lookup")" '0 /dev/null
1 /dev/null
2 /dev/null
3 socket'

# opener ROLE UID GID GROUPS CAPS ROOTS FILE_SIZE THREADS
opener()
{
	pid=$(opener_of "$1")
	ids "opener of $1" "$pid" "$2" "$3" "$4"
	caps "opener of $1" "$pid" "$5" $NONE
	filtered "opener of $1" "$pid" 2
	is "opener of $1: how many threads" "$(counted "$pid")" "$8"
	threads "opener of $1" "$pid"
	nodump "opener of $1" "$pid"
	limits "opener of $1" "$pid" 'core file size' 0 'file size' "$7" \
	    processes 0
	is "opener of $1: environment" "$(environment "$pid")" ''
	is "opener of $1: its root directory" "$(readlink "/proc/$pid/root")" \
	    "$RUNDIR/empty"
	is "opener of $1: its descriptors" "$(fds "$pid" | tail -n +4 |
	    sed 's/^[0-9]* //' | sort | uniq -c | sed 's/^ *//')" "$6"
}
opener read "$DAEMON_UID" "$DAEMON_GID" '' 0000000000000004 '1 /
3 socket' 0 4
as_groups=$(id -G "$AS" | tr ' ' '\n' | sort -n | tr '\n' ' ' | sed 's/ $//')
opener as "$(id -u "$AS")" "$(id -g "$AS")" "$as_groups" $NONE '1 /
3 socket' 0 4
# Overlayfs copies what it opens to write, and the limit is for the copy, too.
opener append "$DAEMON_UID" "$DAEMON_GID" '' 0000000000000003 '1 /
3 socket' "$(awk '/^Max file size/ { print $4 }' /proc/self/limits)" 1

for role in read as append; do
	pid=$(run_named "^fdbclient .* $role ")
	ids "worker in $role" "$pid" "$WORKER" "$WORKER" ''
	caps "worker in $role" "$pid" $NONE "$(status self CapBnd)"
	filtered "worker in $role" "$pid" 1
	nodump "worker in $role" "$pid"
done

ok 'show confinement' fdbrokerctl -s "$RUNDIR/control.sock" show confinement
is 'nothing is missing' "$(awk '
	$1 ~ /^(supervisor|listener|names)$/ { print $4 }
	$1 == "opener" { print $5 }' "$SCRATCH/out" | sort | uniq -c |
    sed 's/^ *//')" '6 nothing'

# backup NAME COMMAND...: start a backup that waits for its reader.
backup()
{
	backup_name=$1
	shift
	mkfifo "$SCRATCH/pipe.$backup_name"
	: >"$SCRATCH/err.$backup_name"
	eval "exec 3<>\"\$SCRATCH/pipe.\$backup_name\""
	"$@" >"$SCRATCH/pipe.$backup_name" 2>"$SCRATCH/err.$backup_name" &
	CONTROLLER=$!
	wait_line "$SCRATCH/err.$backup_name" 'worker:' ||
	    bail_out "$(cat "$SCRATCH/err.$backup_name")"
	WORKER_PID=$(pgrep -P "$CONTROLLER" -x fdbackup)
}
backup_end()
{
	cat "$SCRATCH/pipe.$backup_name" >"$SCRATCH/archive" 3>&- &
	reader=$!
	exec 3>&-
	wait "$CONTROLLER"
	is "$1: ends well" $? 0
	wait "$reader"
	ok "$1: its archive" fdbackup verify -f "$SCRATCH/archive"
}
# in_namespaces WHAT PID LINE UID: of a worker that UID started.
in_namespaces()
{
	case ${3%%[(;]*} in
	*namespaces*)
		for ns in user mnt pid net ipc uts cgroup; do
			[ "$(readlink "/proc/$2/ns/$ns")" != \
			    "$(readlink "/proc/self/ns/$ns")" ] || break
			ns=
		done
		is "$1: namespaces of its own" "$ns" ''
		is "$1: an empty root directory" "$(ls -A "/proc/$2/root/")" ''
		is "$1: with nothing else mounted" \
		    "$(wc -l <"/proc/$2/mountinfo")" 1
		like "$1: and read-only" "$(cat "/proc/$2/mountinfo")" \
		    '* / / ro,nosuid,nodev,noexec* - tmpfs *'
		is "$1: process 1 there" "$(status "$2" NSpid)" "$2 1"
		return;;
	esac
	why=$(needs -u "$4" userns mntns pidns netns ipcns utsns cgroupns \
	    clone3) && why='needs all namespaces at once'
	skip 5 "$1: $why"
}

chmod 0755 "$SCRATCH/tree"
cd "$SCRATCH" || exit 1
# Not run_as: $! would be a shell.
backup own setpriv --reuid="$WORKER" --regid="$WORKER" --clear-groups -- \
    fdbackup create -v -f - tree
line=$(grep 'worker:' "$SCRATCH/err.own")
like 'own backup: it says how' "$line" \
    '*no_new_privs, not dumpable, landlock, seccomp, capabilities dropped*'
like 'own backup: it keeps its uid, and says so' "$line" '*(without own user*'
ids 'own backup' "$WORKER_PID" "$WORKER" "$WORKER" ''
case ${line%%[(;]*} in
*namespaces*)	bounding=$NONE;;
*)		bounding=$(status self CapBnd);;
esac
caps 'own backup' "$WORKER_PID" $NONE "$bounding"
filtered 'own backup' "$WORKER_PID" 1
threads 'own backup' "$WORKER_PID"
opener=$(pgrep -P "$CONTROLLER" -x fdbroker-opener)
filtered 'own backup: the opener' "$opener" 1
threads 'own backup: the opener' "$opener"
is 'own backup: the opener: how many threads' "$(counted "$opener")" 4
nodump 'own backup' "$WORKER_PID"
limits 'own backup' "$WORKER_PID" 'core file size' 0 processes 0 \
    'open files' 390
is 'own backup: environment' "$(environment "$WORKER_PID")" ''
in_namespaces 'own backup' "$WORKER_PID" "$line" "$WORKER"
is 'own backup: its descriptors' "$(fds "$WORKER_PID" | sed -e 's/^[0-9]* //' \
    -e 's/#.*deleted)/spool/' | grep -v '/big' | sort | uniq -c |
    sed 's/^ *//')" '3 /dev/null
1 DIR/pipe.own
1 DIR/tmp/spool
4 socket'
ids 'own backup: the controller' "$CONTROLLER" "$WORKER" "$WORKER" ''
filtered 'own backup: the controller' "$CONTROLLER" 1
backup_end 'own backup'

backup root fdbackup create -v -s "$SOCK" --role read -f - tree
line=$(grep 'worker:' "$SCRATCH/err.root")
like "root's backup: it says how" "$line" '*capabilities dropped, own user*'
ids "root's backup" "$WORKER_PID" "$(id -u "$OWN")" "$(id -g "$OWN")" ''
caps "root's backup" "$WORKER_PID" $NONE $NONE
filtered "root's backup" "$WORKER_PID" 1
nodump "root's backup" "$WORKER_PID"
in_namespaces "root's backup" "$WORKER_PID" "$line" 0
is "root's backup: it has the archive once" \
    "$(fds "$WORKER_PID" | grep -c 'DIR/pipe\.root$')" 1
backup_end "root's backup"

backup private fdbackup create -v -f - tree
like "root's private backup: it says that it is still root" \
    "$(grep 'worker:' "$SCRATCH/err.private")" \
    '*capabilities dropped*(without own user*'
caps "root's private backup" "$WORKER_PID" $NONE $NONE
# A killed worker takes nothing along and leaves nothing behind.
kill -KILL "$WORKER_PID"
wait "$CONTROLLER"
is 'a killed worker: status 1' $? 1
like 'a killed worker: the message' "$(tail -n 2 "$SCRATCH/err.private")" \
    '*the worker was killed by signal 9*'
exec 3>&-

exec 4>&- 5>&- 6>&-
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# calls.t: the system calls that each process may make: exactly those that are
# listed, as the filter says and as the kernel does; and each of them is made
# in a run of the real programs, so that none can be taken away unnoticed.
#
# After a change of lib/confine/seccomp_calls_linux.c, the lists are made anew
# by
#	for p in worker listener ...; do
#		tests/confine/probe list $p >tests/confine/$p.calls
#	done

. "$(dirname "$0")/lib.sh"

LISTS=$FDB_SRCDIR/tests/confine
PROCESSES='worker listener opener writer restorer private controller'
PROCESSES="$PROCESSES setid-restorer private-setid"
PROCESSES="$PROCESSES private-restorer supervisor names lookup"

[ "$(uname -s)" = Linux ] ||
    skip_all 'the filters are those of Linux'
! grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h" ||
    skip_all 'a sanitizer makes calls of its own'

need seccomp

same_list()
{
	if [ "$(uname -m)" != x86_64 ]; then
		skip 1 'the lists are those of x86_64'
		return
	fi
	probe list "$1" >"$SCRATCH/$1.calls"
	ok "$1: the calls are those in tests/confine/$1.calls" \
	    diff -u "$LISTS/$1.calls" "$SCRATCH/$1.calls"
}

for process in $PROCESSES; do
	same_list "$process"
	ok "$process: the kernel does as the filter says" probe try "$process"
done

#
# What is made of them.
#
finish()
{
	done_testing
	exit 0
}
[ "$(id -u)" -eq 0 ] || { skip 1 'needs root'; finish; }
why=$(needs landlock openat2 clones memfd) || { skip 1 "$why"; finish; }
may_open 4096 || { skip 1 'needs 4096 open files (ulimit -n)'; finish; }
[ "$(uname -m)" = x86_64 ] || { skip 1 'of x86_64 only'; finish; }
command -v strace >/dev/null || { skip 1 'needs strace(1)'; finish; }
strace -f -qq -o "$SCRATCH/trace.try" true 2>/dev/null ||
    { skip 1 'no process may be traced'; finish; }

WORKER=64104
SOCK=$RUNDIR/fdbroker.sock
cd "$SCRATCH" || bail_out "$SCRATCH"
client() { run_as "$WORKER" fdbclient "$@"; }
ctl() { fdbrokerctl -s "$RUNDIR/control.sock" "$@"; }

# traced NAME COMMAND...: the process has the number that the command would
# have; who traces it is in nobody's way.
traced()
{
	traced_file=$SCRATCH/trace.$1
	shift
	exec strace -DDD -f -qq -e 'raw=!seccomp' -o "$traced_file" "$@"
}
trace() { (traced "$@"); }

# pids NAME: print this run's processes of that name, the oldest first.  Process
# numbers wrap around, so the time of the start counts.
pids()
{
	for pid in $(run_pids); do
		[ "$(cat "/proc/$pid/comm" 2>&1)" = "$1" ] || continue
		# The daemon's spare opener has no session.
		! grep -q '^(spare)' "/proc/$pid/cmdline" 2>&1 || continue
		echo "$(sed 's/.*) //' "/proc/$pid/stat" 2>&1 |
		    cut -d ' ' -f 20) $pid"
	done | sort -n -k 1,1 -k 2,2 | cut -d ' ' -f 2
}

# Until no backup and no opener is left.
is_idle() { [ -z "$(pids fdbackup; pids fdbroker-opener)" ]; }
idle() { wait_until is_idle; }

no_tracer() { ! pgrep -f "^strace .* $SCRATCH/trace" >/dev/null; }
tracers_gone() { wait_until no_tracer; }

# in_call PID: the number of the system call in which a process waits.
in_call()
{
	cut -d ' ' -f 1 "/proc/$1/syscall" 2>&-
}
# in_threads PID CALL: a thread of the process waits in a system call.
in_threads()
{
	cut -d ' ' -f 1 "/proc/$1"/task/*/syscall 2>&- | grep -qx "$2"
}
# until_in PID CALL: until a process waits in a system call.
is_in() { [ "$(in_call "$1")" = "$2" ]; }
until_in() { wait_until is_in "$@"; }
until_state()
{
	wait_until grep -q "^State:[[:space:]]*$2" "/proc/$1/status"
}

# A process that waits in poll(2), 7, is stopped there and goes on.
stop_and_go()
{
	until_in "$1" 7 && kill -STOP "$1" && until_state "$1" '[tT]' &&
	    kill -CONT "$1" && until_state "$1" S
}

# The daemon is run by a name of its own, by which it is known as ours.
mkdir real
mv "$BIN/fdbrokerd" real/fdbrokerd
cat >"$BIN/fdbrokerd" <<EOF
#!/bin/sh
exec strace -DDD -f -qq -e 'raw=!seccomp' -o "$SCRATCH/trace.daemon" \
    "$SCRATCH/real/fdbrokerd" "\$@"
EOF
chmod 0755 "$BIN/fdbrokerd"

mkdir -p data/many state
n=0
while [ $n -lt 2000 ]; do
	n=$((n + 1))
	echo $n
done | (cd data/many && xargs touch)
# Some at a time are held open.
n=0
while [ $n -lt 64 ]; do
	n=$((n + 1))
	mkdir -p data/dirs/$n/sub state/dirs/$n/sub
	echo $n >data/dirs/$n/sub/file
done
echo plain >data/plain
ln -s plain data/link
dd if=/dev/urandom of=data/large bs=1M count=8 2>/dev/null
# What a walk reads in two parts, and what it leaves out.
for dir in data state; do
	mkdir $dir/wide $dir/cache
	(cd $dir/wide && seq 17000 | xargs touch)
	echo 'Signature: 8a477f597d28d172789f06886806bc55' \
	    >$dir/cache/CACHEDIR.TAG
done
# Owners whose names have to be asked for.
chown "$WORKER:$WORKER" data/plain
echo full >state/full
echo more >state/more
ln -s full state/link
# Many rules, which need memory.
n=0
while [ $n -lt 4000 ]; do
	n=$((n + 1))
	echo "deny \"/none/$n\""
done >rules
policy()
{
	conf <<EOF
log audit all to "$SCRATCH/audit"
$1
role "read" {
	peer user $WORKER
	permit read "$SCRATCH/data"
	${2:-}
}
role "asuser" {
	as user "nobody"
	peer user $WORKER
	permit read "$SCRATCH/data"
}
role "write" {
	peer user $WORKER
	permit read, write "$SCRATCH/state"
	permit create, append "$SCRATCH/state/new-*" owner "$WORKER" \
	    group "$WORKER"
	${2:-}
}
role "restore" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace, remove \
	    "$SCRATCH/restored" owner any
}
role "setid" {
	peer user $WORKER
	permit read "$SCRATCH/data"
	permit create, append, mkdir, symlink, link, setmeta, replace, remove, \
	    special "$SCRATCH/restored" owner any
}
role "mounts" {
	peer user $WORKER
	permit read "/"
	deny "/none"
}
role "mountswrite" {
	peer user $WORKER
	permit read "/"
	permit write "$SCRATCH/state"
	deny "/none"
}
EOF
}
policy ''
ok 'the daemon starts' start_daemon || exit 1

is 'read' "$(client -c "$SOCK" read "$SCRATCH/data/plain")" \
    "$SCRATCH/data/plain: ok 6"
is 'a list' "$(client -l "$SOCK" read "$SCRATCH/data/many" | wc -l)" 2000
ok 'a list with a link' client -l "$SOCK" read "$SCRATCH/data"
# With attributes, a tag, read-ahead, and directories of two file systems.
for role in read write; do
	ok "$role: a walk" client -t xacq "$SOCK" "$role" "$SCRATCH/data" \
	    "$SCRATCH/state"
done
is 'as user' "$(client "$SOCK" asuser "$SCRATCH/data/plain")" \
    "$SCRATCH/data/plain: ok 6"
is 'write' "$(client -w "$SOCK" write "$SCRATCH/state/new-1" \
    "$SCRATCH/state/full")" "$SCRATCH/state/new-1: written
$SCRATCH/state/full: written"
# All kinds of changes, by each kind of opener that makes them.
mkdir restored private
chmod 0777 private
cat >changes <<EOF
put file mode=0640 mtime=1 xattr=user.x:y text=x
put file replace mode=0600 text=y
mkdir dir
setmeta dir mode=0711
symlink link text mtime=1
link second file
mknod fifo fifo 0 0 0600
remove fifo
put named text=x
create abandoned
abandon abandoned
remove file
remove second
remove named
remove link
symlink dir/.fdbroker.0000000000000001 text
sweep dir
rmdir dir
EOF
restored() { grep -c ': ok$' "$SCRATCH/restored.out"; }
for role in restore setid; do
	(echo "token $SCRATCH/restored" && cat changes) |
	    run_as "$WORKER" fdbwriter "$SOCK" "$role" >restored.out
	is "$role: changes" "$(restored)" 19
done
(echo "put $SCRATCH/restored/suid mode=4755 text=x" &&
    echo "remove $SCRATCH/restored/suid" &&
    echo "mknod $SCRATCH/restored/sock socket 0 0 0600" &&
    echo "remove $SCRATCH/restored/sock") |
    run_as "$WORKER" fdbwriter "$SOCK" setid >restored.out
is 'setid: special ones' "$(restored)" 4
for special in '' -s; do
	# The last one fails, but the call is made.
	(echo "token $SCRATCH/private" && cat changes &&
	    echo 'put given owner=0:0') >private.in
	traced "private$special" setpriv --reuid="$WORKER" \
	    --regid="$WORKER" --clear-groups -- fdbwriter -p $special \
	    "$BIN/fdbroker-opener" "$SCRATCH/private" <private.in \
	    >restored.out &
	wait $!
	is "private${special:+ with }$special: changes" "$(restored)" 19
done
# Beneath the root is another file system, which is asked when it is reached.
for role in mounts mountswrite; do
	like "$role: a file on another file system" \
	    "$(client "$SOCK" "$role" /proc/version)" '/proc/version: ok *'
done
exits 1 'no such role' client "$SOCK" nosuch
ok 'no HELLO' run_as "$WORKER" badhello short "$SOCK" read

# Each of two hears of a new policy, and is stopped while it waits.
for role in read write; do
	idle
	hold_start "$SOCK" "$role" "$SCRATCH/data/plain"
	opener=$(pids fdbroker-opener | tail -n 1)
	ok "$role: an opener is stopped and goes on" stop_and_go "$opener"
	policy '' "$(cat rules)"
	ok "$role: a reload" ctl reload
	hold_end
done
policy 'control group "nogroup"'
kill -HUP "$DAEMON"
ok 'a reload by a signal' wait_log 'reloaded, generation 4'
mv audit audit.1
kill -USR1 "$DAEMON"
ok 'the audit is opened anew' wait_log 'audit file is opened anew'
for what in sessions confinement denied; do
	ok "show $what" ctl show $what
done
idle
hold_start "$SOCK" read "$SCRATCH/data/plain"
opener=$(pids fdbroker-opener | tail -n 1)
kill -STOP "$opener"
session=$(sed -n 's/.*session \([0-9]*\): started.*/\1/p' "$LOG" | tail -n 1)
ok 'a session is ended, whose opener is stuck' ctl kill "$session"
ok 'it is killed' wait_log 'killed by signal 9'
hold_end

# The backup.
ok 'a backup by the daemon' trace role setpriv --reuid="$WORKER" \
    --regid="$WORKER" --clear-groups -- fdbackup create -v --role read \
    --socket "$SOCK" -f "$SCRATCH/tmp/role.tar.zst" data
ok 'by an opener that may write' trace writer setpriv --reuid="$WORKER" \
    --regid="$WORKER" --clear-groups -- fdbackup create --role write \
    --socket "$SOCK" -f "$SCRATCH/tmp/write.tar.zst" state
ok 'a private one' trace root fdbackup create -v -f private.tar.zst \
    --logfile fdbackup.log data
ok 'over one that is there' trace again setpriv --reuid="$WORKER" \
    --regid="$WORKER" --clear-groups -- fdbackup create \
    -f "$SCRATCH/tmp/role.tar.zst" data/plain
ok 'list' trace list fdbackup list -v -f private.tar.zst
ok 'verify' trace verify fdbackup verify -f private.tar.zst
exits 1 'a worker that dies in a hand-off' trace handoff \
    -e inject=poll:signal=KILL:when=1 fdbackup list -f private.tar.zst
mkfifo pipe
traced contract contract contract.file <pipe >contract.out &
CONTRACT=$!
exec 9>pipe
ok 'a worker is stopped and goes on' stop_and_go "$CONTRACT"
exec 9>&-
wait "$CONTRACT"
is 'it can do what it may rely on' "$(cat contract.out)" kept
rm pipe

# Each capability is tried, but each set is read once, not for each attempt.
few_prctl()
{
	awk '/ prctl\(/ && ++n[$1] > 400 { many = 1 } END { exit many }' \
	    trace.root trace.role
}
ok 'to drop capabilities takes a few calls for each' few_prctl

# Without /proc, the archive has a temporary name, which is removed.
exits 1 'a worker that dies, and an archive that is given up' trace noname \
    -e inject=access:error=ENOENT:when=2 -e inject=poll:signal=KILL:when=1 \
    fdbackup create -f none.tar data/plain

# One that is stopped while it waits, and is ended.
mkfifo pipe
idle
traced ended fdbackup create -f pipe data 2>ended.err &
exec 9<pipe
backup_is_there()
{
	opener=$(pids fdbroker-opener) && [ -n "$opener" ] &&
	    worker=$(pids fdbackup) && [ "${worker#*[!0-9]}" != "$worker" ] &&
	    controller=$(echo "$worker" | head -n 1) &&
	    worker=$(echo "$worker" | tail -n 1)
}
backup_runs() { wait_until backup_is_there; }
# The worker goes on as another process at first.
worker_writes() { backup_is_there && in_threads "$worker" 1; }
backup_writes() { wait_until worker_writes; }
ok 'a backup into a pipe that nobody reads' backup_runs
ok 'its opener is stopped and goes on' stop_and_go "$opener"
kill -TERM "$controller"
exec 9<&-
ok 'it ends' wait_line ended.err 'stopped by a signal'
idle

# An opener that does not end when all is done.
traced stuck fdbackup create -f pipe data/large 2>stuck.err &
BACKUP=$!
exec 9<pipe
ok 'a backup of one file into that pipe' backup_runs
ok 'the worker has the file and writes' backup_writes
kill -STOP "$opener"
cat <&9 >piped
exec 9<&-
wait "$BACKUP"
is 'it ends well, although its opener does not' $? 0

stop_daemon
ok 'all is told' tracers_gone
if why=$(needs -u "$WORKER" userns mntns pidns netns ipcns utsns cgroupns \
    clone3); then
	ok 'each call that is allowed is made, or excused in '\
'tests/confine/unseen' probe trace "$LISTS/unseen" trace.*
else
	skip 1 "each call that is allowed is made: $why"
fi
assert_clean
done_testing

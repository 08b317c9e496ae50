# lib.sh: what the test scripts share.  A script starts with
#
#	. "$(dirname "$0")/lib.sh"		(or ../regress/lib.sh)
#	plan 7					or done_testing at its end
#
# After that it has these variables:
#
#	$SCRATCH
#		a directory of its own, which other uids can enter; it is
#		removed when the script exits
#	$BIN
#		in that directory, copies of fdbrokerd, fdbroker-opener,
#		fdbackup, fdbrokerctl and the helpers of the tests, which other
#		uids can execute; also first in $PATH
#	$STATUS_COMPLETE, $STATUS_FATAL, ...
#		the exit statuses of fdbackup, of worker/common/status.h
#	$RUNDIR, $CONF, $LOG, $DAEMON
#		the daemon's run directory, configuration, log and process id
#
# Each of these functions prints one TAP line.  The description comes first:
#
#	ok DESC COMMAND...	the command succeeds
#	fails DESC COMMAND...	it exits with a status of 1 to 125
#	exits N DESC COMMAND...	it exits with status N
#	is DESC GOT WANT	two strings are equal
#	like DESC GOT PATTERN	a string matches a pattern of sh
#	pass DESC, fail DESC
#
# ok, fails and exits keep the command's output in $SCRATCH/out and
# $SCRATCH/err, and show it if the result is wrong.
#
#	diag LINE...		print lines that explain a result
#	skip N REASON		skip N results
#	skip_all REASON		skip all results, and end the script
#	need_root [N]		without root: skip N results and return 1, or
#				skip_all without N
#	need FEATURE...		skip_all unless the kernel has these features of
#				tests/confine/feature.c
#	need_daemon		skip_all unless root can run fdbrokerd here
#	need_files N		skip_all unless a process may open N files
#
# The daemon:
#
#	conf <<EOF		write $CONF, with rundir and user at its top
#	start_daemon [ARG...]	start it, and wait until it accepts sessions
#	stop_daemon [SIGNAL]	end it, and wait for it; $DAEMON_STATUS is its
#				exit status
#	wait_log RE [SECONDS]	wait for a line in $LOG
#	wait_line FILE RE	wait for a line in a file that grows
#	assert_clean [DESC]	a result: no process is left, and no socket in
#				$SCRATCH
#	sweep_killed		let fdbackup remove the sockets that runs have
#				left in $XDG_RUNTIME_DIR that were killed
#	wait_gone		wait until no process is left
#	run_pids		print the process ids of this run
#	run_named RE		print those whose command line matches
#	listener_pid		print the process id of the listener
#	opener_pids		print those of the openers that have a session,
#				a line each
#	no_opener		no session is left
#	fd_count PID		print how many descriptors a process has
#	hold_start [-OPTION] SOCKET ROLE [PATH...]
#				let fdbclient -h, with the uid $WORKER, hold a
#				session until hold_end; what it prints is in
#				$SCRATCH/held and $SCRATCH/held.err; it is
#				$HOLDER, and descriptor 8 lets it wait
#	hold_end		let it go on, and wait for it
#
# Others:
#
#	wait_until COMMAND...	wait until a command succeeds
#	run_as UID COMMAND...	run it with this uid and gid, and without
#				supplementary groups; needs root
#	at_exit COMMAND		evaluate it at exit; the last one comes first
#	setting NAME		print a variable of the build's Makefile
#
# A script with a fuzzer has two results, and $SCRATCH/corpus for its seeds:
#
#	fuzz_begin SECONDS	skip_all without clang and its libFuzzer; goes
#				to $FDB_SRCDIR
#	fuzz_build NAME ARG...	a result: tests/fuzz/fuzz_NAME.c is built with
#				these flags, sources and libraries
#	fuzz_run NAME ARG...	a result: with these flags of libFuzzer, no
#				input breaks it; prints one that does as base64
#
# The compiler of the tree may have no libFuzzer, so the fuzzer and the sources
# that it needs are built with clang and its sanitizers.  FUZZ_SECONDS and
# FUZZ_SEED in the environment set the time and the seed.  The seed is the same
# each time, so that the same sources get the same inputs wherever they are
# tested; with FUZZ_SEED=0 it is a random one, which is printed.
#
# The daemon is a child of the script: wait(1) without a process id waits for
# the daemon, too.  Wait for an event or a state, and with a time limit, never
# for an amount of time.
# KEEP=1 in the environment keeps $SCRATCH.

set -u
umask 022
LC_ALL=C
export LC_ALL

: "${FDB_SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${FDB_BUILDDIR:=$FDB_SRCDIR}"

tap_count=0
tap_exit=
lib_limit=20		# seconds that an event may take
DAEMON=
DAEMON_STATUS=

#
# TAP.
#
plan()
{
	echo "1..$1"
}

done_testing()
{
	plan "$tap_count"
}

diag()
{
	printf '%s\n' "$@" | sed 's/^/# /'
}

tap_result()
{
	tap_count=$((tap_count + 1))
	printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}

pass()
{
	tap_result ok "$1"
}

fail()
{
	tap_result 'not ok' "$1"
	return 1
}

# tap_run COMMAND...: run it; its exit status is in $tap_status.
tap_run()
{
	tap_status=0
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || tap_status=$?
}

# tap_show COMMAND...: print the status and the output that tap_run has kept.
tap_show()
{
	diag "command: $*" "exit status: $tap_status"
	[ ! -s "$SCRATCH/out" ] ||
	    diag 'standard output:' "$(head -n 50 "$SCRATCH/out")"
	[ ! -s "$SCRATCH/err" ] ||
	    diag 'standard error:' "$(head -n 50 "$SCRATCH/err")"
}

ok()
{
	tap_desc=$1
	shift
	tap_run "$@"
	[ "$tap_status" -ne 0 ] || { pass "$tap_desc"; return; }
	fail "$tap_desc" || tap_show "$@"
	return 1
}

fails()
{
	tap_desc=$1
	shift
	tap_run "$@"
	if [ "$tap_status" -ge 1 ] && [ "$tap_status" -le 125 ]; then
		pass "$tap_desc"
		return
	fi
	fail "$tap_desc" || tap_show "$@"
	return 1
}

exits()
{
	tap_want=$1 tap_desc=$2
	shift 2
	tap_run "$@"
	[ "$tap_status" -ne "$tap_want" ] || { pass "$tap_desc"; return; }
	fail "$tap_desc" || tap_show "$@"
	diag "wanted status: $tap_want"
	return 1
}

is()
{
	[ "$2" != "$3" ] || { pass "$1"; return; }
	fail "$1" || diag "got:    $2" "wanted: $3"
	return 1
}

like()
{
	# $3 is a pattern on purpose.
	# shellcheck disable=SC2254
	case $2 in
	$3)	pass "$1"; return;;
	esac
	fail "$1" || diag "got:         $2" "wanted like: $3"
	return 1
}

skip()
{
	tap_left=$1
	while [ "$tap_left" -gt 0 ]; do
		tap_count=$((tap_count + 1))
		echo "ok $tap_count # SKIP $2"
		tap_left=$((tap_left - 1))
	done
}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

need_root()
{
	[ "$(id -u)" -ne 0 ] || return 0
	[ $# -gt 0 ] || skip_all 'needs root'
	skip "$1" 'needs root'
	return 1
}

bail_out()
{
	echo "Bail out! $1"
	exit 1
}

need()
{
	# Built for Linux only.
	[ -x "$BIN/needs" ] || return 0
	lib_why=$(needs "$@") || skip_all "$lib_why"
}

need_daemon()
{
	[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
	need seccomp landlock openat2 clones memfd
	need_files 4096
}

# may_open N: may a process have N descriptors?  Root can often raise its limit.
# shellcheck disable=SC3045
may_open()
{
	lib_hard=$(ulimit -Hn)
	[ "$lib_hard" != unlimited ] || return 0
	[ "$lib_hard" -ge "$1" ] || ulimit -n "$1" 2>/dev/null
}

need_files()
{
	may_open "$1" || skip_all "needs $1 open files (ulimit -n)"
}

#
# The script's directory: make it, and remove it at exit.
#
at_exit()
{
	tap_exit="$1; $tap_exit"
}

# Unmount what the script has left mounted, or rm could not remove it.
lib_unmount()
{
	awk -v dir="$SCRATCH/" 'index($5, dir) == 1 { print $5 }' \
	    /proc/self/mountinfo 2>/dev/null | sort -r |
	    while IFS= read -r lib_mount; do
		umount -l "$lib_mount"
	done
}

lib_cleanup()
{
	lib_status=$?
	trap - EXIT HUP INT TERM
	cd /
	eval "$tap_exit"
	[ -z "$DAEMON" ] || stop_daemon
	# shellcheck disable=SC2046
	set -- $(run_pids)
	if [ $# -gt 0 ]; then
		diag "left at exit, killed: $*"
		kill -KILL "$@" 2>/dev/null
	fi
	if [ -n "${KEEP:-}" ]; then
		diag "kept: $SCRATCH"
	else
		lib_unmount
		rm -rf --one-file-system "$SCRATCH"
	fi
	exit "$lib_status"
}

# Not $TMPDIR, which may be private or long; socket names are short.  Programs
# are executed there.
lib_make_dir()
{
	for lib_dir in "${FDB_TEST_TMPDIR:-/tmp}" /var/tmp; do
		SCRATCH=$(mktemp -d "$lib_dir/fdb.XXXXXX") || continue
		echo '#!/bin/sh' >"$SCRATCH/try"
		chmod 0700 "$SCRATCH/try"
		"$SCRATCH/try" 2>/dev/null && rm "$SCRATCH/try" && return
		rm -rf "$SCRATCH"
	done
	bail_out 'no temporary directory in which programs can be executed'
}

lib_setup()
{
	lib_make_dir
	trap lib_cleanup EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	chmod 0755 "$SCRATCH"
	[ ${#SCRATCH} -le 40 ] ||
	    bail_out "$SCRATCH: too long for the names of sockets"
	BIN=$SCRATCH/bin
	RUNDIR=$SCRATCH/run
	CONF=$SCRATCH/fdbroker.conf
	LOG=$SCRATCH/log
	mkdir "$BIN" "$SCRATCH/tmp"
	chmod 1777 "$SCRATCH/tmp"
	for lib_program in fdbrokerd fdbroker-opener fdbackup fdbrokerctl; do
		[ ! -f "$FDB_BUILDDIR/$lib_program" ] || {
			cp "$FDB_BUILDDIR/$lib_program" "$BIN"
			chmod 0755 "$BIN/$lib_program"
		}
	done
	# Copy the helpers, too: other uids may have no access to the build.
	for lib_program in "$FDB_BUILDDIR"/tests/regress/* \
	    "$FDB_BUILDDIR"/tests/hostile/* \
	    "$FDB_BUILDDIR"/tests/confine/* "$FDB_BUILDDIR"/examples/*; do
		case ${lib_program##*/} in
		*.*)	continue;;
		esac
		[ ! -x "$lib_program" ] || cp "$lib_program" "$BIN"
	done
	PATH=$BIN:$PATH
	TMPDIR=$SCRATCH/tmp
	XDG_RUNTIME_DIR=$SCRATCH/xdg-runtime
	mkdir -m 0700 "$XDG_RUNTIME_DIR"
	FDBROKER_OPENER=$BIN/fdbroker-opener
	export PATH TMPDIR XDG_RUNTIME_DIR FDBROKER_OPENER
	unset FDBROKER_ROLE FDBROKER_SOCKET
	# The exit statuses of fdbackup, for example STATUS_DENIED=5.
	lib_statuses=$FDB_SRCDIR/worker/common/status.h
	[ ! -r "$lib_statuses" ] || eval "$(sed -n \
	    's/^	ROW(\([A-Z]*\), \([0-9]*\),.*/STATUS_\1=\2/p' \
	    "$lib_statuses")"
}

#
# Processes.
#

# A process belongs to this run if it is in the daemon's session, or if it
# executes one of the copies in $BIN.  The kernel tells the session even of a
# process whose executable it does not tell.
run_pids()
{
	{
		find /proc/[0-9]* -maxdepth 1 -name exe -lname "$BIN/*" |
		    cut -d / -f 3
		[ -z "$lib_sid" ] || cat /proc/[0-9]*/stat |
		    sed 's/^\([0-9]*\) (.*) /\1 /' |
		    awk -v sid="$lib_sid" '$2 != "Z" && $5 == sid { print $1 }'
	} 2>/dev/null | sort -u
}
lib_sid=

# run_named RE: pgrep(1) would find other runs, too: they have the same users.
run_named()
{
	for lib_pid in $(run_pids); do
		tr '\0' ' ' <"/proc/$lib_pid/cmdline" | grep -q -e "$1" &&
		    echo "$lib_pid"
	done 2>/dev/null
}

# The command may wait, too.
wait_until()
{
	for _ in $(seq $((lib_limit * 20))); do
		"$@" && return
		sleep 0.05
	done
	return 1
}

# Wait until no process of this run is left.
lib_is_gone() { [ -z "$(run_pids)" ]; }
wait_gone() { wait_until lib_is_gone; }

fd_count()
{
	# shellcheck disable=SC2012
	ls "/proc/$1/fd" | wc -l
}

run_as()
{
	lib_uid=$1
	shift
	setpriv --reuid="$lib_uid" --regid="$lib_uid" --clear-groups -- "$@"
}

#
# The daemon.
#
conf()
{
	{
		printf 'rundir "%s"\n' "$RUNDIR"
		printf 'user "%s"\n' "${FDB_TEST_USER:-nobody}"
		cat
	} >"$CONF"
}

wait_log()
{
	# shellcheck disable=SC2016
	timeout "${2:-$lib_limit}" sh -c '
		tail -n +1 -f "$1" | grep -m 1 -E -e "$2" -e "$3"
	' wait_log "$LOG" "$1" '^lib.sh: fdbrokerd ended' | grep -q -E "$1"
}

# wait_line FILE RE: wait until a line of a growing file matches.
wait_line()
{
	# Who writes it may not have made it yet: tail(1) would give up.
	: >>"$1"
	timeout "$lib_limit" tail -n +1 -f "$1" | grep -q -m 1 -E -e "$2"
}

start_daemon()
{
	mkdir -p "$RUNDIR"
	: >"$LOG"
	(
		# This shell ignores what may end the script: it must live to
		# log the end of the daemon.
		trap - EXIT
		trap : HUP INT TERM
		# A session of its own, so that run_pids finds its processes.
		setsid "$BIN/fdbrokerd" -d -f "$CONF" "$@" &
		lib_pid=$!
		echo "lib.sh: fdbrokerd is $lib_pid"
		lib_status=0
		wait "$lib_pid" || lib_status=$?
		while kill -0 "$lib_pid" 2>/dev/null; do
			lib_status=0
			wait "$lib_pid" || lib_status=$?
		done
		echo "lib.sh: fdbrokerd ended: $lib_status"
		exit "$lib_status"
	) </dev/null >>"$LOG" 2>&1 &
	lib_waiter=$!
	wait_log '^lib.sh: fdbrokerd is ' ||
	    bail_out 'the shell that runs fdbrokerd does not start'
	DAEMON=$(sed -n 's/^lib.sh: fdbrokerd is //p' "$LOG")
	lib_sid=$DAEMON
	wait_log '^fdbrokerd: ready' && return
	diag "fdbrokerd did not start:" "$(cat "$LOG")"
	stop_daemon KILL
	return 1
}

listener_pid() { pgrep -f '^fdbrokerd: listener' -s "$DAEMON"; }
# The spare opener has another name.
opener_pids() { pgrep -f '^fdbroker-opener' -s "$DAEMON"; }
no_opener() { [ -z "$(opener_pids)" ]; }

# shellcheck disable=SC2034
hold_start()
{
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	: >"$SCRATCH/held"
	run_as "$WORKER" fdbclient -h "$@" <"$SCRATCH/hold" \
	    >"$SCRATCH/held" 2>"$SCRATCH/held.err" &
	HOLDER=$!
	exec 8>"$SCRATCH/hold"
	wait_line "$SCRATCH/held" '^holding'
}

hold_end()
{
	exec 8>&-
	wait "$HOLDER"
}

# A daemon that does not end in time is killed: its status is then 137.
stop_daemon()
{
	[ -n "$DAEMON" ] || return 0
	kill -"${1:-TERM}" "$DAEMON" 2>/dev/null
	wait_log '^lib.sh: fdbrokerd ended' || kill -KILL "$DAEMON"
	DAEMON_STATUS=0
	# shellcheck disable=SC2034
	wait "$lib_waiter" || DAEMON_STATUS=$?
	DAEMON=
}

# What killed runs of fdbackup have left is removed by the next one, a minute
# later.
sweep_killed()
{
	find "$XDG_RUNTIME_DIR" -type s \
	    -exec touch -h -d '2 minutes ago' {} +
	fdbackup list -f /dev/null >/dev/null 2>&1
}

assert_clean()
{
	lib_clean=true
	lib_desc=${1:-nothing is left behind}
	wait_gone || lib_clean=false
	lib_left=$(run_pids)
	lib_sockets=$(find "$SCRATCH" -xdev -type s)
	[ -z "$lib_left$lib_sockets" ] || lib_clean=false
	if $lib_clean; then
		pass "$lib_desc"
		return
	fi
	fail "$lib_desc"
	[ -z "$lib_sockets" ] || diag "sockets: $lib_sockets"
	for lib_pid in $lib_left; do
		diag "process $lib_pid:" \
		    "$(tr '\0' ' ' </proc/"$lib_pid"/cmdline)"
	done
	return 1
}

setting()
{
	sed -n "s/^$1 = //p" "$FDB_BUILDDIR/Makefile"
}

#
# Fuzzers.
#
fuzz_begin()
{
	: "${FUZZ_SECONDS:=$1}"
	: "${FUZZ_SEED:=1}"
	fuzz_clang=${CLANG:-clang}
	fuzz_flags='-fsanitize=fuzzer,address,undefined'
	fuzz_flags="$fuzz_flags -fno-sanitize-recover=all"
	command -v "$fuzz_clang" >/dev/null || skip_all 'needs clang'
	echo 'int LLVMFuzzerTestOneInput(const char *p, long n);
	int LLVMFuzzerTestOneInput(const char *p, long n) { return !p && n; }' \
	    >"$SCRATCH/try.c"
	# shellcheck disable=SC2086
	"$fuzz_clang" $fuzz_flags -o "$SCRATCH/try" "$SCRATCH/try.c" \
	    >"$SCRATCH/out" 2>&1 ||
	    skip_all "needs clang's libFuzzer and sanitizers"
	mkdir "$SCRATCH/corpus" "$SCRATCH/found"
	cd "$FDB_SRCDIR" || bail_out "$FDB_SRCDIR"
	plan 2
}

fuzz_build()
{
	fuzz_name=$1
	shift
	# shellcheck disable=SC2046,SC2086
	ok 'the fuzzer is built' "$fuzz_clang" -std=gnu11 -g -O1 $fuzz_flags \
	    -iquote "$FDB_BUILDDIR" -iquote lib -iquote lib/base \
	    -iquote broker -iquote worker $(setting BSD_CFLAGS) \
	    -o "$SCRATCH/fuzz_$fuzz_name" "tests/fuzz/fuzz_$fuzz_name.c" \
	    "$@" $(setting BSD_LIBS)
}

fuzz_run()
{
	fuzz_name=$1
	shift
	diag "$FUZZ_SECONDS seconds, FUZZ_SEED=$FUZZ_SEED"
	tap_run "$SCRATCH/fuzz_$fuzz_name" \
	    -max_total_time="$FUZZ_SECONDS" -seed="$FUZZ_SEED" -timeout=10 \
	    -rss_limit_mb=1024 -close_fd_mask=0 \
	    -artifact_prefix="$SCRATCH/found/" "$@" "$SCRATCH/corpus"
	if [ "$tap_status" -eq 0 ]; then
		pass 'no input breaks it'
		diag "$(sed -n 's/^INFO: //; /^Seed/p; $p' "$SCRATCH/err")"
		return
	fi
	fail 'no input breaks it' ||
	    diag "exit status: $tap_status" "$(tail -n 50 "$SCRATCH/err")"
	for fuzz_file in "$SCRATCH"/found/*; do
		[ ! -f "$fuzz_file" ] ||
		    diag "$fuzz_file, base64:" "$(base64 "$fuzz_file")"
	done
}

lib_setup

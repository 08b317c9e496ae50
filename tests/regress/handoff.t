#!/bin/sh
#
# handoff.t: a hand-off leaves no socket behind, whatever signal ends which
# process at which system call while the socket has a name.  stopat.c stops
# them there.
#
# Who removes the socket: the process that bound it, if it is not killed, and
# that at once when the other process is gone.  If the worker of fdbackup is
# killed, the controller removes it.  If whoever could do that is killed too,
# the next hand-off in that directory does.

. "$(dirname "$0")/lib.sh"

[ -x "$BIN/stopat" ] || skip_all 'needs Linux'
need ptrace vm_readv
! why=$(stopat "$TMPDIR" TERM binder binder true 2>&1) ||
    bail_out "stopat sees a hand-off in true(1): $why"
[ "$why" = '0 stops, 0 swept' ] || skip_all "needs ptrace(2): $why"

# The leak sanitizer does not work under a tracer.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
# SIGQUIT would dump core.
# shellcheck disable=SC3045
ulimit -c 0
cd "$SCRATCH" || bail_out "$SCRATCH"
mkdir stops
echo data >data

# leaves_nothing DESC SIGNAL AT WHOM COMMAND...
leaves_nothing()
{
	leaves_desc=$1 leaves_signal=$2 leaves_at=$3 leaves_whom=$4
	shift 4
	set -- "$SCRATCH/stops" "$leaves_signal" "$leaves_at" "$leaves_whom" \
	    "$@"
	[ "$leaves_signal" != KILL ] || case $leaves_desc,$leaves_whom in
	*,both | handover*,binder | command*,binder)
		set -- -s "$@";;
	esac
	ok "$leaves_desc: SIG$leaves_signal to $leaves_whom, stopped in \
$leaves_at" stopat "$@"
}

# all DESC COMMAND...: each signal to each process, and to both if a terminal
# sends it.
all()
{
	all_desc=$1
	shift
	for all_signal in HUP INT PIPE QUIT TERM KILL; do
		for all_whom in binder peer both; do
			case $all_signal,$all_whom in
			HUP,both | PIPE,both | TERM,both)
				continue;;
			esac
			leaves_nothing "$all_desc" "$all_signal" binder \
			    "$all_whom" "$@"
		done
	done
	for all_signal in TERM KILL; do
		for all_whom in binder peer; do
			leaves_nothing "$all_desc" "$all_signal" peer \
			    "$all_whom" "$@"
		done
	done
}

fdbackup create -f made.tar data 2>/dev/null
all 'handover' handover
all 'command' logcommand process log logcommand serve
all 'create --logfile' fdbackup create --logfile '!log' -f new.tar data
all 'verify --logfile' fdbackup verify --logfile '!log' -f made.tar
all 'list' fdbackup list -f made.tar
sweep_killed
assert_clean
done_testing

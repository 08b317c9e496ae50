#!/bin/sh
#
# lib.t: the functions of lib.sh report what they should.

. "$(dirname "$0")/lib.sh"
plan 24

# Run a script whose body is standard input; its output is in $SCRATCH/sub.
sub()
{
	{
		printf '. "%s/tests/regress/lib.sh"\n' "$FDB_SRCDIR"
		cat
	} >"$SCRATCH/sub.t"
	sub_status=0
	FDB_TEST_TMPDIR=$SCRATCH/tmp sh "$SCRATCH/sub.t" >"$SCRATCH/sub" 2>&1 ||
	    sub_status=$?
}

ok 'a command that succeeds' true
fails 'a command that fails' false
exits 3 'a command with a status' sh -c 'exit 3'
is 'equal strings' "a b" "a b"
like 'a string that matches a pattern' 'abc' 'a*c'

sub <<'END'
ok one false
fails two true
fails three sh -c 'kill -SEGV $$'
exits 2 four true
is five a b
like six a 'b*'
done_testing
END
is 'what is wrong is reported' "$(grep -c '^not ok [1-6] - ' "$SCRATCH/sub")" 6
is 'the plan is reported' "$(grep -c '^1\.\.6$' "$SCRATCH/sub")" 1

sub <<'END'
ok shown sh -c 'echo to-out; echo to-err >&2; exit 9'
END
like 'the output of a failure is shown' "$(cat "$SCRATCH/sub")" \
    '*# exit status: 9*# to-out*# to-err*'

sub <<'END'
plan 3
skip 2 'no reason'
pass three
END
is 'results are skipped' "$(grep -c '# SKIP no reason' "$SCRATCH/sub")" 2

sub <<'END'
skip_all nothing
END
is 'all results are skipped' "$(cat "$SCRATCH/sub")" '1..0 # SKIP nothing'

sub <<'END'
at_exit 'echo first'
at_exit 'echo second'
echo "$SCRATCH"
exit 7
END
is 'the exit status is kept' "$sub_status" 7
is 'at_exit: the last command comes first' \
    "$(tail -n 2 "$SCRATCH/sub" | tr '\n' ' ')" \
    'second first '
fails 'the directory is removed' test -e "$(head -n 1 "$SCRATCH/sub")"

sub <<'END'
plan 2
cp "$(command -v sleep)" "$BIN/left"
"$BIN/left" 100 &
is left "$(run_pids)" "$!"
is found "$(run_named 'left 100 $') $(run_named '^sleep')" "$! "
END
is 'a process is found by its command line' \
    "$(grep -c '^ok 2' "$SCRATCH/sub")" 1
like 'a process that is left is killed' "$(cat "$SCRATCH/sub")" \
    '*ok 1 - left*# left at exit, killed: [0-9]*'

sub <<'END'
plan 2
third() { tries=$((tries + 1)); [ "$tries" -ge 3 ]; }
both() { wait_until third && [ "$tries" -ge 4 ]; }
tries=0
ok three wait_until third
tries=0
ok nested wait_until both
lib_limit=0
wait_until true || echo 'too late'
END
is 'a command is repeated until it succeeds' \
    "$(grep -c '^ok [12]' "$SCRATCH/sub")" 2
is 'there is a limit to that' "$(grep -c '^too late' "$SCRATCH/sub")" 1

# fake LINE COMMANDS: run a script as sub does, with a daemon that prints LINE
# and runs COMMANDS.
fake()
{
	mkdir -p "$SCRATCH/fake"
	printf '#!/bin/sh\necho fdbrokerd: %s >&2\n%s\n' "$1" "$2" \
	    >"$SCRATCH/fake/fdbrokerd"
	FDB_BUILDDIR=$SCRATCH/fake sub
}

fake ready 'trap "exit 5" TERM; sleep 100 & wait' <<'END'
conf </dev/null
ok started start_daemon
stop_daemon
is status "$DAEMON_STATUS" 5
lib_limit=1
assert_clean
END
is 'a daemon starts and stops, and a process it leaves is seen' \
    "$(grep -c '^ok\|^not ok 3' "$SCRATCH/sub")" 3

fake broken 'exit 1' <<'END'
conf </dev/null
fails started start_daemon
is none "$DAEMON" ''
assert_clean
END
is 'a daemon that does not start is an error' \
    "$(grep -c '^ok' "$SCRATCH/sub")" 3

fake ready 'trap "" TERM; while :; do sleep 1; done' <<'END'
conf </dev/null
ok started start_daemon
lib_limit=1
stop_daemon
is status "$DAEMON_STATUS" 137
END
is 'a daemon that does not stop is killed' "$(grep -c '^ok' "$SCRATCH/sub")" 2

fake ready 'trap "exit 0" TERM; sleep 100 & wait' <<'END'
conf </dev/null
start_daemon
kill -TERM $$
END
is 'a script that is killed cleans up' "$sub_status $(ls "$SCRATCH/tmp")" '143 '

assert_clean 'nothing is left of this script'

if need_root 2; then
	sub <<'END'
echo "$SCRATCH"
mkdir "$SCRATCH/in" "$SCRATCH/in/side"
mount -t tmpfs none "$SCRATCH/in/side"
END
	if [ "$(wc -l <"$SCRATCH/sub")" -eq 1 ]; then
		fails 'a directory with a mount in it is removed' \
		    test -e "$(head -n 1 "$SCRATCH/sub")"
	else
		skip 1 "needs a mount: $(sed 1d "$SCRATCH/sub" | head -n 1)"
	fi
	# shellcheck disable=SC2016
	is 'a command runs as another uid' \
	    "$(run_as 64101 sh -c 'cd "$0" && id -u && id -G' "$SCRATCH" |
	    xargs)" '64101 64101'
fi

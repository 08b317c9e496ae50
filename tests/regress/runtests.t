#!/bin/sh
#
# runtests.t: what run-tests says of tests that pass, fail, are skipped, end
# early or did not run.  make is replaced by a script.

. "$(dirname "$0")/lib.sh"

mkdir "$SCRATCH/tree"
cat >"$SCRATCH/make" <<'END'
#!/bin/sh
case $* in
*list-tests*)
	cat tests
	exit;;
esac
for test in good bad early; do
	[ -f "$test.wanted" ] || continue
	cp "$test.wanted" "$test.log"
	cp "$test.results" "$test.trs"
done
grep -q FAIL ./*.trs && exit 2
exit 0
END
chmod 0755 "$SCRATCH/make"

# test_is NAME RESULT...: a test with these results; its output is the standard
# input.
test_is()
{
	name=$1
	shift
	cat >"$SCRATCH/tree/$name.wanted"
	for result; do
		echo ":test-result: $result x"
	done >"$SCRATCH/tree/$name.results"
	echo "$name.t" >>"$SCRATCH/tree/tests"
}

run_tests()
{
	MAKE=$SCRATCH/make "$FDB_SRCDIR/tests/run-tests" "$SCRATCH/tree"
}

test_is good PASS SKIP <<'END'
1..2
ok 1 - it works
ok 2 # SKIP needs a printer
END
ok 'nothing failed' run_tests
is 'what was skipped is named, and all is counted' \
    "$(cat "$SCRATCH/out")" 'SKIP: needs a printer (1)
1 passed, 0 failed, 1 skipped'

test_is bad PASS FAIL PASS <<'END'
1..3
ok 1 - first
# of the first
not ok 2 - second
# got:    this
FAIL: bad.t 2 - second
ok 3 - third
# of the third
END
test_is early PASS ERROR <<'END'
1..4
ok 1 - first
Segmentation fault
ERROR: early.t - missing test plan
END
echo absent.t >>"$SCRATCH/tree/tests"
exits 1 'some failed' run_tests
is 'they are named, with what they say of what failed alone' \
    "$(grep -v ' make check failed' "$SCRATCH/out")" \
    "FAIL: bad.t 2 - second
    not ok 2 - second
    # got:    this
    FAIL: bad.t 2 - second
ERROR: early.t - missing test plan
    1..4
    ok 1 - first
    Segmentation fault
    ERROR: early.t - missing test plan
ERROR: absent.t did not run
SKIP: needs a printer (1)
See $SCRATCH/tree/check.log and the .log file of each test.
4 passed, 3 failed, 1 skipped"

done_testing

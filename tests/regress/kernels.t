#!/bin/sh
#
# kernels.t: on kernels that lack something, no test fails, and what is skipped
# says what is missing.  tests/confine/without.c makes the kernel at hand look
# like such a one.

. "$(dirname "$0")/lib.sh"

[ -x "$BIN/without" ] || skip_all 'needs Linux'
need seccomp
! grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h" ||
    skip_all 'a sanitizer makes calls of its own'

CMOCKA_MESSAGE_OUTPUT=TAP
export CMOCKA_MESSAGE_OUTPUT FDB_SRCDIR FDB_BUILDDIR

# green DESC COMMAND...: a test does not fail; its results are in $SCRATCH/tap.
green()
{
	green_desc=$1
	shift
	green_status=0
	"$@" >"$SCRATCH/tap" 2>&1 || green_status=$?
	is "$green_desc" "$green_status $(grep '^not ok' "$SCRATCH/tap")" '0 '
}
# skips DESC N WHY: that test has N results or more that are skipped for WHY.
skips()
{
	skips_n=$(grep -c "# SKIP.*$3" "$SCRATCH/tap")
	[ "$skips_n" -lt "$2" ] || { pass "$1"; return; }
	fail "$1" || diag "wanted: $2 skipped for: $3" \
	    "$(grep '# SKIP' "$SCRATCH/tap" | head -n 20)"
}
unit() { sh "$FDB_SRCDIR/tests/unit-tap" "$@"; }
scripts=$FDB_SRCDIR/tests/regress

#
# What is taken away is missing, and is named.
#
for feature in $(without -l); do
	if ! needs "$feature" >"$SCRATCH/why"; then
		skip 1 "$(cat "$SCRATCH/why")"
		continue
	fi
	exits 1 "without $feature it is missing" \
	    without "$feature" needs "$feature"
done
# shellcheck disable=SC2016
is 'a command runs as before but for that' \
    "$(without x32,bpf -- sh -c 'echo "$1"; exit 3' sh 'a b'; echo $?)" "a b
3"
exits 2 'what cannot be taken away' without air true

#
# Unit tests.
#
cat >"$SCRATCH/fake" <<'END'
#!/bin/sh
echo '1..2'
echo '# skip: needs a reason'
echo 'not ok 1 # SKIP test_one'
echo 'not ok 2 # SKIP test_two'
END
chmod 0755 "$SCRATCH/fake"
is 'a unit test that is skipped says why, or fails' \
    "$(unit "$SCRATCH/fake")" '1..2
ok 1 test_one # SKIP needs a reason
not ok 2 test_two: skipped, and nothing said why'

# unit_without FEATURES TEST N WHY: of what this kernel has otherwise.
unit_without()
{
	if ! why=$(needs seccomp landlock openat2 memfd); then
		skip 2 "$why"
		return
	fi
	green "without $1: $2" unit without "$1" "$FDB_BUILDDIR/tests/unit/$2"
	skips "without $1: $2 says so" "$3" "$4"
}
case $(uname -m) in
x86_64)	unit_without ia32 confine/test_confine 1 'needs 32-bit system calls';;
*)	skip 2 'needs x86_64';;
esac
unit_without landlock confine/test_layers 8 'needs Landlock'
unit_without landlock opener/test_opener 1 'needs Landlock'
unit_without landlock3 confine/test_layers 4 'needs Landlock ABI'
unit_without landlock3 confine/test_confine 1 'needs Landlock ABI 3'
unit_without inet,abstract confine/test_layers 2 'needs'
unit_without seccomp confine/test_layers 5 'needs seccomp'
unit_without openat2 opener/test_paths 1 'needs openat2'
unit_without memfd ipc/test_memfile 1 'needs memfd_create'

#
# Scripts.
#
root_only()
{
	for script in "$scripts"/*.t; do
		grep -q -x need_daemon "$script" || continue
		name=${script##*/}
		green "without landlock: $name" without landlock sh "$script"
		is "without landlock: $name says so" "$(cat "$SCRATCH/tap")" \
		    '1..0 # SKIP needs Landlock: Function not implemented'
	done
	unit_without clones opener/test_paths 9 'needs mount clones'
	hidden
	for feature in seccomp landlock openat2 clones mntns; do
		green "without $feature: hostile.t" without $feature sh \
		    "$scripts/hostile.t"
		skips "without $feature: hostile.t says so" 1 'needs'
	done

	if why=$(needs seccomp landlock openat2 clones mntns); then
		attacks
	else
		skip 39 "$why"
	fi
}

attacks()
{
	# Each line: who tries it, a feature, and an attack that needs it.
	cat >"$SCRATCH/attacks" <<-END
	6 ia32 call by int 0x80
	6 x32 call by an x32 number
	6 landlock6 kill an opener
	6 landlock4 listen by TCP
	6 fastopen connect by TCP fast open
	6 userns unshare a user namespace
	5 userns climb by chroot in a namespace
	6 userns mount FUSE in a user namespace
	6 clone3 make a process: clone3
	6 ptrace ptrace an opener
	6 pidfd ... an opener by its pidfd
	6 pidfd_getfd pidfd_getfd of an opener
	6 vm_readv process_vm_readv of an opener
	6 fsopen mount another file system
	5 handles open_by_handle_at
	5 xattr change an extended attribute
	5 flags change its flags (chattr)
	6 inet send by UDP
	6 abstract bind an abstract name
	6 netlink netlink socket
	6 passpidfd take pidfds: SO_PASSPIDFD
	6 passrights refuse rights: SO_PASSRIGHTS
	6 io_uring open a path by io_uring
	6 userfaultfd userfaultfd
	6 bpf bpf
	6 perf perf_event_open
	6 keys add_key
	6 keys keyctl
	5 memfd_exec execute a memfd
	6 code map memory as code
	6 sysvipc share memory: shmget
	6 inotify watch a directory: inotify
	END
	HOSTILE_ONLY="$(cut -d ' ' -f 3- "$SCRATCH/attacks")
open a path"
	export HOSTILE_ONLY
	green 'without any of these: hostile.t' \
	    without "$(cut -d ' ' -f 2 "$SCRATCH/attacks" | sort -u |
	    paste -s -d ,)" sh "$scripts/hostile.t"
	while read -r who feature attack; do
		skips "without $feature: $attack: says so" "$who" \
		    ": $attack: needs"
	done <"$SCRATCH/attacks"
	is 'what needs none of these is compared' \
	    "$(grep '^ok' "$SCRATCH/tap" | grep -v SKIP |
	    grep -c ': open a path')" 5

	HOSTILE_ONLY='open a path
write through it'
	green 'without userns: hostile.t' without userns sh \
	    "$scripts/hostile.t"
	skips 'without userns: the column of namespaces says so' 2 \
	    'badworker: .*needs user namespaces'
	is 'without userns: an opener is compared' \
	    "$(grep '^ok' "$SCRATCH/tap" |
	    grep -v SKIP | grep -c 'badopener: .*er:')" 4

	HOSTILE_ONLY='open by /proc/PID/root
open /proc/PID/mem of an opener'
	# shellcheck disable=SC2016
	green 'with hidepid: hostile.t' unshare -m sh -c '
		mount -t proc -o hidepid=invisible proc /proc || exit
		exec sh "$0"' "$scripts/hostile.t"
	skips 'with hidepid: hostile.t says so' 8 'hidepid'
	unset HOSTILE_ONLY
}

# What no filter can take away.
hidden()
{
	if ! why=$(needs mntns pidns seccomp landlock); then
		skip 5 "$why"
		return
	fi
	# shellcheck disable=SC2016
	green 'with hidepid: test_layers' unshare -m sh -c '
		mount -t proc -o hidepid=invisible proc /proc || exit
		exec setpriv --reuid=64190 --regid=64190 --clear-groups \
		    sh "$0" "$1"' "$SCRATCH/unit-tap" "$SCRATCH/test_layers"
	skips 'with hidepid: test_layers says so' 2 'hidepid'
	# It belongs to the namespace of processes.
	exits 1 'with vm.memfd_noexec no memfd is executed' \
	    unshare -fp --mount-proc sh -c \
	    'echo 1 >/proc/sys/vm/memfd_noexec; needs memfd_exec'
	exits 1 'without a device of FUSE it is missing' unshare -m sh -c \
	    'mount --bind /dev/null /dev/fuse; needs -u 64190 fuse'
	exits 1 'with no_new_privs set-user-ID programs are missing' \
	    setpriv --no-new-privs needs gain
}
if need_root 88; then
	# Others may not enter the build directory.
	cp "$FDB_SRCDIR/tests/unit-tap" \
	    "$FDB_BUILDDIR/tests/unit/confine/test_layers" "$SCRATCH"
	root_only
fi
assert_clean
done_testing

#!/bin/sh
#
# readme.t: what README.md tells people to type.  Its commands are read from the
# text.  With FDB_CHECK_ROOT in the environment, as "make check-root" has it,
# they are run in a fresh Debian root, from apt-get to the end of the daemon.
# The packages of debian/ are built there, installed, started and removed.  That
# takes some minutes and the Debian archive.

. "$(dirname "$0")/lib.sh"

README=$FDB_SRCDIR/README.md
SUITE=${FDB_DEBIAN_SUITE:-bookworm}
MIRROR=${FDB_DEBIAN_MIRROR:-http://deb.debian.org/debian}

# commands SECTION INDENT STEP: the code of a section, or of step N of its list,
# without what is for systemd.
commands()
{
	awk -v section="## $1" -v indent="$2" -v step="$3" '
	/^## / { on = $0 == section; n = 0; next }
	!on { next }
	/^[0-9]+\. / { n = $1 + 0; systemd = 0; next }
	/^   With systemd/ { systemd = 1; next }
	/^   [^ ]/ { systemd = 0 }
	/^[^ ]/ && indent == 4 { blocks++ }
	length($0) == 0 { next }
	(step == "" || n == step) && !systemd &&
	    match($0, /^ */) && RLENGTH >= indent {
		print substr($0, indent + 1)
	}' "$README"
}
WALK='From nothing to a running daemon'
mkdir "$SCRATCH/steps"
commands 'Build and install' 4 '' >"$SCRATCH/steps/build"
for step in 1 2 3 4 5 6; do
	commands "$WALK" 7 "$step" >"$SCRATCH/steps/$step"
done
commands 'Restore' 4 '' | sed 1q >"$SCRATCH/steps/restore"
for step in build 1 2 3 4 5 6 restore; do
	ok "step $step: sh reads it" sh -n "$SCRATCH/steps/$step"
	ok "step $step: it has commands" test -s "$SCRATCH/steps/$step"
done
like 'building begins with the packages' "$(sed 1q "$SCRATCH/steps/build")" \
    'apt-get install gcc *'
like 'the daemon is started by hand' "$(cat "$SCRATCH/steps/3")" \
    'fdbrokerd -n && fdbrokerd'

# README names every package that quickstart installs.
sed -n '/^needs()/,/^}/p' "$FDB_SRCDIR/quickstart" |
    awk '$1 ~ /:/ && NF == 2 { print $2 }' | sort -u >"$SCRATCH/needed"
ok 'quickstart needs packages' test -s "$SCRATCH/needed"
sed -n '/^apt-get/,/[^\\]$/p' "$SCRATCH/steps/build" | tr -d '\134' |
    tr -s ' ' '\n' | grep -v -e apt-get -e install | sort -u \
    >"$SCRATCH/named"
is 'README names every package' \
    "$(comm -23 "$SCRATCH/needed" "$SCRATCH/named")" ''

finish()
{
	done_testing
	exit 0
}
[ -n "${FDB_CHECK_ROOT:-}" ] ||
    { skip 1 'README is run in a fresh root by make check-root'; finish; }
[ "$(id -u)" -eq 0 ] || { skip 1 'needs root'; finish; }
why=$(needs mntns pidns seccomp landlock openat2 clones memfd) ||
    { skip 1 "$why"; finish; }
cd "$SCRATCH" || exit 1
if command -v mmdebstrap >/dev/null; then
	set -- mmdebstrap --variant=minbase
elif command -v debootstrap >/dev/null; then
	set -- debootstrap --variant=minbase
else
	skip 1 'needs mmdebstrap or debootstrap'
	finish
fi
# FDB_ROOT_COPY: a root that was made before; it is copied.
if [ -n "${FDB_ROOT_COPY:-}" ]; then
	ok 'a fresh root' cp -a "$FDB_ROOT_COPY" root || finish
else
	ok 'a fresh root' "$@" "$SUITE" root "$MIRROR" || finish
fi
(cd "$FDB_BUILDDIR" && unset MAKEFLAGS MFLAGS TESTS &&
    "${FDB_MAKE:-make}" -s distdir distdir="$SCRATCH/fdbroker") || exit 1
mv fdbroker root/usr/src/fdbroker

# inside NAME: run the standard input in the root, with namespaces of its own.
cat >enter <<'END'
set -e
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount --rbind /sys root/sys
mount -t tmpfs tmpfs root/run
mount -t tmpfs tmpfs root/tmp
cp /etc/resolv.conf root/etc/
exec chroot root /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C \
    DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -ex /usr/src/script
END
inside()
{
	cat >root/usr/src/script
	timeout -s KILL "${2:-900}" unshare --mount --pid --fork \
	    --propagation private --kill-child sh enter
}

{
	echo 'cd /usr/src/fdbroker'
	echo 'apt-get -qq update'
	# The suite has a test of its own.
	grep -v '^make check' steps/build |
	    sed -e 's/^apt-get install/& -y -qq --no-install-recommends/' \
	    -e 's/^make$/make -s -j2/'
} >script
ok 'README: build and install' inside build <script || finish

# The id of the last denial, for HEX.
cat >root/usr/src/id <<'END'
fdbrokerctl -j show denied | tr ',' '\n' |
    sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' | tail -n 1
END
# What every server has.
mkdir -p root/etc/ssh root/etc/ssl/private
echo key >root/etc/ssh/ssh_host_rsa_key
echo key >root/etc/ssl/private/key
echo conf >root/etc/ssh/sshd_config
{
	cat steps/1 steps/2 steps/3 steps/4
	cat steps/restore
	echo 'test -s out/etc/ssh/sshd_config'
	echo 'set +e'
	sed "s/HEX/\"\$(sh \/usr\/src\/id)\"/" steps/5
	echo 'test $? -eq 0 || exit 1; set -e'
	cat steps/6
	echo 'echo walk: well'
} >script
ok 'README: from nothing to a running daemon' inside walk <script
like 'it has come to its end' "$(cat "$SCRATCH/out")" '*walk: well'
like 'the denial is explained' "$(cat "$SCRATCH/out")" \
    '*To permit it, append to role*'

# The packages, in what is left: without what make install has made.
cat >script <<'END'
cd /usr/src/fdbroker
make -s uninstall
make -s distclean
userdel _fdbackup
userdel _fdbroker
rm -rf /etc/fdbroker.conf /usr/local/lib/libfdbroker* /var/lib/fdbackup
ldconfig
apt-get install -y -qq --no-install-recommends dpkg-dev debhelper fakeroot
dpkg-buildpackage -us -uc -b -d -rfakeroot
apt-get install -y -qq --no-install-recommends ../*.deb
sh debian/tests/smoke
apt-get remove -y -qq 'fdbroker*' libfdbroker0
test ! -e /usr/sbin/fdbrokerd
test -z "$(pgrep -x fdbrokerd)"
echo packages: well
END
ok 'the packages: built, installed, started, removed' inside deb <script
like 'to the end' "$(cat "$SCRATCH/out")" '*packages: well'
done_testing

#!/bin/sh
#
# deb.t: the Debian packages: what debian/ says agrees with configure and with
# what make install makes.  With FDB_CHECK_DEB in the environment, as "make
# check-deb" has it, the packages are built as well, which takes some minutes,
# and the test of the packages runs with them installed in a container.

. "$(dirname "$0")/lib.sh"

command -v dpkg-parsechangelog >/dev/null ||
    skip_all 'needs dpkg-parsechangelog (dpkg-dev)'
cd "$FDB_BUILDDIR" || exit 1
unset MAKEFLAGS MFLAGS TESTS
DEBIAN=$FDB_SRCDIR/debian
changelog() { dpkg-parsechangelog -l "$DEBIAN/changelog" -S "$1"; }
# field NAME FILE: what each paragraph of a control file says, a line each.
field() { sed -n "s/^$1: *//p" "$2"; }

ok 'the changelog is one' dpkg-parsechangelog --all -l "$DEBIAN/changelog"
is 'nothing in it is odd' "$(cat "$SCRATCH/err")" ''
is 'its version is that of configure' "$(changelog Version | sed 's/-.*//')" \
    "$(setting VERSION)"
is 'its package is the source' "$(changelog Source)" \
    "$(field Source "$DEBIAN/control")"
is 'who maintains it' "$(field Maintainer "$DEBIAN/control")" \
    "$(changelog Maintainer)"
for package in $(field Package "$DEBIAN/control"); do
	ok "$package: it says what is in it" \
	    test -s "$DEBIAN/$package.install"
done
is 'the package of the library has the name of its version' \
    "$(field Package "$DEBIAN/control" | grep '^libfdbroker[0-9]')" \
    "$(sed -n "s/^soname_spec=.*//; s/^dlname='\(.*\)\.so\.\(.*\)'/\1\2/p" \
	libfdbroker.la)"

# What quickstart needs of Debian is needed to build the packages, too.
sed -n 's/^[[:blank:]]*module:[a-z_-]*[[:blank:]]*\(lib[a-z-]*\)$/\1/p' \
    "$FDB_SRCDIR/quickstart" | grep -v cmocka | sort >"$SCRATCH/libraries"
ok 'there are libraries' test -s "$SCRATCH/libraries"
sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([a-z0-9+.-]*\).*/\1/p' \
    "$DEBIAN/control" | sort >"$SCRATCH/build"
is 'every library is needed to build' \
    "$(comm -23 "$SCRATCH/libraries" "$SCRATCH/build")" ''

# What is installed, and the lists of debian/ that name it.
dest=$SCRATCH/dest
ok 'make install' "${FDB_MAKE:-make}" -s install DESTDIR="$dest" prefix=/usr \
    libdir=/usr/lib/triplet libexecdir=/usr/libexec sysconfdir=/etc \
    zshdir=/usr/share/zsh/vendor-completions
(cd "$dest" && find . ! -type d | sed 's,^\./,,') | sort >"$SCRATCH/made"
cat "$DEBIAN"/*.install "$DEBIAN/not-installed" >"$SCRATCH/lists"
: >"$SCRATCH/found"
while read -r file; do
	n=0
	while read -r pattern; do
		# A list names files and directories.
		# shellcheck disable=SC2254
		case $file in
		$pattern | $pattern/*)	n=$((n + 1));;
		esac
	done <"$SCRATCH/lists"
	[ $n -eq 1 ] || echo "$file: in $n lists" >>"$SCRATCH/found"
done <"$SCRATCH/made"
is 'each file is in one list' "$(cat "$SCRATCH/found")" ''
: >"$SCRATCH/found"
while read -r pattern; do
	# shellcheck disable=SC2086
	(cd "$dest" && ls -d $pattern) >/dev/null 2>&1 ||
	    echo "$pattern" >>"$SCRATCH/found"
done <"$SCRATCH/lists"
is 'each list names what is there' "$(cat "$SCRATCH/found")" ''
while read -r file; do
	[ -e "$FDB_SRCDIR/$file" ] || echo "$file"
done <"$DEBIAN/fdbroker.docs" >"$SCRATCH/found"
is 'each page is there' "$(cat "$SCRATCH/found")" ''
is 'what is copied is removed' \
    "$(sed -n 's,.*[[:blank:]]\(debian/fdbroker\.[^ ]*\)$,\1,p' \
	"$DEBIAN/rules" | grep -v '\$' | sort)" \
    "$(grep -v -e logrotate -e sysusers -e tmpfiles "$DEBIAN/clean")"
for test in $(field Tests "$DEBIAN/tests/control"); do
	ok "$test: it can be executed" test -x "$DEBIAN/tests/$test"
	ok "$test: sh reads it" sh -n "$DEBIAN/tests/$test"
done

finish()
{
	done_testing
	exit 0
}
[ -n "${FDB_CHECK_DEB:-}" ] ||
    { skip 1 'the packages are built by make check-deb'; finish; }
for name in dpkg-buildpackage dh; do
	command -v $name >/dev/null || { skip 1 "needs $name"; finish; }
done

mkdir "$SCRATCH/deb"
ok 'the tree' "${FDB_MAKE:-make}" -s distdir distdir="$SCRATCH/deb/fdbroker"
cd "$SCRATCH/deb/fdbroker" || exit 1
ok 'the packages are built' dpkg-buildpackage -us -uc -b || finish
cd ..
if command -v lintian >/dev/null; then
	# Nobody in particular maintains this, and no bug asked for it.
	ok 'lintian' lintian --allow-root --fail-on error,warning \
	    --suppress-tags root-in-contact,bogus-mail-host,\
bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs ./*.changes
	is 'it has nothing to say' "$(cat "$SCRATCH/out")" ''
else
	skip 2 'needs lintian'
fi
dpkg-deb -e fdbroker_*.deb "$SCRATCH/scripts"
like 'an upgrade starts again what it stops' \
    "$(cat "$SCRATCH/scripts/postinst")" '*_dh_action=restart*'
like 'to remove it ends the daemon' "$(cat "$SCRATCH/scripts/prerm")" \
    '*deb-systemd-invoke stop*fdbroker.service*'
[ "$(id -u)" -eq 0 ] || { skip 1 'needs root'; finish; }
why=$(needs mntns pidns seccomp landlock openat2 clones memfd) ||
    { skip 1 "$why"; finish; }
mkdir "$SCRATCH/layers" "$SCRATCH/root"
cat >"$SCRATCH/container" <<EOF
#!/bin/sh
set -ex
mount -t tmpfs tmpfs "$SCRATCH/layers"
mkdir "$SCRATCH/layers/upper" "$SCRATCH/layers/work"
root=$SCRATCH/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$SCRATCH/layers/upper,\
workdir=$SCRATCH/layers/work" "\$root"
for dir in run tmp; do
	mount -t tmpfs tmpfs "\$root/\$dir"
done
mkdir -p "\$root/opt/deb"
mount --bind "$SCRATCH/deb" "\$root/opt/deb"
mount --rbind /dev "\$root/dev"
mount -t proc proc "\$root/proc"
mount --rbind /sys "\$root/sys"
cd "\$root"
mkdir -p old
pivot_root . old
umount -l old
dpkg -i /opt/deb/*.deb
unset FDBROKER_OPENER TMPDIR
PATH=/usr/sbin:/usr/bin:/sbin:/bin sh /opt/deb/fdbroker/debian/tests/smoke
EOF
ok 'the test of the packages' timeout -s KILL 300 unshare --mount --pid --fork \
    --propagation private --kill-child sh "$SCRATCH/container"
like 'it has come to its end' "$(cat "$SCRATCH/out")" '*smoke: well'
done_testing

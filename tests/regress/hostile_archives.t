#!/bin/sh
#
# hostile_archives.t: archives that try to reach what is not theirs.  They are
# restored in a role by a uid without rights, by root and by a user with private
# openers: the tree around the destination stays as it is, byte for byte, what
# is harmless in the archive is restored, and the daemon serves on.

. "$(dirname "$0")/lib.sh"

need_daemon
command -v python3 >/dev/null || skip_all 'needs python3'
cd "$SCRATCH" || bail_out "$SCRATCH"
WORKER=64201
OTHER=64202
SOCK=$RUNDIR/fdbroker.sock
WORLD=$SCRATCH/world

conf <<EOF
role "restore" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace, remove \
	    "$WORLD/dest" owner any
}
role "swapped" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace, remove \
	    "$WORLD/dest/mine" owner any
}
EOF

# world: everything outside of the destination, with all its metadata.
world()
{
	(cd "$WORLD" && find . -path ./dest -prune -o -printf \
	    '%p %y %m %U:%G %s %T@ %C@ %n %l\n' | grep -v '^\. ' | sort &&
	    find . -path ./dest -prune -o -type f -exec sha256sum {} + &&
	    stat -c '%a %u:%g %i' .)
}

# fresh UID: an empty destination of this owner.
fresh()
{
	rm -rf "$WORLD/dest"
	mkdir "$WORLD/dest"
	chown "$1" "$WORLD/dest"
}

mkdir -p archives "$WORLD/dir" "$WORLD/dest"
echo victim >"$WORLD/victim"
echo inside >"$WORLD/dir/file"
# Who restores could write to all of this by its own rights, if it would.
chmod 0666 "$WORLD/victim" "$WORLD/dir/file"
chmod 0777 "$WORLD/dir"
NAMES=$(python3 "$FDB_SRCDIR/tests/hostile/archives.py" archives "$WORLD") ||
    bail_out 'archives.py'
chmod 0777 "$WORLD"
before=$(world)
ok 'the daemon starts' start_daemon

# restore HOW NAME: its exit status is in $status.
restore()
{
	status=0
	name=$2
	case $1 in
	role)	set -- run_as "$WORKER" timeout 120 fdbackup extract \
		    --role restore -s "$SOCK";;
	root)	set -- timeout 120 fdbackup extract;;
	user)	set -- run_as "$WORKER" timeout 120 fdbackup extract;;
	esac
	"$@" -f - -C "$WORLD/dest" --max-size 64M \
	    <"archives/$name.tar" >out 2>err || status=$?
}

# expected HOW NAME: the exit status.
expected()
{
	case $1:$2 in
	*:size)				echo 1;;
	*:manifest)			echo 6;;
	role:devices | role:setid | user:devices)	echo 5;;
	role:capability | user:capability)	echo 5;;
	user:setid | root:capability | *:attributes)	echo 4;;
	*:dotdot | *:names | *:deep | *:sparse | *:bomb | *:metadata)
					echo 3;;
	*:swap | *:types | *:through | *:hardout)
					echo 3;;
	*)				echo 0;;
	esac
}

for how in role root user; do
	case $how in
	role)	owner=$OTHER;;
	root)	owner=0;;
	user)	owner=$WORKER;;
	esac
	for name in $NAMES; do
		fresh "$owner"
		restore $how "$name"
		is "$how: $name: status" "$status" "$(expected $how "$name")" ||
		    diag "$(head -n 20 err | cut -c 1-300)"
		is "$how: $name: outside, nothing has changed" "$(world)" \
		    "$before"
		case $name in
		manifest) want=;;
		*)	want=good;;
		esac
		is "$how: $name: what is harmless is restored" \
		    "$(cat "$WORLD/dest/good" 2>/dev/null)" "$want"
		is "$how: $name: nothing unfinished is left" \
		    "$(find "$WORLD/dest" -name '.fdbroker*')" ''
	done
done

#
# What devices, bits and capabilities become where the rule lacks special.
#
fresh 0
restore role devices
is 'devices: none is made' "$(find "$WORLD/dest" -type c -o -type b)" ''
fresh 0
restore role setid
is 'set-user-ID: no bit is set' "$(find "$WORLD/dest" -perm /6000)" ''
is 'set-user-ID: each file is named' "$(grep -c 'without set-user-ID' err)" 3
fresh 0
restore role capability
is 'capabilities: none is set' "$(python3 -c 'import os, sys
print(os.listxattr(sys.argv[1]))' "$WORLD/dest/cap")" "['user.good']"
fresh $WORKER
restore user setid
is 'set-user-ID: a user gives away no rights of its own' \
    "$(find "$WORLD/dest" -perm /6000)" ''

#
# The last of several members stays, whatever was there between.
#
fresh 0
restore role duplicates
is 'duplicates: the last one stays' "$(cat "$WORLD/dest/same")" last
fresh 0
restore role swap
is 'swap: a link in the place of a directory was replaced' \
    "$(find "$WORLD/dest/d" "$WORLD/dest/e" | sort | tr '\n' ' ')" \
    "$WORLD/dest/d $WORLD/dest/d/evil $WORLD/dest/d/one $WORLD/dest/d/victim\
 $WORLD/dest/e $WORLD/dest/e/evil $WORLD/dest/e/evil2 "

#
# What was there is not replaced unless that is asked for, however an archive
# mentions it before.
#
fresh 0
echo mine >"$WORLD/dest/x"
echo mine >"$WORLD/dest/same"
ln -s ../dir "$WORLD/dest/y"
restore role types
restore role duplicates
is 'types: what was there stays' "$(cat "$WORLD/dest/x" "$WORLD/dest/same" &&
    readlink "$WORLD/dest/y")" 'mine
mine
../dir'
is 'types: nothing was made through a link' "$(world)" "$before"

#
# Somebody else exchanges directories on the way for links to the outside.
#
fresh 0
mkdir "$WORLD/dest/mine"
chown $OTHER "$WORLD/dest/mine"
python3 - <<'EOF'
import io, tarfile
t = tarfile.open('race.tar', 'w')
d = tarfile.TarInfo('sub')
d.type, d.mode = tarfile.DIRTYPE, 0o777
t.addfile(d)
for i in range(3000):
    f = tarfile.TarInfo('sub/f%d' % i)
    f.size = 5
    t.addfile(f, io.BytesIO(b'evil\n'))
    f = tarfile.TarInfo('sub/victim')
    f.type, f.linkname = tarfile.SYMTYPE, '/'
    t.addfile(f)
d.mode = 0o700
t.addfile(d)
t.close()
EOF
mkfifo stop
: >swaps
run_as $OTHER fdbwriter -x "$WORLD/dest/mine" sub link "$WORLD/dir" <stop \
    >swaps 2>&1 &
swapper=$!
exec 7>stop
wait_line swaps '^exchanging'
: >race.met
for _ in 1 2 3; do
	timeout 120 setpriv --reuid=$WORKER --regid=$WORKER --clear-groups \
	    fdbackup extract --role swapped -s "$SOCK" --overwrite replace \
	    -f - -C "$WORLD/dest/mine" <race.tar >out 2>race.err
	status=$?
	grep 'sub/.*: not restored: ' race.err >>race.met
	[ $status -ge 3 ] || [ $status -eq 0 ] || break
done
exec 7>&-
wait $swapper
is 'exchanged directories: the other uid went on to the end' $? 0 ||
    diag "$(cat swaps)"
ok 'exchanged directories: they were exchanged' \
    grep -q '^[1-9][0-9]* exchanges$' swaps
ok 'exchanged directories: the run met them' test -s race.met
ok 'exchanged directories: the run ends' [ $status -ne 1 ] ||
    diag "$(tail -n 5 race.err)"
is 'exchanged directories: outside, nothing has changed' "$(world)" "$before"

#
# The daemon serves on.
#
fresh 0
restore role absolute
is 'the daemon serves on' "$status $(cat "$WORLD/dest/good")" '0 good'
stop_daemon
is 'the daemon ends' "$DAEMON_STATUS" 0
assert_clean
done_testing

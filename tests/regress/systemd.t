#!/bin/sh
#
# systemd.t: the units as they are, run by systemd(1): the daemon starts, serves
# roles that read and write, reloads, is started again when it dies, and stops;
# and a backup is made and verified.
#
# systemd is process 1 of a container: namespaces and a control group of its
# own, and an overlay as the root directory.  $SCRATCH is the same directory
# inside, and $BIN is /opt as well, where PrivateTmp does not hide it.

. "$(dirname "$0")/lib.sh"

SYSTEMD=/lib/systemd/systemd
WORKER=64162
[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
[ -x "$SYSTEMD" ] || skip_all 'needs systemd'
! grep -q '^#define FDB_SANITIZED' "$FDB_BUILDDIR/config.h" ||
    skip_all 'a sanitizer makes calls of its own'
for name in unshare systemd-sysusers systemd-tmpfiles; do
	command -v "$name" >/dev/null || skip_all "needs $name"
done
need seccomp landlock openat2 clones memfd mntns pidns utsns ipcns cgroupns
need_files 4096
plan 32

#
# What happens in the container.  What a command prints, and its status, is in
# $SCRATCH/got/NAME.
#
mkdir "$SCRATCH/got" "$SCRATCH/units"
cat >"$SCRATCH/inside" <<EOF
#!/bin/sh
PATH=$BIN:\$PATH
export PATH
unset NOTIFY_SOCKET
got()
{
	name=\$1
	shift
	"\$@" >"$SCRATCH/got/\$name" 2>&1
	echo "status \$?" >>"$SCRATCH/got/\$name"
}
client()
{
	setpriv --reuid $WORKER --regid $WORKER --clear-groups fdbclient "\$@"
}
property() { systemctl show fdbroker --value -p "\$1"; }
socket=/run/fdbroker/fdbroker.sock

got sysusers systemd-sysusers "$SCRATCH/units/fdbroker.sysusers"
got tmpfiles systemd-tmpfiles --create "$SCRATCH/units/fdbroker.tmpfiles"
mkdir -p /srv/data /srv/later /srv/new /home/user /etc/fdbackup
echo text >/srv/data/file
echo text >/home/user/file
chmod 0600 /srv/data/file /home/user/file
cp "$CONF" /etc/fdbroker.conf

got start systemctl start fdbroker
got state property ActiveState
pid=\$(property MainPID)
got caps sed -n 's/^CapBnd:[[:blank:]]*//p' "/proc/\$pid/status"
got confined fdbrokerctl show confinement
got read client "\$socket" read /srv/data/file /home/user/file \\
    "$SCRATCH/inside" /proc/1/comm
got write client -w "\$socket" write /srv/new/file
got owner stat -c '%u %g %a' /srv/new/file
got device client -c "\$socket" device /dev/null /dev/kmsg
mount -t tmpfs later /srv/later
echo text >/srv/later/file
got later client "\$socket" read /srv/later/file
got reload systemctl reload fdbroker
got text property StatusText
systemctl kill -s KILL --kill-who=main fdbroker
n=0
until client "\$socket" read /srv/data/file >/dev/null 2>&1; do
	[ \$n -lt 200 ] || break
	n=\$((n + 1))
	sleep 0.05
done
got again property NRestarts
got served client "\$socket" read /srv/data/file

echo 'PATHS=/srv/data /srv/later' >/etc/fdbackup/read
echo 'OPTIONS=-v' >>/etc/fdbackup/read
got backup systemctl start fdbackup@read
got members tar --zstd -tf /var/lib/fdbackup/read.tar.zst
got archive stat -c '%U %a' /var/lib/fdbackup/read.tar.zst
got drill systemctl start fdbackup-drill@read
got drilled find /var/lib/fdbackup -name '.fdbackup-drill*'
got drilltimer systemctl start fdbackup-drill@read.timer
# A run that waits because nobody reads its archive gets another log.
mkfifo /var/lib/fdbackup/fifo
chown _fdbackup /var/lib/fdbackup/fifo
mkdir /srv/slow
head -c 4000000 /dev/zero >/srv/slow/large
exec 9<>/var/lib/fdbackup/fifo
echo 'PATHS=/srv/slow' >/etc/fdbackup/slow
echo 'OPTIONS=--none' >>/etc/fdbackup/slow
echo 'ARCHIVE=/var/lib/fdbackup/fifo' >>/etc/fdbackup/slow
systemctl start --no-block fdbackup@slow
n=0
until find /run/fdbackup-slow/fdbackup -name 'redirect-*' 2>/dev/null |
    grep -q .; do
	[ \$n -lt 200 ] || break
	n=\$((n + 1))
	sleep 0.05
done
got redirect setpriv --reuid _fdbackup --regid _fdbackup --clear-groups \\
    env XDG_RUNTIME_DIR=/run/fdbackup-slow fdbackup redirect \\
    "\$(systemctl show fdbackup@slow --value -p MainPID)" \\
    /var/lib/fdbackup/log
systemctl kill fdbackup@slow
echo 'PATHS=/srv/data /root' >/etc/fdbackup/read
got denied systemctl start fdbackup@read
got timer systemctl start fdbackup@read.timer

got stop systemctl stop fdbroker
got result property Result
got left find /run/fdbroker -type s
: >"$SCRATCH/done"
EOF

conf <<EOF
user "_fdbroker"
role "slow" {
	peer user "_fdbackup"
	permit read "/srv"
}
role "read" {
	peer user "$WORKER"
	peer user "_fdbackup"
	permit read "/srv" "/home" "/proc" "$SCRATCH"
}
role "write" {
	peer user "$WORKER"
	permit write, create "/srv/new" mode 0640 owner "$WORKER" \
	    group "$WORKER"
}
role "device" {
	peer user "$WORKER"
	permit read, special "/dev"
}
EOF
# In the container it is the real one.
sed -i -e '/^rundir/d' -e '/^user "nobody"/d' "$CONF"

#
# The container.
#
for unit in fdbroker.service fdbackup@.service fdbackup@.timer \
    fdbackup-drill@.service fdbackup-drill@.timer \
    fdbroker.sysusers fdbroker.tmpfiles; do
	sed -e 's|^\(Exec[A-Za-z]*=\)[^ ]*/|\1/opt/|' \
	    -e 's|-f [^ ]*/fdbroker\.conf|-f /etc/fdbroker.conf|' \
	    -e 's|^EnvironmentFile=.*/|EnvironmentFile=/etc/fdbackup/|' \
	    "$FDB_BUILDDIR/etc/$unit" >"$SCRATCH/units/$unit"
done
# What a whole system would have started before is not there.
for unit in fdbroker fdbackup@ fdbackup-drill@; do
	mkdir "$SCRATCH/units/$unit.service.d"
	cat >"$SCRATCH/units/$unit.service.d/test.conf" <<-EOF
	[Unit]
	DefaultDependencies=no
	[Service]
	Environment=FDBROKER_OPENER=/opt/fdbroker-opener
	StandardOutput=append:$SCRATCH/$unit.log
	StandardError=append:$SCRATCH/$unit.log
	EOF
done
cat >"$SCRATCH/units/test.service" <<EOF
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh $SCRATCH/inside
ExecStopPost=/bin/systemctl poweroff -ff
EOF

cat >"$SCRATCH/init" <<EOF
#!/bin/sh
set -e
mount -t tmpfs tmpfs "$SCRATCH/layers"
mkdir "$SCRATCH/layers/upper" "$SCRATCH/layers/work"
root=$SCRATCH/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$SCRATCH/layers/upper,\
workdir=$SCRATCH/layers/work" "\$root"
rm -rf "\$root/etc/systemd/system"
cp -r "$SCRATCH/units" "\$root/etc/systemd/system"
echo 0123456789abcdef0123456789abcdef >"\$root/etc/machine-id"
for dir in run tmp var/tmp; do
	mount -t tmpfs tmpfs "\$root/\$dir"
done
mkdir -p "\$root$SCRATCH"
mount --bind "$SCRATCH" "\$root$SCRATCH"
mkdir -p "\$root/opt"
mount --bind "$BIN" "\$root/opt"
mount --rbind /dev "\$root/dev"
mount -t proc proc "\$root/proc"
mount --rbind /sys "\$root/sys"
mount -t cgroup2 cgroup2 "\$root/sys/fs/cgroup"
cd "\$root"
mkdir -p old
pivot_root . old
umount -l old
mount --make-rshared /
: >"$SCRATCH/booted"
container=test
export container
exec $SYSTEMD --system --unit=test.service --log-target=console
EOF

# The control group is beneath that of the test, and goes with it.
cat >"$SCRATCH/outer" <<EOF
#!/bin/sh
mount -t cgroup2 cgroup2 "$SCRATCH/cgroup" || exit
group=$SCRATCH/cgroup\$(sed -n 's/^0:://p' /proc/self/cgroup)/fdb.\$\$
mkdir "\$group" || exit
(
	sh -c 'echo \$PPID' >"\$group/cgroup.procs" || exit
	exec timeout -s KILL 60 unshare --mount --pid --fork --cgroup --uts \\
	    --ipc --propagation private --kill-child sh "$SCRATCH/init"
)
status=\$?
# It is busy until the last process is gone.
for _ in \$(seq 100); do
	find "\$group" -depth -type d -exec rmdir {} \; 2>/dev/null
	[ -d "\$group" ] || break
	sleep 0.05
done
exit \$status
EOF
mkdir "$SCRATCH/cgroup" "$SCRATCH/layers" "$SCRATCH/root"
unshare --mount --propagation private sh "$SCRATCH/outer" </dev/null \
    >"$SCRATCH/console" 2>&1

[ -e "$SCRATCH/booted" ] || {
	skip 32 "needs a container: $(tail -n 1 "$SCRATCH/console")"
	exit 0
}
[ -e "$SCRATCH/got/sysusers" ] || {
	skip 32 "needs systemd as process 1: $(tail -n 1 "$SCRATCH/console")"
	exit 0
}

#
# What has come of it.
#
cd "$SCRATCH/got" || exit 1
got() { cat "$1" 2>&1; }
well() { is "$1" "$(tail -n 1 "$2" 2>&1)" 'status 0'; }
value() { is "$1" "$(got "$2")" "$3
status 0"; }

ok 'all is done' test -e "$SCRATCH/done"
well 'the users are made' sysusers
well 'the run directory is made' tmpfiles
well 'the daemon starts' start || diag "$(cat "$SCRATCH/fdbroker.log")"
value 'it says that it is ready' state active
value 'its bounding set' caps 00000000802401ff
is 'no process lacks a layer' \
    "$(awk 'NR > 2 && $1 != "status" { print $4 }' confined | sort -u)" nothing
value 'files are read where settings of systemd could hide them' read \
    "/srv/data/file: ok 5
/home/user/file: ok 5
$SCRATCH/inside: ok $(wc -c <"$SCRATCH/inside")
/proc/1/comm: kernel ENOENT"
value 'a file is made' write '/srv/new/file: written'
value 'with the owner and mode of the rule' owner "$WORKER $WORKER 640"
is 'of devices, those that hold nothing are opened' \
    "$(sed 's/ok .*/ok/' device)" '/dev/null: ok
/dev/kmsg: kernel ENXIO
status 0'
value 'what is mounted later is seen' later '/srv/later/file: ok 5'
well 'a reload' reload
like 'it is told' "$(got text)" '*generation 2
status 0'
value 'a daemon that dies is started again' again 1
value 'and serves' served '/srv/data/file: ok 5'
well 'a backup is made and verifies' backup ||
    diag "$(cat "$SCRATCH/fdbackup@.log")"
value 'all is in it' members 'srv/data/
srv/data/file
srv/later/
srv/later/file
.fdbackup.mtree'
value 'nobody else may read it' archive '_fdbackup 600'
like 'the worker has namespaces of its own, and lacks no other layer' \
    "$(grep 'fdbackup: worker:' "$SCRATCH/fdbackup@.log")" \
    '*worker: *landlock, seccomp*namespaces (without own user);*'
is 'it is verified' \
    "$(grep -c ', 0 different,' "$SCRATCH/fdbackup@.log")" 1
well 'a drill of it finds nothing' drill ||
    diag "$(cat "$SCRATCH/fdbackup-drill@.log")"
is 'and leaves nothing' "$(got drilled)" 'status 0'
like 'it has restored something' "$(cat "$SCRATCH/fdbackup-drill@.log")" \
    '*: [1-9]* files, * 0 damaged*'
well 'its timer starts' drilltimer
well 'a run gets another log' redirect || diag "$(cat redirect)" \
    "$(cat "$SCRATCH/fdbackup@.log")"
is 'one with something denied fails' "$(tail -n 1 denied)" 'status 1'
like 'and says what' "$(cat "$SCRATCH/fdbackup@.log")" \
    '*root: denied by policy*'
well 'the timer starts' timer
well 'the daemon stops' stop
value 'and has ended well' result success
is 'and leaves no socket' "$(got left)" 'status 0'

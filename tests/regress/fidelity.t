#!/bin/sh
#
# fidelity.t: what an archive keeps of each kind of object.  A uid that owns
# nothing of a tree archives it through the daemon; GNU tar and bsdtar restore
# it as root; the differences, field by field, are the limits that fdbackup(1)
# documents.

. "$(dirname "$0")/lib.sh"

need_daemon
unset TAPE TAR_OPTIONS
command -v python3 >/dev/null || skip_all 'needs python3'
cd "$SCRATCH" || bail_out "$SCRATCH"
USER_ID=64104

# Print each field of each object beneath a directory as a line.
cat >describe.py <<'EOF'
import fcntl, hashlib, os, stat, struct, sys

def text(b):
    return b.decode('latin-1').encode('unicode_escape').decode()

def fields(name, at):
    st = os.lstat(name, dir_fd=at)
    kind = stat.S_IFMT(st.st_mode)
    if kind != stat.S_IFLNK:
        yield 'mode', oct(st.st_mode)
    else:
        yield 'target', text(os.readlink(name, dir_fd=at))
    yield 'type', oct(kind)
    yield 'owner', '%d:%d' % (st.st_uid, st.st_gid)
    yield 'mtime', st.st_mtime_ns
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        yield 'device', st.st_rdev
    if kind != stat.S_IFDIR:
        yield 'nlink', st.st_nlink
    if kind not in (stat.S_IFREG, stat.S_IFDIR):
        return
    fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at)
    try:
        # FS_IOC_GETFLAGS: immutable, append-only, nodump
        bits = fcntl.ioctl(fd, 0x80086601, struct.pack('l', 0))
        yield 'flags', struct.unpack('l', bits)[0] & 0x70
    except OSError:
        pass
    for a in sorted(os.listxattr(fd)):
        yield 'xattr ' + a, text(os.getxattr(fd, a))
    if kind == stat.S_IFREG:
        yield 'size', st.st_size
        yield 'holes', st.st_blocks * 512 < st.st_size
        if st.st_size < 1 << 26:
            h = hashlib.sha256()
            while True:
                b = os.read(fd, 1 << 20)
                if not b:
                    break
                h.update(b)
            yield 'sha256', h.hexdigest()
    os.close(fd)

def walk(path, at):
    for name in sorted(os.listdir(at)):
        where = path + b'/' + name
        short = text(where) if len(where) < 300 else '...%d' % len(where)
        for k, v in fields(name, at):
            print(short, k, v, sep='|')
        if stat.S_ISDIR(os.lstat(name, dir_fd=at).st_mode):
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at)
            walk(where, fd)
            os.close(fd)

os.listdir_ = os.listdir
os.listdir = lambda fd: [os.fsencode(n) for n in os.listdir_(fd)]
walk(b'', os.open(sys.argv[1], os.O_RDONLY))
EOF

# differences DIR: fields of the tree that a restored tree lacks or changes.
differences()
{
	python3 describe.py tree >want && python3 describe.py "$1" >got ||
	    echo 'describe.py failed'
	diff want got | sed -n 's/^[<>] //p' | cut -d '|' -f 1,2 |
	    sed 's/^\.\.\.[0-9]*|.*/beyond PATH_MAX/' | sort -u
}

mkdir -p tree/dir tree/acl
printf hello >tree/file
printf x >"$(printf 'tree/bad-\377')"
printf x >'tree/sp ace'
printf x >"tree/$(printf '%0255d' 0)"
ln tree/file tree/dir/hard
ln -s "$(printf '%04095d' 0)" tree/link
mkfifo tree/fifo
mknod tree/char c 4095 1048575
mknod tree/block b 7 99
for i in file fifo link; do
	chown -h 4294967294:4294967293 tree/$i
done
chmod 4711 'tree/sp ace'
printf x >tree/precise
touch -d '2001-02-03 04:05:06.789012345 UTC' tree/precise
for i in -5 -315619200 0 8589934592; do
	printf x >"tree/time$i"
	touch -d "@$i" "tree/time$i"
done
printf x >tree/fraction
python3 -c 'import os
os.utime("tree/fraction", ns=(-5700000000, -5700000000))'
truncate -s 1T tree/huge
printf data | dd of=tree/huge bs=1 seek=4194304 conv=notrunc 2>/dev/null
truncate -s 8589934593 tree/hole
for i in lead trail; do
	truncate -s 1M tree/$i
done
printf x >>tree/lead
printf x | dd of=tree/trail bs=1 conv=notrunc 2>/dev/null
python3 - <<'EOF'
import os, struct
def put(path, name, value):
    try:
        os.setxattr(path, name, value)
    except OSError as e:
        print('#', name, e)
put('tree/file', 'user.text', b'a\0b\n=')
put('tree/file', 'user.empty', b'')
put('tree/dir', 'user.long', b'z' * 2000)
cap = struct.pack('<5I', 0x2000001, 1 << 13, 0, 0, 0)
put('tree/file', 'security.capability', cap)
def acl(*entries):
    return struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e)
        for e in entries)
no = 0xffffffff
a = acl((1, 6, no), (2, 6, 7), (4, 0, no), (8, 4, 9), (16, 6, no), (32, 4, no))
put('tree/acl', 'system.posix_acl_default', a)
open('tree/acl/f', 'w').close()
put('tree/acl/f', 'system.posix_acl_access', a)
EOF
flags=
chattr +d tree/precise 2>/dev/null && flags='
/precise|flags'
# A path that no system call takes at once.
python3 - <<'EOF'
import os
fd = os.open('tree', os.O_RDONLY)
for i in range(20):
    os.mkdir('d' * 250, dir_fd=fd)
    fd = os.open('d' * 250, os.O_RDONLY, dir_fd=fd)
os.close(os.open('leaf', os.O_CREAT | os.O_WRONLY, 0o640, dir_fd=fd))
EOF
for i in tree x1 x2; do
	at_exit "python3 -c 'import shutil; shutil.rmtree(\"$SCRATCH/$i\")'"
done
chmod 700 tree/dir
touch -d '2010-01-01 UTC' tree/dir tree/acl tree

conf <<EOF
role "backup" {
	peer user $USER_ID
	permit read "$SCRATCH/tree"
	permit read "$SCRATCH/tree/**"
}
role "restore" {
	peer user $USER_ID
	permit create, mkdir, symlink, link, setmeta, special "$SCRATCH/x1" \
	    owner any
	permit create, mkdir, symlink, link, setmeta, special \
	    "$SCRATCH/x1/**" owner any
}
EOF
mkdir store x1 x2
start_daemon
chown $USER_ID store
ok 'a foreign uid archives everything' run_as $USER_ID fdbackup create \
    --none --role backup -s "$RUNDIR/fdbroker.sock" -f store/a.tar -C tree .
like 'nothing is left out' "$(tail -n 1 "$SCRATCH/err")" \
    '* 0 unreadable, 0 changed, 0 denied, *'
ok 'the archive verifies' fdbackup verify -f store/a.tar
ok 'holes take no room' test "$(stat -c %s store/a.tar)" -lt 2000000

#
# GNU tar cannot restore paths beyond PATH_MAX, and knows no file flags.
#
mkdir x
tar -C x --numeric-owner --xattrs --xattrs-include='*' --acls -xpf store/a.tar \
    --exclude .fdbackup.mtree 2>tar.err
is 'GNU tar: what differs' "$(differences x)" "${flags:+/precise|flags
}beyond PATH_MAX"

if command -v bsdtar >/dev/null; then
	mkdir y
	LC_ALL=C.UTF-8 bsdtar -C y --numeric-owner -xpf store/a.tar \
	    --exclude .fdbackup.mtree 2>bsdtar.err
	is 'bsdtar: what differs' "$(differences y)" '/fraction|mtime
beyond PATH_MAX'
else
	skip 1 'needs bsdtar'
fi

#
# extract, in a role, by a uid that owns nothing, and by root itself.  It
# restores no flags, and says so.
#
limits=${flags:+/precise|flags}
status=0
[ -z "$flags" ] || status=$STATUS_CHANGED
exits "$status" 'extract: a foreign uid restores' \
    run_as $USER_ID fdbackup extract \
    --role restore -s "$RUNDIR/fdbroker.sock" -f store/a.tar -C "$SCRATCH/x1" \
    --overwrite newer --numeric-owner
is 'extract, in a role: what differs' "$(differences x1)" "$limits"
is 'extract, in a role: what is not restored' \
    "$(grep -c ' not restored: ' "$SCRATCH/err")" 0
exits "$status" 'extract: root restores' fdbackup extract \
    -f store/a.tar -C x2 --overwrite newer --numeric-owner
is 'extract, by root: what differs' "$(differences x2)" "$limits"
is 'extract: the manifest is not restored' \
    "$(find x1 x2 -name '.fdbackup*')" ''

# Without ACLs a group has its own rights, not the mask.
mkdir z
tar -C z --no-acls -xpf store/a.tar acl/f 2>/dev/null
is 'without ACLs the group gains nothing' "$(stat -c %a z/acl/f)" 604

if command -v busybox >/dev/null; then
	mkdir b
	busybox tar -xpf store/a.tar -C b time-315619200 time8589934592
	is 'busybox: times' "$(stat -c %Y b/time*)" '-315619200
8589934592'
else
	skip 1 'needs busybox'
fi

#
# The manifest describes what was restored, but for the ACL's mask.
#
if command -v mtree >/dev/null; then
	rm -rf x
	mkdir x t
	printf one >t/f
	printf s >'t/sp ace'
	mkdir t/d
	ln t/f t/d/h
	ln -s f t/l
	truncate -s 1M t/hole
	ok 'mtree: create' fdbackup create -f m.tar.zst t/f 't/sp ace' t/d \
	    t/l t/hole
	tar -C x -xpf m.tar.zst 2>/dev/null
	ok 'mtree: the restored tree is as the manifest says' \
	    mtree -f x/.fdbackup.mtree -p x
	printf two >x/t/f
	fails 'mtree: a changed file is found' \
	    mtree -f x/.fdbackup.mtree -p x
else
	skip 3 'needs mtree'
fi

#
# The manual has a row for each kind of object.
#
manual=$FDB_SRCDIR/man/fdbackup.1
for i in 'regular file' directory 'symbolic link' 'hard link' FIFO device \
    socket 'extended attribute' ACL 'file flag' hole; do
	ok "the manual tells what is kept: $i" \
	    grep -q "^\.It $i Ta " "$manual"
done

stop_daemon
assert_clean
done_testing

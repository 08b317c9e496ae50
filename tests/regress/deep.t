#!/bin/sh
#
# deep.t: trees whose paths no system call takes: stored, restored in a role and
# by a user alone, compared field by field, replayed with a part that was
# removed, and drilled; rules decide about the whole path; names beyond the
# limit are refused, and what comes after them is restored.

. "$(dirname "$0")/lib.sh"

need_daemon
cd "$SCRATCH" || bail_out "$SCRATCH"
command -v python3 >/dev/null || skip_all 'needs python3'
WORKER=64251
USER=64252
SOCK=$RUNDIR/fdbroker.sock
mkdir role
LONG=$(printf '%0253d' 0)

conf <<CONF
log audit denied to "$SCRATCH/audit"
role "restore" {
	peer user $WORKER
	permit read, list, create, mkdir, symlink, link, setmeta, replace, \
	    remove "$SCRATCH/role" owner any
	deny create "$SCRATCH/role/**/secret" label "secret"
	deny mkdir "$SCRATCH/role/**/closed" label "closed"
}
CONF
ok 'the daemon starts' start_daemon

# make.py ROOT NAME DEPTH EVERY [OWNER]: a chain of directories, each named
# NAME and a number, with files in some of them, and times of their own.
cat >make.py <<'EOF_PY'
import os, sys
root, name, depth, every = sys.argv[1], sys.argv[2], int(sys.argv[3]), \
    int(sys.argv[4])
owner = int(sys.argv[5]) if len(sys.argv) > 5 else os.getuid()
def when(i):
    return (0, (1000000000 + i) * 10**9 + i)
os.mkdir(root)
fd = os.open(root, os.O_RDONLY)
for i in range(depth):
    sub = name + ('%02d' % (i % 100) if len(name) > 1 else '')
    os.mkdir(sub, dir_fd=fd)
    new = os.open(sub, os.O_RDONLY, dir_fd=fd)
    os.close(fd)
    fd = new
    if i % every == every - 1:
        f = os.open('file', os.O_WRONLY | os.O_CREAT, 0o640, dir_fd=fd)
        os.write(f, b'%d\n' % i)
        os.fchown(f, owner, owner)
        os.utime(f, ns=when(i))
        os.close(f)
        os.link('file', 'link', src_dir_fd=fd, dst_dir_fd=fd)
        os.symlink('../file', 'symlink', dir_fd=fd)
        os.mkfifo('fifo', dir_fd=fd)
        for n in 'symlink', 'fifo':
            os.chown(n, owner, owner, dir_fd=fd, follow_symlinks=False)
        os.utime('symlink', ns=when(i), dir_fd=fd, follow_symlinks=False)
        os.utime('fifo', ns=when(i), dir_fd=fd)
for i in range(depth, 0, -1):
    up = os.open('..', os.O_RDONLY, dir_fd=fd)
    os.fchown(fd, owner, owner)
    os.fchmod(fd, [0o755, 0o700, 0o711, 0o555][i % 4])
    os.utime(fd, ns=when(i))
    os.close(fd)
    fd = up
os.utime(fd, ns=when(0))
EOF_PY

# describe.py ROOT: what a chain of directories has, one object a line.
cat >describe.py <<'EOF_PY'
import os, stat, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
depth = 0
while fd is not None:
    down = None
    st = os.fstat(fd)
    # The destination was there before.
    if depth > 0:
        print(depth, oct(st.st_mode), st.st_uid, st.st_gid, st.st_mtime_ns)
    for n in sorted(os.listdir(fd)):
        st = os.stat(n, dir_fd=fd, follow_symlinks=False)
        if stat.S_ISDIR(st.st_mode):
            assert down is None
            down = os.open(n, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=fd)
            print(' ', n)
            continue
        print(' ', n, oct(st.st_mode), st.st_uid, st.st_gid, st.st_nlink,
            st.st_mtime_ns)
        if stat.S_ISREG(st.st_mode):
            f = os.open(n, os.O_RDONLY, dir_fd=fd)
            print('  ', os.read(f, 100))
            os.close(f)
    os.close(fd)
    fd = down
    depth += 1
EOF_PY

# same TREE DEST: both have the same, and something at all.
same()
{
	python3 describe.py "$1" >want && python3 describe.py "$2" >got &&
	    test -s want && diff want got | cut -c 1-70 | head -n 20 >&2 &&
	    cmp -s want got
}

# fresh DIR OWNER: an empty directory.
fresh()
{
	rm -rf "$1"
	mkdir "$1"
	chown "$2" "$1"
}

restore()
{
	timeout 120 setpriv --reuid="$WORKER" --regid="$WORKER" \
	    --clear-groups fdbackup extract --role restore -s "$SOCK" \
	    -C "$SCRATCH/role" "$@"
}

alone()
{
	timeout 120 setpriv --reuid="$USER" --regid="$USER" --clear-groups \
	    fdbackup extract -C "$SCRATCH/user" "$@"
}

ok 'names of 255 bytes to a depth of 100' \
    python3 make.py wide "$LONG" 100 10 4711
ok 'short names to a depth of 2000' python3 make.py narrow d 2000 100 4711
for kind in wide narrow; do
	ok "$kind: create" fdbackup create -f $kind.tar.zst -C $kind .
	ok "$kind: verify" fdbackup verify -f $kind.tar.zst
	chmod a+r $kind.tar.zst
	fresh role $WORKER
	ok "$kind, in a role" restore -f $kind.tar.zst
	ok "$kind, in a role: is the same" same $kind role
	exits 6 "$kind, in a role: diff" fdbackup diff -f $kind.tar.zst -C role
	is "$kind, in a role: diff finds nothing but the destination itself" \
	    "$(cut -c 1-11 out)" 'changed: .:'
	ok "$kind, in a role: again, replacing" \
	    restore --overwrite replace -f $kind.tar.zst
	ok "$kind, in a role: again: is the same" same $kind role
	fresh user $USER
	ok "$kind, by a user" alone --no-owner -f $kind.tar.zst
	ok "$kind, by a user: contents and modes are the same" sh -c "
	    python3 describe.py $kind | sed 's/ 4711 4711 / - - /' >want
	    python3 describe.py user | sed 's/ $USER $USER / - - /' >got
	    cmp -s want got"
done

#
# A part that is removed between two archives, and names that come back.
#
python3 make.py tree "$LONG" 60 5
ok 'replay: the full archive' fdbackup create -f full.tar.zst -C tree .
python3 - <<'EOF_PY' || bail_out python3
import os, shutil
fd = os.open('tree', os.O_RDONLY)
for i in range(40):
    fd = os.open([n for n in os.listdir(fd) if n[0] == '0'][0], os.O_RDONLY,
        dir_fd=fd)
name = [n for n in os.listdir(fd) if n[0] == '0'][0]
shutil.rmtree(name, dir_fd=fd)
f = os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd)
os.write(f, b'no directory\n')
EOF_PY
ok 'replay: the incremental one' \
    fdbackup create --since full.tar.zst -f inc.tar.zst -C tree .
chmod a+r full.tar.zst inc.tar.zst
fresh role $WORKER
ok 'replay, in a role' restore -f full.tar.zst -f inc.tar.zst
ok 'replay, in a role: is the same' same tree role
fresh user 0
ok 'replay, by root alone' timeout 120 fdbackup extract -C user \
    -f full.tar.zst -f inc.tar.zst
ok 'replay, by root alone: is the same' same tree user

#
# Hard links between two places that are both deep, and rules.
#
python3 - <<'EOF_PY' || bail_out python3
import io, tarfile
def deep(c, n):
    return c + ('/' + c * 250) * n
t = tarfile.open('links.tar', 'w', format=tarfile.PAX_FORMAT)
def add(name, data=b'', **more):
    f = tarfile.TarInfo(name)
    f.size = len(data)
    for k in more:
        setattr(f, k, more[k])
    t.addfile(f, io.BytesIO(data))
for i in range(120, 200, 20):
    add(deep('a', i) + '/file', b'%d' % i)
    add(deep('b', 240 - i) + '/link%d' % i, type=tarfile.LNKTYPE,
        linkname=deep('a', i) + '/file')
add(deep('c', 100) + '/secret', b'x')
add(deep('c', 100) + '/closed/file', b'x')
add(deep('c', 100) + '/open/file', b'x')
t.close()
EOF_PY
fresh role $WORKER
exits 5 'links and rules: status' restore -f links.tar
cat >find.py <<'EOF_PY'
import os, sys
for path, dirs, files, fd in os.fwalk(sys.argv[1]):
    for n in files:
        st = os.stat(n, dir_fd=fd)
        f = os.open(n, os.O_RDONLY, dir_fd=fd)
        print(path.count('/'), n, st.st_nlink, os.read(f, 10).decode())
        os.close(f)
EOF_PY
is 'links and rules: what is there' "$(python3 find.py role | sort)" \
"101 link140 2 140
102 file 1 x
121 file 2 120
121 link120 2 120
141 file 2 140
161 file 2 160
181 file 2 180
61 link180 2 180
81 link160 2 160"
like 'links and rules: the rule is named' "$(cat "$SCRATCH/err")" \
    '*/secret: *"secret"*'
ok 'links and rules: the audit has the beginning of the path' \
    grep -q "\"path\":\"$SCRATCH/role/c/c" audit
rm -rf role/*

#
# A drill cannot remove such names, and says so before it makes them.
#
exits 3 'drill: status' fdbackup drill -f wide.tar.zst -C user
like 'drill: the limit is named' "$(cat "$SCRATCH/err")" \
    '*which a drill cannot remove again*'
is 'drill: nothing is left' "$(find user -maxdepth 1 -name '.fdb*')" ''

#
# Beyond the limit.
#
python3 - <<'EOF_PY' || bail_out python3
import io, tarfile
t = tarfile.open('over.tar', 'w', format=tarfile.PAX_FORMAT)
def add(name, data=b'x'):
    f = tarfile.TarInfo(name)
    f.size = len(data)
    t.addfile(f, io.BytesIO(data))
add('d/' * 100000 + 'file')
add(('e' * 250 + '/') * 260 + 'file')
for i in range(300):
    add('f/' * (32768 + i) + 'file')
add('last')
t.close()
EOF_PY
for how in restore alone; do
	fresh role $WORKER
	fresh user $USER
	exits 3 "$how, beyond the limit: status" $how -f over.tar
	like "$how, beyond the limit: is named" "$(head -n 1 "$SCRATCH/err")" \
	    '*: not restored: *more than 65535 bytes*'
	like "$how, beyond the limit: counts" "$(tail -n 1 "$SCRATCH/err")" \
	    '*: 2 files, 2 bytes, 301 failed, *'
	is "$how, beyond the limit: the rest is there" \
	    "$(cat role/last user/last 2>/dev/null)" x
done

rm -rf wide narrow tree role user
stop_daemon
assert_clean
done_testing

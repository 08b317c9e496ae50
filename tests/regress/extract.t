#!/bin/sh
#
# extract.t: fdbackup extract: what it restores, replaces, leaves and refuses,
# what it says about that, damaged archives, processes that are killed, full and
# read-only file systems.  fidelity.t compares each field of what is restored,
# hostile_archives.t has archives that attack.

# In a mount namespace: the mounts below end with the script.
[ -n "${EXTRACT_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env EXTRACT_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
cd "$SCRATCH" || bail_out "$SCRATCH"
WORKER=64211
SOCK=$RUNDIR/fdbroker.sock

conf <<EOF
role "restore" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace, remove \
	    "$SCRATCH/role" owner any
	deny create "$SCRATCH/role/dir/secret" label "secret"
}
role "new" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta "$SCRATCH/role"
}
role "no-dir" {
	peer user $WORKER
	permit create, mkdir, setmeta "$SCRATCH/role"
	deny mkdir "$SCRATCH/role/dir" label "dir"
}
role "special" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, special \
	    "$SCRATCH/role" owner any
}
role "nowhere" {
	peer user $WORKER
	permit create "$SCRATCH/elsewhere"
}
EOF

mkdir -p tree/dir/sub tree/other role elsewhere
echo one >tree/dir/one
echo two >tree/dir/sub/two
echo secret >tree/dir/secret
echo note >tree/other/note.txt
echo note >tree/dir/sub/note.txt
ln tree/dir/one tree/other/hard
ln -s ../dir/one tree/other/link
chmod 0640 tree/dir/one
chmod 0500 tree/dir/sub
touch -d '2001-02-03 04:05:06.789 UTC' tree/dir/one tree/dir/sub tree/dir
# In this order: dir/one is the file, and other/hard is a link to it.
ok 'create' fdbackup create -f a.tar.zst -C tree dir other
ok 'the daemon starts' start_daemon

# fresh DIR: empty it.
fresh() { chmod -R u+w "$1" 2>/dev/null; rm -rf "$1"; mkdir "$1"; }
extract() { fdbackup extract -f a.tar.zst -C dest "$@"; }
# names DIR: what is in it.
names() { (cd "$1" && find . ! -name . | sort | tr '\n' ' '); }
all='./dir ./dir/one ./dir/secret ./dir/sub ./dir/sub/note.txt ./dir/sub/two '
all="$all./other ./other/hard ./other/link ./other/note.txt "
end() { tail -n 1 "$SCRATCH/err"; }

#
# Everything.
#
fresh dest
ok 'all: status' extract
is 'all: names' "$(names dest)" "$all"
like 'all: counts' "$(end)" \
    '*: 10 files, 25 bytes, 0 failed, 0 incomplete, 0 denied, 0 damaged, *'
is 'all: metadata' "$(stat -c '%a %y' dest/dir/one dest/dir/sub)" \
    '640 2001-02-03 04:05:06.789000000 +0000
500 2001-02-03 04:05:06.789000000 +0000'
is 'all: a hard link' "$(stat -c %i dest/other/hard)" \
    "$(stat -c %i dest/dir/one)"
is 'all: a link' "$(readlink dest/other/link)" ../dir/one
fresh dest
ok 'from a pipe' sh -c 'cat a.tar.zst | fdbackup extract -f - -C dest'
is 'from a pipe: names' "$(names dest)" "$all"

#
# What was there.
#
echo mine >dest/dir/one
touch -d '2000-01-01 UTC' dest/dir/one
echo newer >dest/dir/secret
chmod 0711 dest/dir
exits 3 'refuse: status' extract
is 'refuse: what was there stays' \
    "$(cat dest/dir/one dest/dir/secret) $(stat -c %a dest/dir)" 'mine
newer 711'
like 'refuse: the reason' "$(cat "$SCRATCH/err")" \
    '*dir/one: not restored: something is there already*'
ok 'newer: status' extract --overwrite newer
is 'newer: what is older is replaced' \
    "$(cat dest/dir/one dest/dir/secret) $(stat -c %a dest/dir)" 'one
newer 755'
is 'newer: the link is one again' "$(stat -c %h dest/dir/one)" 1
ok 'replace: status' extract --overwrite replace
is 'replace: everything is' "$(cat dest/dir/one dest/dir/secret)" 'one
secret'
is 'replace: hard links are restored' "$(stat -c %i dest/other/hard)" \
    "$(stat -c %i dest/dir/one)"
rm dest/dir/one
mkdir dest/dir/one
exits 3 'a directory is not replaced' extract --overwrite replace
ok 'a directory stays' test -d dest/dir/one

#
# What is chosen.
#
# chosen NAMES PATH...
chosen()
{
	want=$1
	shift
	fresh dest
	ok "choose $*: status" extract "$@"
	is "choose $*: names" "$(names dest)" "$want"
}
chosen './dir ./dir/one ' dir/one
chosen './dir ./dir/sub ./dir/sub/note.txt ./dir/sub/two ' dir/sub/
chosen './dir ./dir/sub ./dir/sub/note.txt ./other ./other/note.txt ' '*.txt'
chosen './other ./other/note.txt ' '/*/note.txt'
chosen './dir ./dir/sub ./dir/sub/note.txt ./other ./other/note.txt ' '/**/n*'
chosen './dir ./dir/sub ./dir/sub/note.txt ./dir/sub/two ' 's[t-v]b'
chosen './one ./secret ./sub ./sub/note.txt ./sub/two ' \
    --strip-components 1 dir
chosen './note.txt ./two ' --strip-components 2 dir/sub
umask 027
fresh dest
ok 'directories on the way: status' extract dir/sub/two
is 'directories on the way: the umask counts' "$(stat -c %a dest/dir)" 750
umask 022
fresh dest
exits 3 'what is not there: status' extract none dir/one
like 'what is not there: is reported' "$(cat "$SCRATCH/err")" \
    '*none: not restored: the archive has no such member*'
fresh dest
exits 3 'a hard link without its file: status' extract other
like 'a hard link without its file: is reported' "$(cat "$SCRATCH/err")" \
    '*other/hard: not restored: it is a hard link to a file that this run*'

#
# Nothing is made.
#
fresh dest
ok 'dry run: status' extract -n
is 'dry run: nothing is made' "$(names dest)" ''
is 'dry run: what would be' \
    "$(grep -c 'would be made$' "$SCRATCH/err")" 10
echo x >dest/dir
exits 3 'dry run: what would be refused' extract -n dir
rm dest/dir
is 'to standard output' \
    "$(fdbackup extract -f a.tar.zst -O dir/one '*.txt' 2>/dev/null)" 'one
note
note'
exits 3 'to standard output, a hard link: status' fdbackup extract \
    -f a.tar.zst -O other/hard
like 'to standard output, a hard link: the reason' "$(cat "$SCRATCH/err")" \
    '*other/hard: not written: it is a hard link to dir/one, *'
ok 'to standard output, with its file' fdbackup extract -f a.tar.zst -O \
    other/hard dir/one
fresh dest
exits 3 'dry run, a hard link: status' extract -n other/hard
like 'dry run, a hard link: the reason' "$(cat "$SCRATCH/err")" \
    '*other/hard: would be refused: it is a hard link to a file that *'
exits 2 'without a directory' fdbackup extract -f a.tar.zst
exits 2 'a directory that is not there' fdbackup extract -f a.tar.zst -C none
ok 'it is not made' test ! -e none

#
# Limits.
#
fresh dest
exits 3 '--max-size: status' extract --max-size 8
like '--max-size: is reported' "$(cat "$SCRATCH/err")" \
    '*--max-size 8 is reached*'
ok '--max-size: no more is restored' test \
    "$(find dest -type f -exec cat {} + | wc -c)" -le 8
fresh dest
mkdir dest/dir dest/dir/one
exits 3 '--fail-fast: status' extract --fail-fast
ok '--fail-fast: the rest is not restored' test ! -e dest/other/note.txt

#
# Through the daemon, by a uid that may write nowhere.
#
by_role()
{
	role=$1
	shift
	run_as $WORKER fdbackup extract --role "$role" -s "$SOCK" -f - \
	    -C "$SCRATCH/role" "$@" <a.tar.zst
}
exits 5 'a directory on the way is denied: status' \
    by_role no-dir --no-owner dir/one dir/sub/two dir/sub/note.txt
is 'a directory on the way is denied: once, with the rule' \
    "$(grep -c '^fdbackup: dir: this directory is not made: denied by policy.*'\
'"dir"' "$SCRATCH/err")" 1
exits 5 'a role: status' by_role restore
is 'a role: what is denied' "$(names role)" \
    "$(echo "$all" | sed 's| ./dir/secret||')"
like 'a role: the rule is named' "$(cat "$SCRATCH/err")" \
    '*dir/secret: not restored: denied by policy (*:*secret*), id *'
is 'a role: owners' "$(stat -c %u:%g role/dir/one)" 0:0
like 'a role: counts' "$(end)" '*, 0 failed, 0 incomplete, 1 denied, *'
exits 5 'a role that does not replace: status' by_role new \
    --overwrite replace
like 'a role that does not replace: the reason' "$(cat "$SCRATCH/err")" \
    '*dir/one: not restored: denied by policy*'
fresh role
exits 5 'a role with an owner: status' by_role new
like 'a role with an owner: is told' "$(cat "$SCRATCH/err")" \
    '*dir/one: restored without its owner: denied by policy*'
is 'a role with an owner: who owns it' "$(stat -c %u role/dir/one)" $WORKER
fresh role
ok 'a role with an owner: --no-owner' by_role new --no-owner
# A file that create stored twice, since it changed: the last one counts.
mkdir twice
echo older >twice/file
tar -cf twice.tar -C twice file
head -c 3000000 /dev/urandom >twice/file
tar -rf twice.tar -C twice file
fresh role
ok 'a role that does not replace: a file that is there twice' \
    run_as $WORKER fdbackup extract --no-owner --role new -s "$SOCK" \
    -f - -C "$SCRATCH/role" <twice.tar
ok 'a role that does not replace: the last one is restored' \
    cmp role/file twice/file
fresh role
exits 1 'a role for another place: status' by_role nowhere
like 'a role for another place: the reason' "$(cat "$SCRATCH/err")" \
    '*nothing can be restored here: denied by policy*'

#
# Holes take no room, at the end of a file either.
#
mkdir sparse
truncate -s 1G sparse/hole
printf x >sparse/trail
truncate -s 1G sparse/trail
fdbackup create --none -f sparse.tar -C sparse . 2>/dev/null
# from ARCHIVE ROLE: restore it beneath role, by a uid that may write nowhere.
from()
{
	run_as $WORKER fdbackup extract --role "$2" -s "$SOCK" -f - \
	    -C "$SCRATCH/role" <"$1"
}
fresh dest
ok 'holes: status' fdbackup extract -f sparse.tar -C dest
fresh role
ok 'holes, in a role: status' from sparse.tar restore
for i in dest role; do
	is "holes, in $i: a size without blocks" \
	    "$(stat -c '%s %b' $i/hole)" '1073741824 0'
	is "holes, in $i: only the data takes room" \
	    "$(stat -c '%s %b' $i/trail) $(head -c 1 $i/trail)" \
	    "$(stat -c '%s %b' sparse/trail) x"
done

#
# Other names of what is no regular file.
#
mkdir nodes
ln -s nowhere nodes/a-link
mkfifo nodes/a-pipe
mknod nodes/a-device c 1 3
for i in link pipe device; do
	ln -P nodes/a-$i nodes/b-$i
done
fdbackup create --none -f nodes.tar -C nodes . 2>/dev/null
same() { [ "$(stat -c %i "$1/a-$2")" = "$(stat -c %i "$1/b-$2")" ]; }
fresh dest
ok 'names of nodes: status' fdbackup extract -f nodes.tar -C dest
fresh role
ok 'names of nodes, in a role: status' from nodes.tar special
for i in link pipe device; do
	ok "names of nodes: $i" same dest $i
	ok "names of nodes, in a role: $i" same role $i
done
ok 'names of nodes: they are replaced' fdbackup extract -f nodes.tar \
    -C dest --overwrite replace
for i in link pipe device; do
	ok "names of nodes, replaced: $i" same dest $i
done
fresh role
exits 5 'names of nodes, no devices: status' from nodes.tar restore
is 'names of nodes, no devices: the others are there' "$(names role)" \
    './a-link ./a-pipe ./b-link ./b-pipe '
like 'names of nodes, no devices: the reason' "$(cat "$SCRATCH/err")" \
    '*b-device: not restored: *'

#
# Attributes that one message has no room for together, and the largest ones.
#
mkdir big bigdest
for i in big bigdest; do
	mount -t tmpfs tmpfs $i || bail_out mount
done
cat >xattrs.py <<'EOF'
import os, sys

def show(top):
    for base, dirs, files in os.walk(top):
        dirs.sort()
        for n in [''] + sorted(files):
            path = os.path.join(base, n)
            for x in sorted(os.listxattr(path)):
                print(os.path.relpath(path, top), x,
                    hash(os.getxattr(path, x)))

def make(path, attributes):
    for name, value in attributes.items():
        os.setxattr(path, name, value)

if sys.argv[1] == 'make':
    os.mkdir('big/dir')
    for n in 'large', 'many', 'both':
        open('big/' + n, 'w').close()
    make('big/large', {'user.large': os.urandom(65536)})
    many = {'user.x%d' % i: bytes([i]) * 20000 for i in range(6)}
    make('big/many', many)
    make('big/dir', many)
    many['security.capability'] = bytes.fromhex('00000002010000000000000000'
        '00000000000000')
    make('big/both', many)
elif sys.argv[1] == 'modes':
    few = {'user.one': b'1', 'user.two': b'2'}
    for mode in 0o400, 0o500, 0o440, 0:
        name = 'big/%o' % mode
        os.close(os.open(name, os.O_CREAT))
        make(name, few)
        os.chmod(name, mode)
        os.mkdir(name + '-dir')
        make(name + '-dir', few)
        os.chmod(name + '-dir', mode)
    many = {'user.x%d' % i: bytes([i]) * 20000 for i in range(6)}
    os.close(os.open('big/many', os.O_CREAT))
    make('big/many', many)
    os.chmod('big/many', 0o400)
else:
    show(sys.argv[1])
EOF
export PYTHONHASHSEED=0
if python3 xattrs.py make 2>/dev/null; then
	python3 xattrs.py big >big.want
	grep -v security big.want >big.less
	ok 'large attributes: create' \
	    fdbackup create --none -f big.tar -C big .
	ok 'large attributes: status' fdbackup extract -f big.tar -C bigdest
	ok 'large attributes: all come back' \
	    sh -c 'python3 xattrs.py bigdest | diff big.want -'
	fresh role
	mount -t tmpfs tmpfs role || bail_out mount
	stop_daemon
	start_daemon
	ok 'large attributes, in a role: status' from big.tar special
	ok 'large attributes, in a role: all come back' \
	    sh -c 'python3 xattrs.py role | diff big.want -'
	rm -r role/*
	exits 5 'large attributes, not special: status' from big.tar restore
	ok 'large attributes, not special: the others come back' \
	    sh -c 'python3 xattrs.py role | diff big.less -'
	umount role
	# Modes that deny a user without capabilities the right to write.
	rm -r big/* bigdest/*
	python3 xattrs.py modes
	python3 xattrs.py big >big.want
	fdbackup create --none -f big.tar -C big .
	chown $WORKER bigdest
	exits 0 'attributes without the right to write: status' run_as \
	    $WORKER fdbackup extract --no-owner -f - -C "$SCRATCH/bigdest" \
	    <big.tar
	is 'attributes without the right to write: all come back' \
	    "$(python3 xattrs.py bigdest)" "$(cat big.want)"
	is 'attributes without the right to write: so do modes' \
	    "$(cd bigdest && stat -c '%a %n' -- *)" \
	    "$(cd big && stat -c '%a %n' -- *)"
else
	skip 10 'needs attributes of users in tmpfs'
fi
umount big bigdest

#
# Paths that are longer than a system call takes, deeper each time.
#
python3 - <<'EOF' || bail_out python3
import io, tarfile
t = tarfile.open('deep.tar', 'w', format=tarfile.PAX_FORMAT)
for depth in list(range(500, 4001, 500)):
    f = tarfile.TarInfo('deep/' + 'd/' * depth + 'file')
    f.size = 1
    t.addfile(f, io.BytesIO(b'x'))
f = tarfile.TarInfo('last')
t.addfile(f)
t.close()
EOF
fresh dest
ok 'deep: status' fdbackup extract -f deep.tar -C dest
like 'deep: counts' "$(end)" '*: 9 files, 8 bytes, 0 failed, *'
is 'deep: all is restored' \
    "$(find dest -type f | wc -l) $(find dest -type d | wc -l)" '9 4002'

#
# What a directory lacks is told once, when it gets its metadata.
#
mkdir -p flags/sub
if chattr +d flags/sub 2>/dev/null; then
	ok 'flags of a directory: create' fdbackup create -f flags.tar.zst \
	    -C flags .
	fresh dest
	exits 4 'flags of a directory: status' \
	    fdbackup extract -f flags.tar.zst -C dest
	is 'flags of a directory: are told once' "$(grep -a \
	    'restored without' "$SCRATCH/err")" \
	    'fdbackup: sub: restored without its file flags'
else
	skip 3 'needs chattr'
fi

#
# Names of owners count more than their numbers.
#
python3 - <<'EOF' || bail_out python3
import io, tarfile
t = tarfile.open('owner.tar', 'w')
f = tarfile.TarInfo('file')
f.uid, f.gid, f.uname, f.gname = 4711, 4712, 'nobody', 'no such group'
t.addfile(f)
t.close()
EOF
fresh dest
ok 'owners by name' fdbackup extract -f owner.tar -C dest
is 'owners by name: they are' "$(stat -c %U:%g dest/file)" nobody:4712
fresh dest
ok 'owners by number' fdbackup extract -f owner.tar -C dest --numeric-owner
is 'owners by number: they are' "$(stat -c %u:%g dest/file)" 4711:4712

# What only root restores is said so, and not by the name of a role.
python3 - $WORKER <<'EOF' || bail_out python3
import sys, tarfile
t = tarfile.open('special.tar', 'w')
f = tarfile.TarInfo('device')
f.type, f.devmajor, f.devminor, f.mode = tarfile.CHRTYPE, 1, 3, 0o600
t.addfile(f)
f = tarfile.TarInfo('setuid')
f.uid = f.gid = int(sys.argv[1])
f.mode = 0o4755
t.addfile(f)
t.close()
EOF
fresh role
chown $WORKER role
exits 5 'special, without a role: status' run_as $WORKER \
    fdbackup extract -f - -C "$SCRATCH/role" --no-owner <special.tar
why='only root restores that, or a role that permits special'
is 'special, without a role: the reason' "$(sed '$d' "$SCRATCH/err")" \
    "fdbackup: device: not restored: $why
fdbackup: setuid: restored without set-user-ID and set-group-ID: $why"

# Times that a file system cannot hold, which the kernel changes.
python3 - <<'EOF' || bail_out python3
import tarfile
t = tarfile.open('times.tar', 'w', format=tarfile.PAX_FORMAT)
for name, kind, time in (('file', tarfile.REGTYPE, 10 ** 11),
    ('dir', tarfile.DIRTYPE, -10 ** 11), ('now', tarfile.REGTYPE, 2 ** 31)):
    f = tarfile.TarInfo(name)
    f.type, f.mtime, f.mode = kind, time, 0o755
    t.addfile(f)
t.close()
EOF
fresh dest
if python3 -c '
import os
os.utime("dest", (0, 10 ** 11))
os._exit(os.stat("dest").st_mtime == 10 ** 11)'; then
	exits 4 'times out of range: status' \
	    fdbackup extract -f times.tar -C dest
	why='restored without its times: this file system cannot hold that'
	is 'times out of range: they are told' \
	    "$(sed '$d' "$SCRATCH/err" | sort)" "fdbackup: dir: $why
fdbackup: file: $why"
	is 'times out of range: others are restored' \
	    "$(stat -c %Y dest/now)" 2147483648
else
	skip 3 'the file system can hold all times'
fi

# GNU tar stores lists with names of users and groups, and without numbers.
python3 - <<'EOF' || bail_out python3
import io, tarfile
t = tarfile.open('lists.tar', 'w', format=tarfile.PAX_FORMAT)
for name, user in ('known', 'nobody'), ('unknown', 'no-such-user'):
    f = tarfile.TarInfo(name)
    f.mode = 0o644
    f.pax_headers = {'SCHILY.acl.access': 'user::rw-\nuser:%s:rwx\n'
        'group::r--\ngroup:root:-w-\nmask::rwx\nother::r--\n' % user}
    t.addfile(f)
t.close()
EOF
fresh bigdest
exits 4 'lists with names: status' fdbackup extract -f lists.tar -C bigdest
is 'lists with names: they become numbers' "$(python3 -c '
import os, struct
acl = os.getxattr("bigdest/known", "system.posix_acl_access")
print(*("%x:%o:%d" % e for e in struct.iter_unpack("<HHi", acl[4:])))')" \
    "1:6:-1 2:7:$(id -u nobody) 4:4:-1 8:2:0 10:7:-1 20:4:-1"
is 'lists with names: who is unknown is told' \
    "$(sed '$d' "$SCRATCH/err")" 'fdbackup: unknown: restored without '\
'access control lists with users or groups whom this system does not know'

#
# Damage, of which only the manifest tells.
#
fdbackup create --none -f plain.tar -C tree dir other 2>/dev/null
sed 's/\x00secret$/\x00Secret/; s/\x00one$/\x00One/' plain.tar >bad.tar
fresh dest
exits 6 'damaged: status' fdbackup extract -f bad.tar -C dest
is 'damaged: the files and their links are removed' "$(names dest)" \
    "$(echo "$all" |
	sed 's| ./dir/one||; s| ./dir/secret||; s| ./other/hard||')"
like 'damaged: they are named' "$(cat "$SCRATCH/err")" \
    '*dir/secret: damaged: sha256digest=*'
like 'damaged: links are named' "$(cat "$SCRATCH/err")" \
    '*other/hard: damaged: it is a hard link to a damaged file*'
like 'damaged: counts' "$(end)" '*, 3 damaged, *'
fresh dest
exits 6 'kept: status' fdbackup extract -f bad.tar -C dest --keep-damaged
is 'kept: all are there' "$(names dest)" "$all"
fresh dest
ok 'not compared: status' fdbackup extract -f bad.tar -C dest --digest none
is 'not compared: all are there' "$(names dest)" "$all"
fresh dest
mkdir dest/dir
echo mine >dest/dir/one
exits 6 'damaged, and not restored: status' fdbackup extract -f bad.tar -C dest
is 'damaged, and not restored: what was there stays' "$(cat dest/dir/one)" mine
head -c 5000 plain.tar >cut.tar
fresh dest
exits 1 'cut off: status' fdbackup extract -f cut.tar -C dest
like 'cut off: is reported' "$(cat "$SCRATCH/err")" \
    '*cut.tar: the archive cannot be read: *'

# A line about the first member has more than a megabyte.
python3 - <<'EOF' || bail_out python3
import io, os, tarfile
with tarfile.open('long.tar', 'w', format=tarfile.PAX_FORMAT) as t:
    d = tarfile.TarInfo('d')
    d.type, d.mode, d.mtime = tarfile.DIRTYPE, 0o750, 1
    d.uname = '\u00e9' * 200000
    t.addfile(d)
    link = tarfile.TarInfo('link')
    link.type, link.linkname = tarfile.SYMTYPE, '\u00e9' * 200000
    t.addfile(link)
    m = tarfile.TarInfo('.fdbackup.mtree')
    text = b'#mtree\n#fdbackup format=1 began=1.000000000\n#end 0\n'
    m.size = len(text)
    t.addfile(m, io.BytesIO(text))
EOF
fresh dest
exits 3 'a line that is too long: status' \
    fdbackup extract -f long.tar -C dest --no-owner
like 'a line that is too long: is said' "$(cat "$SCRATCH/err")" \
    '*d: contents are not compared with the manifest: *is too long*'
is 'a line that is too long: directories get their metadata' \
    "$(stat -c '%a %Y' dest/d)" '750 1'
exits 3 'a line that is too long: drill' \
    fdbackup drill -f long.tar -C dest --sample 100

# A file with the name of the manifest, which is not the last member.
mkdir named
echo text >named/.fdbackup.mtree
: >named/z
named='python3 -c "import os; print(os.getxattr(\"dest/.fdbackup.mtree\",
    \"user.a\"))"'
python3 -c 'import os
os.setxattr("named/.fdbackup.mtree", "user.a", b"1")' 2>/dev/null ||
    named="echo \"b'1'\""
fdbackup create --none -f named.tar -C named .fdbackup.mtree z 2>/dev/null
fresh dest
ok 'the name of the manifest: status' fdbackup extract -f named.tar -C dest
is 'the name of the manifest: it is restored' "$(names dest
    cat dest/.fdbackup.mtree)" './.fdbackup.mtree ./z text'
is 'the name of the manifest: attributes, too' "$(eval "$named")" "b'1'"
fresh dest
exits 3 'the name of the manifest, --max-size: status' \
    fdbackup extract -f named.tar -C dest --max-size 4
is 'the name of the manifest, --max-size: it is left out' "$(names dest)" ''
exits 3 'the name of the manifest, --digest none: status' \
    fdbackup extract -f named.tar -C dest --digest none
like 'the name of the manifest, --digest none: is reported' \
    "$(cat "$SCRATCH/err")" \
    '*.fdbackup.mtree: not restored: with --digest none, *'
is 'the name of the manifest, --digest none: the rest is there' \
    "$(names dest)" './z '
exits 3 'the name of the manifest, --to-stdout: status' \
    fdbackup extract -f named.tar --to-stdout
like 'the name of the manifest, --to-stdout: is reported' \
    "$(cat "$SCRATCH/err")" '*.fdbackup.mtree: not written: *'
is 'the name of the manifest, --to-stdout: by its name' \
    "$(fdbackup extract -f named.tar --to-stdout .fdbackup.mtree \
    2>/dev/null | head -n 1)" text
fresh dest
is 'the name of the manifest: a dry run shows it' \
    "$(fdbackup extract -n -f named.tar -C dest 2>&1 | grep would)" \
    '.fdbackup.mtree: would be made
z: would be made'
# Of some of these samples it is no part.
for seed in 1 2 3 4 5 6 7 8; do
	fdbackup drill -q --seed $seed --sample 50% -f named.tar -C dest
done >drills 2>&1
is 'the name of the manifest: drills of samples' \
    "$(grep -v 'nothing of it is in the sample' drills)" ''

#
# Processes are killed: no file is half there, and another run completes.
#
python3 - <<'EOF' || bail_out python3
import os
for d in range(40):
    os.makedirs('many/d%d' % d)
    for i in range(100):
        with open('many/d%d/f%d' % (d, i), 'wb') as f:
            f.write(b'%d-%d\n' % (d, i) * 100)
with open('many/large', 'wb') as f:
    f.write(os.urandom(1 << 20) * 20)
EOF
fdbackup create --none -f many.tar -C many . 2>/dev/null
# half DIR: files that differ from the original, and unfinished ones.
half()
{
	diff -rq many "$1" | grep -v '^Only in many'
	find "$1" -name '.fdbroker*'
}
started() { [ -e "$1/d$2/f50" ]; }
# killed HOW DEPTH: kill a process once that many directories are there.
killed()
{
	fresh role
	chown $WORKER role
	# Then one opener has a session: this run's.
	wait_until no_opener
	case $1 in
	controller | worker | 'private opener')
		setpriv --reuid=$WORKER --regid=$WORKER --clear-groups \
		    fdbackup extract -f - -C "$SCRATCH/role" <many.tar \
		    >kill.out 2>kill.err &;;
	*)
		setpriv --reuid=$WORKER --regid=$WORKER --clear-groups \
		    fdbackup extract --role new -s "$SOCK" -f - \
		    -C "$SCRATCH/role" --no-owner <many.tar \
		    >kill.out 2>kill.err &;;
	esac
	run=$!
	wait_until started role "$2"
	case $1 in
	controller)	kill -KILL $run;;
	worker)		pkill -KILL -P $run -x fdbackup;;
	*private*)	pkill -KILL -P $run -f fdbroker-opener;;
	*)		kill -KILL "$(opener_pids)";;
	esac 2>/dev/null && echo "$1" >>met
	wait $run 2>/dev/null
	wait_until no_worker
	is "$1 killed at $2: no file is half there" "$(half role)" ''
	run_as $WORKER fdbackup extract --role new -s "$SOCK" -f - \
	    -C "$SCRATCH/role" --no-owner --overwrite newer <many.tar \
	    >kill.out 2>kill.err
	is "$1 killed at $2: another run completes" "$(diff -rq many role)" \
	    '' || diag "$(tail -n 3 kill.err)"
}
# Other runs of this script have the same uid.
no_worker()
{
	for pid in $(run_pids); do
		[ "$(stat -c %u "/proc/$pid" 2>/dev/null)" != $WORKER ] ||
		    return 1
	done
}
rm -f met
for i in 1 7 20 39; do
	for who in controller worker 'private opener' opener; do
		killed "$who" $i
	done
done
is 'each of them was killed' "$(sort -u met | tr '\n' ' ')" \
    'controller opener private opener worker '
sweep_killed

# A dry run says that its session has ended, too.
mkfifo pipe
fresh role
chown $WORKER role
wait_until no_opener
run_as $WORKER fdbackup extract -n --role new -s "$SOCK" -f - \
    -C "$SCRATCH/role" <pipe >kill.out 2>kill.err &
run=$!
exec 9>pipe
head -c 2000000 many.tar >&9
wait_line kill.err 'would be made'
kill -KILL "$(opener_pids)"
wait_until no_opener
tail -c +2000001 many.tar >&9 2>/dev/null
exec 9>&-
wait $run
is 'dry run, the session ends: status' $? 1
is 'dry run, the session ends: is reported once' \
    "$(grep -c 'the session has ended' kill.err)" 1

#
# No space, and a file system that can only be read.
#
mkdir small
mount -t tmpfs -o size=256k tmpfs small || bail_out mount
exits 3 'no space: status' fdbackup extract -f many.tar -C small
like 'no space: is reported' "$(cat "$SCRATCH/err")" \
    '*: not restored: No space left on device*'
is 'no space: no file is half there' "$(half small)" ''
umount small
mkdir a b
for i in 1 2 3; do
	: >a/$i
	: >b/$i
done
tar --no-recursion -cf turns.tar a a/1 b/1 a/2 b/2 a/3 b/3
rm -r a b
mount -t tmpfs -o ro tmpfs small || bail_out mount
exits 3 'read-only: status' fdbackup extract -f a.tar.zst -C small dir/one
why='the directory in which it should be is not there, or nothing can be made '\
'in it, as in /proc'
is 'read-only: the directory on the way is reported, too' \
    "$(sed '$d' "$SCRATCH/err")" \
    "fdbackup: dir: this directory is not made: Read-only file system
fdbackup: dir/one: not restored: $why"
exits 3 'read-only, members in turn: status' fdbackup extract -f turns.tar \
    -C small
is 'read-only, members in turn: each directory is reported once' \
    "$(grep 'Read-only' "$SCRATCH/err")" \
    "fdbackup: a: not restored: Read-only file system
fdbackup: b: this directory is not made: Read-only file system"
umount small
exits 3 'in /proc: status' fdbackup extract -f a.tar.zst -C /proc dir/one
is 'in /proc: is reported' "$(sed '$d' "$SCRATCH/err")" \
    "fdbackup: dir/one: not restored: $why"

# A quota counts for users.
if mount -t tmpfs -o usrquota,usrquota_block_hardlimit=64k tmpfs small \
    2>/dev/null; then
	chmod 1777 small
	exits 3 'a quota: status' run_as $WORKER fdbackup extract -f - \
	    -C "$SCRATCH/small" d0 large <many.tar
	like 'a quota: is reported' "$(cat "$SCRATCH/err")" \
	    '*: not restored: Disk quota exceeded*'
	is 'a quota: no file is half there' "$(half small)" ''
	umount small
else
	skip 3 'needs quotas in tmpfs'
fi

# A full directory for temporary files: what is there has its metadata.
mount -t tmpfs -o size=128k tmpfs small || bail_out mount
fresh dest
exits 1 'no temporary space: status' \
    env TMPDIR="$SCRATCH/small" fdbackup extract -f many.tar -C dest
is 'no temporary space: is reported once' "$(cat "$SCRATCH/err")" \
    'fdbackup: the temporary file cannot be used: No space left on device'
is 'no temporary space: no file is half there' \
    "$(half dest | grep -v '^Only in many')" ''
some=$(cd dest && echo d*)
like 'no temporary space: some directories are there' "$some" 'd[0-9]*'
# shellcheck disable=SC2086
is 'no temporary space: they have their times' \
    "$(cd dest && stat -c '%n %y' $some)" "$(cd many && stat -c '%n %y' $some)"
umount small

# What may be changed elsewhere, and not through this mount.
mkdir real
mount --bind real small || bail_out mount
mount -o remount,bind,ro small || bail_out mount
exits 3 'a read-only mount: status' fdbackup extract -f a.tar.zst -C small
like 'a read-only mount: the reason' "$(cat "$SCRATCH/err")" \
    '*dir: not restored: Read-only file system*'
like 'a read-only mount: all are counted' "$(end)" \
    '*: 0 files, 0 bytes, 10 failed, *'
is 'a read-only mount: nothing is made' "$(names real)" ''
umount small

# A limit of the user's, which would end the worker by a signal.
fresh dest
exits 3 'a limit of file sizes: status' \
    sh -c 'ulimit -f 4000; fdbackup extract -f many.tar -C dest d0 large'
like 'a limit of file sizes: is reported' "$(cat "$SCRATCH/err")" \
    '*large: not restored: File too large*'
is 'a limit of file sizes: the rest is restored' \
    "$(names dest | wc -w) $(half dest)" '101 '

exits 1 'a limit of file sizes, for the manifest, too: status' \
    sh -c 'ulimit -f 100; fdbackup extract -f many.tar -C dest \
    --overwrite replace'
like 'a limit of file sizes, for the manifest, too: is reported' \
    "$(cat "$SCRATCH/err")" '*No space left on device*'

# A disk that fails, in a file system without files that have no name.
mkdir eio
echo one >eio/one
echo EIO >eio/broken
echo two >eio/two
fdbackup create --none -f eio.tar -C eio one broken two 2>/dev/null
if needs fuse >/dev/null; then
	foldfs small >fold.out 2>&1 &
	fold=$!
	wait_line fold.out '^mounted' || bail_out foldfs
	exits 3 'a failing disk: status' fdbackup extract -f eio.tar \
	    -C small/drop --digest none
	like 'a failing disk: is reported' "$(cat "$SCRATCH/err")" \
	    '*broken: not restored: Input/output error*'
	is 'a failing disk: the rest is restored' \
	    "$(names small/drop)" './one ./two '
	exits 3 'a failing disk, --fail-fast: status' fdbackup extract \
	    -f eio.tar -C small/drop --overwrite replace --fail-fast
	is 'a failing disk, --fail-fast: nothing is left' \
	    "$(find small/drop -name '.fdbroker*')" ''
	umount small
	wait $fold
else
	skip 5 'needs FUSE'
fi

stop_daemon
is 'the daemon ends' "$DAEMON_STATUS" 0
assert_clean
done_testing

#!/bin/sh
#
# foreign.t: fdbackup extract with archives that other programs have made:
# formats, hard links in archives of cpio, checksums, and odd members, of which
# a dry run says the same as the restore.

. "$(dirname "$0")/lib.sh"

need_root
cd "$SCRATCH" || bail_out "$SCRATCH"

mkdir -p tree/dir/sub tree/other
echo one >tree/dir/one
echo two >tree/dir/sub/two
ln tree/dir/one tree/other/hard
ln -s ../dir/one tree/other/link

# fresh DIR: empty it.
fresh() { rm -rf "$1"; mkdir "$1"; }
# names DIR: what is in it.
names() { (cd "$1" && find . ! -name . | sort | tr '\n' ' '); }
all='./dir ./dir/one ./dir/sub ./dir/sub/two ./other ./other/hard ./other/link '

#
# Formats.
#
other()
{
	fresh dest
	ok "$1: status" fdbackup extract -f "$2" -C dest
	is "$1: names" "$(names dest)" "$all"
	is "$1: contents" "$(cat dest/dir/sub/two dest/other/hard)" 'two
one'
}
tar -C tree -cf gnu.tar .
other 'GNU tar' gnu.tar
if command -v bsdtar >/dev/null; then
	for i in pax ustar gnutar zip 7zip; do
		bsdtar -C tree --format=$i -cf other.$i . 2>/dev/null
		other "bsdtar, $i" other.$i
	done
	# A file's contents come with the last of its names, or with each.
	mkdir linked
	echo one >linked/one
	: >linked/empty
	ln linked/one linked/two
	ln linked/one linked/three
	ln linked/empty linked/none
	for i in newc odc; do
		bsdtar -C tree --format=$i -cf other.$i . 2>/dev/null
		other "bsdtar, $i" other.$i
		is "bsdtar, $i: a hard link" "$(stat -c %i dest/other/hard)" \
		    "$(stat -c %i dest/dir/one)"
		bsdtar -C linked --format=$i -cf linked.$i one two three \
		    empty none
		fresh dest
		ok "$i, several names: status" \
		    fdbackup extract -f linked.$i -C dest
		is "$i, several names: they are linked" \
		    "$(stat -c '%n %h %s' dest/*)" "$(stat -c '%n %h %s' \
		    linked/* | sed 's/^linked/dest/')"
		for name in one two three; do
			fresh dest
			ok "$i, only $name: status" \
			    fdbackup extract -f linked.$i -C dest $name
			is "$i, only $name: its contents" \
			    "$(names dest) $(cat dest/$name)" "./$name  one"
			is "$i, only $name: on standard output" "$(fdbackup \
			    extract -O -f linked.$i $name 2>/dev/null)" one
		done
		fresh dest
		is "$i, a dry run names all" "$(fdbackup extract -n \
		    -f linked.$i -C dest 2>&1 | grep -c 'would be made')" 5
	done
else
	skip 45 'needs bsdtar'
fi
# What libarchive only warns of.
python3 - <<'EOF' || bail_out python3
import io, tarfile, zipfile
with zipfile.ZipFile('good.zip', 'w') as z:
    z.writestr('first', 'right')
    z.writestr('second', 'wrong')
with open('good.zip', 'rb') as f, open('crc.zip', 'wb') as g:
    g.write(f.read().replace(b'wrong', b'Wrong', 1))
with tarfile.open('pax.tar', 'w', format=tarfile.USTAR_FORMAT) as t:
    x = tarfile.TarInfo('x')
    x.type, x.size = tarfile.XHDTYPE, 10
    t.addfile(x, io.BytesIO(b'no records'))
    t.addfile(tarfile.TarInfo('file'))
with tarfile.open('pieces.tar', 'w', format=tarfile.PAX_FORMAT) as t:
    f = tarfile.TarInfo('sparse')
    f.size = 10
    f.pax_headers = {'GNU.sparse.size': '20', 'GNU.sparse.numblocks': '2',
                     'GNU.sparse.map': '10,5,0,5'}
    t.addfile(f, io.BytesIO(b'aaaaabbbbb'))
EOF
fresh dest
ok 'zip: status' fdbackup extract -f good.zip -C dest
fresh dest
exits 1 'zip, a wrong checksum: status' fdbackup extract -f crc.zip -C dest
is 'zip, a wrong checksum: the file is not restored' "$(names dest)" './first '
like 'zip, a wrong checksum: is reported' "$(cat "$SCRATCH/err")" \
    '*crc.zip: the archive cannot be read: *CRC*'
exits 1 'zip, a wrong checksum: on standard output' \
    fdbackup extract -f crc.zip --to-stdout second
exits 1 'zip, a wrong checksum: list' fdbackup list --json -f crc.zip
fresh dest
exits 1 'metadata that cannot be read: status' \
    fdbackup extract -f pax.tar -C dest --no-owner
is 'metadata that cannot be read: the file is restored' "$(names dest)" \
    './file '
exits 1 'pieces in the wrong order: status' \
    fdbackup extract -f pieces.tar --to-stdout
is 'pieces in the wrong order: the reason' "$(cat "$SCRATCH/err")" \
    'fdbackup: pieces.tar: the archive cannot be read: the pieces of a sparse '\
'file are out of order'

#
# A dry run refuses what would be refused.
#
python3 - <<'EOF' || bail_out python3
import tarfile
t = tarfile.open('odd.tar', 'w')
for name, kind, link in (('a', tarfile.SYMTYPE, 'b'),
    ('a/x', tarfile.REGTYPE, ''), ('p', tarfile.REGTYPE, ''),
    ('p/q/r', tarfile.REGTYPE, ''), ('self', tarfile.LNKTYPE, 'self'),
    ('none', tarfile.SYMTYPE, ''), ('.', tarfile.REGTYPE, ''),
    ('d', tarfile.DIRTYPE, ''), ('to-d', tarfile.LNKTYPE, 'd'),
    ('../up', tarfile.REGTYPE, ''), ('d/y', tarfile.REGTYPE, '')):
    f = tarfile.TarInfo(name)
    f.type, f.linkname = kind, link
    t.addfile(f)
t.close()
EOF
fresh dest
exits 3 'a dry run of odd members: status' \
    fdbackup extract -n -f odd.tar -C dest
sed -n 's/: would be refused: .*//p' "$SCRATCH/err" | sort >refused
exits 3 'odd members: status' fdbackup extract -f odd.tar -C dest
is 'odd members: the same are refused' "$(cat refused)" \
    "$(sed -n 's/: not restored: .*//p' "$SCRATCH/err" | sort)"
is 'odd members: how many' "$(wc -l <refused)" 7

#
# diff finds no difference where there is none.
#
# finds_none DESC ARCHIVE DIR
finds_none()
{
	ok "diff, $1: status" fdbackup diff -f "$2" -C "$3"
	is "diff, $1: no line" "$(cat "$SCRATCH/out")" ''
}
if command -v bsdtar >/dev/null; then
	for i in newc odc; do
		touch -d '2020-02-02 02:02:02' linked/one
		bsdtar -C linked --format=$i -cf all one two three empty none
		finds_none "$i, several names" all linked
		bsdtar -C linked --format=$i -cf two ./one ./three
		finds_none "$i, several names with ./" two linked
		echo ONE >linked/three
		touch -d '2020-02-02 02:02:02' linked/one
		exits 6 "diff, $i, other contents: status" \
		    fdbackup diff -f all -C linked
		is "diff, $i, other contents: the first name" \
		    "$(cat "$SCRATCH/out")" 'changed: one: contents'
		echo one >linked/three
	done
	touch -d '2020-02-02 02:02:02.123456789' linked/one
	bsdtar -C linked --format=7zip -cf fine one
	finds_none '7-zip, with a fraction' fine linked
fi
mkdir listed
echo x >listed/x
if python3 - <<'EOF'
import io, os, struct, tarfile
def acl(*entries):
    return struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *i)
        for i in entries)
none = 0xffffffff
value = acl((1, 6, none), (2, 4, 1), (4, 6, none), (8, 7, 2), (16, 4, none),
    (32, 0, none))
os.chmod('listed/x', 0o640)
try:
    os.setxattr('listed/x', 'system.posix_acl_access', value)
except OSError:
    raise SystemExit(1)
t = tarfile.open('acl.tar', 'w', format=tarfile.PAX_FORMAT)
f = t.gettarinfo('listed/x')
f.mtime = int(f.mtime)
f.pax_headers = { 'SCHILY.acl.access': 'user::rw-,user:%s:r--,group::rw-,'
    'group:%s:rwx,mask::r--,other::---' % (os.popen('id -nu 1').read().strip(),
    os.popen('getent group 2').read().split(':')[0]) }
t.addfile(f, open('listed/x', 'rb'))
t.close()
EOF
then
	finds_none 'a list with names' acl.tar .
	ok 'a list with names: a drill' \
	    fdbackup drill --sample 100% -f acl.tar -C listed
else
	skip 3 'no access control lists here'
fi

assert_clean
done_testing

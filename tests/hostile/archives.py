#!/usr/bin/env python3
#
# archives.py: make hostile archives, one for each class of attack.
#
#	archives.py DIRECTORY OUTSIDE
#
# writes them to DIRECTORY; what they try to reach is OUTSIDE, which has a file
# `victim' and a directory `dir', and is the parent of the destination.  Prints
# the name of each.

import gzip
import io
import os
import struct
import sys
import tarfile

where, outside = sys.argv[1], sys.argv[2]


class Archive:
    def __init__(self, name, mode='w'):
        self.path = os.path.join(where, name + '.tar')
        self.tar = tarfile.open(self.path, mode, format=tarfile.PAX_FORMAT,
            encoding='utf-8', errors='surrogateescape')
        print(name)

    def add(self, name, kind=tarfile.REGTYPE, data=b'', link='', **more):
        t = tarfile.TarInfo(name)
        t.type, t.linkname, t.size = kind, link, len(data)
        t.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
        for k, v in more.items():
            setattr(t, k, v)
        self.tar.addfile(t, io.BytesIO(data))
        return self

    def dir(self, name, **more):
        return self.add(name, tarfile.DIRTYPE, **more)

    def link(self, name, target, **more):
        return self.add(name, tarfile.SYMTYPE, link=target, **more)

    def hard(self, name, target, **more):
        return self.add(name, tarfile.LNKTYPE, link=target, **more)

    def end(self):
        self.tar.close()


evil = b'evil\n'
good = b'good\n'

Archive('dotdot').add('../evil', data=evil).add('a/../../evil', data=evil) \
    .add('..', data=evil).dir('../dir').add('a/..', data=evil) \
    .dir('..', mode=0o777).link('../evil2', 'victim') \
    .add('good', data=good).end()
Archive('absolute').add(outside + '/victim', data=evil) \
    .add('/' + outside + '/evil', data=evil).dir('/', mode=0o777) \
    .add('/good', data=good).end()
Archive('through').link('l', outside).add('l/evil', data=evil) \
    .add('l/victim', data=evil).dir('l/dir').add('l/dir/evil', data=evil) \
    .link('m', '..').add('m/evil', data=evil).link('n', 'm') \
    .add('n/evil', data=evil).link('m/dir/l', '/').hard('m/h', 'l') \
    .add('good', data=good).end()
Archive('swap').dir('d').add('d/one', data=good).link('d', outside) \
    .add('d/victim', data=evil).add('d/evil', data=evil).link('e', outside) \
    .dir('e').add('e/evil', data=evil).link('e', outside) \
    .add('e/evil2', data=evil).add('good', data=good).end()
Archive('hardout').hard('h1', '../victim').add('h1', data=evil) \
    .hard('h2', outside + '/victim').add('h2', data=evil) \
    .link('l', '../victim').hard('h3', 'l').add('h3', data=evil) \
    .hard('h4', 'l/../../victim').hard('h5', 'l').hard('h6', 'none') \
    .hard('h7', 'h7').hard('h8', '').hard('there', 'h9') \
    .add('good', data=good).end()
Archive('dangling').link('s', '../evil').add('s', data=evil) \
    .link('t', outside + '/evil').dir('t').add('t/x', data=evil) \
    .link('u', '../evil').hard('v', 'u').add('v', data=evil) \
    .add('good', data=good).end()
Archive('spelling').add('File', data=b'1').add('file', data=b'2') \
    .add('\u00e9', data=b'3').add('e\u0301', data=b'4').dir('DIR') \
    .dir('dir').add('dir/x', data=b'5').add('good', data=good).end()
Archive('types').add('x', data=good).dir('x').add('x/f', data=evil) \
    .add('x', data=good).dir('y').add('y', data=evil) \
    .add('y/f', data=good).link('y', '..').add('y/g', data=good) \
    .add('good', data=good).end()
a = Archive('devices')
a.add('null', tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666)
a.add('mem', tarfile.BLKTYPE, devmajor=7, devminor=0, mode=0o666)
a.add('fifo', tarfile.FIFOTYPE).add('fifo', data=good)
a.add('good', data=good).end()
Archive('setid').add('suid', data=evil, mode=0o4755, uid=0, gid=0) \
    .add('sgid', data=evil, mode=0o2755, uid=0, gid=0) \
    .add('both', data=evil, mode=0o6777, uid=1, gid=1) \
    .add('sticky', data=evil, mode=0o1777).add('good', data=good).end()
cap = struct.pack('<5I', 0x2000001, 1 << 13, 0, 0, 0).decode('latin-1')
Archive('capability').add('cap', data=evil, mode=0o755, pax_headers={
    'SCHILY.xattr.security.capability': cap,
    'SCHILY.xattr.trusted.overlay.opaque': 'y',
    'SCHILY.xattr.user.good': 'good',
    'SCHILY.xattr.system.nfs4_acl': 'x'}).add('good', data=good).end()
Archive('names').add('n' * 256, data=evil).add('n' * 255, data=good) \
    .add('/'.join(['m' * 200] * 30), data=evil).add('new\nline', data=good) \
    .add('back\\slash', data=good).add('\033[2J', data=good) \
    .add('bad\udcff', data=good).add('.', data=evil).add('./.', data=evil) \
    .add('good', data=good).end()
a = Archive('nul')
a.add('nul', data=evil, pax_headers={'path': 'a\0b'})
a.add('nul', data=evil, pax_headers={'path': '\0'})
a.link('nul', 'x', pax_headers={'linkpath': '../..\0'})
a.add('good', data=good).end()
a = Archive('deep')
a.add('/'.join(['d'] * 100000), data=evil)
a.add('/'.join(['e'] * 1500), data=good)
a.add('good', data=good).end()
a = Archive('duplicates')
for i in range(100):
    a.add('same', data=b'%d\n' % i)
a.link('same', '../victim').add('same', data=b'last\n')
a.add('good', data=good).end()
a = Archive('attributes')
a.add('many', data=good, pax_headers=dict(('SCHILY.xattr.user.x%d' % i,
    'value') for i in range(2000)))
a.add('large', data=good, pax_headers={'SCHILY.xattr.user.x': 'y' * 300000})
a.add('odd', data=good, pax_headers={'SCHILY.xattr.': 'x',
    'SCHILY.xattr.user.': 'x', 'SCHILY.xattr.com.apple.x': 'y',
    'SCHILY.xattr.user.' + 'z' * 400: 'x',
    'SCHILY.acl.access': 'user::rwx,user:7:rw-,group::---,mask::rwx,' +
    'other::---,user:4294967295:rwx', 'SCHILY.acl.default': 'junk'})
a.add('good', data=good).end()
a = Archive('links')
a.add('first', data=good)
for i in range(3000):
    a.hard('l%d' % i, 'first' if i == 0 else 'l%d' % (i - 1))
for i in range(3000):
    a.hard('k%d' % i, 'first')
a.add('good', data=good).end()
a = Archive('metadata')
a.add('ids', data=good, uid=2 ** 40, gid=-1)
a.add('old', data=good, mtime=-(2 ** 60)).add('new', data=good, mtime=2 ** 62)
a.add('type', b'Q', data=good).dir('file').add('file/x', data=good)
a.link('long', 'x' * 5000).link('empty', '').add('good', data=good).end()
a = Archive('manifest')
a.add('.fdbackup.mtree', data=b'#mtree\n. type=dir\n./../victim type=file\n')
a.add('good', data=good)
a.add('.fdbackup.mtree', data=b'#mtree\n. type=dir\n./good type=file '
    b'mode=0644 uid=0 gid=0 time=0.000000000 size=5 sha256digest=' +
    b'0' * 64 + b'\n./../victim type=file size=1\n'
    b'./../victim type=file size=9 tags=hardlink:./good\n')
a.end()

# Sizes that lie: the archive ends within the contents.
a = Archive('size')
a.add('good', data=good)
a.end()
t = tarfile.TarInfo('cut')
t.size = 1 << 30
raw = open(a.path, 'rb').read()[:1024] + t.tobuf() + b'x' * 70000
open(a.path, 'wb').write(raw)

# Holes of any size.
a = Archive('sparse')
a.add('good', data=good)
for name, size in (('tera', 1 << 40), ('most', (1 << 63) - 1)):
    a.add('GNUSparseFile.0/' + name, data=b'1\n0\n5\n'.ljust(512, b'\0') +
        evil, pax_headers={'GNU.sparse.major': '1', 'GNU.sparse.minor': '0',
        'GNU.sparse.name': name, 'GNU.sparse.realsize': str(size)})
a.end()

# A bomb: a gigabyte in a megabyte.
print('bomb')
t = tarfile.TarInfo('bomb')
t.size = 1 << 30
with gzip.open(os.path.join(where, 'bomb.tar'), 'wb', 1) as f:
    g = tarfile.TarInfo('good')
    g.size = 5
    f.write(g.tobuf() + good.ljust(512, b'\0'))
    f.write(t.tobuf())
    for i in range(1024):
        f.write(bytes(1 << 20))
    f.write(bytes(1024))

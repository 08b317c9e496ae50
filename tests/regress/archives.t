#!/bin/sh
#
# archives.t: which archives list and verify read, whoever made them, and what
# they say of one that is cut off, damaged, joined or followed by something.

. "$(dirname "$0")/lib.sh"

need_daemon
unset TAPE TAR_OPTIONS
cd "$SCRATCH" || bail_out "$SCRATCH"

mkdir -p tree/dir
printf hello >tree/file
printf world >tree/dir/file
head -c 3000 /dev/zero >tree/zeros
head -c 100000 /dev/urandom >tree/random
find tree | sort >names

# is_listed DESC FILE
is_listed()
{
	is "$1: list" "$(fdbackup list -f "$2" | sort)" "$(cat names)"
	is "$1: list of standard input" \
	    "$(fdbackup list -f - <"$2" | sort)" "$(cat names)"
	# shellcheck disable=SC2002
	is "$1: list of a pipe" \
	    "$(cat "$2" | fdbackup list -f - | sort)" "$(cat names)"
}

# no_digests DESC FILE
no_digests()
{
	exits 6 "$1: verify" fdbackup verify -f "$2"
	is "$1: verify says what it lacks" "$(head -n 1 "$SCRATCH/err")" \
	    "fdbackup: $2: there is no manifest at its end: $(wc -l <names) \
members were read, but there are no digests to compare them with; the \
archive is incomplete, or was not made by fdbackup"
}

#
# Formats.
#
for format in gnu ustar posix v7; do
	tar --format=$format -cf a tree
	is_listed "GNU tar, $format" a
	no_digests "GNU tar, $format" a
done
for format in pax ustar gnutar newc odc zip; do
	if command -v bsdtar >/dev/null; then
		bsdtar --format=$format -cf a tree
		is_listed "bsdtar, $format" a
		no_digests "bsdtar, $format" a
	else
		skip 5 "$format: needs bsdtar"
	fi
done
for format in newc odc crc; do
	if command -v cpio >/dev/null; then
		find tree | cpio --quiet -o -H $format >a
		is_listed "cpio, $format" a
		no_digests "cpio, $format" a
	else
		skip 5 "$format: needs cpio"
	fi
done
if command -v zip >/dev/null; then
	rm -f a.zip
	zip -qr a.zip tree
	is_listed 'zip' a.zip
	no_digests 'zip' a.zip
	# Sizes and sums follow the contents then.
	zip -qr - tree | cat >a.zip
	is_listed 'zip to a pipe' a.zip
	no_digests 'zip to a pipe' a.zip
	# The time of a member is local; the worker can open nothing.
	for zone in unset '' UTC Europe/Berlin :/etc/localtime /nowhere; do
		if [ "$zone" = unset ]; then
			set -- env -u TZ
		else
			set -- env TZ="$zone"
		fi
		ok "zip: list in the time zone \"$zone\"" \
		    "$@" fdbackup list -v -f a.zip
	done
	set --
else
	skip 16 'needs zip'
fi
printf '!<arch>\nx' >a
exits 1 'a format that is not read: list' fdbackup list -f a
is 'a format that is not read: list says so' "$(cat "$SCRATCH/err")" \
    'fdbackup: a: the archive cannot be read: its format is none of tar, '\
'cpio, zip and 7-zip, at byte 0'

#
# 7-zip, which is read back and forth.
#
if command -v bsdtar >/dev/null && bsdtar --format=7zip -cf a tree \
    2>/dev/null; then
	ok '7-zip: list' fdbackup list -f a
	is '7-zip: names' "$(sort "$SCRATCH/out")" "$(find tree | sort)"
	exits 6 '7-zip: verify' fdbackup verify -f a
	mkdir -p seven/d
	echo x >"seven/d/$(printf '\303\244')"
	echo x >seven/plain
	ln -s plain seven/link
	LC_ALL=C.UTF-8 bsdtar --format=7zip -C seven -cf a.7z d plain link
	is '7-zip: names and links' \
	    "$(fdbackup list -v -f a.7z | sed 's/.*[0-9] //' | sort)" \
	    "$(printf '%s\n' d 'd/\303\244' 'link -> plain' plain)"
	ok '7-zip from standard input' sh -c 'fdbackup list -f - <a.7z'
	exits 1 '7-zip from a pipe' sh -c 'cat a.7z | fdbackup list -f -'
	like '7-zip from a pipe: the cure is the end of the message' \
	    "$(cat "$SCRATCH/err")" '*: give the name of a file with -f'
	like '7-zip from a pipe: the reason' "$(cat "$SCRATCH/err")" \
	    '*it is a 7-zip archive, which is read back and forth: give *'
	head -c $(($(wc -c <a.7z) - 1)) a.7z >a
	exits 1 '7-zip, cut off' fdbackup list -f a
	printf x | cat a.7z - >a
	exits 1 '7-zip, with something behind it' fdbackup list -f a
	like '7-zip, with something behind it: where' \
	    "$(cat "$SCRATCH/err")" '*: something follows its end, at byte *'
	cat >flip.py <<'PYTHON'
import random, subprocess, sys
whole = open('a.7z', 'rb').read()
r = random.Random(1)
for i in range(80):
    b = bytearray(whole)
    for _ in range(r.choice([1, 1, 3])):
        b[r.randrange(len(b))] ^= 1 << r.randrange(8)
    open('a', 'wb').write(b)
    for command in ['verify'], ['list', '--json']:
        n = subprocess.run(['fdbackup', *command, '-f', 'a'],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if n.returncode not in (0, 1, 6) or b'killed' in n.stderr:
            sys.exit('%d %s: %d %r' % (i, command, n.returncode, n.stderr))
PYTHON
	if command -v python3 >/dev/null; then
		ok '7-zip, with changed bits' python3 flip.py
	else
		skip 1 'needs python3'
	fi
else
	skip 11 'needs a bsdtar that writes 7-zip'
fi

#
# What follows the end.
#
# follows DESC PATTERN: a has something after its end
follows()
{
	exits 1 "$1: verify" fdbackup verify -f a
	like "$1: verify says where" "$(cat "$SCRATCH/err")" \
	    "fdbackup: a: the archive cannot be read: $2"
	exits 1 "$1: list" fdbackup list -f a
	like "$1: list says where" "$(cat "$SCRATCH/err")" \
	    "fdbackup: a: the archive cannot be read: $2"
}
# the_rest DESC: of such an archive list has listed what it could
the_rest()
{
	is "$1: list has listed the members" "$(sort "$SCRATCH/out")" \
	    "$(cat names)"
}
fdbackup create --none -f good tree 2>/dev/null
size=$(stat -c %s good)
{ cat good; printf x; } >a
follows 'a byte' "something follows its end, at byte $size"
the_rest 'a byte'
{ cat good; head -c 1000000 /dev/zero; printf x; } >a
follows 'a byte after zeros' \
    "something follows its end, at byte $((size + 1000000))"
cat good good >a
follows 'another archive' "another archive follows its end, at byte $size"
the_rest 'another archive'
for how in 'gzip -c' 'bzip2 -c' 'xz -c' 'lz4 -c' 'zstd -qc'; do
	name=${how%% *}
	if ! command -v "$name" >/dev/null; then
		skip 12 "needs $name"
		continue
	fi
	$how <good >packed 2>/dev/null
	ok "$name: verify" fdbackup verify -f packed
	{ cat packed; printf x; } >a
	follows "$name, a byte" '*byte*'
	{ cat packed; printf abcd; } >a
	follows "$name, four bytes" '*byte*'
	cat packed packed >a
	follows "$name, another archive" "another archive follows its end, at \
byte $size after decompression"
	head -c 50000 good | $how >a 2>/dev/null
	tail -c +50001 good | $how >>a 2>/dev/null
	ok "$name: two streams that hold one archive are read as one" \
	    fdbackup verify -f a
	gzip -c packed >a
	follows "$name, and gzip" 'it is compressed more than once; *'
done
if command -v lz4 >/dev/null; then
	{ lz4 -c <good 2>/dev/null; printf abcd; } >packed
	mkfifo pipe slow
	# The first byte is in the pipe before the others.
	{ head -c 1 packed; cat slow; tail -c +2 packed; } >pipe &
	fdbackup verify -f pipe >"$SCRATCH/out" 2>"$SCRATCH/err" &
	verify=$!
	: >slow
	wait "$verify"
	is 'lz4, four bytes, and a slow pipe: verify' "$?" 1
	rm -f pipe slow
else
	skip 1 'needs lz4'
fi
gzip -c good >a
head -c 1000 /dev/zero >>a
ok 'zeros may follow a compressed stream' fdbackup verify -f a

#
# Cuts and damage.
#
failed=
for n in $(seq 0 512 "$size"); do
	[ "$n" -lt "$size" ] || continue
	head -c "$n" good >a
	fdbackup verify -f a >/dev/null 2>err
	[ $? -eq 1 ] && grep -q '^fdbackup: a: the archive cannot be read: ' \
	    err || failed="$failed $n"
done
is 'an archive that is cut at any record: verify names it' "$failed" ''
failed=
for n in $(seq 40); do
	cp good a
	offset=$((n * 2801 % size))
	byte=$(od -A n -j $offset -N 1 -t u1 good | tr -d ' ')
	printf '%b' "\\0$(printf %o $((byte ^ (1 << n % 8))))" |
	    dd of=a bs=1 seek=$offset conv=notrunc 2>/dev/null
	fdbackup verify -f a >/dev/null 2>err
	# A bit of the padding of a member's contents means nothing.
	case $? in
	0)	cmp -s good a || [ "$byte" -eq 0 ] || failed="$failed $offset";;
	1 | 6)	;;
	*)	failed="$failed $offset";;
	esac
done
is 'an archive with a bit that changed: verify says so' "$failed" ''
tar --format=ustar -cf a tree
member=$(grep -a -b -o 'tree/file' a | head -n 1 | cut -d : -f 1)
printf x | dd of=a bs=1 seek="$member" conv=notrunc 2>/dev/null
follows 'a damaged header' '*Damaged tar archive*'
grep -v -x tree/file names >expected
is 'a damaged header: list has listed the others' "$(sort "$SCRATCH/out")" \
    "$(cat expected)"

#
# Manifests.
#
# different DESC LINE: verify reports a difference of the archive a
different()
{
	exits 6 "$1: verify" fdbackup verify -f a
	is "$1: is reported" "$(head -n 1 "$SCRATCH/err")" "fdbackup: $2"
}
echo new >new
cp good a
tar -rf a --format=posix new
different 'a member after the manifest' 'new: this member follows the '\
'manifest, which must be the last; it was added to the archive, or the end '\
'of the archive is missing'
mkdir other
echo other >other/file
fdbackup create --none -f joined other 2>/dev/null
cp good a
tar -Af a joined
exits 6 'two archives that were joined: verify' fdbackup verify -f a
is 'two archives that were joined: the first manifest is reported' \
    "$(grep -c '^fdbackup: [.]fdbackup[.]mtree: unexpected: it is a manifest, '\
'but not the last member' "$SCRATCH/err")" 1
is 'two archives that were joined: the members before it are reported' \
    "$(grep -c '^fdbackup: tree.*: unexpected: ' "$SCRATCH/err")" \
    "$(wc -l <names)"
mkdir x
tar -xf good -C x
tar -cf a --format=posix --hard-dereference -C x tree/dir tree/file \
    tree/random tree/zeros .fdbackup.mtree .fdbackup.mtree
exits 6 'two manifests: verify' fdbackup verify -f a
is 'two manifests: the first is reported' \
    "$(grep -c '^fdbackup: [.]fdbackup[.]mtree: unexpected: ' \
    "$SCRATCH/err")" 1
# All but the modes of the manifest itself are as fdbackup stores them.
tar -cf a --format=posix -C x --no-recursion tree tree/random tree/zeros \
    tree/dir tree/dir/file .fdbackup.mtree
different 'a member that only the manifest has' \
    'tree/file: missing: it is in the manifest but not in the archive'
tar -cf a --format=posix -C x --no-recursion tree tree/file tree/random \
    tree/zeros tree/dir tree/dir/file tree/file --hard-dereference \
    .fdbackup.mtree
different 'a member that is there twice' \
    'tree/file: unexpected: it is in the archive but not in the manifest'
printf '#mtree\n./a type=file\0\n' >.fdbackup.mtree
tar -cf a new .fdbackup.mtree
different 'a manifest that is no text' \
    '.fdbackup.mtree: the manifest is damaged: it is not text'
ln -s nowhere link
mkdir m
ln -s nowhere m/.fdbackup.mtree
tar -cf a new -C m .fdbackup.mtree
exits 6 'a manifest that is a link: verify' fdbackup verify -f a
like 'a manifest that is a link: is none' "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: a: there is no manifest at its end: 2 members *'

#
# Extreme numbers.
#
if command -v python3 >/dev/null; then
	cat >extreme.py <<'PYTHON'
import io, sys, tarfile

def add(t, name, **headers):
    i = tarfile.TarInfo(name)
    i.pax_headers = headers
    t.addfile(i)

t = tarfile.open(sys.argv[1], 'w', format=tarfile.PAX_FORMAT)
for n, when in enumerate(['9223372036854775807', '-9223372036854775808',
        '99999999999999999999999', '-1.5', '253402300800', '1e9', 'x',
        '67768036191676799', '67768036191676800', '0.9999999999999']):
    add(t, 'time%d' % n, mtime=when)
add(t, 'id', uid='4294967296', gid='18446744073709551616')
add(t, 'id2', uid='-1', gid='-2')
t.close()
PYTHON
	python3 extreme.py a
	ok 'extreme numbers: list' fdbackup list -v -f a
	is 'extreme numbers: all members are listed' \
	    "$(wc -l <"$SCRATCH/out")" 12
	is 'extreme numbers: the largest time is a number' \
	    "$(grep -c '9223372036854775807 time0$' "$SCRATCH/out")" 1
	is 'extreme numbers: an id of more than 32 bits is not another one' \
	    "$(grep 'id$' "$SCRATCH/out" | cut -d ' ' -f 2 | cut -d / -f 1)" \
	    4294967295
	exits 6 'extreme numbers: verify' fdbackup verify -f a
else
	skip 5 'needs python3'
fi

done_testing

#!/bin/sh
#
# backup.t: fdbackup, with a private opener and with a daemon: what it stores,
# reports and leaves behind, and how other tar programs read its archives.

. "$(dirname "$0")/lib.sh"

need_daemon
unset TAPE TAR_OPTIONS
cd "$SCRATCH" || bail_out "$SCRATCH"
USER_ID=64103

# Names, types, modes, owners, sizes, times and targets of the files in the
# current directory.
metadata()
{
	find . ! -type s -printf '%p|%y|%m|%U:%G|%T@|%l|' \
	    \( -type f -printf '%s\n' -o -printf '\n' \) | LC_ALL=C sort
}

# same_tree DESC DIR DIR
same_tree()
{
	(cd "$2" && metadata) >"$SCRATCH/meta1"
	(cd "$3" && metadata) >"$SCRATCH/meta2"
	ok "$1: names and metadata" cmp "$SCRATCH/meta1" "$SCRATCH/meta2"
	(cd "$2" && find . -type f -exec sha256sum {} +) |
	    sort >"$SCRATCH/meta1"
	(cd "$3" && find . -type f -exec sha256sum {} +) |
	    sort >"$SCRATCH/meta2"
	ok "$1: contents" cmp "$SCRATCH/meta1" "$SCRATCH/meta2"
}

# extract ARCHIVE DIR: with GNU tar, without its warnings about old times and
# about keywords that it does not know.
extract()
{
	mkdir "$2" && tar -C "$2" --numeric-owner -xpf "$1" \
	    --exclude .fdbackup.mtree 2>"$SCRATCH/tar.err"
	extract_status=$?
	grep -v -e "keyword 'hdrcharset'" -e 'implausibly old' \
	    -e 'in the future' "$SCRATCH/tar.err"
	return $extract_status
}

last_line()
{
	tail -n 1 "$SCRATCH/err"
}

# The files that a failed run has left behind.
left_behind()
{
	find "$SCRATCH" -name '.fdbackup.????????????????'
	find "$SCRATCH/tmp" ! -path "$SCRATCH/tmp"
}

#
# A tree with everything in it.
#
mkdir tree tree/dir tree/dir/empty tree/closed tree/readonly
printf hello >tree/file
: >tree/dir/empty-file
printf x >"tree/new
line"
printf x >"$(printf 'tree/bad-\377\376')"
printf x >"$(printf 'tree/composed-\303\251')"
printf x >"$(printf 'tree/decomposed-e\314\201')"
printf x >'tree/back\slash'
printf x >"$(printf 'tree/escape-\033[31m')"
printf x >"tree/$(printf '%0255d' 0)"
printf x >tree/old
touch -d '1969-12-31 23:59:54 UTC' tree/old
printf x >tree/precise
touch -d '2001-02-03 04:05:06.789012345 UTC' tree/precise
printf x >tree/setuid
chmod 04711 tree/setuid
head -c 3000017 /dev/urandom >tree/big
truncate -s 5000000 tree/sparse
printf hard >tree/hard1
ln tree/hard1 tree/hard2
ln tree/hard1 tree/dir/hard3
ln -s file tree/link
ln -s "$(printf 'nowhere-\377\n')" tree/dangling
mkfifo tree/fifo
printf x >tree/closed/in
chmod 0 tree/closed/in tree/closed
printf x >tree/readonly/in
chmod 0555 tree/readonly
deep=$(printf '%0200d' 0)
(
	cd tree || exit
	mkdir "$deep" && cd "$deep" && printf x >leaf
	for i in $(seq 8); do
		mkdir "$i-$deep" && cd "$i-$deep" && printf x >leaf
	done
)
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) &&
    bind(S, sockaddr_un($ARGV[0]))' tree/socket 2>/dev/null
[ -S tree/socket ] || bail_out 'perl makes no socket'
mknod tree/null c 1 3
mknod tree/block b 7 99
chown 4000000000:4000000001 tree/precise
chown -h 12:34 tree/link
# Directories last: a file that is made in one changes its time.
touch -d '2010-01-01 UTC' tree/dir tree/readonly tree

ok 'a tree with everything: create' fdbackup create -f a.tar.zst tree
is 'a tree with everything: the socket is reported' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: tree/socket: sockets are not stored'
like 'a tree with everything: create counts' "$(last_line)" \
    "fdbackup: $(($(find tree | wc -l) - 2)) files, [0-9]* bytes, \
0 unreadable, 0 changed, 0 denied, 1 skipped, [0-9]*.[0-9][0-9] seconds"
ok 'a tree with everything: verify' fdbackup verify -f a.tar.zst
like 'a tree with everything: verify counts' "$(last_line)" \
    'fdbackup: * files, * bytes, 0 different, * seconds'
ok 'GNU tar: extracts the archive' extract a.tar.zst x
is 'GNU tar: has no complaint' "$(cat "$SCRATCH/out")" ''
same_tree 'extracted' tree x/tree
is 'GNU tar: hard links are links' \
    "$(stat -c %i x/tree/hard1 x/tree/hard2 x/tree/dir/hard3 |
    sort -u | wc -l)" 1
if command -v bsdtar >/dev/null; then
	mkdir x2
	ok 'bsdtar: extracts the archive' env LC_ALL=C.UTF-8 \
	    bsdtar -C x2 -xpf a.tar.zst --exclude .fdbackup.mtree
	# bsdtar composes characters.
	mv "$(printf 'x2/tree/decomposed-\303\251')" \
	    "$(printf 'x2/tree/decomposed-e\314\201')"
	touch -r tree x2/tree
	same_tree 'extracted with bsdtar' tree x2/tree
else
	skip 3 'needs bsdtar'
fi
ok '--none: create' \
    fdbackup create --none -f a.tar tree
is '--none: a plain pax archive' \
    "$(od -A n -t c -j 257 -N 5 a.tar | tr -d ' ')" ustar
ok '--none: verify' fdbackup verify -f a.tar
rm -rf x x2

#
# Names.
#
fdbackup create -f a.tar.zst -C tree . 2>/dev/null
(cd tree && find . ! -type s ! -name '*
*' ! -name '*[^ -~]*' | sed -e 's,^\./,,' -e 's,\\,\\\\,g') | sort >names
fdbackup list -f a.tar.zst | sort >listed
is 'names: the list has what the tree has' \
    "$(grep -v '\\[0-9n]' listed | cmp - names 2>&1)" ''
is 'names: other bytes are encoded' "$(grep '\\[0-9n]' listed)" \
    'bad-\377\376
composed-\303\251
decomposed-e\314\201
escape-\033[31m
new\nline'
is 'names: a locale of these characters shows them' \
    "$(LC_ALL=C.UTF-8 fdbackup list -f a.tar.zst | grep composed | sort)" \
    "$(printf 'composed-\303\251\ndecomposed-e\314\201')"
mkdir unseen
: >"$(printf 'unseen/cod\342\200\256gnp.exe')"
: >"$(printf 'unseen/ze\342\200\213ro')"
: >"$(printf 'unseen/select\363\240\204\200')"
fdbackup create -f unseen.tar -C unseen . 2>/dev/null
is 'names: no locale shows what is invisible or reorders text' \
    "$(LC_ALL=C.UTF-8 fdbackup list -f unseen.tar | sort)" \
    '.
cod\342\200\256gnp.exe
select\363\240\204\200
ze\342\200\213ro'
rm -rf unseen unseen.tar

# Names are bytes, and the same in every locale: all bytes, all tag characters,
# which iconv(3) of the GNU C library leaves out, and some that are no
# characters.
mkdir bytes
perl -e '
for $i (1 .. 46, 48 .. 255) {
	open F, ">", "bytes/byte-" . chr($i) . "x" or die;
}
for $i (0xe000, 0xfffe, 0xe0000 .. 0xe007f, 0xe0100, 0x10ffff) {
	$c = chr $i;
	utf8::encode($c);
	open F, ">", "bytes/file-$c" or die;
	link "bytes/file-$c", "bytes/hard-$c" or die;
	symlink "target-$c", "bytes/link-$c" or die;
}' 2>/dev/null
names_of() { (cd "$1" && find . -printf '%p %l\n' | sort); }
names_of bytes >bytes.names
# One of them is a newline.
is 'names as bytes: they are there' "$(wc -l <bytes.names)" 652
for locale in C C.UTF-8; do
	ok "names as bytes: create in $locale" \
	    env LC_ALL=$locale fdbackup create -f bytes.tar.zst bytes
	for other in C C.UTF-8; do
		ok "names as bytes: made in $locale, verify in $other" \
		    env LC_ALL=$other fdbackup verify -f bytes.tar.zst
		is "names as bytes: made in $locale, list in $other" \
		    "$(LC_ALL=$other fdbackup list -f bytes.tar.zst |
		    sort -u | wc -l)" 651
	done
	# In another locale GNU tar leaves tag characters out, too.
	mkdir x
	LC_ALL=C.UTF-8 tar -C x -xf bytes.tar.zst --exclude .fdbackup.mtree \
	    2>/dev/null
	is "names as bytes: made in $locale, GNU tar extracts them" \
	    "$(names_of x/bytes | cmp - bytes.names 2>&1)" ''
	rm -rf x bytes.tar.zst
done
rm -rf bytes bytes.names
# The C library loads code to convert the characters of such a locale.
mkdir locales
if localedef -i en_US -f ISO-8859-1 locales/latin 2>/dev/null; then
	exits 0 'names: a locale of other characters than UTF-8' env \
	    LOCPATH="$SCRATCH/locales" LC_ALL=latin \
	    fdbackup create -v -f l.tar.zst \
	    tree/escape*
else
	skip 1 'no localedef(1), or no such locale'
fi
is 'list -v: the manifest is listed' \
    "$(fdbackup list -v -f a.tar.zst | tail -n 1 | sed 's/.* //')" \
    .fdbackup.mtree
TZ=UTC fdbackup list -v -f a.tar.zst >listed
is 'list -v: mode, owner, size and name' \
    "$(grep 'setuid$' listed | sed 's/ [0-9]*-.* / T /')" \
    '-rws--x--x root/root         1 T setuid'
is 'list -v: time' "$(grep 'precise$' listed | grep -o '2001.*')" \
    '2001-02-03 04:05 precise'
is 'list -v: symbolic links' "$(grep -o 'link -> .*' listed)" 'link -> file'
is 'list -v: hard links' "$(grep -c '^h.* link to ' listed)" 2

#
# Standard streams.
#
fdbackup create -f - tree/dir 2>/dev/null | fdbackup list -f - >listed
is 'pipe: create and list' "$(sort listed)" "$(find tree/dir | sort)"
fdbackup create -f - tree/dir 2>/dev/null >b.tar.zst
ok 'pipe: verify' sh -c 'fdbackup verify -f - <b.tar.zst'
if command -v script >/dev/null; then
	exits 1 'terminal: create writes no archive to it' \
	    script -qec 'fdbackup create -f - tree/dir' /dev/null
	like 'terminal: create says what to do' \
	    "$(cat "$SCRATCH/out")" \
	    '*standard output is a terminal; redirect it*'
	exits 1 'terminal: list reads no archive from it' \
	    script -qec 'fdbackup list -f -' /dev/null
else
	skip 3 'needs script'
fi
ok 'closed standard streams: create' sh -c \
    'fdbackup create -f c.tar.zst tree/dir <&- >&- 2>&-'
ok 'closed standard streams: the archive is whole' fdbackup verify -f c.tar.zst

#
# Paths.
#
mkdir -p paths/a/b
: >paths/a/b/f
ln -s a paths/link
fdbackup create -f a.tar.zst -C paths a a/b/../b ./a 2>/dev/null
is 'a path that is given twice is stored once' \
    "$(fdbackup list -f a.tar.zst)" 'a
a/b
a/b/f'
fdbackup create -f a.tar.zst -C paths a/b/f a 2>/dev/null
is 'a path that is beneath another is stored once' \
    "$(fdbackup list -f a.tar.zst)" 'a/b/f
a
a/b'
fdbackup create -f a.tar.zst "$SCRATCH/paths/a/b" 2>/dev/null
is 'an absolute path is stored without its slash' \
    "$(fdbackup list -f a.tar.zst)" "${SCRATCH#/}/paths/a/b
${SCRATCH#/}/paths/a/b/f"
fdbackup create -f a.tar.zst -C paths link 2>/dev/null
is 'a path that is a link is stored as a link' \
    "$(fdbackup list -v -f a.tar.zst | grep -o 'link ->.*')" \
    'link -> a'
fdbackup create -f a.tar.zst -C paths link/b 2>/dev/null
is 'links in the parents of a path are followed' \
    "$(fdbackup list -f a.tar.zst)" 'link/b
link/b/f'
exits 2 'a link, and a path through it, are refused' \
    fdbackup create -f a.tar.zst -C paths link link/b
exits 2 'a path that leads out: is refused' \
    fdbackup create -f a.tar.zst -C paths ../tree
like 'a path that leads out: is reported' \
    "$(head -n 1 "$SCRATCH/err")" 'fdbackup: ../tree: ".." leads out*'
exits 2 'two files of one name are refused' \
    fdbackup create -f a.tar.zst -C paths a/b "/a"
exits 3 'a path that does not exist: status' \
    fdbackup create -f a.tar.zst paths/a nope
is 'a path that does not exist: is reported' "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: nope: No such file or directory'
is 'a path that does not exist: the others are stored' \
    "$(fdbackup list -f a.tar.zst)" 'paths/a
paths/a/b
paths/a/b/f'
(
	cd tree/"$deep" || exit
	# A shell can go this deep; mkdir -p goes deeper.
	for i in $(seq 30 44); do
		mkdir "$i-$deep" && cd "$i-$deep" && : >leaf
	done
	mkdir -p "$deep/a$deep/b$deep/c$deep/d$deep/e$deep/f$deep"
)
ok 'paths of more than 4096 bytes: create' fdbackup create -f a.tar.zst \
    "tree/$deep"
is 'paths of more than 4096 bytes: all are stored' \
    "$(fdbackup list -f a.tar.zst | wc -l)" "$(find "tree/$deep" | wc -l)"
ok 'paths of more than 4096 bytes: one is in the list' \
    sh -c 'fdbackup list -f a.tar.zst | grep -q "^.\{4097,\}/f0*$"'
ok 'paths of more than 4096 bytes: the archive is whole' \
    fdbackup verify -f a.tar.zst
rm -rf "tree/$deep"
#
# What cannot be read, or changes.
#
mkdir user user/locked
printf x >user/open
printf x >user/secret
printf x >user/locked/in
chmod 0600 user/secret
chmod 0700 user/locked
chmod 1777 "$SCRATCH"
exits 3 'unreadable files: status' run_as "$USER_ID" \
    fdbackup create -f u.tar.zst user
is 'unreadable files: are reported' "$(sed '$d' "$SCRATCH/err" | sort)" \
    'fdbackup: user/locked: Permission denied
fdbackup: user/secret: Permission denied'
like 'unreadable files: are counted' "$(last_line)" '* 2 unreadable, *'
is 'unreadable files: the rest is stored' \
    "$(fdbackup list -f u.tar.zst | sort)" 'user
user/locked
user/open'
ok 'unreadable files: the archive is whole' \
    run_as "$USER_ID" fdbackup verify -f u.tar.zst
is 'unreadable files: the archive belongs to the user' \
    "$(stat -c %u u.tar.zst)" \
    "$USER_ID"

# paused COMMAND PATH...: create, and run COMMAND while the worker has a file
# open: it waits because nobody reads the FIFO.
paused()
{
	paused_status=0
	rm -f pipe out.tar
	mkfifo pipe
	(
		exec <pipe
		head -c 100000 >out.tar
		sh -c "$1"
		cat >>out.tar
	) &
	shift
	timeout 60 fdbackup create --none -f pipe "$@" 2>"$SCRATCH/err" ||
	    paused_status=$?
	wait $!
}
# It is not read again here; honest.t has that.
head -c 40000000 /dev/urandom >big
paused 'truncate -s 39000000 big' --retries 0 big
is 'a file that becomes shorter: status' "$paused_status" 4
is 'a file that becomes shorter: is reported' \
    "$(head -n 1 "$SCRATCH/err")" 'fdbackup: big: it became shorter '\
'while it was read; stored with zeros from byte 39000000 on'
ok 'a file that becomes shorter: the archive is whole' \
    fdbackup verify -f out.tar
is 'a file that becomes shorter: has the length of its header' \
    "$(tar -xOf out.tar big | wc -c)" 40000000
head -c 40000000 /dev/urandom >big
ln big big2
paused 'truncate -s 39000000 big' --retries 0 big big2
is 'a hard link to a file that became shorter: status' "$paused_status" 4
is 'a hard link to a file that became shorter: both names are reported' \
    "$(grep -c '^fdbackup: big2*: it became shorter' "$SCRATCH/err")" 2
ok 'a hard link to a file that became shorter: the archive is whole' \
    fdbackup verify -f out.tar
rm -f big2

# The inode of a file that was stored is used again while the run goes on.
mkdir -p reuse/a reuse/m reuse/z
printf 'the old file' >reuse/a/A
touch -d @1000000000 reuse/a/A
ln reuse/a/A reuse/removed
: >reuse/z/B
head -c 48000000 /dev/urandom | (cd reuse/m && split -a 4 -b 4000)
cat >reuse/again <<'EOF'
ino=$(stat -c %i reuse/a/A)
rm reuse/a/A reuse/removed reuse/z/B
for i in $(seq 64); do
	printf 'another file' >reuse/a/new$i
	test "$(stat -c %i reuse/a/new$i)" = "$ino" || continue
	touch -d @1000000000 reuse/a/new$i
	ln reuse/a/new$i reuse/z/B
	break
done
EOF
paused '. ./reuse/again' -C reuse a m z
if test -e reuse/z/B; then
	# The directories changed after they were stored.
	is 'an inode that is used again: status' "$paused_status" 4
	is 'an inode that is used again: its file is stored' \
	    "$(tar -xOf out.tar z/B)" 'another file'
	is 'an inode that is used again: the old file, too' \
	    "$(tar -xOf out.tar a/A)" 'the old file'
	ok 'an inode that is used again: the archive is whole' \
	    fdbackup verify -f out.tar
else
	skip 4 'this file system gives out no inode number twice'
fi
rm -rf reuse
head -c 40000000 /dev/urandom >big
paused 'echo more >>big' --retries 0 big
is 'a file that grows: status' "$paused_status" 4
is 'a file that grows: is reported' "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: big: it changed while it was read'
ok 'a file that grows: the archive is whole' fdbackup verify -f out.tar
# Whoever rewrites a file can put back its size and time, but not its ctime.
cp -p big stamp
paused 'printf x | dd of=big conv=notrunc 2>/dev/null; touch -r stamp big' \
    --retries 0 big
is 'a rewrite that restores size and time: status' "$paused_status" 4
is 'a rewrite that restores size and time: is reported' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: big: it changed while it was read'
# The broker is ahead by no more than 1920 open files.  It may have entered the
# directory that disappears, and has entered the one above.
mkdir -p many/files
mv big many/big
(cd many/files && seq 5000 | xargs touch)
paused 'rm -r many/files' many
is 'files that disappear before they are read: status' "$paused_status" 4
is 'files that disappear before they are read: are reported' \
    "$(grep 'many:' "$SCRATCH/err")" \
    'fdbackup: many: names in it were added or removed while it was read'
ok 'files that disappear before they are read: the archive is whole' \
    fdbackup verify -f out.tar
mv many/big big
# Who adds a file to a directory can put back its time, but not its ctime.
mkdir -p times/files
mv big times/big
(cd times/files && seq 3000 | xargs touch)
paused 'touch -r times stamp; echo new >times/new; touch -r stamp times' times
is 'a directory whose time is put back: status' "$paused_status" 4
is 'a directory whose time is put back: is reported' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: times: it changed while it was read'
mv times/big big
# Few open files: the broker sends few at a time, and none is lost.
# As another user: the kernel counts those of root that are in flight, also of
# other runs.
ok 'few open files: every file is stored' run_as "$USER_ID" sh -c \
    'ulimit -n 150 && fdbackup create -f few.tar.zst times'
rm -f few.tar.zst

#
# File systems of the kernel's.
#
mkdir -p pseudo/proc pseudo/dir
: >pseudo/dir/file
# with_proc PATH...: create, where proc is mounted.
with_proc()
{
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t proc proc pseudo/proc &&
	    exec fdbackup create -f a.tar.zst "$@"' - "$@"
}
if unshare -m mount -t proc proc pseudo/proc 2>"$SCRATCH/err"; then
	ok 'proc beneath a path: create' with_proc pseudo
	is 'proc beneath a path: is reported' \
	    "$(head -n 1 "$SCRATCH/err")" "fdbackup: pseudo/proc: it is a \
file system of the kernel's, not of files; name it to store it"
	is 'proc beneath a path: its directory is stored' \
	    "$(fdbackup list -f a.tar.zst | sort)" 'pseudo
pseudo/dir
pseudo/dir/file
pseudo/proc'
	ok 'a file of proc that is named: create' \
	    with_proc pseudo pseudo/proc/version
	is 'a file of proc that is named: is stored' \
	    "$(tar -I zstd -xOf a.tar.zst pseudo/proc/version)" \
	    "$(cat /proc/version)"
	ok 'a file of proc that is named: the archive is whole' \
	    fdbackup verify -f a.tar.zst
else
	skip 6 'needs mount(2) of proc'
fi

#
# Compression and digests.
#
mkdir -p direct
head -c 3000000 /dev/urandom >direct/large
echo small >direct/small
truncate -s 2M direct/zeros
for how in --none --zstd=1 '--zstd --threads 1' '--zstd=19 --threads 3'; do
	for digest in sha256 none; do
		# shellcheck disable=SC2086
		ok "$how, digest $digest: create" \
		    fdbackup create $how --digest $digest -f how.tar direct
		ok "$how, digest $digest: verify" \
		    fdbackup verify -f how.tar
		is "$how, digest $digest: verify tells what it compared" \
		    "$(grep -c 'contents of 3 files were not compared' \
		    "$SCRATCH/err")" "$([ $digest = none ] && echo 1 || echo 0)"
		case $how in
		--none)	cat how.tar;;
		*)	zstd -dc how.tar;;
		esac >plain.tar
		ok "$how, digest $digest: tar finds no difference" \
		    tar -df plain.tar --exclude .fdbackup.mtree
	done
done
fdbackup create --none --digest none -f - direct 2>/dev/null | cat >pipe.tar
ok 'without digests to a pipe: tar finds no difference' \
    tar -df pipe.tar --exclude .fdbackup.mtree
rm -f how.tar plain.tar pipe.tar
head -c 40000000 /dev/urandom >big
paused 'truncate -s 39000000 big' --digest none --retries 0 big
is 'a file that becomes shorter, without digests: status' "$paused_status" 4
is 'a file that becomes shorter, without digests: is reported' \
    "$(head -n 1 "$SCRATCH/err")" 'fdbackup: big: it became shorter '\
'while it was read; stored with zeros from byte 39000000 on'
is 'a file that becomes shorter, without digests: has its length' \
    "$(tar -xOf out.tar big | wc -c)" 40000000

#
# The archive.
#
umask 027
fdbackup create -f new.tar tree/dir 2>/dev/null
is 'a new archive has mode 0600' "$(stat -c %a new.tar)" 600
chmod 0604 new.tar
fdbackup create -f new.tar tree/dir 2>/dev/null
is 'an archive that replaces another keeps its mode' "$(stat -c %a new.tar)" 604
umask 022
mkdir own
: >own/file
fdbackup create --none -f own/a.tar own 2>/dev/null
ok 'an archive in its own tree: create' fdbackup create --none -f own/a.tar own
is 'an archive in its own tree: the old one is skipped' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: own/a.tar: it is the archive that will be replaced'
sh -c 'fdbackup create --none -f - own >own/b.tar' 2>"$SCRATCH/err"
is 'an archive in its own tree: standard output is skipped' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: own/b.tar: it is the archive itself'
ln -s new.tar symlink
exits 1 'an archive that is a link: is refused' \
    fdbackup create -f symlink tree/dir
ok 'an archive that is a link: is left alone' test -h symlink
exits 1 'an archive in no directory' fdbackup create -f no/a.tar tree/dir
exits 1 'an archive that is a directory' fdbackup create -f tree tree/dir
exits 1 'an archive that does not exist: verify' fdbackup verify -f nope
like 'an archive that does not exist: is reported' \
    "$(cat "$SCRATCH/err")" 'fdbackup: nope: No such file*'

# durable: of a trace, the calls that make an archive durable, in their order.
durable()
{
	sed -n -E \
	    -e "s|^fsync\\([0-9]+<$SCRATCH/durable>\\) += 0.*|directory|p" \
	    -e 's/^fsync\(.*= 0.*/file/p' \
	    -e 's/^linkat\(.*= 0.*/link/p' \
	    -e 's/^renameat2?\(.*"a\.tar".*= 0.*/rename/p' trace | xargs
}
mkdir durable
echo old >durable/a.tar
chmod 0600 durable/a.tar
if strace -o trace true 2>/dev/null; then
	# The leak sanitizer does not work under a tracer.
	ok 'durable: an archive is made' \
	    env ASAN_OPTIONS=detect_leaks=0 strace -y -o trace \
	    -e trace=fsync,linkat,renameat,renameat2 \
	    fdbackup create -f durable/a.tar tree/dir
	# Without files that have no name there is no link.
	is 'durable: file, then name, then directory' \
	    "$(durable | sed 's/ link / /')" 'file rename directory'
else
	skip 2 'durable: needs strace'
fi

cp new.tar before
exits 1 'no space: status' fdbackup create -f /dev/full tree
is 'no space: is reported' "$(last_line)" \
    'fdbackup: the archive cannot be written: No space left on device'
ok 'no space: the device is still there' test -c /dev/full
exits 1 'a limit on file sizes: status' sh -c \
    'ulimit -f 100; exec fdbackup create --none -f new.tar big'
ok 'a limit on file sizes: the old archive stays' cmp new.tar before
is 'a limit on file sizes: nothing else is left' "$(left_behind)" ''
mkfifo broken
(exec <broken) &
exits 1 'a reader that goes away: status' fdbackup create --none -f broken big
rm broken

#
# Signals and deaths.
#

# stopped SIGNAL WHOM FIFO: create, and send the signal when the worker has
# begun and cannot end; the status is in $stopped_status.
stopped()
{
	env --default-signal=INT,HUP,TERM \
	    fdbackup create --none -f "$3" big tree 2>"$SCRATCH/err" &
	stopped_pid=$!
	timeout 20 cat begun >/dev/null
	case $2 in
	controller)	kill -"$1" $stopped_pid;;
	worker)		kill -"$1" "$(pgrep -P $stopped_pid -x fdbackup)";;
	opener)		kill -"$1" "$(pgrep -P $stopped_pid fdbroker-opene)";;
	esac
	timeout 20 sh -c 'echo >go'
	stopped_status=0
	wait $stopped_pid || stopped_status=$?
}
# Make a FIFO of which one byte is read, and the rest when the signal was sent.
slow()
{
	rm -f slow begun go
	mkfifo slow begun go
	(
		exec 9<slow
		dd bs=1 count=1 <&9 >begun 2>/dev/null
		read -r _ <go
		timeout 20 cat <&9 >/dev/null
	) &
}
for signal in INT:130 TERM:143 HUP:129; do
	slow
	stopped ${signal%:*} controller slow
	is "SIG${signal%:*}: status" "$stopped_status" "${signal#*:}"
	is "SIG${signal%:*}: is reported" "$(cat "$SCRATCH/err")" \
	    'fdbackup: stopped by a signal'
done
slow
stopped KILL worker slow
is 'a killed worker: status' "$stopped_status" 1
like 'a killed worker: is reported' "$(cat "$SCRATCH/err")" \
    '*fdbackup: the worker was killed by signal 9*'
slow
stopped KILL opener slow
is 'a killed opener: status' "$stopped_status" 1
like 'a killed opener: is reported' \
    "$(cat "$SCRATCH/err")" '*the session is over: *'
slow
stopped KILL controller slow
sweep_killed
is 'a killed controller: status' "$stopped_status" 137

progress_is_told()
{
	kill -USR1 "$progress_pid"
	grep -q '^fdbackup: [1-9][0-9]* files, ' "$SCRATCH/err"
}
# progress COMMAND...: ask what has come of it until it has counted a member; it
# reads the beginning of an archive.
progress()
{
	rm -f slow
	mkfifo slow
	# Until it catches the signal, it must not die of it.
	env --ignore-signal=USR1 "$@" -f slow 2>"$SCRATCH/err" >/dev/null &
	progress_pid=$!
	exec 9>slow
	head -c 8192 progress.tar >&9
	wait_until progress_is_told
	tail -c +8193 progress.tar >&9
	exec 9>&-
	wait "$progress_pid"
}
fdbackup create --none -f progress.tar tree/dir 2>/dev/null
for command in list verify; do
	ok "SIGUSR1: $command goes on" progress fdbackup $command
	like "SIGUSR1: $command says how far it is" \
	    "$(grep -m 1 ': [1-9]' "$SCRATCH/err")" \
	    'fdbackup: [1-9]* files, [0-9]* bytes, *[0-9] seconds; at tree/dir*'
done
rm progress.tar
rm -f tree/socket
assert_clean 'none of them leaves a process or a socket'
is 'none of them leaves a file' "$(left_behind)" ''

#
# The rest.
#
ok 'create -v' fdbackup create -v -f a.tar tree/dir
like 'create -v: how the processes are confined' "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: worker: *seccomp*; opener: *seccomp*; controller: *seccomp'
for args in '' 'nope' 'create' 'create -f a' 'list' 'list -f a b' \
    'create -q -f a b' 'verify --none -f a' 'create -s x -f a b'; do
	# shellcheck disable=SC2086
	exits 2 "usage: fdbackup $args" fdbackup $args
done
is 'a wrong command line: says where help is' "$(last_line)" \
    'fdbackup: for help: fdbackup create --help'
exits 1 'no opener: status' env FDBROKER_OPENER=/nonexistent \
    fdbackup create -f never.tar tree/dir
like 'no opener: is reported' \
    "$(cat "$SCRATCH/err")" '*cannot start the opener /nonexistent: *'
exits 1 'no daemon: status' \
    fdbackup create --role r -s "$SCRATCH/none/s" -f never.tar tree
like 'no daemon: is reported' "$(cat "$SCRATCH/err")" "*$SCRATCH/none*"
ok 'no opener or daemon: no archive is made' test ! -e never.tar
is 'no opener or daemon: nothing is left' "$(left_behind)" ''
assert_clean 'without a daemon: nothing is left behind'

#
# With a daemon.
#
mkdir -p data/private
echo plain >data/file
echo key >data/a.key
echo secret >data/private/secret
chmod 0700 data/private
conf <<EOF
role "nightly" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
	deny "$SCRATCH/data/**/*.key" label "keys"
}
role "others" {
	peer user "64104"
	permit read "$SCRATCH/data"
}
EOF
nightly()
{
	run_as "$USER_ID" fdbackup create --role nightly \
	    -s "$RUNDIR/fdbroker.sock" -f d.tar.zst "$@"
}
ok 'the daemon starts' start_daemon
exits 5 'a role: create' nightly -C "$SCRATCH" data
like 'a role: what it denies is counted' "$(last_line)" '* 1 hidden, *'
is 'a role: everything is stored that it may read' \
    "$(fdbackup list -f d.tar.zst | sort)" 'data
data/file
data/private
data/private/secret'
ok 'a role: the archive is whole' run_as "$USER_ID" fdbackup verify -f d.tar.zst
exits 5 'a denied path: status' \
    nightly -C "$SCRATCH" data/a.key data/file
key='data/a.key: denied by policy (fdbroker.conf:6 "keys")'
like 'a denied path: is reported with rule and number' \
    "$(head -n 1 "$SCRATCH/err")" \
    "fdbackup: $key, id [1-9a-f]*"
like 'a denied path: is counted' "$(last_line)" '* 1 denied, *'
is 'a denied path: the other is stored' \
    "$(fdbackup list -f d.tar.zst)" data/file
exits 5 'a denied path: counts more than a missing one' \
    nightly -C "$SCRATCH" data/a.key data/nope data/file
exits 1 'a path that no rule permits' nightly /etc/passwd
rm -f d.tar.zst
exits 1 "another user's role: status" run_as "$USER_ID" fdbackup create \
    --role others -s "$RUNDIR/fdbroker.sock" -f d.tar.zst data
is "another user's role: is reported" "$(head -n 1 "$SCRATCH/err")" \
    "fdbackup: refused: uid $USER_ID is not a peer of role \"others\""
ok "another user's role: no archive is made" test ! -e d.tar.zst
head -c 40000000 /dev/urandom >data/big
rm -f pipe
mkfifo pipe
chown "$USER_ID" pipe
(
	exec <pipe
	head -c 100000
	kill -KILL "$DAEMON"
	cat
) >/dev/null &
exits 1 'a killed daemon: status' timeout 60 setpriv --reuid="$USER_ID" \
    --regid="$USER_ID" --clear-groups fdbackup create --none \
    --role nightly -s "$RUNDIR/fdbroker.sock" -f pipe -C "$SCRATCH" \
    data/big data/file
wait $!
stop_daemon
is 'a killed daemon: no file is left' "$(left_behind)" ''
rm -f "$RUNDIR/fdbroker.sock"* "$RUNDIR/control.sock"
assert_clean

done_testing

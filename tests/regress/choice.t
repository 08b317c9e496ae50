#!/bin/sh
#
# choice.t: what "fdbackup create" stores can be chosen: patterns, tags and
# mount points, with a private opener.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"

# members ARCHIVE: the names in an archive, sorted, on one line.
members()
{
	fdbackup list -f "$1" | grep -v '^\.fdbackup\.mtree$' | sort | xargs
}

# stores DESC NAMES ARGS...: create succeeds and stores just these names.
stores()
{
	desc=$1 names=$2
	shift 2
	rm -f a
	ok "$desc: create" fdbackup create -f a "$@"
	cp "$SCRATCH/err" said
	is "$desc: members" "$(members a)" "$(echo "$names" | xargs)"
	ok "$desc: verify" fdbackup verify -f a
}

# summary: the counts that create printed last.
summary()
{
	tail -n 1 said
}

mkdir -p home/alice/.cache/deep home/alice/src home/bob/.cache home/bob/src
echo 1 >home/alice/.cache/deep/file
echo 2 >home/alice/src/a.c
echo 3 >home/alice/src/a.o
echo 4 >home/bob/.cache/b
echo 5 >home/bob/src/b.o
here=$(pwd -P)
base=${here#/}

#
# Patterns.
#
stores 'a name' 'home home/alice home/alice/src home/alice/src/a.c
home/alice/src/a.o home/bob home/bob/src home/bob/src/b.o' \
    --exclude .cache home
like 'a name: it is counted' "$(summary)" '* 2 excluded, *'
stores 'a wildcard' 'home home/alice home/alice/.cache home/alice/.cache/deep
    home/alice/.cache/deep/file home/alice/src home/alice/src/a.c home/bob
    home/bob/.cache home/bob/.cache/b home/bob/src' --exclude '*.o' home
stores 'several options' 'home home/alice home/alice/src home/alice/src/a.c
    home/bob home/bob/src' --exclude '*.o' --exclude .cache/ home
alice='alice alice/src alice/src/a.c alice/src/a.o'
stores 'a name in the archive, as for tar' "$alice" \
    -C home alice --exclude alice/.cache
stores 'an absolute path, for a relative one' "$alice" \
    -C home alice --exclude "$here/home/alice/.cache"
stores 'a path from the directory' "$alice" \
    -C home alice --exclude ./alice/.cache
stores 'a wildcard that matches in the path itself' "$alice" \
    -C home alice --exclude '/**/alice/.c*'
stores 'an absolute path, for an absolute one' \
    "$base/home/alice $base/home/alice/src $base/home/alice/src/a.c
    $base/home/alice/src/a.o" \
    "$here/home/alice" --exclude "$here/home/alice/.cache"
stores 'a name in the archive, for an absolute path' \
    "$base/home/alice $base/home/alice/src $base/home/alice/src/a.c
    $base/home/alice/src/a.o" "$here/home/alice" --exclude home/alice/.cache
stores 'not the directory of -C' 'alice alice/.cache alice/.cache/deep
    alice/.cache/deep/file alice/src alice/src/a.c alice/src/a.o' \
    -C home alice --exclude home
ln -s home link
stores 'a link in the directories of a pattern' "$alice" \
    -C home alice --exclude "$here/link/alice/.cache"
stores 'links in path and pattern' 'link/alice link/alice/src
    link/alice/src/a.c link/alice/src/a.o' \
    link/alice --exclude "$here/link/alice/.cache"
stores 'a directory: not a file of its name' 'home/alice/src/a.o' \
    home/alice/src/a.o --exclude 'a.o/'

stores 'a path that is excluded' 'home/alice/src home/alice/src/a.c' \
    home/alice/src home/alice/src/a.o --exclude '*.o'
is 'a path that is excluded: is reported' "$(head -n 1 said)" \
    'fdbackup: home/alice/src/a.o: excluded by --exclude *.o'
like 'a path that is excluded: is counted once' "$(summary)" '* 1 excluded, *'
stores 'a path beneath an excluded one' 'home/bob/src home/bob/src/b.o' \
    home/alice/.cache/deep/file home/bob/src --exclude .cache
is 'a path beneath an excluded one: is reported' "$(head -n 1 said)" \
    'fdbackup: home/alice/.cache/deep/file: excluded by --exclude .cache'
stores 'all is excluded' '' home --exclude home
stores 'a pattern that leads nowhere' 'home/bob/src home/bob/src/b.o' \
    home/bob/src --exclude /bob/src
like 'a pattern that leads nowhere: is reported' "$(head -n 1 said)" \
    'fdbackup: --exclude /bob/src: excluded nothing: *'

stores -v 'home/bob home/bob/.cache home/bob/.cache/b home/bob/src' \
    -v home/bob --exclude '*.o'
ok '-v: names what is excluded' \
    grep -q -x 'fdbackup: home/bob/src/b.o: excluded' said

# A name with a newline, and one that is not UTF-8.
mkdir odd
echo 1 >'odd/a
b'
echo 2 >"$(printf 'odd/\377x')"
stores 'odd names' 'odd' odd --exclude 'a?b' --exclude "$(printf '\377*')"

#
# Files of patterns.
#
printf '# comment\n\n.cache\n%s/home/bob/src\n/nowhere\n' "$here" >list
stores 'a file of patterns' 'home home/alice home/alice/src
    home/alice/src/a.c home/alice/src/a.o home/bob' home --exclude-from list
is 'a file of patterns: no word about those that lead nowhere' \
    "$(wc -l <said)" 1
exits 0 'patterns from standard input' \
    sh -c 'echo .cache | fdbackup create -f a --exclude-from - home/bob'
is 'patterns from standard input: members' "$(members a)" \
    'home/bob home/bob/src home/bob/src/b.o'

# wrong LINE ARGS...: create fails with status 2, and says so first.
wrong()
{
	line=$1
	shift
	rm -f a
	exits 2 "$line" fdbackup create -f a "$@" home
	is "$line: is reported" "$(head -n 1 "$SCRATCH/err")" "fdbackup: $line"
	ok "$line: no archive" test ! -e a
}

wrong '--exclude "": there is no name in it' --exclude ''
wrong '--exclude //: it ends with a slash; leave that out' --exclude //
wrong '--exclude a/../b: a component is "." or ".."' --exclude a/../b
printf 'a\n\n#\nb/./c\n' >list
wrong 'list:4: b/./c: a component is "." or ".."' --exclude-from list
printf 'a\0b\n' >list
wrong 'list:1: there is a NUL byte; if NUL bytes separate the names, use -0' \
    --exclude-from list
head -c 40000 /dev/zero | tr '\0' a >list
wrong 'list:1: longer than 32767 bytes' --exclude-from list
seq 16385 >list
wrong "list:16385: 16385: there are too many patterns: a broker takes 16384, \
with 1048576 bytes together" --exclude-from list
wrong 'no: No such file or directory' --exclude-from no
seq 16384 >list
stores 'as many patterns as there may be' \
    'home/bob/src home/bob/src/b.o' home/bob/src --exclude-from list

#
# Lists of paths.
#
tree='home/bob/src home/bob/src/b.o'
printf 'home/bob/src\n\nhome/alice/src/a.c' >list
stores 'a list' "home/alice/src/a.c $tree" -T list
stores 'a list and a path' "home/alice/src/a.c home/alice/src/a.o $tree" \
    -T list home/alice/src/a.o
stores 'two lists with the same paths' "home/alice/src/a.c $tree" \
    -T list --files-from list
stores 'a list: what is excluded' "$tree" -T list --exclude '*.c'
printf 'bob/src\n../home/bob/src/b.o\n%s/home/bob/src\n' "$here" >list
wrong 'list:2: ../home/bob/src/b.o: ".." leads out of the directory; use -C or'\
' an absolute path' -C home -T list
printf 'bob/x/../src\nbob/src/b.o\n./bob//src/\n' >list
stores 'a list: the same path in several ways' 'bob/src bob/src/b.o' \
    -C home -T list
: >list
for file in list /dev/null; do
	rm -f a
	exits 2 "an empty list: $file" fdbackup create -f a -T $file
	is "an empty list: $file: is reported" \
	    "$(head -n 1 "$SCRATCH/err")" \
	    "fdbackup: $file: there is no path in it"
	ok "an empty list: $file: no archive" test ! -e a
done
stores 'an empty list and a path' "$tree" -T list home/bob/src
printf 'home/bob/src\nhome/none\nhome/alice/src/a.c\n' >list
exits 3 'a list with a path that does not exist' fdbackup create -f a -T list
is 'a list with a path that does not exist: is reported' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: home/none: No such file or directory'
is 'a list with a path that does not exist: members' "$(members a)" \
    "home/alice/src/a.c $tree"
mkdir odd/-x
find odd -mindepth 1 -print0 | sort -z >list
exits 0 'a list with NUL bytes' fdbackup create -f a -0 -T list
is 'a list with NUL bytes: members' "$(fdbackup list -f a | sort)" \
    "$(printf '%s\n' 'odd/-x' 'odd/\377x' 'odd/a\nb' | sort)"
exits 0 'a list with NUL bytes from standard input' \
    sh -c 'fdbackup create -f a -0T - <list'
is 'a list with NUL bytes from standard input: members' \
    "$(fdbackup list -f a | wc -l)" 3
exits 2 'a list with NUL bytes without -0' fdbackup create -f b -T list
ok 'a list with NUL bytes without -0: no archive' test ! -e b
(cd odd && printf -- '-x\n#y\n' >../list && : >'#y')
stores 'a list: names like options and comments' '#y -x' -C odd -T list
# A list of many paths, all but one of which are missing.
seq -f 'no/%.0f' 30000 >list
echo home/bob/src/b.o >>list
exits 3 'many paths' fdbackup create -f a -T list
is 'many paths: members' "$(members a)" home/bob/src/b.o
like 'many paths: are counted' "$(tail -n 1 "$SCRATCH/err")" \
    '* 30000 unreadable, *'
# Endless input ends with a reason.
exits 2 'an endless path' sh -c 'fdbackup create -f b -T - </dev/zero'
exits 2 'an endless list' sh -c 'yes no | fdbackup create -f b -T -'
like 'an endless list: names the limit' "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: standard input:*: too many paths: lists may have 2000000 *'

#
# Times.
#
mkdir -p times/sub
echo old >times/old
echo new >times/sub/new
ln -s old times/link
touch -h -d '2001-02-03 04:05:06.5 UTC' times/old times/link times/sub/new
all='times times/link times/old times/sub times/sub/new'
# The time of the last change of status counts, too: all are new.
stores '--newer: a change of status' "$all" times --newer 2010-01-01
stores '--newer: equal' 'times times/sub times/sub/new' times/sub/new times \
    --exclude old --exclude link --newer "$(stat -c @%.Z times/sub/new)"
stores '--newer: later' 'times times/sub' times --newer 2999-01-01
like '--newer: counts what is left out' "$(summary)" '* 3 excluded, *'
stores '--newer: later, -v' 'times times/sub' -v times \
    --newer '2999-01-01 12:00'
ok '--newer: names what is left out' \
    grep -q -x 'fdbackup: times/link: not changed since then' said
echo >mark
touch -d '2999-01-01' mark
stores '--newer: a file' 'times times/sub' times --newer ./mark
stores '--newer: a path that is older' '' times/old --newer "$here/mark"
wrong '--newer ./none: No such file or directory' --newer ./none
for date in yesterday 2026-02-30 2026-1-1 @ @x '2026-01-01 25:00' \
    2026-01-01T12:00:00X 2026-01-01x @9999999999999999999 ''; do
	exits 2 "--newer $date" fdbackup create -f b --newer "$date" times
done
ok '--newer with no date: no archive' test ! -e b

#
# Tags.
#
mkdir -p tags/cache tags/fake tags/no/sub
printf 'Signature: 8a477f597d28d172789f06886806bc55' >tags/cache/CACHEDIR.TAG
echo x >tags/cache/x
echo 'Signature: none' >tags/fake/CACHEDIR.TAG
echo x >tags/no/.nobackup
echo x >tags/no/sub/x
stores 'a cache' 'tags tags/cache tags/cache/CACHEDIR.TAG tags/fake
    tags/fake/CACHEDIR.TAG tags/no tags/no/.nobackup tags/no/sub
    tags/no/sub/x' tags --exclude-caches
like 'a cache: is counted' "$(summary)" '* 1 excluded, *'
stores 'a tag' 'tags tags/cache tags/cache/CACHEDIR.TAG tags/cache/x tags/fake
    tags/fake/CACHEDIR.TAG tags/no tags/no/.nobackup' \
    tags --exclude-if-present .nobackup --exclude-if-present nope
wrong "--exclude-if-present a/b: must be the name of a file, without \
directories" --exclude-if-present a/b

#
# Excluded means never opened and never listed.
#
if ! command -v strace >/dev/null; then
	skip 2 'needs strace'
elif ! need_root 2; then
	# What a process reads that cannot be traced, only root sees.
	:
else
	rm -f a
	strace -f -qq -e trace=%file,getdents64 -o trace \
	    fdbackup create -f a --exclude .cache/ --exclude '*.o' home \
	    2>/dev/null
	is 'what is excluded is not opened' \
	    "$(grep -c -e '"deep' -e 'a\.o"' -e '/b"' trace)" 0
	ok 'what is stored is' grep -q 'a\.c"' trace
fi

#
# Mount points.
#
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	mkdir -p mounts/on
	echo x >mounts/off
	# shellcheck disable=SC2016
	exits 0 'a mount point' unshare -m sh -c '
		mount -t tmpfs tmpfs mounts/on && echo y >mounts/on/y &&
		    fdbackup create -f a -x mounts'
	is 'a mount point: members' "$(members a)" 'mounts mounts/off mounts/on'
	is 'a mount point: is named' "$(head -n 1 "$SCRATCH/err")" \
	    'fdbackup: mounts/on: it is on another file system'
else
	skip 3 'needs to mount'
fi

#
# Compression.
#
# compressed SUFFIX PROGRAM OPTION: the name chooses what the option does.
compressed()
{
	rm -f "a.$1" b c
	ok "$1: create" fdbackup create -f "a.$1" home
	ok "$1: verify" fdbackup verify -f "a.$1"
	ok "$3: create" fdbackup create "$3" -f - home
	cp "$SCRATCH/out" b
	is "$1: the option makes the same" \
	    "$(od -A n -t x1 -N 4 b)" "$(od -A n -t x1 -N 4 "a.$1")"
	if command -v "$2" >/dev/null; then
		ok "$1: $2 finds it whole" "$2" -t "a.$1"
		"$2" -dc "a.$1" >c
		ok "$1: tar finds no difference" \
		    tar -df c --exclude .fdbackup.mtree
	else
		skip 2 "needs $2"
	fi
	ok "$3=9: create" fdbackup create "$3=9" -f b home
	ok "$3=9: verify" fdbackup verify -f b
}
compressed tar.bz2 bzip2 --bzip2
compressed tbz2 bzip2 --bzip2
compressed tar.gz gzip --gzip
compressed tgz gzip --gzip
compressed tar.lz4 lz4 --lz4
compressed tar.xz xz --xz
compressed tar.zst zstd --zstd
ok 'tar: create' fdbackup create -f a.tar home
is 'tar: is not compressed' "$(dd if=a.tar bs=1 skip=257 count=5 2>/dev/null)" \
    ustar
for suffix in tar.gz tar.bz2 tar.xz tar.zst tar; do
	ok "$suffix: tar knows what it is" tar -tf "a.$suffix"
done
rm -f b
exits 1 'xz with too little memory' \
    fdbackup create --xz=9 --max-memory 100M -f b home
like 'xz with too little memory: names the option' \
    "$(head -n 1 "$SCRATCH/err")" '*out of memory: *--max-memory *'
ok 'xz with too little memory: no archive' test ! -e b
fails 'gzip: no space left' sh -c 'fdbackup create --gzip -f - home >/dev/full'
like 'gzip: no space left: is reported' "$(cat "$SCRATCH/err")" \
    '*: the archive cannot be written: No space left on device*'

#
# A dry run.
#
ln home/alice/src/a.c home/alice/again
mkfifo home/alice/fifo
ln -s nowhere home/dangling
head -c 3000000 /dev/zero >home/bob/large
# dry DESC ARGS...: the same counts, with and without an archive.
dry()
{
	desc=$1
	shift
	rm -f a
	fdbackup create -f a "$@" 2>&1 >/dev/null | tail -n 1 |
	    sed 's/[0-9.]* seconds//' >counts
	ok "a dry run: $desc" fdbackup create -n "$@"
	is "a dry run: $desc: counts what a run stores" \
	    "$(tail -n 1 "$SCRATCH/err" | sed 's/[0-9.]* seconds//')" \
	    "$(sed 's/^fdbackup: /&dry run: /' counts)"
}
dry 'a tree' home
is 'a dry run: a tree: directories' "$(sort "$SCRATCH/out")" \
    '17 files, 3000010 bytes: home
6 files, 3000004 bytes: home/bob
9 files, 6 bytes: home/alice'
dry 'patterns' home --exclude .cache --exclude '*.o'
dry 'times' home --newer 2999-01-01
dry 'paths beneath paths' home home/bob home/bob/src/b.o
dry 'tags' tags --exclude-caches
is 'a dry run: makes nothing' "$(find . -name '.fdbackup.*')" ''
rm -f a
exits 0 'a dry run with -f and -v' fdbackup create -n -v -f a home/alice/src
is 'a dry run with -f and -v: sizes and names' "$(sort "$SCRATCH/out")" \
    "$(printf '%s\n' '           0 home/alice/src' \
    '           2 home/alice/src/a.c' '           2 home/alice/src/a.o' \
    '3 files, 4 bytes: home/alice/src' | sort)"
ok 'a dry run with -f: no archive' test ! -e a
echo archive >home/bob/a
exits 0 'a dry run: the archive that would be replaced' \
    fdbackup create -n -f home/bob/a home/bob
is 'a dry run: the archive that would be replaced is skipped' \
    "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: home/bob/a: it is the archive that will be replaced'
is 'a dry run: it is not touched' "$(cat home/bob/a)" archive
rm home/bob/a
exits 3 'a dry run: a path that does not exist' fdbackup create -n home/none
fails 'a dry run: no room for the counts' \
    sh -c 'fdbackup create -n home >/dev/full'
if command -v strace >/dev/null; then
	strace -f -qq -e trace=open,openat,openat2 -o trace \
	    fdbackup create -n home >/dev/null 2>&1
	is 'a dry run: opens no file' \
	    "$(grep -c -e 'a\.[co]"' -e '"large"' -e '/large"' trace)" 0
else
	skip 1 'needs strace'
fi

assert_clean 'nothing is left behind'
done_testing

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
wrong '--exclude //: it ends with a slash' --exclude //
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
if command -v strace >/dev/null; then
	rm -f a
	strace -f -qq -e trace=%file,getdents64 -o trace \
	    fdbackup create -f a --exclude .cache/ --exclude '*.o' home \
	    2>/dev/null
	is 'what is excluded is not opened' \
	    "$(grep -c -e '"deep' -e 'a\.o"' -e '/b"' trace)" 0
	ok 'what is stored is' grep -q 'a\.c"' trace
else
	skip 2 'needs strace'
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

assert_clean 'nothing is left behind'
done_testing

#!/bin/sh
#
# incremental.t: "fdbackup create --since" stores what has changed, records what
# was removed, and a full archive with its incrementals makes the tree anew.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"
tar --version 2>/dev/null | grep -q 'GNU tar' ||
    skip_all 'needs GNU tar'

# members ARCHIVE: the names in an archive but the manifest, sorted, one line.
members()
{
	fdbackup list -f "$1" | grep -v '^\.fdbackup\.mtree$' | sort -u | xargs
}

# settle FILE: let a manifest say that its run began later, as if everything had
# been left alone for a while before it.
settle()
{
	sed "s/^\(#fdbackup format=1 began=\)[0-9]*/\1$(($(date +%s) + 100))/" \
	    "$1" >"$1.settled" && mv "$1.settled" "$1"
}

# fields TREE: what matters of a tree, sorted: type, mode, owner, time, size,
# link target, names; links between files; contents.
fields()
{
	(cd "$1" && rm -f .fdbackup.mtree && find . -mindepth 1 ! -type d \
	    -printf '%P|%y|%m|%U|%G|%T@|%s|%l|%n\n' | sort
	find . -mindepth 1 -type d -printf '%P|%y|%m|%U|%G|%T@\n' | sort
	find . -type f -links +1 -printf '%i %P\n' | sort |
	    awk '{ a[$1] = a[$1] " " $2 } END { for (i in a) print a[i] }' |
	    sort
	find . -type f -exec sha256sum {} + | sort)
}

# replay DIR ARCHIVE...: extract them in order, as the manual says.
replay()
{
	rm -rf "$1"
	mkdir "$1"
	replay_dir=$1
	shift
	for replay_archive; do
		tar -xGf "$replay_archive" -C "$replay_dir" || return
	done
}

# replay_list DIR ARCHIVE...: the same without -G, by the lists of names.
replay_list()
{
	rm -rf "$1"
	mkdir "$1"
	replay_dir=$1
	shift
	for replay_archive; do
		fdbackup list --removed -0 -f "$replay_archive" >names || return
		(cd "$replay_dir" && xargs -0r rm -rf -- <../names) || return
		tar -xf "$replay_archive" -C "$replay_dir" || return
	done
}

same_tree()
{
	fields tree >want
	fields "$1" >got
	diff want got
}

mkdir -p tree/early/in tree/z1 tree/z2
mkdir -p tree/a/b tree/becomes-file/deep tree/gone/x tree/moves tree/empty
echo one >tree/a/one
echo two >tree/a/b/two
echo odd >"tree/a/b/with blank
and line"
ln tree/a/one tree/moves/other-name
ln -s nowhere tree/a/link
echo f >tree/becomes-file/deep/f
echo g >tree/gone/x/g
echo m >tree/moves/m
echo e >tree/early/in/e
echo h >tree/stays-hard
echo x >tree/becomes-dir
ln -s becomes-dir tree/becomes-link
truncate -s 1M tree/holes
echo end >>tree/holes

#
# A full archive keeps its manifest.
#
ok 'full' fdbackup create -f full.tar --manifest full.m -C tree .
ok 'full: verify' fdbackup verify -f full.tar
tar -xOf full.tar .fdbackup.mtree >in-archive
ok 'the manifest is that of the archive' cmp in-archive full.m
ok 'it names the start of the run' grep -qE \
    '^#fdbackup format=1 began=[0-9]+\.[0-9]{9}$' full.m
ok 'bsdtar reads it' bsdtar -tf full.m
is 'its mode' "$(stat -c %a full.m)" 600

#
# What was changed just before is stored again: it could have changed since.
#
ok 'at once' fdbackup create -f inc.tar --since full.m -C tree .
like 'what is new is stored again' "$(members inc.tar)" '*a/one*stays-hard*'
settle full.m

#
# Nothing has changed.
#
ok 'unchanged' fdbackup create -f inc.tar --since full.m --manifest same.m \
    -C tree .
is 'only directories' "$(members inc.tar)" \
    ". a a/b becomes-file becomes-file/deep early early/in empty gone gone/x \
moves z1 z2"
like 'they are counted' "$(tail -n 1 err)" '* 13 unchanged, *'
ok 'unchanged: verify' fdbackup verify -f inc.tar
is 'nothing was removed' "$(fdbackup list --removed -f inc.tar)" ''
is 'the manifest describes all' "$(grep -c '^\./.* type=.* mode=' same.m)" 25
ok 'the digest is carried over' sh -c '
	awk "/^.\/a\/one /" full.m | sed "s/ tags=unchanged//" >1
	awk "/^.\/a\/one /" same.m | sed "s/ tags=unchanged//" >2
	cmp 1 2'
ok 'with -v' fdbackup create -v -f inc.tar --since full.m -C tree .
like 'each is named' "$(cat err)" '*fdbackup: a/one: unchanged*'
ok 'dry run' fdbackup create -n --since full.m -C tree .
like 'dry run: counted' "$(tail -n 1 err)" '* 13 unchanged, *'

# Only root sees the names in processes of which nothing can be dumped.
if [ "$(id -u)" -eq 0 ] && command -v strace >/dev/null &&
    strace -o /dev/null true 2>/dev/null; then
	echo changed >>tree/a/one
	strace -ff -o trace -e trace=openat2,openat,open \
	    fdbackup create -f inc.tar --since full.m -C tree . 2>err
	cat trace.* >opened
	is 'unchanged files are not opened' \
	    "$(grep -v O_PATH opened | grep -cE '"(.*/)?(two|m|g|holes)"')" 0
	ok 'changed ones are' grep -qE '"(.*/)?(one|other-name)"' opened
else
	skip 2 'needs strace, and root'
fi

#
# Changes of every kind, twice.
#
echo changed >>tree/a/one
rm -r tree/becomes-file tree/gone tree/becomes-dir tree/becomes-link
echo file >tree/becomes-file
mkdir tree/becomes-dir
echo in >tree/becomes-dir/in
ln -s becomes-dir tree/becomes-link
mv tree/moves tree/moved
# tar has left it when what is in it comes, since another directory follows.
mv tree/early tree/aside
chmod 0600 tree/stays-hard
ln tree/stays-hard tree/second
ok 'inc1' fdbackup create -f inc1.tar --since full.m --manifest inc1.m \
    -C tree .
like 'inc1: counted' "$(tail -n 1 err)" '* 11 removed, *'
ok 'inc1: verify' fdbackup verify -f inc1.tar
gone='becomes-file/deep becomes-file/deep/f early early/in early/in/e'
gone="$gone gone gone/x gone/x/g"
is 'inc1: removed' "$(fdbackup list --removed -f inc1.tar | sort | xargs)" \
    "$gone moves moves/m moves/other-name"
ok 'inc1: replay' replay r full.tar inc1.tar
ok 'inc1: the tree is the same' same_tree r
settle inc1.m
rm tree/second tree/a/b/two
rm -r tree/becomes-dir
echo 1 >tree/becomes-dir
touch tree/empty/not-any-more
ok 'inc2, from the archive before' fdbackup create -f inc2.tar.gz \
    --since inc1.tar --manifest inc2.m -C tree .
ok 'inc2: verify' fdbackup verify -f inc2.tar.gz
ok 'inc2, from its manifest' fdbackup create -f inc2.tar --since inc1.m \
    --manifest inc2.m -C tree .
ok 'inc2: verify' fdbackup verify -f inc2.tar
is 'inc2: removed' "$(fdbackup list --removed -f inc2.tar | sort | xargs)" \
    'a/b/two becomes-dir/in second'
ok 'inc2 names the run before' grep -q "since=$(sed -n \
    's/^#fdbackup format=1 began=\([0-9.]*\).*/\1/p' inc1.m)\$" inc2.m
ok 'replay by tar -G' replay r full.tar inc1.tar inc2.tar
ok 'the tree is the same' same_tree r
ok 'replay by the lists' replay_list r full.tar inc1.tar inc2.tar
ok 'the tree is the same' same_tree r
ok 'replay to the first only' replay r full.tar inc1.tar
fails 'is another tree' same_tree r

#
# What a run cannot see is not removed.
#
ok 'without a directory' fdbackup create -f less.tar --since inc2.m \
    --manifest less.m -C tree . --exclude a/b
is 'what is excluded is not removed' \
    "$(fdbackup list --removed -f less.tar)" ''
ok 'its lines stay' grep -q '^\./a/b/with.* tags=unseen$' less.m
ok 'and it verifies' fdbackup verify -f less.tar
ok 'another path' fdbackup create -f less.tar --since inc2.m --manifest less.m \
    -C tree empty
is 'other paths are not removed' "$(fdbackup list --removed -f less.tar)" ''
rm "tree/a/b/with blank
and line"
settle less.m
ok 'all paths again' fdbackup create -f more.tar --since less.m -C tree .
is 'now it is removed' \
    "$(fdbackup list --removed -0 -f more.tar | tr '\0\n' ':+')" \
    'a/b/with blank+and line:'

#
# Contents.
#
settle inc2.m
touch -r tree/moved/m stamp
echo M >tree/moved/m
touch -r stamp tree/moved/m
cp -a tree/stays-hard copy && mv copy tree/stays-hard
ok 'compare contents' fdbackup create -f c.tar --since inc2.m \
    --compare contents --manifest c.m -C tree .
like 'other contents with the same times are stored' "$(members c.tar)" \
    '*moved/m*'
is 'a copy with the same contents is not' \
    "$(members c.tar | grep -c stays-hard)" 0
ok 'compare contents: verify' fdbackup verify -f c.tar
ok 'its line is that of the new file' grep -q \
    "^\./stays-hard .*inode:$(stat -c %i tree/stays-hard) .*unchanged\$" c.m

#
# Manifests that cannot be used.
#
# refused DESC PATTERN FILE
refused()
{
	rm -f no.tar
	exits "$STATUS_FATAL" "$1" fdbackup create -f no.tar --since "$3" \
	    -C tree .
	like "$1: said" "$(cat err)" "$2"
	[ ! -e no.tar ] || fail "$1: an archive was made"
}

: >bad
refused 'empty' '*bad:*' bad
echo text >bad
refused 'no manifest' '*bad:*' bad
printf '#mtree\n./a type=file\n' >bad
refused 'foreign' '*bad:2: *full archive*' bad
sed 's/format=1/format=2/' inc2.m >bad
refused 'of the future' '*bad:2: *later version*' bad
sed '$d' inc2.m >bad
refused 'cut off' '*bad:*: *cut off*' bad
sed '4d' inc2.m >bad
refused 'a line is missing' '*bad:*: *lines are missing*' bad
sed 's,^\./a ,./../a ,;s,^\./a/one ,./a\\,' inc2.m >bad
refused 'not a name' '*bad:*: *no line about a member*' bad
printf '#mtree\n\0\n' >bad
refused 'not text' '*bad:2: *no text*' bad
tar -cf bad tree/a
refused 'an archive of tar' '*bad: *no manifest*' bad
head -c 5000 inc1.tar >bad
refused 'half an archive' '*bad: *' bad
refused 'no file' '*nothere*' nothere
refused 'a directory' '*' tree
seq -f './a/%.0f type=file mode=0644' 3000000 >lines
sed -n 1,2p inc2.m | cat - lines >bad
exits "$STATUS_FATAL" 'too large' fdbackup create -f no.tar --max-memory 30M \
    --since bad -C tree .
like 'too large: the option is named' "$(cat err)" '*--max-memory*'
rm bad lines

# In doubt, store: a line that is damaged proves nothing.
sed 's/^\(\.\/holes .*\)tags=inode:/\1tags=inode:1/' inc2.m >doubt
ok 'another inode' fdbackup create -f d.tar --since doubt -C tree .
like 'is stored' "$(members d.tar)" '*holes*'
sed 's/^\(\.\/holes .*\)tags=ctime:[^ ]* /\1/' inc2.m >doubt
ok 'no ctime' fdbackup create -f d.tar --since doubt -C tree .
like 'is stored' "$(members d.tar)" '*holes*'
awk '/^\.\/holes /{ print } /^#end /{ $2++ } { print }' inc2.m >doubt
ok 'two lines' fdbackup create -f d.tar --since doubt -C tree .
like 'is stored' "$(members d.tar)" '*holes*'

# A socket cannot be stored, so the file that it has replaced is gone.
rm tree/becomes-file
python3 - 2>/dev/null <<'EOF' || true
import socket
socket.socket(socket.AF_UNIX).bind("tree/becomes-file")
EOF
if [ -S tree/becomes-file ]; then
	ok 'a socket' fdbackup create -f d.tar --since inc2.m -C tree .
	ok 'the file is removed' sh -c \
	    'fdbackup list --removed -f d.tar | grep -qx becomes-file'
else
	skip 2 'needs python3'
fi

#
# Where the manifest is kept.
#
cp inc1.tar self.tar
exits "$STATUS_FATAL" 'the archive that would be replaced' \
    fdbackup create -f self.tar --since self.tar -C tree .
ok 'it is left as it is' cmp inc1.tar self.tar
exits "$STATUS_FATAL" 'nothing can be stored' \
    fdbackup create -f no.tar --since inc2.m -C tree nothere
ok 'no archive is made' test ! -e no.tar
exits "$STATUS_FATAL" 'log and manifest are one file' fdbackup create \
    -f no.tar --manifest one.m --logfile one.m -C tree .
exits "$STATUS_FATAL" 'archive and manifest are one file' \
    fdbackup create -f one --manifest ./one -C tree .
ok 'nothing is there' test ! -e one
exits "$STATUS_FATAL" 'a run that fails' \
    fdbackup create -f no.tar --manifest no.m -C tree nothere
ok 'keeps no manifest' test ! -e no.m
exits "$STATUS_USAGE" 'newer and since' fdbackup create -f no.tar \
    --newer 2026-01-01 --since inc2.m -C tree .
# A name from elsewhere is not printed for rm(1).
sed 's,^#removed .*,#removed ./../../etc type=dir,' inc2.m >bad
exits "$STATUS_FATAL" 'a name that leads out' fdbackup list --removed -f bad
is 'is not printed' "$(cat out)" ''

# Files of renamed directories come after all directories, of which tar has set
# the times by then.
mkdir -p two/p two/q
echo 1 >two/p/f
echo 2 >two/q/f
touch -d 2001-02-03 two/p two/q
fdbackup create -f full.tar --manifest two.m -C two . 2>err
settle two.m
mv two/p two/r
mv two/q two/s
fdbackup create -f two.tar --since two.m -C two . 2>err
ok 'renamed directories' replay r full.tar two.tar
rm -f r/.fdbackup.mtree
touch -r two r
ok 'they have their times' fdbackup diff -f two.tar -C r

# The same by extract, which compares only what an archive holds.
mkdir x
ok 'extract: a full archive' fdbackup extract -f full.tar -C x
fdbackup list --removed -0 -f two.tar | (cd x && xargs -0r rm -rf --)
ok 'extract: an incremental one' \
    fdbackup extract --overwrite replace -f two.tar -C x
ok 'extract: the tree is there' fdbackup diff -f two.tar -C x

done_testing

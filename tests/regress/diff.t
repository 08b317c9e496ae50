#!/bin/sh
#
# diff.t: "fdbackup diff" tells how files differ from an archive.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"

# differs DESC LINES ARGS...: diff exits with status 6, or 0 if there are no
# lines, and prints just these lines, sorted.
differs()
{
	desc=$1 lines=$2 status=$STATUS_DIFFERENT
	shift 2
	[ -n "$lines" ] || status=$STATUS_COMPLETE
	exits "$status" "$desc: status" fdbackup diff "$@"
	is "$desc" "$(sed 's/mtime [-0-9.]* -> [-0-9.]*/mtime/' out | sort)" \
	    "$lines"
}

mkdir -p t/a/b t/e other
echo 12345 >t/a/f
echo xy >t/a/b/g
ln t/a/f t/a/hard
ln -s target t/l
echo same >t/e/s
echo no >other/no
truncate -s 1M t/holes
echo end >>t/holes
fdbackup create -f a.tar.zst --manifest a.m -C . t 2>err
tar -cf foreign.tar t
fdbackup create -f dot.tar -C t . 2>err

differs 'nothing has changed' '' -f a.tar.zst
like 'the counts' "$(tail -n 1 err)" 'fdbackup: 10 files, * 0 different, *'
differs 'of a pipe' '' -f - <a.tar.zst
differs 'by a manifest' '' -f a.m
differs 'an archive of tar' '' -f foreign.tar
differs 'of the directory itself' '' -f dot.tar -C t
# Of members with one name the last one counts, and the next is not lost.
mkdir again
seq 10000 >again/f
: >again/g
tar -cf again.tar -C again f g
echo 1 >again/f
: >again/h
tar -rf again.tar -C again f h
differs 'members with one name' '' -f again.tar -C again
rm again/h
differs 'members with one name: the next is missing' 'missing: h' \
    -f again.tar -C again
mkdir drill
ok 'members with one name: a drill' \
    fdbackup drill -q --sample 100% -f again.tar -C drill
rm -r again drill
# Only the first name of a file has its attributes in the manifest.
mkdir names
echo x >names/1
ln names/1 names/2
# attribute VALUE: 1 without attributes of users.
attribute()
{
	python3 -c 'import os, sys
os.setxattr("names/1", "user.x", sys.argv[1].encode())' "$1" 2>/dev/null
}
if attribute old; then
	fdbackup create -f names.tar names 2>err
	differs 'a file with two names and an attribute' '' -f names.tar
	differs 'its second name' '' -f names.tar names/2
	attribute new
	differs 'another attribute' 'changed: names/1: extended attributes
changed: names/2: extended attributes' -f names.tar
else
	skip 6 'no attributes here'
fi
rm -r names
differs 'with a path' '' -f a.tar.zst t/e
differs 'with -v' '' -v -f a.tar.zst t/e
like 'members are named' "$(cat err)" '*
t/e/s
*'
cp -a t copy
differs 'a copy' '' -f dot.tar -C copy
exits "$STATUS_FATAL" 'a pipe without a manifest' sh -c \
    'cat foreign.tar | fdbackup diff -f -'

echo 123 >t/a/f
ln -sf other t/l
touch -r t/e/s stamp
echo SAME >t/e/s
chmod 600 t/e/s
touch -r stamp t/e/s
rm -r t/a/b
mkdir t/new
echo n >t/new/n
want='changed: t/a/f: size 6 -> 4, mtime
changed: t/a/hard: size 6 -> 4, mtime
changed: t/a: mtime
changed: t/e/s: mode 0644 -> 0600, contents
changed: t/l: mtime, link target -> other
changed: t: mtime
extra: t/new
missing: t/a/b
missing: t/a/b/g'
differs 'changes' "$want" -f a.tar.zst
like 'the counts' "$(tail -n 1 err)" '* 9 different, *'
differs 'changes, from a pipe' "$want" -f - <a.tar.zst
differs 'changes, by a manifest' "$want" -f a.m
differs 'metadata' 'changed: t/e/s: mode 0644 -> 0600' \
    -f a.tar.zst --compare metadata t/e
differs 'a path' 'changed: t/e/s: mode 0644 -> 0600, contents' -f a.tar.zst t/e
differs 'what is excluded is not compared' \
    'changed: t/e/s: mode 0644 -> 0600, contents
changed: t/l: mtime, link target -> other
changed: t: mtime' -f a.tar.zst --exclude new --exclude t/a
differs 'a directory that is gone' 'missing: t/a/b
missing: t/a/b/g' -f a.tar.zst t/a/b
differs 'a path that the archive does not have' 'extra: other' \
    -f a.tar.zst other
exits "$STATUS_UNREADABLE" 'a path that is nowhere' fdbackup diff \
    -f a.tar.zst t/nowhere
like 'a path that is nowhere: is reported' "$(cat "$SCRATCH/err")" \
    'fdbackup: t/nowhere: No such file or directory, and the archive has no '\
'such member*'
exits "$STATUS_DIFFERENT" 'as JSON' fdbackup diff --json -f a.tar.zst t/e
sed 's/"seconds": [0-9.]*/S/' out >json
cat >want <<'END'
{"message_type": "difference", "difference": "different", "name": "t/e/s", @
 "text": "mode 0644 -> 0600, contents"}
{"message_type": "summary", "command": "diff", "archive": "a.tar.zst", @
 "members": 2, "bytes": 5, "different": 1, "unreadable": 0, "changed": 0, @
 "vanished": 0, "denied": 0, "denied_by_option": 0, "hidden": 0, "skipped": 0, @
 "excluded": 0, "unchanged": 0, "removed": 0, S, "status": 6}
END
is 'as JSON: a line for each, and the summary' "$(cat json)" \
    "$(sed -e :a -e '/ @$/N; s/ @\n//; ta' want)"

# Other types, and a name that could do something to a terminal.
rm t/l
mkdir t/l
rm -r t/e
echo >t/e
printf 'x\n' >"t/$(printf 'a\033b')"
differs 'other types' 'changed: t/e: type dir -> file
changed: t/l: type link -> dir
changed: t: mtime
extra: t/a\033b
extra: t/new
missing: t/e/s' -f a.tar.zst --exclude t/a
mv t moved
differs 'everything is gone' 'missing: t
missing: t/a
missing: t/a/b
missing: t/a/b/g
missing: t/a/f
missing: t/a/hard
missing: t/e
missing: t/e/s
missing: t/holes
missing: t/l' -f a.tar.zst
rm -r moved

# An incremental archive describes everything.
mkdir t
echo 1 >t/1
echo 2 >t/2
fdbackup create -f full.tar --manifest full.m t 2>err
sed -i "s/began=[0-9]*/began=$(($(date +%s) + 100))/" full.m
echo 22 >t/2
fdbackup create -f inc.tar --since full.m t 2>err
is 'the incremental does not hold all' \
    "$(fdbackup list -f inc.tar | grep -c t/1)" 0
differs 'an incremental' '' -f inc.tar
touch -r t/1 stamp
echo X >t/1
touch -r stamp t/1
differs 'an incremental: contents' 'changed: t/1: contents' -f inc.tar

# Archives that are none.
head -c 700 full.tar >half
exits "$STATUS_FATAL" 'half an archive' fdbackup diff -f half
: >empty
fails 'an empty file' fdbackup diff -f empty
mkdir d
(cd d && tar -cPf ../up.tar ../t)
exits "$STATUS_FATAL" 'names that lead out' fdbackup diff -f up.tar
like 'are not looked at' "$(cat err)" '*../t*leads out*nothing to compare*'

# A role: what policy keeps out is told, and is not missing.
if [ "$(id -u)" -ne 0 ]; then
	skip 5 'needs root'
else
	need_daemon
	rm -r t
	mkdir -p t/sub
	echo 1 >t/open
	echo 2 >t/secret
	echo 3 >t/sub/hidden
	echo 4 >t/sub/seen
	here=$(pwd -P)
	fdbackup create -f r.tar -C "$here" t 2>err
	conf <<-EOF
	role "r" {
		peer user "root"
		permit read "$here/t"
		deny read "$here/t/secret"
		deny "$here/t/sub/hidden"
	}
	EOF
	start_daemon
	exits "$STATUS_DENIED" 'a role that hides something' fdbackup diff \
	    -f r.tar -s "$RUNDIR/fdbroker.sock" --role r
	is 'it is not missing' "$(cat out)" ''
	like 'it is counted' "$(tail -n 1 err)" '* hidden, *'
	ok 'as expected' fdbackup diff --denied ok -f r.tar \
	    -s "$RUNDIR/fdbroker.sock" --role r
	echo 44 >t/sub/seen
	exits "$STATUS_DIFFERENT" 'a difference is told first' fdbackup diff \
	    -f r.tar -s "$RUNDIR/fdbroker.sock" --role r
	stop_daemon
fi

# An archive that never ends, and a reader who does not wait for it.
mkfifo endless
exec 3<>endless
timeout 60 sh -c 'fdbackup diff -f - <endless 2>err; echo $? >status' | :
exec 3>&-
is 'nobody reads the lines any more: it ends' "$(cat status)" 1
is 'nobody reads the lines any more: silently' "$(cat err)" ''

done_testing

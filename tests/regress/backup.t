#!/bin/sh
#
# backup.t: fdbackup, with a private opener and with a daemon: what is stored,
# what is told, what is left behind, what other tar programs make of it.

. "$(dirname "$0")/lib.sh"

need_daemon
unset TAPE TAR_OPTIONS
cd "$T" || bail_out "$T"
USER_ID=64103

# Names, types, modes, owners, sizes, times and targets of what is in the
# current directory.
metadata()
{
	find . ! -type s -printf '%p|%y|%m|%U:%G|%T@|%l|' \
	    \( -type f -printf '%s\n' -o -printf '\n' \) | LC_ALL=C sort
}

# same_tree DESC DIR DIR
same_tree()
{
	(cd "$2" && metadata) >"$T/meta1"
	(cd "$3" && metadata) >"$T/meta2"
	ok "$1: names and metadata" cmp "$T/meta1" "$T/meta2"
	(cd "$2" && find . -type f -exec sha256sum {} +) | sort >"$T/meta1"
	(cd "$3" && find . -type f -exec sha256sum {} +) | sort >"$T/meta2"
	ok "$1: contents" cmp "$T/meta1" "$T/meta2"
}

# extract ARCHIVE DIR: with GNU tar, which says what it thinks of old times
# and of keywords that only others know.
extract()
{
	mkdir "$2" && tar -C "$2" --numeric-owner -xpf "$1" \
	    --exclude .fdbackup.mtree 2>"$T/tar.err"
	extract_status=$?
	grep -v -e "keyword 'hdrcharset'" -e 'implausibly old' \
	    -e 'in the future' "$T/tar.err"
	return $extract_status
}

last_line()
{
	tail -n 1 "$T/err"
}

# No file, socket or process of a run that failed.
left_behind()
{
	find "$T" -name '.fdbackup.????????????????'
	find "$T/tmp" ! -path "$T/tmp"
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
# Directories last: what is made in them changes their times.
touch -d '2010-01-01 UTC' tree/dir tree/readonly tree

ok 'create' fdbackup create -f a.tar.zst tree
is 'a socket is named' "$(head -n 1 "$T/err")" \
    'fdbackup: tree/socket: a socket is not stored'
like 'and counted in the summary' "$(last_line)" \
    "fdbackup: $(($(find tree | wc -l) - 2)) files, [0-9]* bytes, \
0 unreadable, 0 changed, 0 denied, 1 skipped, [0-9]*.[0-9][0-9] seconds"
ok 'verify' fdbackup verify -f a.tar.zst
like 'and its summary' "$(last_line)" \
    'fdbackup: * files, * bytes, 0 different, * seconds'
ok 'GNU tar extracts it' extract a.tar.zst x
is 'without a complaint' "$(cat "$T/out")" ''
same_tree 'extracted' tree x/tree
is 'hard links are links' \
    "$(stat -c %i x/tree/hard1 x/tree/hard2 x/tree/dir/hard3 |
    sort -u | wc -l)" 1
if command -v bsdtar >/dev/null; then
	mkdir x2
	ok 'bsdtar extracts it' env LC_ALL=C.UTF-8 \
	    bsdtar -C x2 -xpf a.tar.zst --exclude .fdbackup.mtree
	# It composes characters.
	mv "$(printf 'x2/tree/decomposed-\303\251')" \
	    "$(printf 'x2/tree/decomposed-e\314\201')"
	touch -r tree x2/tree
	same_tree 'extracted with bsdtar' tree x2/tree
else
	skip 3 'needs bsdtar'
fi
ok 'create without compression' \
    fdbackup create --none -f a.tar tree
is 'is a plain pax archive' \
    "$(od -A n -t c -j 257 -N 5 a.tar | tr -d ' ')" ustar
ok 'which verifies' fdbackup verify -f a.tar
rm -rf x x2

#
# Names.
#
fdbackup create -f a.tar.zst -C tree . 2>/dev/null
(cd tree && find . ! -type s ! -name '*
*' ! -name '*[^ -~]*' | sed -e 's,^\./,,' -e 's,\\,\\\\,g') | sort >names
fdbackup list -f a.tar.zst | sort >listed
is 'what is listed is what is there' \
    "$(grep -v '\\[0-9n]' listed | cmp - names 2>&1)" ''
is 'names of other bytes are encoded' "$(grep '\\[0-9n]' listed)" \
    'bad-\377\376
composed-\303\251
decomposed-e\314\201
escape-\033[31m
new\nline'
is 'and shown in a locale that has them' \
    "$(LC_ALL=C.UTF-8 fdbackup list -f a.tar.zst | grep composed | sort)" \
    "$(printf 'composed-\303\251\ndecomposed-e\314\201')"
# What converts its characters is code that the C library loads.
mkdir locales
if localedef -i en_US -f ISO-8859-1 locales/latin 2>/dev/null; then
	exits 0 'a locale of other characters than UTF-8' env \
	    LOCPATH="$T/locales" LC_ALL=latin fdbackup create -v -f l.tar.zst \
	    tree/escape*
else
	skip 1 'no localedef(1), or no such locale'
fi
is 'the manifest is listed with -v' \
    "$(fdbackup list -v -f a.tar.zst | tail -n 1 | sed 's/.* //')" \
    .fdbackup.mtree
TZ=UTC fdbackup list -v -f a.tar.zst >listed
is 'a long listing' "$(grep 'setuid$' listed | sed 's/ [0-9]*-.* / T /')" \
    '-rws--x--x root/root         1 T setuid'
is 'with times' "$(grep 'precise$' listed | grep -o '2001.*')" \
    '2001-02-03 04:05 precise'
is 'links' "$(grep -o 'link -> .*' listed)" 'link -> file'
is 'and hard links' "$(grep -c '^h.* link to ' listed)" 2

#
# Standard streams.
#
fdbackup create -f - tree/dir 2>/dev/null | fdbackup list -f - >listed
is 'through a pipe' "$(sort listed)" "$(find tree/dir | sort)"
fdbackup create -f - tree/dir 2>/dev/null >b.tar.zst
ok 'verify reads standard input' sh -c 'fdbackup verify -f - <b.tar.zst'
if command -v script >/dev/null; then
	exits 1 'no archive is written to a terminal' \
	    script -qec 'fdbackup create -f - tree/dir' /dev/null
	like 'and that is said' "$(cat "$T/out")" '*not written to a terminal*'
	exits 1 'none is read from one' \
	    script -qec 'fdbackup list -f -' /dev/null
else
	skip 3 'needs script'
fi
ok 'closed standard streams' sh -c \
    'fdbackup create -f c.tar.zst tree/dir <&- >&- 2>&-'
ok 'do no harm' fdbackup verify -f c.tar.zst

#
# Paths.
#
mkdir -p paths/a/b
: >paths/a/b/f
ln -s a paths/link
fdbackup create -f a.tar.zst -C paths a a/b/../b ./a 2>/dev/null
is 'what is asked for twice is stored once' \
    "$(fdbackup list -f a.tar.zst)" 'a
a/b
a/b/f'
fdbackup create -f a.tar.zst -C paths a/b/f a 2>/dev/null
is 'also if it is beneath' "$(fdbackup list -f a.tar.zst)" 'a/b/f
a
a/b'
fdbackup create -f a.tar.zst "$T/paths/a/b" 2>/dev/null
is 'an absolute path' "$(fdbackup list -f a.tar.zst)" "${T#/}/paths/a/b
${T#/}/paths/a/b/f"
fdbackup create -f a.tar.zst -C paths link 2>/dev/null
is 'a link' "$(fdbackup list -v -f a.tar.zst | grep -o 'link ->.*')" \
    'link -> a'
fdbackup create -f a.tar.zst -C paths link/b 2>/dev/null
is 'a path through a link' "$(fdbackup list -f a.tar.zst)" 'link/b
link/b/f'
exits 2 'but not both in one archive' \
    fdbackup create -f a.tar.zst -C paths link link/b
exits 2 'a path that leads out' fdbackup create -f a.tar.zst -C paths ../tree
like 'is named' "$(head -n 1 "$T/err")" 'fdbackup: ../tree: ".." leads out*'
exits 2 'two files of one name' \
    fdbackup create -f a.tar.zst -C paths a/b "/a"
exits 3 'a path that is not there' \
    fdbackup create -f a.tar.zst paths/a nope
is 'is told' "$(head -n 1 "$T/err")" \
    'fdbackup: nope: No such file or directory'
is 'and the others are stored' "$(fdbackup list -f a.tar.zst)" 'paths/a
paths/a/b
paths/a/b/f'
(
	cd tree/"$deep" || exit
	# As far as a shell can go, and then farther.
	for i in $(seq 30 44); do
		mkdir "$i-$deep" && cd "$i-$deep" && : >leaf
	done
	mkdir -p "$deep/a$deep/b$deep/c$deep/d$deep/e$deep/f$deep"
)
exits 3 'paths of more than 4096 bytes' fdbackup create -f a.tar.zst \
    "tree/$deep"
like 'are named' "$(cat "$T/err")" '*00: File name too long*
* 1 unreadable*'
ok 'and the archive is whole' fdbackup verify -f a.tar.zst
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
chmod 1777 "$T"
exits 3 'what a user may not read' run_as "$USER_ID" \
    fdbackup create -f u.tar.zst user
is 'is named' "$(sed '$d' "$T/err" | sort)" \
    'fdbackup: user/locked: Permission denied
fdbackup: user/secret: Permission denied'
like 'and counted' "$(last_line)" '* 2 unreadable, *'
is 'the rest is stored' "$(fdbackup list -f u.tar.zst | sort)" 'user
user/locked
user/open'
ok 'and verifies' run_as "$USER_ID" fdbackup verify -f u.tar.zst
is 'the archive belongs to the user' "$(stat -c %u u.tar.zst)" \
    "$USER_ID"

# While the reader of the FIFO waits, so does the worker, with a file open.
# paused FILE COMMAND...: change something then.
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
	timeout 60 fdbackup create --none -f pipe "$@" 2>"$T/err" ||
	    paused_status=$?
	wait $!
}
head -c 8000000 /dev/urandom >big
paused 'truncate -s 7000000 big' big
is 'a file that becomes shorter' "$paused_status" 4
is 'is named' "$(head -n 1 "$T/err")" 'fdbackup: big: it became shorter '\
'while it was read; stored with zeros from byte 7000000 on'
ok 'the archive is whole' fdbackup verify -f out.tar
is 'and the file as long as its header says' \
    "$(tar -xOf out.tar big | wc -c)" 8000000
head -c 8000000 /dev/urandom >big
paused 'echo more >>big' big
is 'a file that grows' "$paused_status" 4
is 'is named' "$(head -n 1 "$T/err")" \
    'fdbackup: big: it changed while it was read'
ok 'the archive is whole' fdbackup verify -f out.tar
mkdir many
(cd many && seq 5000 | xargs touch)
paused 'rm -r many; mkdir many' big many
is 'files that go away before they are read' "$paused_status" 4
like 'are named' "$(tail -n 2 "$T/err" | head -n 1)" \
    'fdbackup: many*: No such file or directory'
ok 'the archive is whole' fdbackup verify -f out.tar

#
# The archive.
#
umask 027
fdbackup create -f new.tar tree/dir 2>/dev/null
is 'a new archive is for its owner' "$(stat -c %a new.tar)" 600
chmod 0604 new.tar
fdbackup create -f new.tar tree/dir 2>/dev/null
is 'one that is replaced keeps its mode' "$(stat -c %a new.tar)" 604
umask 022
mkdir own
: >own/file
fdbackup create --none -f own/a.tar own 2>/dev/null
ok 'an archive in its own tree' fdbackup create --none -f own/a.tar own
is 'is not stored' "$(head -n 1 "$T/err")" \
    'fdbackup: own/a.tar: it is the archive that will be replaced'
sh -c 'fdbackup create --none -f - own >own/b.tar' 2>"$T/err"
is 'nor on standard output' "$(head -n 1 "$T/err")" \
    'fdbackup: own/b.tar: it is the archive itself'
ln -s new.tar symlink
exits 1 'an archive that is a link' fdbackup create -f symlink tree/dir
ok 'is left alone' test -h symlink
exits 1 'a directory that is not there' fdbackup create -f no/a.tar tree/dir
exits 1 'a directory in its place' fdbackup create -f tree tree/dir
exits 1 'an archive that is not there' fdbackup verify -f nope
like 'is named' "$(cat "$T/err")" 'fdbackup: nope: No such file*'

cp new.tar before
exits 1 'no space' fdbackup create -f /dev/full tree
is 'is told' "$(last_line)" \
    'fdbackup: the archive cannot be written: No space left on device'
ok 'a device is written to as it is' test -c /dev/full
exits 1 'a file size limit' sh -c \
    'ulimit -f 100; exec fdbackup create --none -f new.tar big'
ok 'leaves the old archive' cmp new.tar before
is 'and nothing else' "$(left_behind)" ''
mkfifo broken
(exec <broken) &
exits 1 'a reader that goes away' fdbackup create --none -f broken big
rm broken

#
# Signals and deaths.
#

# stopped SIGNAL WHOM: send it when the worker is in the middle of its work;
# the status is in $stopped_status.
stopped()
{
	rm -f pipe
	mkfifo pipe
	env --default-signal=INT,HUP,TERM \
	    fdbackup create --none -f "$3" big tree 2>"$T/err" &
	stopped_pid=$!
	stopped_tries=400
	until [ "$(run_pids | wc -l)" -ge 3 ] ||
	    [ $((stopped_tries -= 1)) -le 0 ]; do
		sleep 0.05
	done
	case $2 in
	controller)	kill -"$1" $stopped_pid;;
	worker)		kill -"$1" "$(pgrep -P $stopped_pid -x fdbackup)";;
	opener)		kill -"$1" "$(pgrep -P $stopped_pid fdbroker-opene)";;
	esac
	timeout 20 sh -c 'echo >go'
	stopped_status=0
	wait $stopped_pid || stopped_status=$?
}
# A FIFO that is not read before the signal was sent, so that there is a middle.
slow()
{
	rm -f slow go
	mkfifo slow go
	(exec 9<slow; read -r _ <go; timeout 20 cat <&9 >/dev/null) &
}
for signal in INT:130 TERM:143 HUP:129; do
	slow
	stopped ${signal%:*} controller slow
	is "SIG${signal%:*} ends it" "$stopped_status" "${signal#*:}"
	is 'and is told' "$(cat "$T/err")" 'fdbackup: stopped by a signal'
done
slow
stopped KILL worker slow
is 'a worker that is killed' "$stopped_status" 1
like 'is told' "$(cat "$T/err")" \
    'fdbackup: the worker was killed by signal 9*'
slow
stopped KILL opener slow
is 'an opener that is killed' "$stopped_status" 1
like 'is told' "$(cat "$T/err")" '*the session is over: *'
slow
stopped KILL controller slow
is 'a controller that is killed' "$stopped_status" 137
rm -f tree/socket
assert_clean 'none of them leaves a process or a socket'
is 'or a file' "$(left_behind)" ''

#
# The log.
#
ok 'a log' fdbackup create -v --logfile log -f a.tar tree/dir
is 'has what was told, with times' \
    "$(sed -n '/^2...-..-..T..:..:..Z /s///p' log | sed '1d;$d')" \
    "$(sed -e 's/^fdbackup: //' -e '$d' "$T/err")"
lines=$(wc -l <log)
fdbackup create --logfile log -f a.tar tree/dir 2>/dev/null
is 'is appended to' "$(wc -l <log)" "$((lines + 2))"
fdbackup verify --logfile '!log' -f a.tar 2>/dev/null
is 'or overwritten' "$(wc -l <log)" 2
ok 'on standard output' fdbackup create --logfile - -f a.tar tree/dir
is 'it is there' "$(grep -c Z "$T/out")" 2
ok 'on standard error' fdbackup create --logfile -stderr -f a.tar tree/dir
is 'it is there, too' "$(grep -c 'Z ' "$T/err")" 2
exits 2 'no other stream' fdbackup create --logfile -x -f a.tar tree/dir
exits 1 'a log that cannot be opened' \
    fdbackup create --logfile no/log -f a.tar tree/dir
ok 'a log that is full' fdbackup create --logfile /dev/full -f a.tar tree/dir
like 'is told' "$(cat "$T/err")" '*the log is incomplete*'
fdbackup create --logfile tree/log -f a.tar tree/log 2>"$T/err"
is 'a log that is stored does not change' "$?" 0
rm -f tree/log

#
# Verify.
#
fdbackup create --none -f good.tar tree big 2>/dev/null
size=$(stat -c %s good.tar)
copy() { rm -f bad.tar; cp good.tar bad.tar; }
copy
offset=$(grep -a -b -o hello bad.tar | head -n 1 | cut -d : -f 1)
printf J | dd of=bad.tar bs=1 seek="$offset" conv=notrunc 2>/dev/null
exits 6 'contents that differ' fdbackup verify -f bad.tar
like 'are named' "$(head -n 1 "$T/err")" \
    'fdbackup: tree/file: different: sha256digest=*, not sha256digest=*'
# A member of up to 512 bytes is four records: two headers of pax, its own, and
# its contents.
member=$(grep -a -b -o 'tree/PaxHeader/file' good.tar | head -n 1 |
    cut -d : -f 1)
{
	head -c "$member" good.tar
	tail -c +$((member + 2049)) good.tar
} >bad.tar
exits 6 'a file that is missing' fdbackup verify -f bad.tar
like 'is named' "$(head -n 1 "$T/err")" 'fdbackup: tree/file: missing: *'
{
	head -c $((member + 2048)) good.tar
	tail -c +$((member + 1)) good.tar
} >bad.tar
exits 6 'a file that is there twice' fdbackup verify -f bad.tar
like 'is named' "$(head -n 1 "$T/err")" 'fdbackup: tree/file: unexpected: *'
manifest=$(grep -a -b -o '[.]fdbackup[.]mtree' good.tar | tail -n 1 |
    cut -d : -f 1)
{
	head -c "$manifest" good.tar
	head -c 1024 /dev/zero
} >bad.tar
ok 'an archive without a manifest' tar -tf bad.tar
exits 6 'does not verify' fdbackup verify -f bad.tar
like 'it is incomplete' "$(head -n 1 "$T/err")" '*incomplete*'
failed=
for n in 1 511 512 513 1023 1024 1025 5000 100000; do
	copy
	truncate -s $((size - n)) bad.tar
	fdbackup verify -f bad.tar 2>/dev/null
	[ $? -eq 1 ] || failed="$failed $n"
done
is 'what is cut off is noticed' "$failed" ''
fdbackup create -f good.tar.zst tree 2>/dev/null
size=$(stat -c %s good.tar.zst)
failed=
for n in 1 2 3 4 5 100 1000 10000; do
	cp good.tar.zst bad.tar
	truncate -s $((size - n)) bad.tar
	fdbackup verify -f bad.tar 2>/dev/null
	[ $? -eq 1 ] || failed="$failed $n"
done
is 'also when it is compressed' "$failed" ''
cp good.tar bad.tar
printf x >>bad.tar
exits 1 'and what follows' fdbackup verify -f bad.tar
exits 1 'an empty file' fdbackup verify -f /dev/null
exits 1 'no archive' fdbackup list -f names
tar --format=gnu -cf other.tar tree/dir
is 'an archive of another program is listed' \
    "$(fdbackup list -f other.tar | sort)" "$(find tree/dir | sort)"
exits 6 'and has no manifest' fdbackup verify -f other.tar
mkdir stale
: >stale/.fdbackup.mtree
: >stale/file
fdbackup create -f a.tar -C stale . 2>/dev/null
ok 'a file of the name of the manifest' fdbackup verify -f a.tar

#
# The rest.
#
ok 'verbose' fdbackup create -v -f a.tar tree/dir
like 'it says how the processes are confined' "$(head -n 1 "$T/err")" \
    'fdbackup: worker: *seccomp*; opener: *seccomp*; controller: *seccomp'
for args in '' 'nope' 'create' 'create -f a' 'list' 'list -f a b' \
    'create -x -f a b' 'verify --none -f a' 'create -s x -f a b'; do
	# shellcheck disable=SC2086
	exits 2 "usage: fdbackup $args" fdbackup $args
done
like 'usage is shown' "$(cat "$T/err")" '*usage: fdbackup create *'
exits 1 'no opener' env FDBROKER_OPENER=/nonexistent \
    fdbackup create -f never.tar tree/dir
like 'is named' "$(cat "$T/err")" '*the opener /nonexistent cannot be start*'
exits 1 'no daemon' fdbackup create --role r -s "$T/none/s" -f never.tar tree
like 'is named, too' "$(cat "$T/err")" "*$T/none*"
ok 'neither makes an archive' test ! -e never.tar
is 'nothing is left' "$(left_behind)" ''
assert_clean

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
	permit read "$T/data"
	deny "$T/data/**/*.key" label "keys"
}
role "others" {
	peer user "64104"
	permit read "$T/data"
}
EOF
nightly()
{
	run_as "$USER_ID" fdbackup create --role nightly \
	    -s "$RUNDIR/fdbroker.sock" -f d.tar.zst "$@"
}
ok 'a daemon' start_daemon
ok 'a user backs up what the role may read' nightly -C "$T" data
is 'all of it, and nothing that is denied' \
    "$(fdbackup list -f d.tar.zst | sort)" 'data
data/file
data/private
data/private/secret'
ok 'and verifies it' run_as "$USER_ID" fdbackup verify -f d.tar.zst
exits 5 'what is denied and asked for by name' \
    nightly -C "$T" data/a.key data/file
key='data/a.key: denied by policy (fdbroker.conf:6 "keys")'
like 'is named with the rule, and a number' "$(head -n 1 "$T/err")" \
    "fdbackup: $key, id [1-9a-f]*"
like 'and counted' "$(last_line)" '* 1 denied, *'
is 'the rest is stored' "$(fdbackup list -f d.tar.zst)" data/file
exits 5 'that counts more than what is not there' \
    nightly -C "$T" data/a.key data/nope
exits 5 'what no rule permits' nightly /etc/passwd
rm -f d.tar.zst
exits 1 'the role of another' run_as "$USER_ID" fdbackup create \
    --role others -s "$RUNDIR/fdbroker.sock" -f d.tar.zst data
is 'is refused' "$(head -n 1 "$T/err")" \
    "fdbackup: refused: uid $USER_ID is not a peer of role \"others\""
ok 'and nothing written' test ! -e d.tar.zst
head -c 8000000 /dev/urandom >data/big
rm -f pipe
mkfifo pipe
chown "$USER_ID" pipe
(
	exec <pipe
	head -c 100000
	kill -KILL "$DAEMON"
	cat
) >/dev/null &
exits 1 'a daemon that is killed' timeout 60 setpriv --reuid="$USER_ID" \
    --regid="$USER_ID" --clear-groups fdbackup create --none \
    --role nightly -s "$RUNDIR/fdbroker.sock" -f pipe -C "$T" \
    data/big data/file
wait $!
stop_daemon
is 'leaves no file' "$(left_behind)" ''
rm -f "$RUNDIR/fdbroker.sock" "$RUNDIR/control.sock"
assert_clean

done_testing

#!/bin/sh
#
# honest.t: nothing that fdbackup create was asked for is missing from the
# archive without a word and with exit status 0.

. "$(dirname "$0")/lib.sh"

need_daemon
cd "$SCRATCH" || bail_out "$SCRATCH"
USER_ID=64107
SOCK=$RUNDIR/fdbroker.sock
chmod 1777 .

last_line() { tail -n 1 "$SCRATCH/err"; }

# said DESC LINE: it is among what the last command wrote to standard error,
# without the number of a denial.
said()
{
	if sed 's/, id [0-9a-f]*$//' "$SCRATCH/err" |
	    grep -q -x -F "fdbackup: $2"; then
		pass "$1"
		return
	fi
	fail "$1" || diag "wanted: $2" 'standard error:' \
	    "$(cat "$SCRATCH/err")"
}

#
# The exit statuses: the manual says what the table says.
#
# From the manual "N text" a line, without macros.
awk '/^\.Sh EXIT STATUS/ { on = 1; next }
on && /^\.El/ { exit }
on && /^\.It/ { if (n != "") print n " " text; n = $2; text = ""; next }
on && /^\.(Bl|Pp)/ { next }
on {
	sub(/^\.[A-Z][a-z] /, "")
	sub(/ ([:.,])$/, substr($0, length($0)))
	text = text (text == "" ? "" : " ") $0
}
END { print n " " text }' "$FDB_SRCDIR/man/fdbackup.1" >manual
tr -d '\n\t' <"$FDB_SRCDIR/worker/common/status.h" |
    sed -e 's/\\//g' -e 's/" *"//g' -e 's/ROW(/\n&/g' |
    sed -n 's/^ROW([A-Z]*, \([0-9]*\), "\([^"]*\)").*/\1 \2/p' >table
echo >>table
is 'exit statuses: there is a table' "$(cut -c 1 table | tr -d '\n')" 0123456
is 'exit statuses: the manual has it' "$(diff table manual)" ''

#
# An archive of nothing.
#
mkdir data
echo one >data/one
fdbackup create --none -f good.tar data 2>/dev/null
cp good.tar copy.tar
exits "$STATUS_FATAL" 'nothing is stored: status' \
    fdbackup create --none -f good.tar typo
said 'nothing is stored: the path is named' 'typo: No such file or directory'
said 'nothing is stored: is said' 'nothing that was asked for could be '\
'stored: no archive is made, and one that has its name is left as it is'
ok 'nothing is stored: the old archive stays' cmp good.tar copy.tar
exits "$STATUS_FATAL" 'nothing is stored: no archive is made' \
    fdbackup create -f new.tar typo another
fails 'nothing is stored: no archive is there' test -e new.tar
fdbackup create --none -f - typo 2>/dev/null >stream
ok 'nothing is stored: nothing is written to standard output' test ! -s stream

mkdir empty
printf '#mtree\n#fdbackup format=1 began=1.000000000\n#end 0\n' \
    >empty/.fdbackup.mtree
tar --format=pax -cf empty.tar -C empty .fdbackup.mtree
ok 'an archive of nothing: verify' fdbackup verify -f empty.tar
said 'an archive of nothing: verify says so' \
    'the archive holds nothing but its manifest'
ok 'an archive of something: verify' fdbackup verify -f good.tar
is 'an archive of something: verify says only the counts' \
    "$(wc -l <"$SCRATCH/err")" 1
rm -r empty empty.tar

#
# Sockets.
#
mkdir sock
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) &&
    bind(S, sockaddr_un($ARGV[0]))' sock/s || bail_out 'perl makes no socket'
ok 'a socket in a directory: status' fdbackup create -f a.tar sock
said 'a socket in a directory: is named' 'sock/s: sockets are not stored'
like 'a socket in a directory: is counted' "$(last_line)" '*, 1 skipped, *'
exits "$STATUS_UNREADABLE" 'a socket that is named: status' \
    fdbackup create -f a.tar data sock/s
said 'a socket that is named: is reported' \
    'sock/s: sockets cannot be stored'
rm sock/s

#
# Processes that die, and Ctrl-C.
#
mkdir many
(cd many && seq -f '%040g' 20000 | xargs touch)

# dies SIGNAL WHOM: create, and send the signal when the worker has begun and
# cannot end, because nobody reads the log; the status is in $dies_status.  As
# the first process of its namespace the worker ignores all signals but SIGKILL;
# test_controller.c has the others.
dies()
{
	rm -f logpipe
	mkfifo logpipe
	exec 8<>logpipe
	# A process group of its own, as a shell gives it to a command.
	setsid env --default-signal=INT,HUP,TERM \
	    fdbackup create --none -v --logfile logpipe -f good.tar many \
	    2>"$SCRATCH/err" &
	dies_pid=$!
	timeout 20 grep -q -m 1 many/ <&8
	case $2 in
	group)	kill -"$1" "-$dies_pid";;
	worker)	kill -"$1" "$(pgrep -P $dies_pid -x fdbackup)";;
	opener)	kill -"$1" "$(pgrep -P $dies_pid fdbroker-opene)";;
	esac
	# Only a signal that stops the run does not wait for the log.
	dies_reader=
	if [ "$2" != group ]; then
		cat <&8 >/dev/null &
		dies_reader=$!
	fi
	dies_status=0
	wait $dies_pid || dies_status=$?
	[ -z "$dies_reader" ] || kill $dies_reader
	exec 8<&-
	grep -v -e '^many' -e '^fdbackup: worker:' "$SCRATCH/err" >said
}
for case in 'KILL:worker:the worker was killed by signal 9 (Killed), perhaps \
by the kernel for lack of memory' \
    'KILL:opener:the opener was killed by signal 9 (Killed), perhaps by the \
kernel for lack of memory' \
    'SYS:opener:the opener was killed by signal 31 (Bad system call): it made \
a system call that its filter does not allow; please report this as \
SECURITY.md says'; do
	signal=${case%%:*} message=${case#*:}
	who=${message%%:*} message=$(printf '%s' "${message#*:}" |
	    tr -d '\n' | sed 's,\\,,g')
	dies "$signal" "$who"
	is "SIG$signal kills the $who: status" "$dies_status" "$STATUS_FATAL"
	is "SIG$signal kills the $who: is told" "$(tail -n 1 said)" \
	    "fdbackup: $message"
	ok "SIG$signal kills the $who: the old archive stays" \
	    cmp good.tar copy.tar
done
dies INT group
is 'Ctrl-C: dies by the signal' "$dies_status" 130
is 'Ctrl-C: nothing else is told' "$(cat said)" \
    'fdbackup: stopped by a signal'
ok 'Ctrl-C: the old archive stays' cmp good.tar copy.tar
assert_clean 'dead processes leave no process and no socket'
is 'dead processes leave no file' "$(find . -name '.fdbackup.*'
    find "$SCRATCH/tmp" ! -path "$SCRATCH/tmp")" ''
rm -f logpipe
fdbackup create --none -f many.tar many 2>/dev/null
rm -rf many

#
# Directories that change after the walk has left them.
#
mkdir -p tree/a tree/b tree/m tree/y tree/z
echo one >tree/z/moved
head -c 40000000 /dev/zero >tree/big
# while_stored COMMAND: create, and run COMMAND when the worker has begun and
# cannot end, because nobody reads its archive; $stored_status is the status.
while_stored()
{
	rm -f pipe out.tar
	mkfifo pipe
	(
		exec <pipe
		head -c 100000 >out.tar
		sh -c "$1"
		cat >>out.tar
	) &
	stored_status=0
	timeout 60 fdbackup create --none -f pipe -C tree . \
	    2>"$SCRATCH/err" || stored_status=$?
	wait $!
}
while_stored :
is 'nothing happens: status' "$stored_status" 0
while_stored 'echo new >tree/b/new'
is 'a new file in a directory that was left: status' \
    "$stored_status" "$STATUS_CHANGED"
said 'a new file in a directory that was left: the directory is named' \
    'b: names in it were added or removed after it was stored'
like 'a new file in a directory that was left: is counted' "$(last_line)" \
    '* 1 changed, *'
while_stored 'touch -r tree/a stamp; mv tree/b/new tree/a
touch -r stamp tree/a'
is 'a file that is moved: status' "$stored_status" "$STATUS_CHANGED"
said 'a file that is moved: the directory it left' \
    'b: names in it were added or removed after it was stored'
said 'a file that is moved: the directory that it came to, with its old time' \
    'a: it changed after it was stored'
while_stored 'rmdir tree/y'
is 'a directory that is removed: status' "$stored_status" "$STATUS_CHANGED"
said 'a directory that is removed: is named' \
    'y: it was moved or removed after it was stored'
rm -rf pipe out.tar stamp

#
# A large file that changes while it is stored: it is stored once more, and what
# comes later counts.
#
mkdir large
echo small >large/small
# while_read COMMAND OPTION...: create, and run COMMAND when the first bytes of
# large/big are read and the last ones cannot be, because nobody reads the
# archive; $read_status is the status.
while_read()
{
	rm -f pipe out.tar
	mkfifo pipe
	head -c 30000000 /dev/urandom >large/big
	touch -d 2020-01-01 large/big
	read_command=$1
	shift
	(
		exec <pipe
		head -c 100000 >out.tar
		sh -c "$read_command"
		cat >>out.tar
	) &
	read_status=0
	timeout 60 fdbackup create "$@" -v -f pipe -C large . \
	    2>"$SCRATCH/err" || read_status=$?
	wait $!
}
for how in 'grows:echo more >>large/big:--none' \
    'is written to:printf x | dd of=large/big bs=1 seek=29999999 conv=notrunc '\
'status=none:--zstd' \
    'becomes short:truncate -s 5 large/big:--gzip=1' \
    'becomes empty::>large/big:--none' \
    'gets a hole:truncate -s 40M large/big:--none' \
    'loses it all to a hole:truncate -s 0 large/big; '\
'truncate -s 40M large/big:--zstd' \
    'grows, and is copied by the kernel:echo more >>large/big:--none '\
'--digest=none' \
    'gets another name:ln large/big name:--zstd'; do
	options=${how##*:} what=${how%%:*}
	command=${how%:*} command=${command#*:}
	# shellcheck disable=SC2086
	while_read "$command" $options
	what="a large file that $what"
	is "$what: status" "$read_status" 0
	said "$what: is said with -v" \
	    'big: it changed while it was read, and is stored again'
	is "$what: both are in the archive" \
	    "$(fdbackup list -f out.tar | grep -c -x big)" 2
	ok "$what: verify" fdbackup verify -f out.tar
	ok "$what: diff" fdbackup diff -f out.tar -C large
	for by in tar fdbackup; do
		rm -rf to
		mkdir to
		case $by in
		tar)	ok "$what: tar extracts" tar -xf out.tar -C to;;
		*)	ok "$what: extract" fdbackup extract -f out.tar -C to
			like "$what: extract counts it once" "$(last_line)" \
			    'fdbackup: 3 files, *, 0 damaged, *';;
		esac
		ok "$what: $by restores the last" cmp to/big large/big
		is "$what: $by restores its time" "$(stat -c %Y to/big)" \
		    "$(stat -c %Y large/big)"
	done
	rm -f name
done
# Its other name was looked at before it changed.
head -c 30000000 /dev/urandom >large/big
ln large/big large/other
while_read 'echo more >>large/big' --none
is 'a large file with two names: status' "$read_status" 0
ok 'a large file with two names: verify' fdbackup verify -f out.tar
ok 'a large file with two names: diff' fdbackup diff -f out.tar -C large
rm -rf to
mkdir to
ok 'a large file with two names: extract' fdbackup extract -f out.tar -C to
ok 'a large file with two names: one is restored' cmp to/big large/big
ok 'a large file with two names: and the other' cmp to/other large/other
rm large/other
while_read 'echo more >>large/big' --none
exits "$STATUS_CHANGED" 'a large file that was stored twice: extract -O' \
    sh -c 'fdbackup extract -O -f out.tar big >to/big'
said 'a large file that was stored twice: extract -O says so' \
    'big: the archive has it twice in a row, as a file that changed while it '\
'was stored: on standard output, these contents follow older ones'
while_read 'echo more >>large/big' --none --retries 0
is 'a large file that grows, --retries 0: status' "$read_status" \
    "$STATUS_CHANGED"
said 'a large file that grows, --retries 0: is told' \
    'big: it changed while it was read'
is 'a large file that grows, --retries 0: is there once' \
    "$(fdbackup list -f out.tar | grep -c -x big)" 1
ok 'a large file that grows, --retries 0: verify' fdbackup verify -f out.tar
rm -rf pipe out.tar to large

#
# Standard streams that are closed, and outputs that fail.
#
exits "$STATUS_FATAL" 'closed standard output: create' sh -c \
    'fdbackup create -f - data >&-'
said 'closed standard output: create says so' 'standard output is closed'
exits "$STATUS_FATAL" 'closed standard output: list' sh -c \
    'fdbackup list -f copy.tar >&-'
said 'closed standard output: list says so' 'standard output is closed'
exits "$STATUS_FATAL" 'closed standard output: a log there' sh -c \
    'fdbackup create --logfile - -f a.tar data >&-'
exits "$STATUS_FATAL" 'closed standard output: extract -O' sh -c \
    'fdbackup extract -O -f copy.tar >&-'
said 'closed standard output: extract -O says so' 'standard output is closed'
for program in fdbackup fdbrokerd fdbrokerctl; do
	for option in --help --version; do
		fails "closed standard output: $program $option" \
		    sh -c "$program $option >&-"
		is "closed standard output: $program $option says so" \
		    "$(cat "$SCRATCH/err")" \
		    "$program: standard output: Bad file descriptor"
	done
done
exits "$STATUS_USAGE" 'closed standard input: -T' sh -c \
    'fdbackup create -T - -f a.tar <&-'
exits "$STATUS_USAGE" 'closed standard input: --exclude-from' sh -c \
    'fdbackup create --exclude-from - -f a.tar data <&-'
like 'closed standard input: --exclude-from says so' "$(cat "$SCRATCH/err")" \
    'fdbackup: standard input: Bad file descriptor*'
exits "$STATUS_FATAL" 'closed standard input: verify' sh -c \
    'fdbackup verify -f - <&-'
said 'closed standard input: verify says so' 'standard input is closed'
exits "$STATUS_FATAL" 'closed standard error: a log there' sh -c \
    'fdbackup create --logfile -stderr -f a.tar data 2>&-'
exits "$STATUS_UNREADABLE" 'closed standard error: the status tells' sh -c \
    'fdbackup create -f a.tar data typo 2>&-'
exits "$STATUS_UNREADABLE" 'full standard error: the status tells' sh -c \
    'fdbackup create -f a.tar data typo 2>/dev/full'
exits "$STATUS_FATAL" 'full standard output: create' sh -c \
    'fdbackup create -f - data >/dev/full'
said 'full standard output: create says so' \
    'the archive cannot be written: No space left on device'
exits "$STATUS_FATAL" 'full standard output: list' sh -c \
    'fdbackup list -f copy.tar >/dev/full'
said 'full standard output: list says so' \
    'standard output: No space left on device'
mkfifo early
(exec <early) &
exits "$STATUS_FATAL" 'a reader that ends: create' \
    fdbackup create --none -f early tree
wait $!
said 'a reader that ends: create says so' \
    'the archive cannot be written: Broken pipe'
ok 'a reader that ends: the FIFO is still there' test -p early
(exec <early) &
exits "$STATUS_FATAL" 'a reader that ends: list' sh -c \
    'fdbackup list -f many.tar >early'
wait $!
is 'a reader that ends: list says nothing of it, as "| head" wants' \
    "$(grep -c 'Broken pipe' "$SCRATCH/err")" 0
rm early
mkdir full
if mount -t tmpfs -o size=1m none full 2>/dev/null; then
	cp copy.tar full/a.tar
	exits "$STATUS_FATAL" 'a full file system: create' \
	    fdbackup create --none -f full/a.tar tree
	said 'a full file system: create says so' \
	    'the archive cannot be written: No space left on device'
	ok 'a full file system: the old archive stays' cmp full/a.tar copy.tar
	is 'a full file system: nothing else is left' "$(ls -A full)" a.tar
	umount full
else
	skip 4 'needs mount(2) of tmpfs'
fi
rm -f many.tar

#
# Paths that end in a slash, and a working directory that is gone.
#
mkdir real
echo data >real/f
ln -s real alias
ln -s data/one alias1
for path in alias/ alias/. alias//.//; do
	ok "$path: status" fdbackup create -f a.tar $path
	is "$path: is the directory" "$(fdbackup list -f a.tar | tr '\n' ' ')" \
	    'alias alias/f '
done
ok 'alias: status' fdbackup create -f a.tar alias
is 'alias: is the link' "$(fdbackup list -v -f a.tar | grep -o 'alias ->.*')" \
    'alias -> real'
exits "$STATUS_USAGE" 'alias with alias/: are two files of one name' \
    fdbackup create -f a.tar alias alias/
exits "$STATUS_USAGE" '-C of a file: status' \
    fdbackup create -f a.tar -C data/one f
like '-C of a file: is told' "$(cat "$SCRATCH/err")" \
    'fdbackup: data/one: Not a directory*'
for path in data/one/ data/one/. alias1/; do
	exits "$STATUS_UNREADABLE" "$path: status" \
	    fdbackup create -f a.tar data $path
	path=${path%/.} path=${path%/}
	said "$path/: is no directory" "$path: Not a directory"
done
mkdir gone
ok 'a working directory that is gone: absolute paths' sh -c \
    "cd gone && rmdir ../gone && fdbackup create -f $SCRATCH/a.tar \
    $SCRATCH/data"
mkdir gone
exits "$STATUS_USAGE" 'a working directory that is gone: a relative path' \
    sh -c "cd gone && rmdir ../gone && fdbackup create -f $SCRATCH/a.tar data"
said 'a working directory that is gone: is told' \
    'the current directory: No such file or directory'

#
# Few descriptors.  As another user: the kernel counts those of root that are in
# flight, also of other runs.
#
mkdir few few/deep
(cd few && seq 600 | xargs touch)
(cd few/deep && for i in $(seq 30); do mkdir d && cd d && : >f; done)
for i in $(seq 20); do head -c 600000 /dev/zero >"few/large$i"; done
# limited LIMIT ARGUMENT...: create with this limit, as the user.
limited()
{
	limited_to=$1
	shift
	# shellcheck disable=SC2016
	run_as "$USER_ID" sh -c 'ulimit $1; shift; exec fdbackup "$@"' - \
	    "$limited_to" create -f f.tar "$@"
}
for limit in '-n 32' '-n 64' '-n 300' '-Sn 16'; do
	for how in '--none --digest none' --zstd; do
		# shellcheck disable=SC2086
		ok "ulimit $limit, $how: status" limited "$limit" $how few
		is "ulimit $limit, $how: all is stored" \
		    "$(fdbackup list -f f.tar | wc -l)" "$(find few | wc -l)"
		rm -f f.tar
	done
done
exits "$STATUS_FATAL" 'ulimit -n 18: status' limited '-n 18' few
like 'ulimit -n 18: is told' "$(cat "$SCRATCH/err")" \
    'fdbackup: a process may open only 18 files, and [0-9]* are needed; raise *'
rm -rf few

#
# Policy.
#
mkdir -p data/keys data/way/deep
echo two >data/two
echo key >data/keys/key
echo key >data/a.key
echo deep >data/way/deep/file
chown "$USER_ID" data/one
conf <<CONF
role "denies" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
	deny "$SCRATCH/data/**/*.key"
	deny "$SCRATCH/data/keys"
}
role "whole" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
}
role "lists" {
	peer user "$USER_ID"
	permit list "$SCRATCH/data"
}
role "single" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
	option single-link
}
role "within" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
	option one-filesystem
}
role "owned" {
	peer user "$USER_ID"
	permit read "$SCRATCH/data"
	option owned-by-peer
}
CONF
ok 'the daemon starts' start_daemon
# as_role ROLE ARGUMENT...
as_role()
{
	role=$1
	shift
	run_as "$USER_ID" fdbackup create --none -f r.tar --role "$role" \
	    -s "$SOCK" -C "$SCRATCH" "$@"
}
ok 'a role that permits all: status' as_role whole data
like 'a role that permits all: nothing is counted' "$(last_line)" \
    '*, 0 unreadable, 0 changed, 0 denied, [0-9]*.[0-9]* seconds'

# The role may search a directory that the user may not: what is excluded there
# is named through a link above it.
mkdir -p data/real/closed/secret
echo x >data/real/closed/secret/x
echo y >data/real/closed/secret/y
chmod 700 data/real/closed
ln -s real data/alias
A=$SCRATCH/data/alias
ok 'a link above a closed directory: status' as_role whole \
    --exclude "$A/closed/secret/x" "$A/"
is 'a link above a closed directory: what is excluded there' \
    "$(fdbackup list -f r.tar | sed -n 's,.*/secret/,,p')" y
ok 'a link above a closed directory: a path beneath it' as_role whole \
    "$A/closed/secret/x"
rm -rf data/real data/alias

exits "$STATUS_DENIED" 'hidden names: status' as_role denies data
said 'hidden names: their directory is named, with their number' \
    'data: 2 names in it are hidden by policy'
like 'hidden names: are counted' "$(last_line)" '* 0 denied, 2 hidden, *'
ok 'hidden names: the archive is whole' fdbackup verify -f r.tar
exits 0 'hidden names, --denied=ok: status' as_role denies --denied=ok data
is 'hidden names, --denied=ok: only the count tells' \
    "$(wc -l <"$SCRATCH/err")" 1
like 'hidden names, --denied=ok: are counted' "$(last_line)" '* 2 hidden, *'
ok 'hidden names, --denied=ok -v: status' as_role denies --denied ok -v data
said 'hidden names, --denied=ok -v: the directory is named' \
    'data: 2 names in it are hidden by policy'
rm -f r.tar
exits "$STATUS_FATAL" 'hidden names, --denied=fail: status' \
    as_role denies --denied=fail data
said 'hidden names, --denied=fail: is said' 'policy keeps something out '\
'of the archive; without --denied=fail the rest would be stored'
ok 'hidden names, --denied=fail: no archive is made' test ! -e r.tar
exits "$STATUS_DENIED" 'a denied path, --denied=ok: status' \
    as_role denies --denied=ok data/one data/a.key
exits "$STATUS_FATAL" 'a denied path alone: status' as_role denies data/keys

exits "$STATUS_DENIED" 'a role that only lists: status' as_role lists data
like 'a role that only lists: counts' "$(last_line)" '*, 5 denied, *'
is 'a role that only lists: all are named' \
    "$(grep -c ': denied by policy (' "$SCRATCH/err")" 5

ln data/two data/three
exits "$STATUS_DENIED" 'single-link: status' as_role single data
said 'single-link: both names are told' \
    'data/two: denied by policy (option single-link of role "single")'
like 'single-link: counts' "$(last_line)" '*, 0 denied, 2 denied by option, *'
as_role single --json data >json 2>/dev/null
is 'single-link, --json: each file' \
    "$(grep -c '"problem": "denied_by_option", "name": "data/t' json)" 2
like 'single-link, --json: counts' "$(tail -n 1 json)" \
    '*"denied": 0, "denied_by_option": 2, *"status": 5}'
rm json
exits "$STATUS_FATAL" 'single-link, --denied=fail: status' \
    as_role single --denied=fail data
exits "$STATUS_FATAL" 'single-link, a path, and nothing else: status' \
    as_role single --denied=ok data/two
exits "$STATUS_DENIED" 'single-link, a path, --denied=ok: status' \
    as_role single --denied=ok data/one data/two
exits 0 'single-link, --denied=ok: status' as_role single --denied=ok data
like 'single-link, --denied=ok: counts' "$(last_line)" \
    '*, 2 denied by option, *'
rm data/three
exits "$STATUS_DENIED" 'owned-by-peer: status' as_role owned data
like 'owned-by-peer: counts' "$(last_line)" '*, 0 denied, 4 denied by option, *'
mkdir data/mnt
if mount -t tmpfs none data/mnt 2>/dev/null; then
	echo other >data/mnt/other
	exits "$STATUS_DENIED" 'one-filesystem: status' as_role within data
	like 'one-filesystem: counts' "$(last_line)" \
	    '*, 0 denied, 1 denied by option, *'
	said 'one-filesystem: the mount is named' 'data/mnt: denied by '\
'policy (option one-filesystem of role "within")'
	umount data/mnt
else
	skip 3 'needs mount(2) of tmpfs'
fi
rmdir data/mnt
exits "$STATUS_USAGE" '--denied takes three words' \
    fdbackup create --denied=no -f a.tar data
stop_daemon
assert_clean

done_testing

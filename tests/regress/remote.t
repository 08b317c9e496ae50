#!/bin/sh
#
# remote.t: fdbackup --host and fdbackup serve, without ssh: --rsh names scripts
# that run the other end here.  What a client may not ask for, links that break,
# and other ends that do not keep to the protocol.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"

# here -- HOST fdbackup serve: what ssh and a forced command would do.
cat >here <<'EOS'
#!/bin/sh
eval "exec fdbackup serve ${SERVE-}"
EOS
# cuts -- ...: a link that breaks after $CUT bytes from there.
cat >cuts <<'EOS'
#!/bin/sh
fdbackup serve | head -c "$CUT"
EOS
# tear -- ...: a link that breaks after $CUT bytes from here.
cat >tear <<'EOS'
#!/bin/sh
head -c "$CUT" | fdbackup serve
EOS
# say -- ...: another end that says what is in the file, and waits.
cat >say <<'EOS'
#!/bin/sh
cat "$SAY"
exec cat >/dev/null
EOS
chmod +x here cuts tear say
SERVE=
export SERVE

create() { fdbackup create --host there --rsh "${RSH:-./here}" "$@"; }
extract() { fdbackup extract --host there --rsh "${RSH:-./here}" "$@"; }
errors() { cat "$SCRATCH/err"; }
last_line() { tail -n 1 "$SCRATCH/err"; }
# temporary: what a run left that was not made whole.
temporary() { find . -name '.fdb*'; }

mkdir -p tree/d tree/empty
echo one >tree/one
echo two >tree/d/two
head -c 3000000 /dev/urandom >tree/big
ln -s one tree/link
ln tree/one tree/d/hard
chmod 600 tree/d/two
touch -d @1000000000.5 tree/d/two
esc=$(printf '\033')

#
# Round trips.
#
ok 'create' create -f a.tar -C "$SCRATCH/tree" .
like 'create: the summary names the host' "$(last_line)" \
    'fdbackup: there: 8 files, *'
is 'create: leaves nothing else' "$(temporary)" ''
ok 'verify what was created' fdbackup verify -f a.tar
is 'create: the name says how it is compressed' "$(tar -tf a.tar 2>&1 |
    tail -n 1)" .fdbackup.mtree
ok 'create: as without --host' fdbackup diff -f a.tar -C tree .
ok 'create, .tar.gz' create -f a.tar.gz "$SCRATCH/tree"
ok 'create, .tar.gz: it is that' gzip -t a.tar.gz
ok 'create, --xz' create --xz=1 -f a.xz "$SCRATCH/tree"
ok 'create, --xz: it is that' xz -t a.xz
create --none -f - -C "$SCRATCH/tree" . >b.tar 2>err
ok 'create to standard output' fdbackup verify -f b.tar

mkdir dest
ok 'extract' extract --overwrite replace -f a.tar -C "$SCRATCH/dest"
ok 'extract: it is what was stored' fdbackup diff -f a.tar -C dest .
rm -rf dest/*
ok 'extract a path' extract -f a.tar -C "$SCRATCH/dest" d/two
is 'extract a path: nothing else' "$(cd dest && find . -type f)" ./d/two
rm -rf dest/*
# shellcheck disable=SC2002
cat a.tar | extract --overwrite replace -f - -C "$SCRATCH/dest" 2>err
ok 'extract from standard input' fdbackup diff -f a.tar -C dest .
exits "$STATUS_UNREADABLE" 'extract: the exit status is the one there' \
    extract -f a.tar -C "$SCRATCH/dest"
like 'extract: messages name the host' "$(errors)" \
    '*fdbackup: there: one: not restored: *'
head -c 2000000 a.tar >short.tar
rm -rf dest/*
exits "$STATUS_FATAL" 'extract an archive that is cut off' \
    extract -f short.tar -C "$SCRATCH/dest"
exits "$STATUS_FATAL" 'extract: no such archive' \
    extract -f none.tar -C "$SCRATCH/dest"

#
# What is said there, is said here.
#
exits "$STATUS_UNREADABLE" 'create, a path is missing' \
    create -v --logfile log -f b.tar "$SCRATCH/tree" "$SCRATCH/none"
like 'create, a path is missing: is said' "$(errors)" \
    "*fdbackup: there: ${SCRATCH#/}/none: No such file or directory*"
like 'create: the log has it' "$(cat log)" \
    "*Z there: ${SCRATCH#/}/none: No such file or directory*"
like 'create -v: names' "$(errors)" "*
${SCRATCH#/}/tree/d/two*"
like 'create -v: layers' "$(errors)" '*there: worker: *; controller here: *'
cp b.tar before.tar
exits "$STATUS_FATAL" 'create: nothing that can be stored' \
    create -f b.tar "$SCRATCH/none"
ok 'create: nothing that can be stored: the archive of before is there' \
    cmp b.tar before.tar
ok 'create -n' create -n "$SCRATCH/tree"
like 'create -n: the size' "$(cat out)" "*8 files, *"
ok 'create --json' create --json -v -f a.tar -C "$SCRATCH/tree" .
cp "$SCRATCH/out" json
like 'create --json: members' "$(cat json)" \
    '*{"message_type": "member", "name": "d/two", *'
like 'create --json: the summary' "$(tail -n 1 json)" \
    '{"message_type": "summary", *"host": "there", *"status": 0}'
rm -rf dest/*
ok 'extract --json -n' extract --json -n -f a.tar -C "$SCRATCH/dest"
is 'extract --json -n: makes nothing' "$(ls dest)" ''
echo "echo '${esc}[2J careful' >&2; exec fdbackup serve" >noisy
exits 0 'standard error of the other end is shown' \
    env RSH="sh noisy" sh -c "fdbackup create --host there --rsh 'sh noisy' \
    -f b.tar -C $SCRATCH/tree ."
like 'standard error of the other end: with host, and encoded' "$(errors)" \
    'fdbackup: there: \\033\[2J careful*'

#
# What is not possible.
#
refused()
{
	# shellcheck disable=SC2086
	exits "$STATUS_USAGE" "refused: $1" \
	    fdbackup create -f r.tar $2 "$SCRATCH/tree"
	like "refused: $1: is said" "$(errors)" "$3"
}
refused 'a host that is an option' '--host -oProxyCommand=x' \
    '*--host -oProxyCommand=x: must be a host*'
refused 'a host for a shell' '--host a;b' '*--host a;b: must be a host*'
refused '--rsh alone' '--rsh ./here' '*--rsh needs --host*'
words=$(seq -s ' ' 63)
exits "$STATUS_FATAL" '--rsh with 64 words' fdbackup create -f r.tar \
    --host a --rsh "./none $words" "$SCRATCH/tree"
like '--rsh with 64 words: it is run' "$(errors)" '*cannot run ./none: *'
exits "$STATUS_FATAL" '--rsh with too many words' fdbackup create -f r.tar \
    --host a --rsh "./none $words 64" "$SCRATCH/tree"
is '--rsh with too many words: is said' "$(last_line)" \
    'fdbackup: --rsh: more than 64 words; name a script that runs the command'
refused '--since' '--host a --since a.tar' '*--since is not possible*'
refused '--manifest' '--host a --manifest m' '*--manifest is not possible*'
refused '-T' '--host a -T m' '*--files-from is not possible*'
refused '--exclude-from' '--host a --exclude-from m' \
    '*--exclude-from is not possible*'
exits "$STATUS_USAGE" 'refused: -O' fdbackup extract --host a -f a.tar -O
exits "$STATUS_USAGE" 'refused: several archives' \
    fdbackup extract --host a -f a.tar -f b.tar -C dest
exits "$STATUS_USAGE" 'refused: --removed' \
    fdbackup extract --host a -f a.tar --removed -C dest
is 'refused: nothing is made' "$(find . -name r.tar)" ''

#
# Forced commands: a client may ask for less, and for nothing else.
#
mkdir -p home/alice home/bob other
echo a >home/alice/a
echo b >home/bob/b
echo x >other/x
ln -s "$SCRATCH/other" home/alice/way
H=$SCRATCH/home

# permits SERVE NAMES WORDS...: the archive has these names.
permits()
{
	SERVE=$1 want=$2
	shift 2
	rm -f p.tar
	create -f p.tar "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"
	is "serve $SERVE: permits $*" "$(fdbackup list -f p.tar 2>&1 |
	    sed "s,^${SCRATCH#/}/,," | sort | tr '\n' ' ')" "$want" ||
	    diag "$(errors)"
	SERVE=
}
# denies SERVE SAYS WORDS...: refused, with these words.
denies()
{
	SERVE=$1 want=$2
	shift 2
	rm -f p.tar
	exits "$STATUS_USAGE" "serve $SERVE: refuses $*" create -f p.tar "$@"
	like "serve $SERVE: refuses $*: says why" "$(errors)" "$want"
	[ ! -e p.tar ] || fail "serve $SERVE: $*: made an archive"
	SERVE=
}
only="--only create $H/alice $H/bob"
permits "$only" 'home/alice home/alice/a home/alice/way home/bob home/bob/b '
permits "$only" 'home/bob home/bob/b ' "$H/bob"
permits "$only" 'home/alice/a ' "$H/alice/a"
permits "$only" 'home/bob/b ' "$H/alice/../bob/b"
permits "$only" 'home/alice/way ' "$H/alice/way"
permits "$only" 'home/alice home/alice/way ' --exclude a "$H/alice"
permits "--exclude b $only" 'home/bob ' "$H/bob"
permits "--exclude b $only" 'home/alice home/alice/a ' --exclude way \
    "$H/alice"
permits "--only create -C $H" 'alice/a ' -C "$H" alice/a
permits "--only create -C $H" 'alice/a ' -C "$H/" alice/a
permits "--only create -C $H alice" 'alice/a ' alice/a
# However a client names what serve excludes: by -C, a relative path or a link.
mkdir -p kept/secret kept/open
echo x >kept/secret/x
echo y >kept/open/y
ln -s ../secret kept/open/way
K=$SCRATCH/kept
permits "--only create --exclude secret" 'kept/open/y ' -C "$K/secret" x \
    "$K/open/y"
permits "--only create --exclude secret/x" 'kept/open/y ' -C "$K/secret" x \
    "$K/open/y"
permits "--only create -C $K/secret --exclude secret/x $K" 'kept/open/y ' x \
    "$K/open/y"
permits "--only create --exclude secret $K" 'kept/open/y ' "$K/open/way/x" \
    "$K/open/y"
permits "--only create --exclude '**/x' $K" 'kept/open/y kept/secret ' \
    "$K/secret" "$K/open/y"
# The links that lead to what serve excludes are followed, the client's, too.
ln -s kept alias
for exclude in "$K/secret" "$SCRATCH/alias/secret" "$K/secret/" 'secret/'; do
	permits "--only create --exclude $exclude" 'kept/open/y ' \
	    "$SCRATCH/alias/secret/x" "/proc/self/root$K/secret/sub/.." \
	    "$K/open/way/" "$K/open/y"
	permits "--only create --exclude $exclude" '' -C "$K/secret" .
done
path='*does not permit this path*'
denies "$only" "$path" "$H"
denies "$only" "$path" /
denies "$only" "$path" "$H/alice2"
denies "$only" "$path" "$SCRATCH/other/x"
denies "$only" "$path" "$H/alice" "$SCRATCH/other"
denies "$only" "$path" "$H/alice/../../other"
denies "$only" "$path" "$H/alice/way/"
denies "$only" "$path" "$H/alice/way/x"
denies "$only" "$path" "$H/alice/way/."
denies "$only" '*-C *not permitted by the command line*' -C "$H" alice
denies "--only create -C $H alice" '*permits only*' -C / alice
denies '--only create --exclude ./secret' '*-C *not permitted by*' \
    -C "$K/secret" .
denies "--only create -C $H alice" '*".." leads out of*' ../other
denies "$only" '*--role x: not permitted*' --role x
denies "$only" '*--role x: not permitted*' --role x -s /s
denies '--role nightly --only create' \
    '*--role x: the command line of fdbackup serve permits only nightly*' \
    --role x "$H"
denies '--role nightly --only create -s /s' '*-s /t: *permits only /s*' \
    --role nightly -s /t "$H"
denies '--role nightly --only create' '*-s /t: not permitted*' \
    --role nightly -s /t "$H"
denies "$only" '*does not permit that much*' --max-memory 4G
denies '--max-memory 2G' '*does not permit that much*' --max-memory 4G "$H"
denies '--max-memory 2G' '*--role x: not permitted*' --role x "$H"
permits '--max-memory 2G' 'home/bob home/bob/b ' --max-memory 2G "$H/bob"
permits "--max-memory 900M $only" 'home/bob home/bob/b ' "$H/bob"
denies "--max-memory 900M $only" '*does not permit that much*' --max-memory 901M
denies '--only extract --role nightly' '*permits only extract*' "$H"
denies '' '*create needs a path*'

exits "$STATUS_USAGE" 'serve --only create: refuses extract' \
    env SERVE="$only" fdbackup extract --host there --rsh ./here -f a.tar \
    -C "$SCRATCH/dest"
like 'serve --only create: refuses extract: says why' "$(errors)" \
    '*extract: *permits only create*'
rm -rf dest restored
mkdir dest restored
SERVE="--only extract -C $SCRATCH/restored"
ok 'serve --only extract -C: restores there' extract --overwrite replace \
    -f a.tar
ok 'serve --only extract -C: it is what was stored' \
    fdbackup diff -f a.tar -C restored .
exits "$STATUS_USAGE" 'serve --only extract -C: refuses another directory' \
    extract -f a.tar -C "$SCRATCH/dest"
exits "$STATUS_USAGE" 'serve --only extract -C: refuses one in it' \
    extract -f a.tar -C "$SCRATCH/restored/d"
exits "$STATUS_USAGE" 'serve --only extract -C: refuses more temporary space' \
    extract --max-manifest 65M -f a.tar
like 'serve --only extract -C: refuses more temporary space: says why' \
    "$(errors)" '*--max-manifest: *does not permit that much*'
exits "$STATUS_USAGE" 'serve --only extract -C: refuses a role' \
    extract --role x -f a.tar
is 'serve --only extract -C: nothing elsewhere' "$(ls dest)" ''
SERVE=
exits "$STATUS_USAGE" 'serve: extract needs -C' extract -f a.tar

for words in '--only list' "$H" '--exclude x' '--only extract' \
    '--only extract --role a /x' '-f x' '-s /s' '--role !'; do
	# shellcheck disable=SC2086
	exits "$STATUS_USAGE" "serve $words: is wrong" fdbackup serve $words
done

#
# Other clients: frames that no fdbackup sends.
#
fdbackup serve </dev/null 2>err | head -c 21 >hello
is 'serve says hello' "$(head -c 16 hello | tail -c 8)" FDBACKUP
# frame TYPE [PAYLOAD]: for printf(1).
frame()
{
	printf '%b' "${2-}" >payload
	frame_of "$1"
}
# frame_of TYPE: with what is in the file payload.
frame_of()
{
	n=$(wc -c <payload)
	# shellcheck disable=SC2059
	printf "$(printf '\\%03o\\0\\0\\0\\0\\%03o\\%03o\\%03o' "$1" \
	    $((n / 65536)) $((n / 256 % 256)) $((n % 256)))"
	cat payload
}
# serves DESC SAYS FRAMES: what serve says to this client.
serves()
{
	{ cat hello; eval "$3"; } >frames
	timeout 60 fdbackup serve <frames >answer 2>err
	tap_status=$?
	{ cat err; tr -d '\0' <answer; } >said
	like "client: $1: $2" "$(cat said)" "*$2*"
	[ "$tap_status" -lt 124 ] || fail "client: $1: status $tap_status"
}
broke='client broke the protocol'
printf '\001\0\0\0\0\0\0\015GDBACKUP\001\004\003\002\001' >stranger
timeout 60 fdbackup serve <stranger >answer 2>err
like 'client: another program' "$(cat err)" '*is no fdbackup of this version*'
serves 'DATA first' "$broke" 'frame 3 abc'
serves 'hello twice' "$broke" 'cat hello'
serves 'END first' "$broke" 'frame 4'
serves 'an unknown type' "$broke" 'frame 9'
serves 'no type' "$broke" 'frame 0'
serves 'a frame that is too long' "$broke" "printf '\\2\\0\\0\\0\\377\\0\\0\\0'"
serves 'reserved bytes' "$broke" "printf '\\2\\1\\0\\0\\0\\0\\0\\0'"
serves 'DATA for create' "$broke" \
    "frame 2 '\\0create\\0--\\0/\\0'; frame 3 abc"
serves 'two requests' "$broke" \
    "frame 2 '\\0extract\\0-C/x\\0'; frame 2 '\\0create\\0'"
# A client that waits for the answer.
answers()
{
	{ cat hello; eval "$3"; } >frames
	rm -f answer
	mkfifo hold
	{ cat frames; cat hold; } | timeout 60 fdbackup serve 2>err >answer &
	exec 7>hold
	wait_until grep -q -s -a "$2" answer
	tr -d '\0' <answer >said
	exec 7>&-
	wait $!
	rm hold
	like "client: $1: $2" "$(cat said)" "*$2*"
}
answers 'an empty request' 'no list of words' 'frame 2'
answers 'a request without NUL' 'no list of words' "frame 2 '\\0create'"
answers 'no command' 'serve runs create and extract' "frame 2 '\\0\\0'"
answers 'list' 'serve runs create and extract' "frame 2 '\\0list\\0-fx\\0'"
answers 'serve' 'serve runs create and extract' "frame 2 '\\0serve\\0'"
for word in -f/x --file=/x --logfile=/x --manifest=/x --since=/x \
    -T/x --exclude-from=/x --progress=1 --host=a --rsh=a; do
	answers "$word" 'not possible from another' \
	    "frame 2 '\\0create\\0$word\\0--\\0/\\0'"
done
answers '-nf' 'not possible from another' \
    "frame 2 '\\0create\\0-nf\\0/x\\0'"
answers '--removed' 'not possible from another' \
    "frame 2 '\\0extract\\0--removed\\0-C/x\\0'"
answers '-O' 'not possible from another' "frame 2 '\\0extract\\0-O\\0'"
answers '--newer of a file' 'only @seconds is permitted' \
    "frame 2 '\\0create\\0--newer=/etc/passwd\\0--\\0/\\0'"
answers '--help' 'asks for help' "frame 2 '\\0create\\0--help\\0'"
answers 'many words' 'too many words' \
    "{ printf '\\0create\\0'; head -c 70000 /dev/zero; } >payload; frame_of 2"
ok 'clients: no process is left' wait_gone

#
# Other servers.
#
printf 'old archive' >old.tar
# told DESC SAYS FRAMES: what create says to this server.
told()
{
	eval "$3" >frames
	exits "$STATUS_FATAL" "server: $1: fails" \
	    env SAY="$SCRATCH/frames" fdbackup create -f old.tar --host there \
	    --rsh "${RSH:-./say}" /x
	like "server: $1: says" "$(errors)" "$2"
	is "server: $1: the archive of before is there" "$(cat old.tar)" \
	    'old archive'
	is "server: $1: no temporary file" "$(temporary)" ''
}
broke='fdbackup: there: the other end broke the protocol'
none='fdbackup: there: what answers is no "fdbackup serve"*'
told 'a greeting of a shell' "$none" 'echo Welcome to this host, friend'
told 'DATA first' "$none" 'frame 3 abc'
told 'no hello' "$none" 'frame 6 "\0"'
told 'another version' "$none" 'frame 1 "FDBACKUP\\0377\\0\\0\\0\\0"'
told 'hello twice' "$broke" 'cat hello hello'
told 'a request' "$broke" 'cat hello; frame 2 abc'
told 'a frame that is too long' "$broke" \
    "cat hello; printf '\\3\\0\\0\\0\\0\\2\\0\\0'"
told 'an exit that is none' "$broke" 'cat hello; frame 6 "\0077"'
told 'success of nothing' "$broke" 'cat hello; frame 6 "\0"'
told 'END and success' "$broke" 'cat hello; frame 3 abc; frame 4; frame 6 "\0"'
told 'DATA after END' "$broke" 'cat hello; frame 4; frame 3 abc'
told 'two ENDs' "$broke" 'cat hello; frame 4; frame 4'
told 'no records' "$broke" 'cat hello; frame 5 "\0377"'
told 'a record that is for the machine itself: a hand-off' "$broke" \
    'cat hello; frame 5 "\0001\0001\0001\0000/"'
told 'a record that is for the machine itself: a user' "$broke" \
    'cat hello; frame 5 "\0003\0001\0000\0000\0000\0000"'
told 'failure without a word' \
    'fdbackup: there: the command failed there, and did not say why' \
    'cat hello; frame 3 abc; frame 6 "\0001"'

#
# No connection.
#
noconn()
{
	printf '#!/bin/sh\n%s\n' "$2" >conn
	chmod +x conn
	RSH=./conn
	told "$1" "$3" :
	RSH=
}
noconn 'no fdbackup there' 'echo sh: fdbackup: not found >&2; exit 127' \
    'fdbackup: there: sh: fdbackup: not found
fdbackup: there: there is no fdbackup in the PATH *'
noconn 'ssh fails' 'echo Connection refused >&2; exit 255' \
    'fdbackup: there: Connection refused
fdbackup: there: cannot connect'
noconn 'something else' 'exit 1' \
    'fdbackup: there: the other end closed the connection before it *'
exits "$STATUS_FATAL" 'a program for --rsh that does not exist' \
    fdbackup create --host there --rsh ./none -f old.tar /x
like 'a program for --rsh that does not exist: is said' "$(errors)" \
    '*there: cannot run ./none: No such file or directory*'

#
# Links that break.
#
for n in 0 5 21 40 1000 100000 2000000; do
	CUT=$n
	export CUT
	exits "$STATUS_FATAL" "the link breaks after $n bytes" \
	    fdbackup create --host there --rsh ./cuts --none -f old.tar \
	    -C "$SCRATCH/tree" .
	is "the link breaks after $n bytes: the archive of before" \
	    "$(cat old.tar)" 'old archive'
	is "the link breaks after $n bytes: no temporary file" \
	    "$(temporary)" ''
	[ "$n" -lt 1000 ] || like "the link breaks after $n bytes: is said" \
	    "$(errors)" '*there: the connection broke before the archive *'
done
for n in 5 30 200000 2000000; do
	CUT=$n
	rm -rf dest
	mkdir dest
	fails "the link breaks after $n bytes of what is restored" \
	    fdbackup extract --host there --rsh ./tear -f b.tar \
	    -C "$SCRATCH/dest"
	is "the link breaks after $n bytes of what is restored: no half file" \
	    "$(find dest -name big)" ''
done
# In each frame: before it, in its header, in what is in it.
cat >record <<'EOS'
#!/bin/sh
tee to.bin | fdbackup serve | tee from.bin
EOS
# replay -- ...: another end that says the first $CUT bytes of that, and ends.
cat >replay <<'EOS'
#!/bin/sh
head -c "$CUT" from.bin
EOS
chmod +x record replay
# cuts_of FILE: where a recorded stream may be cut.
cuts_of()
{
	od -A n -v -t u1 "$1" | tr -s ' ' '\n' | sed '/^$/d' | awk '
	{ b[NR - 1] = $1 }
	END {
		for (at = 0; at < NR; at += 8 + n) {
			n = b[at + 5] * 65536 + b[at + 6] * 256 + b[at + 7]
			print at
			print at + 5
			if (n > 0)
				print at + 8 + int(n / 2)
		}
	}'
}
mkdir -p small/d
echo 'a small file' >small/d/file
RSH=./record
ok 'a session is recorded' create --none -f small.tar -C "$SCRATCH/small" .
RSH=./replay
for CUT in $(cuts_of from.bin); do
	exits "$STATUS_FATAL" "the link breaks at $CUT of what is recorded" \
	    create --none -f old.tar -C "$SCRATCH/small" .
	[ "$(cat old.tar; temporary)" = 'old archive' ] ||
	    fail "the link breaks at $CUT: the archive of before"
done
CUT=$(wc -c <from.bin)
ok 'what is recorded, as a whole' create --none -f whole.tar \
    -C "$SCRATCH/small" .
ok 'what is recorded, as a whole: the archive' cmp whole.tar small.tar
RSH=./record
rm -rf dest
mkdir dest
ok 'a session that restores is recorded' extract -f small.tar \
    -C "$SCRATCH/dest"
RSH=
for CUT in $(cuts_of to.bin) $(wc -c <to.bin); do
	rm -rf dest
	mkdir dest
	# shellcheck disable=SC2016
	exits "$STATUS_FATAL" "the client is gone at $CUT" sh -c \
	    'head -c "$1" to.bin | timeout 60 fdbackup serve >answer' sh "$CUT"
	[ ! -e dest/d/file ] || cmp -s dest/d/file small/d/file ||
	    fail "the client is gone at $CUT: half a file"
done
ok 'links that break: no process is left' wait_gone

#
# Ends of a run, from both sides.  Nobody reads the archive, so it is under way.
#
mkdir large
head -c 12000000 /dev/zero | tr '\0' x >large/big
# under_way: start it.
under_way()
{
	rm -f fifo
	mkfifo fifo
	: >run.err
	: >json
	fdbackup create --host there --rsh ./here --none --progress 1 \
	    --json -f fifo -C "$SCRATCH/large" . >json 2>run.err &
	RUN=$!
	exec 8<>fifo
	wait_line run.err 'bytes.*; at big$'
	wait_line json '"progress"'
}
# drain: read what comes until the run ends.
drain()
{
	exec 9<fifo 8<&-
	cat <&9 >/dev/null 8<&- &
	exec 9<&-
}
under_way
like 'progress there is shown here' "$(cat json)" \
    '*{"message_type": "progress", *'
kill -s USR1 "$RUN"
kill -s TERM "$RUN"
wait "$RUN"
is 'a signal here: the status' "$?" 143
ok 'a signal here: ends both sides' wait_gone
exec 8<&-
under_way
# The other end, not its child.
kill -s TERM "$(pgrep -P "$RUN")"
drain
wait "$RUN"
is 'a signal there: the status' "$?" "$STATUS_FATAL"
ok 'a signal there: ends both sides' wait_gone
like 'a signal there: is said' "$(tail -n 1 run.err)" \
    'fdbackup: there: the connection broke before the archive was complete'
under_way
kill -s KILL "$(pgrep -P "$RUN")"
drain
wait "$RUN"
is 'kill -9 there: the status' "$?" "$STATUS_FATAL"
ok 'kill -9 there: ends both sides' wait_gone
under_way
kill -s KILL "$RUN"
wait "$RUN"
ok 'kill -9 here: ends both sides' wait_gone
exec 8<&-

assert_clean
done_testing

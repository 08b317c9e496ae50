#!/bin/sh
#
# roots.t: roles that name thousands of files: a session has them, through one
# directory, and the kernel lets its opener open these files and no others; and
# what is too much is refused when the configuration is read.

# In a mount namespace: the mount below ends with the script.
[ -n "${ROOTS_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env ROOTS_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64153
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/many" "$DATA/few"

# files DIRECTORY COUNT: make a file for each number.
files()
{
	awk -v n="$2" 'BEGIN { for (i = 1; i <= n; i++) print i }' |
	    (cd "$1" && xargs touch)
}

# permits COUNT OPERATIONS FORMAT: a rule for each number.
permits()
{
	awk -v n="$1" -v ops="$2" -v path="$3" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "\tpermit %s \"" path "\"\n", ops, i
	}'
}

# role NAME: a role with the rules of standard input.
role()
{
	printf 'role "%s" {\n\tpeer user "%s"\n' "$1" "$WORKER"
	cat
	echo '}'
}

files "$DATA/many" 2001
files "$DATA/few" 201
echo text >"$DATA/many/1"
echo mounted >"$SCRATCH/other"
mount --bind "$SCRATCH/other" "$DATA/few/3"
{
	permits 2000 read "$DATA/many/%d" | role many
	permits 201 'read, append' "$DATA/few/%d" | role both
	permits 1 'read, write, create' "$DATA/few/%d" | role make
} | conf
ok 'the configuration is accepted' fdbrokerd -n -f "$CONF"
ok 'the daemon starts' start_daemon || exit 1
client() { run_as "$WORKER" fdbclient "$@" 2>&1; }

is 'the first of 2000 named files' "$(client "$SOCK" many "$DATA/many/1")" \
    "$DATA/many/1: ok 5"
is 'the last of them' "$(client "$SOCK" many "$DATA/many/2000")" \
    "$DATA/many/2000: ok 0"
like 'one that is not named' "$(client "$SOCK" many "$DATA/many/2001")" \
    "$DATA/many/2001: policy EACCES *"
is 'a list of the directory has those that are named' \
    "$(client -l "$SOCK" many "$DATA/many" | wc -l)" 2000
is '201 files to read' "$(client "$SOCK" both "$DATA/few/201")" \
    "$DATA/few/201: ok 0"
is 'a file that is a mount' "$(client "$SOCK" both "$DATA/few/3")" \
    "$DATA/few/3: ok 8"
is 'a file that a rule names and may create, to read and write' \
    "$(client -u "$SOCK" make "$DATA/few/1")" "$DATA/few/1: ok 0"

# A session knows the files that were there when it began.
mkfifo "$SCRATCH/hold"
client -h "$SOCK" many "$DATA/many/1" "$DATA/many/2" "$DATA/many/3" \
    <"$SCRATCH/hold" >"$SCRATCH/held" &
holder=$!
exec 8>"$SCRATCH/hold"
ok 'a session is held' wait_line "$SCRATCH/held" '^holding'
rm "$DATA/many/3"
echo replaced >"$DATA/many/new"
mv "$DATA/many/new" "$DATA/many/2"
echo again >"$DATA/many/1"
exec 8>&-
wait "$holder"
newer='made or replaced after this session began: begin a new one'
is 'a file that was changed, replaced and removed' \
    "$(sed '1,/^holding/d' "$SCRATCH/held")" \
    "$DATA/many/1: ok 6
$DATA/many/2: kernel EACCES $newer
$DATA/many/3: kernel ENOENT"
is 'a new session has the file that replaced it' \
    "$(client "$SOCK" many "$DATA/many/2")" "$DATA/many/2: ok 9"
is 'and waits for nothing that is missing' \
    "$(client "$SOCK" many "$DATA/many/3")" "$DATA/many/3: kernel ENOENT"
touch "$DATA/many/3"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0

# What is too much.
mkdir "$DATA/dirs"
(cd "$DATA/dirs" && awk 'BEGIN { for (i = 1; i <= 201; i++) print i }' |
    xargs mkdir)
permits 201 read "$DATA/dirs/%d" | role wide | conf
exits 1 '201 directories are too many' fdbrokerd -n -f "$CONF"
like 'the message names the role and the limit' "$(cat "$SCRATCH/err")" \
    '*: the roots of role "wide" are in 201 directories; expected at most 200:*'
permits 200 read "$DATA/dirs/%d" | role wide | conf
ok '200 are not' fdbrokerd -n -f "$CONF"
ok 'the daemon starts with them' start_daemon || exit 1
touch "$DATA/dirs/200/file"
is 'and a session has them' \
    "$(client "$SOCK" wide "$DATA/dirs/200/file")" "$DATA/dirs/200/file: ok 0"
stop_daemon

# What were files are directories when the session begins.
{
	permits 200 read "$DATA/dirs/%d"
	permits 1 read "$DATA/many/%d"
} | role wide | conf
exits 1 'a directory more for a single file' fdbrokerd -n -f "$CONF"
{
	permits 199 read "$DATA/dirs/%d"
	permits 2 read "$DATA/many/%d"
} | role wide | conf
ok 'the daemon starts with 199 and two files of one more' start_daemon ||
    exit 1
rm "$DATA/many/1"
mkdir "$DATA/many/1"
many='more than 200 directories or 20000 named files'
is 'one file turned into a directory makes 201' \
    "$(client "$SOCK" wide "$DATA/many/2")" \
    "fdbclient: refused: the role has $many: $DATA/many is too many"
stop_daemon
assert_clean
done_testing

#!/bin/sh
#
# roots.t: roles that name files: a session opens each by its name, also one
# that replaced another during the session; thousands of them share one
# directory; and what is too much is refused when the configuration is read.

# In a mount namespace: the mount below ends with the script.
[ -n "${ROOTS_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env ROOTS_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64153
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
mkdir -p "$DATA/many" "$DATA/few" "$DATA/logs"

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

files "$DATA/many" 20001
files "$DATA/few" 201
files "$DATA/logs" 4
echo text >"$DATA/many/1"
echo mounted >"$SCRATCH/other"
mount --bind "$SCRATCH/other" "$DATA/few/3"
{
	permits 2000 read "$DATA/many/%d" | role many
	permits 20000 read "$DATA/many/%d" | role most
	permits 201 'read, append' "$DATA/few/%d" | role both
	permits 1 'read, write, create' "$DATA/few/%d" | role make
	permits 4 'read, append' "$DATA/logs/%d" | role logs
	permits 4 'read, write' "$DATA/logs/%d" | role update
	{
		printf '\tas user "nobody"\n'
		permits 4 'read, append' "$DATA/logs/%d"
	} | role user
} | conf
ok 'the configuration is accepted' fdbrokerd -n -f "$CONF"
ok 'the daemon starts' start_daemon || exit 1
client() { run_as "$WORKER" fdbclient "$@" 2>&1; }

is 'the first of 2000 named files' "$(client "$SOCK" many "$DATA/many/1")" \
    "$DATA/many/1: ok 5"
is 'the last of them' "$(client "$SOCK" many "$DATA/many/2000")" \
    "$DATA/many/2000: ok 0"
is 'the last of 20000' "$(client "$SOCK" most "$DATA/many/20000")" \
    "$DATA/many/20000: ok 0"
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

# log NUMBER TEXT: make a file that only its owner, and root, may open.
log()
{
	echo "$2" >"$DATA/logs/$1"
	chmod 0600 "$DATA/logs/$1"
	chown nobody "$DATA/logs/$1"
}

# replace ROLE [OPTION]: in a session of the role, replace one named file by a
# rename, rotate another, remove a third and make it again, and make one that
# was missing.  What the session then says is in $SCRATCH/after.
replace()
{
	what=$*
	role=$1
	shift
	log 1 old
	log 2 old
	log 3 old
	rm -f "$DATA/logs/4" "$DATA/logs/2.old"
	: >"$SCRATCH/held"
	(cd "$DATA/logs" && client -h "$@" "$SOCK" "$role" "$PWD/1" "$PWD/2" \
	    "$PWD/3" "$PWD/4" <"$SCRATCH/hold" >"$SCRATCH/held") &
	holder=$!
	exec 8>"$SCRATCH/hold"
	ok "$what: a session is held" wait_line "$SCRATCH/held" '^holding'
	log new replaced
	mv "$DATA/logs/new" "$DATA/logs/1"
	mv "$DATA/logs/2" "$DATA/logs/2.old"
	log 2 rotated
	rm "$DATA/logs/3"
	log 3 again
	log 4 new
	exec 8>&-
	wait "$holder"
	sed '1,/^holding/d' "$SCRATCH/held" >"$SCRATCH/after"
}
mkfifo "$SCRATCH/hold"

for args in logs user 'update -u'; do
	# shellcheck disable=SC2086 # an option is a word of its own
	replace $args
	is "$args: what replaced the named files is read" \
	    "$(cat "$SCRATCH/after")" "$DATA/logs/1: ok 9
$DATA/logs/2: ok 8
$DATA/logs/3: ok 6
$DATA/logs/4: ok 4"
done
for role in logs user; do
	replace "$role" -a
	is "$role: what replaced the named files is appended to" \
	    "$(cat "$SCRATCH/after")" "$DATA/logs/1: written
$DATA/logs/2: written
$DATA/logs/3: written
$DATA/logs/4: written"
	is "$role: and has the new lines" "$(cd "$DATA/logs" && cat 1 2 3 4)" \
	    'replaced
written
rotated
written
again
written
new
written'
	is "$role: the rotated file has the lines of before" \
	    "$(cat "$DATA/logs/2.old")" 'old
written'
	like "$role: it cannot be opened by its new name" \
	    "$(client "$SOCK" "$role" "$DATA/logs/2.old")" \
	    "$DATA/logs/2.old: policy EACCES *"
done

# One that is missing is no fault of the session, nor of the other files.
rm "$DATA/many/3"
is 'one of many is missing when the session begins' \
    "$(client "$SOCK" many "$DATA/many/3" "$DATA/many/2")" \
    "$DATA/many/3: kernel ENOENT
$DATA/many/2: ok 0"
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

#!/bin/sh
#
# private.t: a program that starts an opener of its own and gives up its rights,
# policies that are narrowed, and the example of fdb_private(3).

. "$(dirname "$0")/lib.sh"

need seccomp openat2
DATA=$SCRATCH/data
mkdir -p "$DATA/secret"
chmod 0755 "$DATA"
echo a >"$DATA/a"
echo b >"$DATA/b"
echo s >"$DATA/secret/s"
policy="permit read \"$DATA\"
deny \"$DATA/secret\" label \"no\"
permit append, create \"$DATA/log\" mode 0640"

no_opener() { [ -z "$(run_named 'fdbroker-opener')" ]; }

is 'a private session' "$(fdbprivate "$policy" "r$DATA/a" "r$DATA/secret/s" \
    r/etc/passwd "a$DATA/log" "c$DATA/log" "w$DATA/b")" \
    "$DATA/a: a
$DATA/secret/s: denied by policy (policy:2 \"no\")
/etc/passwd: denied by policy (no rule of role \"private\" permits it)
$DATA/log: No such file or directory
$DATA/log: written
$DATA/b: b"
is 'the file that it made' "$(stat -c %a "$DATA/log") $(cat "$DATA/log")" \
    '640 line'
ok 'its opener ends with it' wait_until no_opener
is 'a policy in a file' "$(printf '%s\n' "$policy" >"$SCRATCH/policy" &&
    fdbprivate "$SCRATCH/policy" "r$DATA/a" "r$DATA/secret/s")" \
    "$DATA/a: a
$DATA/secret/s: denied by policy (policy:2 \"no\")"

# narrowed DESC WANT POLICY COMMAND...
narrowed()
{
	desc=$1
	want=$2
	shift 2
	is "$desc" "$(fdbprivate -c "$@" 2>&1)" "$want"
}
narrowed 'a policy is narrowed' "limited
$DATA/a: denied by policy (policy \"the session was narrowed\")
$DATA/b: b
b" "$policy" "lpermit read \"$DATA/b\"" "r$DATA/a" "r$DATA/b" "t$DATA"
narrowed 'never widened' "limited
$DATA/secret/s: denied by policy (policy:2 \"no\")
limited
$DATA/b: denied by policy (policy \"the session was narrowed\")" \
    "$policy" 'lpermit read "/"' "r$DATA/secret/s" "lpermit read \"$DATA/a\"" \
    "r$DATA/b"
narrowed 'a text that is wrong is refused as a whole' "limit: Invalid \
argument: policy:3: unexpected foo; expected the end of the line
$DATA/b: b" "$policy" "lpermit read \"$DATA/a\"

deny \"/x\" foo" "r$DATA/b"
narrowed 'a deny of what only a daemon can fill in is refused' \
    "limit: Invalid argument: policy: %u and %h are for the roles of \
fdbrokerd(8); write the name or the path
$DATA/b: b" "$policy" "lpermit read \"$DATA\"
deny \"$DATA/%u\"" "r$DATA/b"
echo p >"$DATA/50%"
narrowed 'a percent sign' "limited
$DATA/50%: denied by policy (policy:2)
$DATA/b: b" "$policy" "lpermit read \"$DATA\"
deny \"$DATA/50%%\"" "r$DATA/50%" "r$DATA/b"
narrowed 'a word that no policy has' "fdbprivate: refused: policy:1: \
unexpected user; expected deny, limit, option or permit" 'user "nobody"'
narrowed 'a wrong policy' 'fdbprivate: refused: policy:2: unknown operation '\
'"readd"; expected one of: append, create, link, list, mkdir, read, remove, '\
'replace, setmeta, special, symlink, write' '
permit readd "/tmp"'
narrowed 'a root that is missing' "fdbprivate: refused: policy:1: \
$DATA/none/x: No such file or directory; the path of a permit rule must exist" \
    "permit read \"$DATA/none/x\""
narrowed 'a role that restores' 'fdbprivate: refused: policy: only roles of '\
'fdbrokerd(8) restore; expected list, read, write, append, create or special' \
    'permit mkdir "/tmp"'
FDBROKER_OPENER=$SCRATCH/none narrowed 'no opener' "fdbprivate: cannot start \
the opener $SCRATCH/none: No such file or directory" "$policy"
ok 'no opener is left' wait_until no_opener

if need_root 12; then
	chmod 0600 "$DATA/a" "$DATA/b"
	is 'it keeps the rights that the program gives up' \
	    "$(fdbprivate -c -u 64181 "$policy" "r$DATA/a" "a$DATA/log" \
	    "w$DATA/b")" "$DATA/a: a
$DATA/log: written
$DATA/b: b"
	chmod 0644 "$DATA/a"
	chown 64181 "$DATA/log"
	is 'a user has an opener, too' "$(run_as 64181 fdbprivate -c "$policy" \
	    "r$DATA/a" "r$DATA/b" "a$DATA/log")" "$DATA/a: a
$DATA/b: Permission denied
$DATA/log: written"
	like 'who gives files to nobody' "$(run_as 64181 fdbprivate \
	    "permit append, create \"$DATA/x\" owner \"root\"" 2>&1)" \
	    '*policy:1: only root gives files to others*'

	# The example: root is nobody but its opener.
	mkdir "$SCRATCH/empty"
	echo one >"$DATA/key"
	chmod 0600 "$DATA/key"
	rm "$DATA/log"
	logkeyd "$SCRATCH/logkeyd.sock" "$DATA/log" "$DATA/key" \
	    "$SCRATCH/empty" 64181 2>"$SCRATCH/logkeyd.err" &
	SERVER=$!
	asked() { askkey "$SCRATCH/logkeyd.sock" 2>/dev/null; }
	says() { [ "$(asked)" = "$1" ]; }
	ok 'the example serves a key' wait_until says one
	ok 'and logs it' wait_line "$DATA/log" 'served one'
	echo two >"$DATA/key.new"
	chmod 0600 "$DATA/key.new"
	mv "$DATA/key.new" "$DATA/key"
	ok 'a renewed key is served' wait_until says two
	mv "$DATA/log" "$DATA/log.1"
	kill -HUP "$SERVER"
	log_is_there() { [ -e "$DATA/log" ]; }
	ok 'the log is opened anew after SIGHUP' wait_until log_is_there
	asked >/dev/null
	is 'and is written to' "$(cat "$DATA/log")" 'served two'
	is 'nobody is root but the opener' "$(for pid in \
	    $(run_named logkeyd); do
		sed -n 's/^Uid:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
	    done | sort -u)" 64181
	kill -TERM "$SERVER"
	wait "$SERVER"
	is 'it ends' $? 0
	rm "$SCRATCH/logkeyd.sock"
	ok 'and so does its opener' wait_until no_opener

	# A session of the daemon, which is narrowed before it is confined.
	WORKER=64182
	chmod 0644 "$DATA/b"
	conf <<EOC
role "read" {
	peer user $WORKER
	permit read "$DATA"
}
EOC
	if start_daemon; then
		is "a session of the daemon is narrowed" "$(run_as $WORKER \
		    fdbprivate -c "$RUNDIR/fdbroker.sock:read" "r$DATA/a" \
		    "lpermit read \"$DATA/b\"" "r$DATA/a" "r$DATA/b")" \
		    "$DATA/a: a
limited
$DATA/a: denied by policy (policy \"the session was narrowed\")
$DATA/b: b"
		stop_daemon
	else
		skip 1 'no daemon runs here'
	fi
fi
assert_clean
done_testing

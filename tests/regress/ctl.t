#!/bin/sh
#
# ctl.t: the command line of fdbrokerctl, without a daemon: its messages about
# mistakes, check -f, all commands at a fake control socket, and the
# completions.

. "$(dirname "$0")/lib.sh"
need memfd

sock=$SCRATCH/control.sock server=

# says DESC TEXT: the last command wrote TEXT to standard error.
says()
{
	like "$1" "$(cat "$SCRATCH/err")" "*$2*"
}

# shows DESC TEXT: the last command wrote TEXT to standard output.
shows()
{
	like "$1" "$(cat "$SCRATCH/out")" "*$2*"
}

#
# Mistakes.
#
exits 2 'no command' fdbrokerctl
says 'no command: says where help is' 'for help: fdbrokerctl --help'
exits 2 'an unknown command' fdbrokerctl bogus
says 'an unknown command: lists the known ones' \
    '"bogus"; expected one of: check, explain, kill, log, monitor, reload,*'
exits 2 'no abbreviation' fdbrokerctl sho stats
exits 2 'an unknown thing to show' fdbrokerctl show stat
says 'an unknown thing to show: lists the known ones' \
    'limits, metrics, refused, roles, rules, sessions, stats'
exits 2 'an unknown option' fdbrokerctl -x show stats
exits 2 'too many arguments' fdbrokerctl show stats roles
exits 2 'show rules needs a role' fdbrokerctl show rules
exits 2 'show rules takes one role' fdbrokerctl show rules -u root r s
exits 2 'show roles takes no user' fdbrokerctl show roles -u root
exits 2 'too few arguments' fdbrokerctl kill
says 'too few arguments: says where help is' \
    'for help: fdbrokerctl kill --help'
exits 2 'reload takes -n only' fdbrokerctl reload -x
exits 2 'an unknown level' fdbrokerctl log loud
says 'an unknown level: lists the known ones' 'brief, verbose'
exits 2 'a session is a number' fdbrokerctl kill x
says 'a session is a number: says where to find it' \
    'kill x: not a session number*show sessions'
exits 2 'an id is hexadecimal' fdbrokerctl explain 12xy
says 'an id is hexadecimal: says where to find it' \
    'explain 12xy: not an id*show denied'
exits 2 'no daemon' fdbrokerctl -s "$sock" show stats
says 'no daemon: names the socket' "$sock: no daemon is listening: No such file"

#
# check -f.
#
conf <<'END'
tree = "/etc"
role "r" {
	peer user "root"
	permit read $tree
	deny "/etc/ssh" label "keys"
}
END
exits 0 'permitted' fdbrokerctl check -f "$CONF" r read /etc/passwd
shows 'permitted: shows the rule' "permitted: fdbroker.conf:6*$CONF:6: permit *"
exits 1 'denied' fdbrokerctl check -f "$CONF" r read /etc/ssh/x
shows 'denied: shows the rule and its label' 'denied: fdbroker.conf:7 "keys"'
exits 1 'no rule' fdbrokerctl check -f "$CONF" r read /usr
shows 'no rule: says so' 'denied: no rule of role "r" permits it'
exits 0 'a macro' fdbrokerctl check -f "$CONF" -D tree=/usr r read /usr/bin
exits 0 'a peer' fdbrokerctl check -f "$CONF" -u root r read /etc/passwd
shows 'a peer: says so' 'user "root": a peer of role "r"'
exits 1 'not a peer' fdbrokerctl check -f "$CONF" -u nobody r read /etc/passwd
shows 'not a peer: says so' 'not a peer of role "r", so the user cannot*'
exits 2 'no user' fdbrokerctl check -f "$CONF" -u zork- r read /etc/passwd
exits 2 'no such operation' fdbrokerctl check -f "$CONF" r reed /etc
says 'no such operation: lists the known ones' \
    '"reed"; expected one of: *link, list, mkdir, read*'
operations=$(sed -n 's/.*expected one of: //p' "$SCRATCH/err" | tr -d ,)
exits 2 'a relative path' fdbrokerctl check -f "$CONF" r read etc
exits 2 'no such role' fdbrokerctl check -f "$CONF" s read /etc
says 'no such role: lists the known ones' \
    "$CONF: unknown role \"s\"; there are: r"
exits 2 'a bad macro' fdbrokerctl check -f "$CONF" -D tree r read /etc
exits 2 'too few words' fdbrokerctl check -f "$CONF" r read
echo 'role {' >"$SCRATCH/bad.conf"
exits 2 'a file with a fault' \
    fdbrokerctl check -f "$SCRATCH/bad.conf" r read /etc
says 'a file with a fault: names its line' "$SCRATCH/bad.conf:1: "

#
# A control socket.
#
# serve [refuse]: answer at the socket until stop_serving.
serve()
{
	ctlserve "$sock" "$@" &
	server=$!
	wait_until test -S "$sock"
}

stop_serving()
{
	[ -n "$server" ] || return 0
	kill "$server"
	wait "$server" 2>/dev/null
	server=
}
at_exit stop_serving

serve
ctl()
{
	fdbrokerctl -s "$sock" "$@"
}
for what in 'show config' 'show confinement' 'show denied -a' 'show limits' \
    'show metrics' 'show refused' 'show roles' 'show rules nightly' \
    'show sessions' 'show stats' 'explain 7001' suggest reload reopen \
    'check -u root nightly read /etc/passwd'; do
	# shellcheck disable=SC2086
	exits 0 "$what" ctl $what
	# shellcheck disable=SC2086
	ctl -j $what >"$SCRATCH/json"
	if command -v python3 >/dev/null; then
		ok "$what as JSON" python3 -m json.tool "$SCRATCH/json"
	else
		skip 1 'needs python3'
	fi
done
exits 0 'sessions are shown' ctl show sessions
shows 'sessions are shown: has a line for each' ' 7 *root *nightly'
exits 0 'metrics' ctl show metrics
is 'the last line' "$(tail -n 1 "$SCRATCH/out")" '# EOF'
exits 0 'explain' ctl explain 7001
shows 'explain: says it in words' \
    'Denied by policy: the rule at fdbroker.conf:9'
exits 1 'explain what is not remembered' ctl explain 7fff
says 'explain what is not remembered: say so' \
    'no denial or refusal with id 7fff'
exits 0 'suggest' ctl suggest
shows 'nothing that is permitted already' \
    '1 denial left out: the policy in force permits'
exits 2 'suggest for a role that is not there' ctl suggest x
says 'suggest for a role that is not there: lists the known ones' \
    'unknown role "x"; there are: nightly, web'
exits 0 'check' ctl check nightly read /etc/passwd
exits 1 'check, denied' ctl check nightly read /etc/ssh/x
exits 0 'check, a peer' ctl check -u root nightly read /etc/passwd
shows 'check, a peer: says so' 'user "root": a peer of role "nightly"'
exits 1 'check, not a peer' ctl check -u nobody nightly read /etc/passwd
shows 'check, not a peer: says so' 'not a peer*, so the user cannot*permitted: '
exits 2 'check, no user' ctl check -u zork- nightly read /etc/passwd
exits 0 'kill' ctl kill 7
exits 0 '-j kill' ctl -j kill 7
shows '-j kill: an object' '"result": "done"'
exits 0 '-j log' ctl -j log brief
shows '-j log: an object' '"result": "done"'
exits 0 'reload' ctl reload
exits 0 'log' ctl log verbose
exits 0 'monitor' ctl monitor
shows 'monitor: prints its lines' 'session 7: started'
says 'monitor: says when the daemon ends' 'the daemon has ended'
exits 0 'show config' ctl show config
shows 'show config: the generation is a comment' '# generation 3 of *rundir'
exits 0 'show rules' ctl show rules nightly
shows 'show rules: where, what and which label' \
    '/etc/fdbroker.conf:9*deny "/etc/ssh" label "keys"'
exits 0 'show refused' ctl show refused
shows 'show refused: who, which role, and why' 'nightly*is not a peer'
# Colours: on a terminal, unless they are not wanted.
# on_terminal COMMAND: run it with a terminal as its standard output.
on_terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null; }
if command -v script >/dev/null; then
	esc=$(printf '\033')
	like 'a terminal: a verdict in colour' "$(on_terminal \
	    "fdbrokerctl -s '$sock' check nightly read /etc/passwd")" \
	    "$esc\[32mpermitted$esc\[0m: *"
	like 'a terminal: titles in bold' "$(on_terminal \
	    "fdbrokerctl -s '$sock' show roles")" "$esc\[1m*$esc\[0m*"
	is 'NO_COLOR: no colours' "$(NO_COLOR=1 on_terminal \
	    "fdbrokerctl -s '$sock' show roles" | grep -c "$esc")" 0
else
	skip 3 'needs script(1)'
fi
# A pipe without a reader, for a shell that ignores SIGPIPE.
mkfifo "$SCRATCH/pipe"
(
	trap '' PIPE
	# shellcheck disable=SC2094
	exec 3<>"$SCRATCH/pipe" 4>"$SCRATCH/pipe" 3>&-
	fdbrokerctl -s "$sock" show stats 2>"$SCRATCH/err" >&4
	echo "$?" >"$SCRATCH/status"
)
is 'a broken pipe: the status of SIGPIPE' "$(cat "$SCRATCH/status")" 141
is 'a broken pipe: no message' "$(cat "$SCRATCH/err")" ''
exits 2 'a full disk' sh -c "fdbrokerctl -s '$sock' show stats >/dev/full"
says 'a full disk: says so' 'standard output: No space left'
stop_serving
exits 2 'a daemon that is gone' ctl show stats
says 'a daemon that is gone: says so' 'Connection refused'
rm -f "$sock"

serve refuse
exits 1 'a reload that is refused' ctl reload
says 'says why' 'fdbrokerctl: there is no such thing'
exits 1 'a session that is not there' ctl kill 9
exits 2 'a role that the daemon does not send' ctl check nightly read /etc
stop_serving

#
# Completions.
#
# completes FILE 'WORDS' WANT: bash offers WANT for the last of WORDS.
completes()
{
	# shellcheck disable=SC2016
	is "completion of \"$2\"" "$(bash --norc -c '
		. "$1"
		name=${1##*/}
		name=${name%.bash}
		IFS=" "
		read -r -a COMP_WORDS <<<"$2"
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"_$name"
		printf "%s\n" "${COMPREPLY[@]}"
	' completes "$FDB_SRCDIR/completions/$1" "$2" 2>&1 | sort | xargs)" "$3"
}

if command -v bash >/dev/null; then
	completes fdbrokerctl.bash 'fdbrokerctl s' 'show stop suggest'
	completes fdbrokerctl.bash 'fdbrokerctl -' \
	    '--help --version -h -j -s'
	completes fdbrokerctl.bash 'fdbrokerctl -j show s' 'sessions stats'
	completes fdbrokerctl.bash 'fdbrokerctl -j show c' \
	    'config confinement'
	completes fdbrokerctl.bash 'fdbrokerctl -s /x log ' 'brief verbose'
	completes fdbrokerctl.bash 'fdbrokerctl log brief ' ''
	completes fdbrokerctl.bash 'fdbrokerctl monitor -d --' \
	    '--denied --role --user'
	completes fdbrokerctl.bash 'fdbrokerctl show rules -' '-u'
	completes fdbrokerctl.bash 'fdbrokerctl show rules -u roo' 'root'
	completes fdbrokerctl.bash 'fdbrokerctl check -f /x r li' \
	    'link list'
	completes fdbrokerctl.bash 'fdbrokerctl check r ' "$operations"
	completes fdbrokerctl.bash 'fdbrokerctl check r read /et' '/etc'
	completes fdbrokerd.bash 'fdbrokerd ' \
	    '--help --version -D -d -f -h -n -v'
	completes fdbackup.bash 'fdbackup ' \
	    'create diff drill extract list redirect serve verify'
	# The first argument of redirect is a process, not a file.
	completes fdbackup.bash 'fdbackup redirect /et' ''
	completes fdbackup.bash 'fdbackup list --' \
	    '--file --json --max-memory --null --removed --verbose'
else
	skip 16 'needs bash'
fi
for shell in zsh fish; do
	ok "fdbrokerctl.$shell knows the operations" grep -q \
	    "[(']${operations}[)']" "$FDB_SRCDIR/completions/fdbrokerctl.$shell"
done
for shell in zsh fish; do
	if command -v "$shell" >/dev/null; then
		for file in "$FDB_SRCDIR"/completions/*."$shell"; do
			ok "syntax of ${file##*/}" "$shell" -n "$file"
		done
	else
		skip 3 "needs $shell"
	fi
done

done_testing

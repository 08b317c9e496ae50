#!/bin/sh
#
# ctl.t: the command line of fdbrokerctl, without a daemon: what it says of
# mistakes, check -f, all commands at a control socket of the tests, and the
# completions.

. "$(dirname "$0")/lib.sh"

sock=$T/control.sock server=

# says DESC TEXT: the last command wrote TEXT to its standard error.
says()
{
	like "$1" "$(cat "$T/err")" "*$2*"
}

# shows DESC TEXT: and this to its standard output.
shows()
{
	like "$1" "$(cat "$T/out")" "*$2*"
}

#
# Mistakes.
#
exits 2 'no command' fdbrokerctl
says 'usage' 'usage: fdbrokerctl'
exits 2 'an unknown command' fdbrokerctl bogus
says 'the known ones are listed' \
    'bogus; there are: check, explain, kill, log, monitor, reload, show,*'
exits 2 'no abbreviation' fdbrokerctl sho stats
exits 2 'an unknown thing to show' fdbrokerctl show stat
says 'the known ones are listed' 'limits, metrics, roles, sessions, stats'
exits 2 'an unknown option' fdbrokerctl -x show stats
exits 2 'too many arguments' fdbrokerctl show stats roles
exits 2 'too few arguments' fdbrokerctl kill
says 'usage of the command' 'usage: fdbrokerctl*kill session'
exits 2 '-j of another command' fdbrokerctl -j reload
exits 2 'log needs a known word' fdbrokerctl log loud
says 'and lists them' 'brief, verbose'
exits 2 'a session is a number' fdbrokerctl kill x
exits 2 'an id is hexadecimal' fdbrokerctl explain 12xy
exits 2 'no daemon' fdbrokerctl -s "$sock" show stats
says 'the socket and why' "$sock: no daemon is there: No such file"

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
shows 'the rule and where it is' "permitted: fdbroker.conf:6*$CONF:6: permit *"
exits 1 'denied' fdbrokerctl check -f "$CONF" r read /etc/ssh/x
shows 'the rule and its label' 'denied: fdbroker.conf:7 "keys"'
exits 1 'no rule' fdbrokerctl check -f "$CONF" r read /usr
shows 'that there is none' 'denied: no rule of role "r" permits it'
exits 0 'a macro' fdbrokerctl check -f "$CONF" -D tree=/usr r read /usr/bin
exits 0 'a peer' fdbrokerctl check -f "$CONF" -u root r read /etc/passwd
shows 'is told' 'user "root": a peer of role "r"'
exits 1 'not a peer' fdbrokerctl check -f "$CONF" -u nobody r read /etc/passwd
shows 'may not take the role' 'not a peer of role "r", which is refused to it'
exits 2 'no user' fdbrokerctl check -f "$CONF" -u zork- r read /etc/passwd
exits 2 'no such operation' fdbrokerctl check -f "$CONF" r reed /etc
says 'the known ones are listed' 'reed; there are: *list, read*'
operations=$(sed -n 's/.*reed; there are: //p' "$T/err" | tr -d ,)
exits 2 'a relative path' fdbrokerctl check -f "$CONF" r read etc
exits 2 'no such role' fdbrokerctl check -f "$CONF" s read /etc
says 'the known ones are listed' "$CONF: unknown role: s; there are: r"
exits 2 'a bad macro' fdbrokerctl check -f "$CONF" -D tree r read /etc
exits 2 'too few words' fdbrokerctl check -f "$CONF" r read
echo 'role {' >"$T/bad.conf"
exits 2 'a file with a fault' fdbrokerctl check -f "$T/bad.conf" r read /etc
says 'told with its line' "$T/bad.conf:1: "

#
# A control socket.
#
# serve [refuse]: until stop_serving.
serve()
{
	ctlserve "$sock" "$@" &
	server=$!
	tries=200
	while [ ! -S "$sock" ] && [ "$tries" -gt 0 ]; do
		sleep 0.05
		tries=$((tries - 1))
	done
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
for what in confinement denied limits metrics roles sessions stats; do
	exits 0 "show $what" ctl show "$what"
	ctl -j show "$what" >"$T/json"
	if command -v python3 >/dev/null; then
		ok "show $what as JSON" python3 -m json.tool "$T/json"
	else
		skip 1 'needs python3'
	fi
done
exits 0 'sessions are shown' ctl show sessions
shows 'one a line' ' 7 *root *nightly'
exits 0 'metrics' ctl show metrics
is 'the last line' "$(tail -n 1 "$T/out")" '# EOF'
exits 0 'explain' ctl explain 7001
shows 'in words' 'Denied by policy: the rule at fdbroker.conf:9'
exits 1 'explain what is not remembered' ctl explain 7fff
says 'and say so' 'denial 7fff is not among the 1 that are remembered'
exits 0 'suggest' ctl suggest
shows 'nothing that is permitted already' '1 denial: permitted by the policy'
exits 2 'suggest for a role that is not there' ctl suggest x
says 'the known ones are listed' 'unknown role: x; there are: nightly, web'
exits 0 'check' ctl check nightly read /etc/passwd
exits 1 'check, denied' ctl check nightly read /etc/ssh/x
exits 0 'check, a peer' ctl check -u root nightly read /etc/passwd
shows 'is told' 'user "root": a peer of role "nightly"'
exits 1 'check, not a peer' ctl check -u nobody nightly read /etc/passwd
shows 'may not take the role' 'not a peer*, which is refused to it*permitted: '
exits 2 'check, no user' ctl check -u zork- nightly read /etc/passwd
exits 0 'kill' ctl kill 7
exits 0 'reload' ctl reload
exits 0 'log' ctl log verbose
exits 0 'monitor' ctl monitor
shows 'lines' 'session 7: started'
says 'and the end' 'the daemon has ended'
exits 2 'a full disk' sh -c "fdbrokerctl -s '$sock' show stats >/dev/full"
says 'is told' 'standard output: No space left'
stop_serving
exits 2 'a daemon that is gone' ctl show stats
says 'is told' 'Connection refused'
rm -f "$sock"

serve refuse
exits 1 'a reload that is refused' ctl reload
says 'says why' "$sock: there is no such thing"
exits 1 'a session that is not there' ctl kill 9
exits 2 'a role that is not told' ctl check nightly read /etc
stop_serving

#
# Completions.
#
# completes FILE 'WORDS' WANT: what bash offers for the last of the words.
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
	completes fdbrokerctl.bash 'fdbrokerctl s' 'show suggest'
	completes fdbrokerctl.bash 'fdbrokerctl -' '-j -s'
	completes fdbrokerctl.bash 'fdbrokerctl -j show s' 'sessions stats'
	completes fdbrokerctl.bash 'fdbrokerctl -s /x log ' 'brief verbose'
	completes fdbrokerctl.bash 'fdbrokerctl log brief ' ''
	completes fdbrokerctl.bash 'fdbrokerctl check -f /x r l' 'list'
	completes fdbrokerctl.bash 'fdbrokerctl check r ' "$operations"
	completes fdbrokerctl.bash 'fdbrokerctl check r read /et' '/etc'
	completes fdbrokerd.bash 'fdbrokerd ' '-D -d -f -n -v'
	completes fdbackup.bash 'fdbackup ' 'create list verify'
	completes fdbackup.bash 'fdbackup list --' '--file --verbose'
else
	skip 11 'needs bash'
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

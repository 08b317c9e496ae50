# bash completion for fdbrokerctl(8).

# The first column of a table from the daemon; empty without access to it.
_fdbrokerctl_ids()
{
	fdbrokerctl "${opts[@]}" show "$1" 2>/dev/null |
	    awk 'NR > 1 { print $1 }'
}

# Find the command among the words before the current one, and its position.
_fdbrokerctl_command()
{
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s)
			((i++))
			opts=(-s "${COMP_WORDS[i]}");;
		-*)	;;
		*)
			command=${COMP_WORDS[i]}
			at=$i
			return;;
		esac
	done
}

_fdbrokerctl_check()
{
	local i n=0

	case $prev in
	-f)	COMPREPLY=($(compgen -f -- "$cur")); return;;
	-u)	COMPREPLY=($(compgen -u -- "$cur")); return;;
	-D)	return;;
	esac
	# Count how many of role, op and path are given already.
	for ((i = at + 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-[Dfu])	((i++));;
		*)	((n++));;
		esac
	done
	case $n in
	0)
		if [[ $cur == -* ]]; then
			words='-D -f -u'
		else
			words=$(_fdbrokerctl_ids roles)
		fi;;
	1)	words='append create link list mkdir read remove replace setmeta special symlink write';;
	2)	COMPREPLY=($(compgen -f -- "$cur"));;
	esac
}

_fdbrokerctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' at=0 words='' opts=()

	COMPREPLY=()
	compopt -o filenames 2>/dev/null
	if [[ $prev == -s ]]; then
		COMPREPLY=($(compgen -f -- "$cur"))
		return
	fi
	_fdbrokerctl_command
	case $command in
	'')
		if [[ $cur == -* ]]; then
			words='-h -j -s --help --version'
		else
			words='check explain kill log monitor reload
			    reopen show stop suggest'
		fi;;
	check)	_fdbrokerctl_check;;
	explain)
		words=$(_fdbrokerctl_ids denied);;
	kill)	words=$(_fdbrokerctl_ids sessions);;
	log)	words='brief verbose';;
	monitor)
		case $prev in
		-r | --role)
			words=$(_fdbrokerctl_ids roles);;
		-u | --user)
			COMPREPLY=($(compgen -u -- "$cur")); return;;
		*)	words='-d -r -u --denied --role --user';;
		esac
		at=$COMP_CWORD;;
	reload)	words='-n';;
	show)
		words='config confinement denied limits metrics refused roles
		    rules sessions stats'
		case $prev in
		denied)	words='-a' at=$((at + 1));;
		rules)
			words=$(_fdbrokerctl_ids roles)
			[[ $cur != -* ]] || words='-u'
			at=$((at + 1));;
		-u)	COMPREPLY=($(compgen -u -- "$cur")); return;;
		esac
		if [[ ${COMP_WORDS[at + 2]} == -u ]] &&
		    ((COMP_CWORD == at + 4)); then
			words=$(_fdbrokerctl_ids roles)
			at=$((at + 3))
		fi;;
	suggest)
		words=$(_fdbrokerctl_ids roles);;
	esac
	# All other commands take one word.
	if [[ $command != '' && $command != check ]] &&
	    ((COMP_CWORD > at + 1)); then
		words=''
	fi
	[[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -F _fdbrokerctl fdbrokerctl

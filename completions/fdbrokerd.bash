# bash completion for fdbrokerd(8).

_fdbrokerd()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	case $prev in
	-D)	return;;
	-f)
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$cur"));;
	*)	COMPREPLY=($(compgen -W '-D -d -f -h -n -v
	    --help --version' -- "$cur"));;
	esac
}

complete -F _fdbrokerd fdbrokerd

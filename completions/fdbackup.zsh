#compdef fdbackup
# zsh completion for fdbackup(1).

_fdbackup_roles()
{
	local -a roles

	roles=(${(f)"$(fdbrokerctl show roles 2>/dev/null |
	    awk 'NR > 1 { print $1 }')"})
	(( $#roles )) && compadd "$@" -a roles
}

_fdbackup()
{
	local curcontext=$curcontext state line
	local -A opt_args
	local -a commands common

	commands=(
		'create:write an archive'
		'list:list the members of an archive'
		'verify:compare an archive with its manifest'
	)
	common=(
		'(-f --file)'{-f,--file=}'[archive]:archive:_files'
		'(-v --verbose)'{-v,--verbose}'[print more]'
	)
	_arguments -C '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		_describe command commands;;
	argument)
		case $line[1] in
		create)
			_arguments $common \
			    '(-C --directory)'{-C,--directory=}'[directory that paths are relative to]:directory:_files -/' \
			    '--logfile=[log of the messages]:log:_files' \
			    '--none[do not compress]' \
			    '(-r --role)'{-r,--role=}'[role]:role:_fdbackup_roles' \
			    '(-s --socket)'{-s,--socket=}'[socket of the daemon]:socket:_files' \
			    '*:path:_files';;
		list)
			_arguments $common;;
		verify)
			_arguments $common \
			    '--logfile=[log of the messages]:log:_files';;
		esac;;
	esac
}

_fdbackup "$@"

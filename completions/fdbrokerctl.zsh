#compdef fdbrokerctl
# zsh completion for fdbrokerctl(8).

# The first column of a table of the daemon, which only those see who may ask.
_fdbrokerctl_ids()
{
	local -a ids

	# The name of the table comes after options for compadd.
	ids=(${(f)"$(fdbrokerctl $options show $argv[-1] 2>/dev/null |
	    awk 'NR > 1 { print $1 }')"})
	(( $#ids )) && compadd "${(@)argv[1,-2]}" -a ids
}

_fdbrokerctl()
{
	local curcontext=$curcontext state line
	local -A opt_args
	local -a commands options

	commands=(
		'check:say whether a role permits a path'
		'explain:say why something was refused'
		'kill:end a session'
		'log:set how much the daemon logs'
		'monitor:follow what the daemon does'
		'reload:read the configuration again'
		'show:show what the daemon is and does'
		'suggest:print rules that permit what was denied'
	)
	_arguments -C \
	    '-j[JSON, for show]' \
	    '-s[control socket]:socket:_files' \
	    '1:command:->command' \
	    '*::argument:->argument'
	case $state in
	command)
		_describe command commands;;
	argument)
		[[ -z $opt_args[-s] ]] || options=(-s $opt_args[-s])
		case $line[1] in
		check)
			_arguments \
			    '*-D[macro of the configuration]:macro=value:' \
			    '-f[configuration to ask]:file:_files' \
			    '-u[user who asks]:user:_users' \
			    '1:role:_fdbrokerctl_ids roles' \
			    '2:operation:(append create list read special write)' \
			    '3:path:_files';;
		explain)
			_arguments '1:denial:_fdbrokerctl_ids denied';;
		kill)
			_arguments '1:session:_fdbrokerctl_ids sessions';;
		log)
			_arguments '1:how much:(brief verbose)';;
		show)
			_arguments '1:what:(confinement denied limits metrics
			    roles sessions stats)';;
		suggest)
			_arguments '1:role:_fdbrokerctl_ids roles';;
		esac;;
	esac
}

_fdbrokerctl "$@"

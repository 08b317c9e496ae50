#compdef fdbrokerctl
# zsh completion for fdbrokerctl(8).

# The first column of a table from the daemon; empty without access to it.
_fdbrokerctl_ids()
{
	local -a ids

	# The last argument is the table; the others are options for compadd.
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
		'explain:explain why something was refused'
		'kill:end a session'
		'log:set how much the daemon logs'
		'monitor:print what happens'
		'reload:reload the configuration'
		'reopen:open the audit file anew'
		'show:show the state of the daemon'
		'stop:end the daemon'
		'suggest:suggest rules that permit what was denied'
	)
	_arguments -C \
	    '(-h --help)'{-h,--help}'[print the synopsis]' \
	    '--version[print the version]' \
	    '-j[write JSON]' \
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
			    '*-D[set a macro]:macro=value:' \
			    '-f[check this configuration file]:file:_files' \
			    '-u[check as this user]:user:_users' \
			    '1:role:_fdbrokerctl_ids roles' \
			    '2:operation:(append create link list mkdir read remove replace setmeta special symlink write)' \
			    '3:path:_files';;
		explain)
			_arguments '1:denial:_fdbrokerctl_ids denied';;
		kill)
			_arguments '1:session:_fdbrokerctl_ids sessions';;
		log)
			_arguments '1:level:(brief verbose)';;
		monitor)
			_arguments {-d,--denied}'[only what was refused]' \
			    {-r,--role}'[only this role]:role:_fdbrokerctl_ids roles' \
			    {-u,--user}'[only this user]:user:_users';;
		reload)
			_arguments '-n[only show what would change]';;
		show)
			_arguments '1:what:(config confinement denied limits
			    metrics refused roles rules sessions stats)' \
			    '-u[rules as for this user]:user:_users' \
			    '2:role or -a:_fdbrokerctl_ids roles';;
		suggest)
			_arguments '1:role:_fdbrokerctl_ids roles';;
		esac;;
	esac
}

_fdbrokerctl "$@"

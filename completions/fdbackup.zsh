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
		'diff:compare an archive with the files'
		'drill:restore a sample, compare and remove it'
		'extract:restore from an archive'
		'list:list the members of an archive'
		'redirect:give a run another log'
		'serve:do the work for another machine'
		'verify:verify an archive'
	)
	common=(
		'(-f --file)'{-f,--file=}'[archive]:archive:_files'
		'--max-memory=[memory that the worker may use]:bytes:'
		'(-v --verbose)'{-v,--verbose}'[show more details]'
	)
	_arguments -C '(- *)'{-h,--help}'[list commands or options]' \
	    '(- *)--version[print the version]' \
	    '1:command:->command' '*::argument:->argument'
	case $state in
	command)
		_describe command commands;;
	argument)
		case $line[1] in
		create)
			_arguments $common \
			    '(-C --directory)'{-C,--directory=}'[directory for relative paths]:directory:_files -/' \
			    '(-n --dry-run)'{-n,--dry-run}'[only count what would be stored]' \
			    '--host=[let this host do the work]:host:_hosts' \
			    '--rsh=[what connects to the host]:command:' \
			    '*--exclude=[leave out what it matches]:pattern:' \
			    '--exclude-caches[leave out what is beside a CACHEDIR.TAG]' \
			    '*--exclude-from=[read patterns from a file]:file:_files' \
			    '*--exclude-if-present=[leave out what is beside this file]:name:' \
			    '--compare=[how to find what has changed]:how:(contents metadata)' \
			    '(--newer)--since=[store what has changed since this archive]:manifest or archive:_files' \
			    '--manifest=[keep the manifest in this file]:file:_files' \
			    '(--since)--newer=[leave out what has not changed since then]:date or file:_files' \
			    '*'{-T,--files-from=}'[read paths from a file]:file:_files' \
			    '(-0 --null)'{-0,--null}'[with -T: a NUL byte follows each path]' \
			    '(-x --one-file-system)'{-x,--one-file-system}'[do not cross mount points]' \
			    '--logfile=[write a log to this file]:log:_files' \
			    '--denied=[what it means if policy denies files]:denied:(ok warn fail)' \
			    '--json[print JSON, one object a line]' \
			    '--estimate[count first, to tell how long it takes]' \
			    '--progress=[how often to say how far it is]:progress:(auto never)' \
			    '--retries=[how often a file that changes is read again]:number:' \
			    '--digest=[digests of contents]:digest:(sha256 none)' \
			    '(--gzip --lz4 --none --xz --zstd)--bzip2=-[compress with bzip2]::level:' \
			    '(--bzip2 --lz4 --none --xz --zstd)--gzip=-[compress with gzip]::level:' \
			    '(--bzip2 --gzip --none --xz --zstd)--lz4=-[compress with lz4]::level:' \
			    '(--bzip2 --gzip --lz4 --xz --zstd)--none[do not compress]' \
			    '(--bzip2 --gzip --lz4 --none --zstd)--xz=-[compress with xz]::level:' \
			    '--threads=[number of threads that compress]:number:' \
			    '(--bzip2 --gzip --lz4 --none --xz)--zstd=-[compress with zstd]::level:' \
			    '(-r --role)'{-r,--role=}'[role]:role:_fdbackup_roles' \
			    '(-s --socket)'{-s,--socket=}'[socket of fdbrokerd]:socket:_files' \
			    '*:path:_files';;
		diff)
			_arguments $common \
			    '(-C --directory)'{-C,--directory=}'[directory for relative paths]:directory:_files -/' \
			    '--compare=[how to find what has changed]:how:(contents metadata)' \
			    '*--exclude=[leave out what it matches]:pattern:' \
			    '--exclude-caches[leave out what is beside a CACHEDIR.TAG]' \
			    '*--exclude-from=[read patterns from a file]:file:_files' \
			    '*--exclude-if-present=[leave out what is beside this file]:name:' \
			    '*'{-T,--files-from=}'[read paths from a file]:file:_files' \
			    '(-0 --null)'{-0,--null}'[with -T: a NUL byte follows each path]' \
			    '(-x --one-file-system)'{-x,--one-file-system}'[do not cross mount points]' \
			    '--json[print JSON, one object a line]' \
			    '--progress=[how often to say how far it is]:progress:(auto never)' \
			    '--logfile=[write a log to this file]:log:_files' \
			    '--denied=[what it means if policy denies files]:denied:(ok warn)' \
			    '(-r --role)'{-r,--role=}'[role]:role:_fdbackup_roles' \
			    '(-s --socket)'{-s,--socket=}'[socket of fdbrokerd]:socket:_files' \
			    '*:path:_files';;
		drill)
			_arguments $common \
			    '(-C --directory)'{-C,--directory=}'[where to restore]:directory:_files -/' \
			    '(-q --quiet)'{-q,--quiet}'[say nothing if nothing is wrong]' \
			    '--json[print JSON, one object a line]' \
			    '--keep[do not remove what was restored]' \
			    '--logfile=[write a log to this file]:log:_files' \
			    '--max-manifest=[temporary space for the manifest]:bytes:' \
			    '--sample=[how many members]:share:' \
			    '--seed=[take the same members again]:number:' \
			    '(-r --role)'{-r,--role=}'[role]:role:_fdbackup_roles' \
			    '(-s --socket)'{-s,--socket=}'[socket of fdbrokerd]:socket:_files';;
		extract)
			_arguments $common \
			    '(-C --directory)'{-C,--directory=}'[where to restore]:directory:_files -/' \
			    '(-n --dry-run)'{-n,--dry-run}'[change nothing]' \
			    '--host=[let this host do the work]:host:_hosts' \
			    '--rsh=[what connects to the host]:command:' \
			    '(-O --to-stdout)'{-O,--to-stdout}'[write contents to standard output]' \
			    '--digest=[digests of contents]:digest:(sha256 none)' \
			    '--fail-fast[stop at the first failure]' \
			    '--json[print JSON, one object a line]' \
			    '--keep-damaged[keep damaged files]' \
			    '--logfile=[write a log to this file]:log:_files' \
			    '--max-manifest=[temporary space for the manifest]:bytes:' \
			    '--known-owners[restore only owners with an account here]' \
			    '--max-size=[most bytes of contents]:bytes:' \
			    '(--numeric-owner)--no-owner[do not restore owners]' \
			    '(--no-owner)--numeric-owner[restore owners by number]' \
			    '--overwrite=[what becomes of what is there]:how:(refuse newer replace)' \
			    '--removed[remove what was removed since the archive before]' \
			    '--strip-components=[leave out directories of names]:number:' \
			    '(-r --role)'{-r,--role=}'[role]:role:_fdbackup_roles' \
			    '(-s --socket)'{-s,--socket=}'[socket of fdbrokerd]:socket:_files' \
			    '*:path:';;
		list)
			_arguments $common \
			    '(-0 --null)'{-0,--null}'[with --removed: a NUL byte follows each name]' \
			    '--removed[list what was removed since the archive before]' \
			    '--json[print JSON, one object a line]';;
		redirect)
			_arguments '1:process:_pids' '2:log:_files';;
		serve)
			_arguments \
			    '(-C --directory)'{-C,--directory=}'[the only directory]:directory:_files -/' \
			    '*--exclude=[always leave out what it matches]:pattern:' \
			    '--max-memory=[memory that the worker may use]:bytes:' \
			    '--only=[run no other command]:command:(create extract)' \
			    '(-r --role)'{-r,--role=}'[role]:role:_fdbackup_roles' \
			    '(-s --socket)'{-s,--socket=}'[socket of fdbrokerd]:socket:_files' \
			    '*:path:_files';;
		verify)
			_arguments $common \
			    '--json[print JSON, one object a line]' \
			    '--logfile=[write a log to this file]:log:_files' \
			    '--max-manifest=[temporary space for the manifest]:bytes:' \
			    '--progress=[how often to say how far it is]:progress:(auto never)';;
		esac;;
	esac
}

_fdbackup "$@"

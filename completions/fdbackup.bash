# bash completion for fdbackup(1).

_fdbackup()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local words=''

	COMPREPLY=()
	compopt -o filenames 2>/dev/null
	if ((COMP_CWORD == 1)); then
		words='create diff drill extract list redirect serve verify'
		[[ $cur != -* ]] || words='--help --version'
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		return
	fi
	case $prev in
	-C | --directory)
		COMPREPLY=($(compgen -d -- "$cur"))
		return;;
	--compare)
		COMPREPLY=($(compgen -W 'contents metadata' -- "$cur"))
		return;;
	--denied)
		COMPREPLY=($(compgen -W 'ok warn fail' -- "$cur"))
		return;;
	--progress)
		COMPREPLY=($(compgen -W 'auto never' -- "$cur"))
		return;;
	--only)
		COMPREPLY=($(compgen -W 'create extract' -- "$cur"))
		return;;
	--host)
		COMPREPLY=($(compgen -A hostname -- "$cur"))
		return;;
	--digest)
		COMPREPLY=($(compgen -W 'sha256 none' -- "$cur"))
		return;;
	--overwrite)
		COMPREPLY=($(compgen -W 'refuse newer replace' -- "$cur"))
		return;;
	-f | --file | -s | --socket | --logfile | --exclude-from | --newer | -T | \
	--files-from | --manifest | --since)
		COMPREPLY=($(compgen -f -- "$cur"))
		return;;
	-r | --role)
		words=$(fdbrokerctl show roles 2>/dev/null |
		    awk 'NR > 1 { print $1 }')
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
		return;;
	esac
	case ${COMP_WORDS[1]} in
	create)	words='-0 -C -f -n -r -s -T -v -x --bzip2 --compare --denied
		    --digest --directory --dry-run --estimate --exclude
		    --exclude-caches --exclude-from --exclude-if-present --file
		    --files-from --gzip --host --json --logfile --lz4
		    --manifest --max-memory --newer --none --null
		    --one-file-system --progress --retries --role --rsh
		    --since --socket --threads
		    --verbose --xz --zstd';;
	diff)	words='-0 -C -f -r -s -T -v -x --compare --denied --directory
		    --exclude --exclude-caches --exclude-from
		    --exclude-if-present --file --files-from --json --logfile
		    --max-memory --null --one-file-system --progress --role
		    --socket --verbose';;
	drill)	words='-C -f -q -r -s -v --directory --file --json --keep
		    --logfile --max-manifest --max-memory --quiet --role
		    --sample --seed --socket --verbose';;
	extract)
		words='-C -f -n -O -r -s -v --digest --directory --dry-run
		    --fail-fast --file --host --json --keep-damaged
		    --known-owners --logfile --max-manifest --max-memory
		    --max-size --no-owner --numeric-owner --overwrite
		    --removed --role --rsh --socket
		    --strip-components --to-stdout --verbose';;
	list)	words='-0 -f -v --file --json --max-memory --null --removed
		    --verbose';;
	serve)	words='-C -r -s --directory --exclude --max-memory --only --role
		    --socket';;
	verify)	words='-f -v --file --json --logfile --max-manifest
		    --max-memory --progress --verbose';;
	esac
	if [[ ${COMP_WORDS[1]} == redirect ]] && ((COMP_CWORD == 2)); then
		words=$(pgrep -x -u "$EUID" fdbackup 2>/dev/null)
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
	elif [[ ${COMP_WORDS[1]} == create || ${COMP_WORDS[1]} == diff ||
	    ${COMP_WORDS[1]} == redirect ]]; then
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}

complete -F _fdbackup fdbackup

#!/bin/sh
#
# usage.t: the command lines of all programs: help and version, and what a
# wrong command line says and leaves behind.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"

# asks WHAT COMMAND...: standard output has something, standard error nothing.
asks()
{
	what=$1
	shift
	ok "$*" "$@"
	like "$*: on standard output" "$(cat "$SCRATCH/out")" "$what"
	is "$*: nothing on standard error" "$(cat "$SCRATCH/err")" ''
}

for program in fdbackup fdbrokerd fdbrokerctl fdbroker-opener; do
	asks "*$program*" "$program" --help
	asks "*$program*" "$program" -h
	asks "$program [0-9]*.[0-9]*" "$program" --version
done
asks 'usage: fdbackup create *--zstd*--verbose*' fdbackup create --help
asks 'usage: fdbackup list *--max-memory*' fdbackup list -h
asks 'usage: fdbrokerctl * kill session*' fdbrokerctl kill --help
if [ -e /dev/full ]; then
	for program in fdbackup fdbrokerd fdbrokerctl fdbroker-opener; do
		fails "$program --help: no space for it" \
		    sh -c "$program --help >/dev/full"
	done
else
	skip 4 'needs /dev/full'
fi

# wrong LINES COMMAND...: it exits with status 2 and these two lines.
wrong()
{
	lines=$1
	shift
	exits 2 "$*" "$@"
	is "$*: says why" "$(cat "$SCRATCH/err")" "$lines"
}

mkdir work
cd work || bail_out work
wrong 'fdbackup: no command
fdbackup: for help: fdbackup --help' fdbackup
wrong 'fdbackup: unknown option: --zstb; did you mean --zstd?
fdbackup: for help: fdbackup create --help' fdbackup create -f a --zstb .
wrong 'fdbackup: --role belongs to create, diff, drill, extract and serve
fdbackup: for help: fdbackup list --help' fdbackup list -f a --role r
wrong 'fdbackup: create needs a path to store
fdbackup: for help: fdbackup create --help' fdbackup create -f a
wrong 'fdbackup: -f is given twice
fdbackup: for help: fdbackup create --help' fdbackup create -f a -f b .
wrong 'fdbackup: "": the path is empty
fdbackup: for help: fdbackup create --help' fdbackup create -f a ''
wrong 'fdbrokerd: takes no arguments: x
fdbrokerd: for help: fdbrokerd --help' fdbrokerd x
# Of getopt(3): one line tells it, with the name of the program.
wrong 'fdbrokerd: unknown option: -x
fdbrokerd: for help: fdbrokerd --help' fdbrokerd -nx
wrong 'fdbrokerd: -f needs an argument
fdbrokerd: for help: fdbrokerd --help' fdbrokerd -f
wrong 'fdbrokerd: --version takes no argument
fdbrokerd: for help: fdbrokerd --help' fdbrokerd --version=1
wrong 'fdbrokerctl: unknown option: --zork
fdbrokerctl: for help: fdbrokerctl --help' fdbrokerctl --zork show stats
wrong 'fdbrokerctl: -s needs an argument
fdbrokerctl: for help: fdbrokerctl --help' fdbrokerctl -s
wrong 'fdbrokerctl: monitor: unknown option: -x
fdbrokerctl: for help: fdbrokerctl monitor --help' fdbrokerctl monitor -dx
wrong 'fdbrokerctl: monitor: --role needs an argument
fdbrokerctl: for help: fdbrokerctl monitor --help' fdbrokerctl monitor --role
wrong 'fdbrokerctl: check: unknown option: -x
fdbrokerctl: for help: fdbrokerctl check --help' fdbrokerctl check -x r read /
wrong 'fdbrokerctl: show: -u needs an argument
fdbrokerctl: for help: fdbrokerctl show --help' fdbrokerctl show rules -u
is 'a wrong command line creates nothing' "$(ls -A)" ''

done_testing

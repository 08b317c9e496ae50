# lib.sh: what the benchmarks have in common that compare fdbackup with other
# programs.  Include it instead of tests/regress/lib.sh, which it includes.
#
#	pair ARG...	run bench_pair
#	head_line TITLE	begin a table of what it prints
#	make_trees	small: 60,000 files of 0 to 8 KB in 600 directories,
#			and large: 1 GB in four files, in the current directory

. "$(dirname "$0")/../regress/lib.sh"

pair() { "$FDB_BUILDDIR/tests/bench/bench_pair" "$@"; }

head_line()
{
	echo
	echo "$1"
	echo
	echo '| command | seconds | ratio | CPU seconds | ratio |'
	echo '|---|---:|---:|---:|---:|'
}

make_trees()
{
	mkdir small large
	head -c 9000 /dev/urandom >seed
	for d in $(seq 600); do
		mkdir "small/$d"
		for f in $(seq 100); do
			bytes=$(((d * 131 + f * 977) % 8192))
			echo "head -c $bytes seed >small/$d/$f"
		done
	done | sh
	for f in 1 2 3 4; do
		head -c 268435456 /dev/urandom >large/$f
	done
}

#!/bin/sh
#
# scale.sh: what a file costs in a backup of few files and of many, and the
# memory that it takes: "make bench-scale" builds what this needs and runs it.
# Arguments are the numbers of files, 1,000 to 1,000,000 by default; a million
# need a million inodes, and take some minutes to make.
#
# The files are empty: in one directory, and in up to 1,000.  If there is
# gnuplot(1), it draws cost-per-file.svg into the build directory.

. "$(dirname "$0")/../regress/lib.sh"

[ $# -gt 0 ] || set -- 1000 10000 100000 1000000
peak=$FDB_BUILDDIR/tests/bench/bench_peak
data=$SCRATCH/data
cd "$SCRATCH" || exit 1

# make_files NUMBER DIRECTORIES: the files, evenly in directories of tree.
make_files()
{
	rm -rf tree
	for d in $(seq "$2"); do
		mkdir -p "tree/$d"
		(cd "tree/$d" && seq -f f%.0f $(($1 / $2)) | xargs touch)
	done
}

# measure NUMBER DIRECTORIES: a row of the table, and one of the data.
measure()
{
	make_files "$1" "$2"
	# The first run warms the cache.
	for _ in 1 2; do
		"$peak" fdb "fdbackup create --none -f - tree 2>err |
		    cat >/dev/null" >result || cat err
	done
	read -r wall cpu all each <result
	echo "$1 $2 $wall $cpu $all $each" | awk '{
		printf "| %d | %d | %.2f | %.2f | %.1f |", $1, $2,
		    $3 * 1e6 / $1, $4 * 1e6 / $1, $5 / 1024
		for (i = 6; i <= NF; i++)
			printf " %s", $i
		print " |"
	}'
	echo "$1 $wall $cpu $all" >>"$data.$3"
}

echo '| files | directories | µs a file | CPU µs a file | MiB | KiB each |'
echo '|---:|---:|---:|---:|---:|---|'
for n in "$@"; do
	measure "$n" 1 one
done
for n in "$@"; do
	dirs=$((n / 100))
	[ $dirs -le 1000 ] || dirs=1000
	[ $dirs -ge 1 ] || dirs=1
	measure "$n" "$dirs" many
done
command -v gnuplot >/dev/null || exit 0
gnuplot <<EOT
set terminal svg size 640,400
set output "$FDB_BUILDDIR/cost-per-file.svg"
set logscale x
set yrange [0:*]
set xlabel "files"
set ylabel "CPU time a file, µs"
plot "$data.one" using 1:(\$3 * 1e6 / \$1) with linespoints \
	title "in one directory", \
    "$data.many" using 1:(\$3 * 1e6 / \$1) with linespoints \
	title "in up to 1,000 directories"
EOT
echo
echo "cost-per-file.svg is in $FDB_BUILDDIR"

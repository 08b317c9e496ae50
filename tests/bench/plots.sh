#!/bin/sh
#
# plots.sh: draw the plots in plots/ from the tables of BENCHMARKS.md, with
# gnuplot(1): sh tests/bench/plots.sh, in the source directory.

set -eu
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

# rows HEADING: the rows of the first table beneath a heading, without bars.
rows()
{
	awk -v heading="## $1" '
	$0 == heading { on = 1; next }
	on && /^## / { exit }
	on && /^[|] *[0-9]/ {
		seen = 1
		gsub(/,/, "")
		gsub(/[|]/, " ")
		print
		next
	}
	on && seen { exit }' BENCHMARKS.md
}

rows 'Opening a file, directly and through an opener' >"$data/open"
rows 'Few files and many' >"$data/files"
for window in 1 2 4 8; do
	awk -v w=$window '$1 == w { print $2, $3 }' "$data/open" \
	    >"$data/window$window"
done
awk '$2 == 1' "$data/files" >"$data/one"
awk '$2 > 1' "$data/files" >"$data/many"
mkdir -p plots
gnuplot <<EOT
set terminal svg size 640,400 background "white"
set logscale x
set key right top
set grid ytics
set yrange [0:*]
set output "plots/cost-per-file.svg"
set xlabel "files"
set ylabel "processor time a file, µs"
plot "$data/one" using 1:3 with linespoints title "in one directory", \
    "$data/many" using 1:3 with linespoints \
	title "in up to 1,000 directories"
set output "plots/cost-per-open.svg"
set xlabel "names in a request"
set ylabel "µs an open"
plot "$data/window1" with linespoints title "1 request outstanding", \
    "$data/window2" with linespoints title "2", \
    "$data/window4" with linespoints title "4", \
    "$data/window8" with linespoints title "8", \
    1.97 with lines dashtype 2 title "open(2) itself"
EOT

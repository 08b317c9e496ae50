#!/bin/sh
#
# headers.t: the public headers, with each compiler that is here, as C and as
# C++, with warnings as errors.

. "$(dirname "$0")/lib.sh"

mkdir "$SCRATCH/include"
cp "$FDB_SRCDIR/lib/client/fdbroker.h" \
    "$FDB_SRCDIR/lib/base/fdbroker_types.h" "$SCRATCH/include"

# try DESC COMPILER OPTION...: compile a use of each header alone, of both, and
# of both twice.
try()
{
	desc=$1
	shift
	command -v "${1%% *}" >/dev/null || { skip 1 "needs $1"; return; }
	# shellcheck disable=SC2016
	ok "$desc" sh -e -c '
	include=$1
	shift
	for headers in "fdbroker" "fdbroker_types" "fdbroker_types fdbroker" \
	    "fdbroker fdbroker_types fdbroker"; do
		for header in $headers; do
			echo "#include <$header.h>"
		done >"$include/try.c"
		echo "int try_it(void); int try_it(void) { return FDB_READ; }" \
		    >>"$include/try.c"
		"$@" -I"$include" -Wall -Wextra \
		    -pedantic-errors -Werror -c "$include/try.c" \
		    -o "$include/try.o"
	done' try "$SCRATCH/include" "$@"
}

for cc in gcc clang; do
	for std in c99 c11 c17; do
		try "$cc, $std" "$cc" -std="$std" -Wshadow -Wstrict-prototypes
	done
done
for cc in g++ clang++; do
	for std in c++11 c++17 c++20; do
		try "$cc, $std" "$cc" -std="$std" -x c++ -Wold-style-cast
	done
done
done_testing

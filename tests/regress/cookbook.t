#!/bin/sh
#
# cookbook.t: each recipe of fdbroker.conf(5) goes through fdbrokerd -n without
# a warning.  Its paths are made beneath a directory, and its users and groups
# are such as every system has.

. "$(dirname "$0")/lib.sh"

ROOT=$SCRATCH/root
mkdir "$ROOT" "$SCRATCH/recipes"
# The manual's section as one file for each recipe, in the order of the text.
awk -v dir="$SCRATCH/recipes" '
	/^\.Sh / { on = $0 == ".Sh COOKBOOK" }
	on && /^\.Ss / { n++; file = sprintf("%s/%02d", dir, n)
	    print substr($0, 5) >(file ".name"); next }
	on && /^\.Bd -literal/ { code = 1; next }
	/^\.Ed/ { code = 0 }
	on && code { gsub(/\\e/, "\\"); print >file }
' "$FDB_SRCDIR/man/fdbroker.conf.5"
set -- "$SCRATCH"/recipes/??
plan $(($# + 1))
ok 'there are seven recipes' test $# -eq 7

# paths FILE: the absolute paths that its rules and macros name.
paths()
{
	sed -e 's/ label.*//' -e 's|[$]{tls}|/etc/ssl|g' "$1" |
	    grep -o '"/[^"]*"' | tr -d '"'
}
for recipe; do
	paths "$recipe" | while read -r path; do
		case $path in
		*'*'*)	path=${path%%\**}
			mkdir -p "$ROOT${path%/*}" ;;
		/*/*.* | */*shadow | */htpasswd)
			mkdir -p "$ROOT${path%/*}"
			: >"$ROOT$path" ;;
		*)	mkdir -p "$ROOT$path" ;;
		esac
	done
	{
		printf 'user "%s"\n' "${FDB_TEST_USER:-nobody}"
		sed -e "s|\"/|\"$ROOT/|g" -e "s|\"$ROOT/\"|\"$ROOT\"|g" \
		    -e 's/user "[_a-z-]*"/user "daemon"/' \
		    -e 's/owner "[^"]*"/owner "daemon"/' \
		    -e 's/group "[^"]*"/group "64320"/' "$recipe"
	} >"$CONF"
	fdbrokerd -n -f "$CONF" >"$SCRATCH/said" 2>&1
	is "$(cat "$recipe.name")" "$(cat "$SCRATCH/said")" \
	    "$CONF: configuration OK"
done

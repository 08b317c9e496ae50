#!/bin/sh
#
# mistakes.t: what fdbrokerd -n says about mistakes that administrators make.
# Each file mistakes/NAME.conf has one, and NAME.want what is said about it, in
# which @D@ stands for a directory, @F@ for the name of the configuration, and
# @U@ for the daemon's user.
# With MISTAKES_UPDATE=1 in the environment it writes the .want files anew.

. "$(dirname "$0")/lib.sh"

samples=$FDB_SRCDIR/tests/regress/mistakes
set -- "$samples"/*.conf
plan $#

user=${FDB_TEST_USER:-nobody}
data=$SCRATCH/data
mkdir -p "$data/etc" "$data/home/ann/.ssh"
: >"$data/etc/motd"
: >"$data/etc/shadow"
ln -s motd "$data/etc/link"

# fill FILE: replace what stands for something in a sample.
fill()
{
	sed "s|@D@|$data|g; s|@F@|$CONF|g; s|@U@|$user|g" "$1"
}

for sample; do
	name=$(basename "$sample" .conf)
	{
		fill "$sample"
		printf 'user "%s"\n' "$user"
	} >"$CONF"
	fdbrokerd -n -f "$CONF" >"$SCRATCH/said" 2>&1
	if [ "${MISTAKES_UPDATE:-}" = 1 ]; then
		sed "s|$CONF|@F@|g; s|$data|@D@|g; s|\"$user\"|\"@U@\"|g" \
		    "$SCRATCH/said" >"$samples/$name.want"
	fi
	is "$name" "$(cat "$SCRATCH/said")" "$(fill "$samples/$name.want")"
done

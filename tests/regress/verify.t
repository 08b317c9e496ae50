#!/bin/sh
#
# verify.t: what fdbackup verify and list find in an archive of fdbackup that
# was changed, cut off, or followed by something; archives.t has the archives of
# others.

. "$(dirname "$0")/lib.sh"

unset TAPE TAR_OPTIONS
cd "$SCRATCH" || bail_out "$SCRATCH"
mkdir -p tree/dir/empty
printf hello >tree/file
: >tree/dir/empty-file
head -c 3000017 /dev/urandom >tree/big
truncate -s 5000000 tree/sparse
printf hard >tree/hard1
ln tree/hard1 tree/dir/hard2
ln -s file tree/link
mkfifo tree/fifo
head -c 1000000 /dev/urandom >big

fdbackup create --none -f good.tar tree big 2>/dev/null
size=$(stat -c %s good.tar)
copy() { rm -f bad.tar; cp good.tar bad.tar; }
copy
offset=$(grep -a -b -o hello bad.tar | head -n 1 | cut -d : -f 1)
printf J | dd of=bad.tar bs=1 seek="$offset" conv=notrunc 2>/dev/null
exits 6 'contents that differ: verify' fdbackup verify -f bad.tar
like 'contents that differ: are reported' "$(head -n 1 "$SCRATCH/err")" \
    'fdbackup: tree/file: different: sha256digest=*, not sha256digest=*'
# A member of up to 512 bytes has four records: two of the pax header, its own
# header, and its contents.
member=$(grep -a -b -o 'tree/PaxHeader/file' good.tar | head -n 1 |
    cut -d : -f 1)
{
	head -c "$member" good.tar
	tail -c +$((member + 2049)) good.tar
} >bad.tar
exits 6 'a missing file: verify' fdbackup verify -f bad.tar
like 'a missing file: is reported' \
    "$(head -n 1 "$SCRATCH/err")" 'fdbackup: tree/file: missing: *'
{
	head -c $((member + 2048)) good.tar
	tail -c +$((member + 1)) good.tar
} >bad.tar
exits 6 'a file that is there twice: verify' fdbackup verify -f bad.tar
like 'a file that is there twice: is reported' \
    "$(head -n 1 "$SCRATCH/err")" 'fdbackup: tree/file: unexpected: *'
manifest=$(grep -a -b -o '[.]fdbackup[.]mtree' good.tar | tail -n 1 |
    cut -d : -f 1)
{
	head -c "$manifest" good.tar
	head -c 1024 /dev/zero
} >bad.tar
ok 'no manifest: tar reads the archive' tar -tf bad.tar
exits 6 'no manifest: verify' fdbackup verify -f bad.tar
like 'no manifest: the archive is called incomplete' \
    "$(head -n 1 "$SCRATCH/err")" '*incomplete*'
failed=
for n in 1 511 512 513 1023 1024 1025 5000 100000; do
	copy
	truncate -s $((size - n)) bad.tar
	fdbackup verify -f bad.tar 2>/dev/null
	[ $? -eq 1 ] || failed="$failed $n"
done
is 'verify notices every cut' "$failed" ''
copy
truncate -s $((size - 1024)) bad.tar
exits 1 'list notices a cut' fdbackup list -f bad.tar
cat good.tar good.tar >bad.tar
exits 1 'two archives in a row: verify' fdbackup verify -f bad.tar
exits 1 'two archives in a row: list' fdbackup list -f bad.tar
fdbackup create -f good.tar.zst tree 2>/dev/null
size=$(stat -c %s good.tar.zst)
failed=
for n in 1 2 3 4 5 100 1000 10000; do
	cp good.tar.zst bad.tar
	truncate -s $((size - n)) bad.tar
	fdbackup verify -f bad.tar 2>/dev/null
	[ $? -eq 1 ] || failed="$failed $n"
done
is 'verify notices every cut of a compressed archive' "$failed" ''
cp good.tar bad.tar
printf x >>bad.tar
exits 1 'a byte after the archive: verify' fdbackup verify -f bad.tar
exits 1 'an empty file: verify' fdbackup verify -f /dev/null
exits 1 'a file that is no archive: list' fdbackup list -f tree/file
tar --format=gnu -cf other.tar tree/dir
is 'an archive of GNU tar: list' \
    "$(fdbackup list -f other.tar | sort)" "$(find tree/dir | sort)"
exits 6 'an archive of GNU tar: verify finds no manifest' \
    fdbackup verify -f other.tar
mkdir stale
: >stale/.fdbackup.mtree
: >stale/file
fdbackup create -f a.tar -C stale . 2>/dev/null
ok 'a stored file with the name of the manifest: verify' \
    fdbackup verify -f a.tar

#
# A manifest whose lines all agree with the members, and that was cut off or
# edited.  The replacements keep the length.
#
mkdir dest scratch
fdbackup create --none -f full.tar tree/dir 2>/dev/null
rm tree/dir/empty-file
fdbackup create --none --since full.tar -f inc.tar tree/dir 2>/dev/null
# edited DESC SCRIPT TEXT
edited()
{
	sed "$2" inc.tar >bad.tar
	cmp -s bad.tar inc.tar && fail "$1: nothing was edited"
	exits "$STATUS_DIFFERENT" "$1: verify" fdbackup verify -f bad.tar
	is "$1: verify says so once" "$(head -n -1 "$SCRATCH/err")" \
	    "fdbackup: .fdbackup.mtree: $3"
	rm -rf dest/*
	exits "$STATUS_DIFFERENT" "$1: extract" fdbackup extract \
	    -f bad.tar -C dest
	is "$1: extract says so once" \
	    "$(grep -c "^fdbackup: [.]fdbackup[.]mtree: $3\$" "$SCRATCH/err")" 1
	exits "$STATUS_DIFFERENT" "$1: drill" fdbackup drill -f bad.tar \
	    -C scratch
	exits "$STATUS_FATAL" "$1: list --removed" \
	    fdbackup list --removed -f bad.tar
	is "$1: list --removed says so" "$(cat "$SCRATCH/err")" \
	    "fdbackup: bad.tar: $3"
	rm -rf dest/*
	exits "$STATUS_FATAL" "$1: a replay" \
	    fdbackup extract -f full.tar -f bad.tar -C dest
	is "$1: a replay restores nothing" "$(ls dest)" ''
	like "$1: a replay says so" "$(cat "$SCRATCH/err")" \
	    "fdbackup: bad.tar: $3; nothing was restored*"
}
edited 'another count in the last line' 's/^#end [0-9]/#end 7/' \
    'the manifest is damaged: lines are missing'
edited 'no last line' 's/^#end /#dne /' \
    'the manifest has no end: it is cut off'
edited 'a last line before others' 's/^#removed .*empty-file/'\
'#end 000000000000000003\n#empty/' 'something follows the end of the manifest'
edited 'another first line' 's/#mtree/#mteer/' \
    'this is neither a manifest of fdbackup nor an archive with one'

assert_clean
done_testing

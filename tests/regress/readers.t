#!/bin/sh
#
# readers.t: fdbackup create on a file system that lets readers wait.  Threads
# read its files ahead, and nothing else is different.  The file system is
# foldfs, which answers after a millisecond.

. "$(dirname "$0")/lib.sh"

need_root || exit
FOLDFS=$FDB_BUILDDIR/tests/regress/foldfs
cd "$SCRATCH" || bail_out "$SCRATCH"
if [ ! -c /dev/fuse ] || [ ! -x "$FOLDFS" ]; then
	skip_all 'needs fuse(4)'
fi
mkdir fs
: >mounted
"$FOLDFS" -l 1 fs >mounted 2>mounted.err &
server=$!
at_exit "umount -l '$SCRATCH/fs' 2>/dev/null; kill $server 2>/dev/null"
wait_line mounted '^mounted' ||
    skip_all "needs to mount fuse(4): $(cat mounted.err)"

# alone COMMAND...: run it with so few descriptors that no file is read ahead.
# The kernel counts descriptors in flight of all processes of a user.
USER_ID=64175
chmod 1777 .
# shellcheck disable=SC2016
alone() { run_as "$USER_ID" sh -c 'ulimit -n 64 && exec "$@"' - "$@"; }

# body ARCHIVE: what comes before the manifest, which tells the time.
body()
{
	block=$(tar -tRf "$1" | sed -n 's/^block \(.*\): \.fdbackup.*/\1/p')
	head -c "$((block * 512))" "$1"
}

ok 'many small files' fdbackup create --none -f ahead.tar fs/texts
ok 'without threads' alone fdbackup create --none -f alone.tar fs/texts
body ahead.tar >ahead.body
body alone.tar >alone.body
is 'there are members' "$(tar -tf ahead.tar | grep -c '^fs/texts/')" 358
ok 'the archives are the same' cmp ahead.body alone.body
mkdir copy
ok 'tar extracts it' tar -C copy -xf ahead.tar
ok 'what is extracted is what is there' diff -r fs/texts copy/fs/texts
stats() { (cd "$1" && find texts -type f \
    -printf '%p %m %U:%G %s %T@\n' | sort); }
stats fs >there
stats copy/fs >extracted
ok 'the metadata, too' diff there extracted
ok 'the archive verifies' fdbackup verify -f ahead.tar

# Each kind of compression gets the same.
ok 'compressed' fdbackup create -f ahead.tar.zst fs/texts
ok 'it verifies' fdbackup verify -f ahead.tar.zst

exits "$STATUS_CHANGED" 'a file that changes' \
    fdbackup create --none -f stir.tar fs/stir
is 'is told' "$(sed '$d' "$SCRATCH/err")" \
    'fdbackup: fs/stir/20: it changed while it was read'
is 'and stored with the others' "$(tar -xOf stir.tar fs/stir | sort | uniq -c |
    sed 's/^ *//')" '50 stir'

# What the threads do not settle, between others.
exits "$STATUS_UNREADABLE" 'sizes that lie, and a file that cannot be read' \
    fdbackup create --none -f lies.tar fs/texts fs/lies fs/stir/1
sed '$d' "$SCRATCH/err" >lies.ahead
exits "$STATUS_UNREADABLE" 'the same without threads' \
    alone fdbackup create --none -f lies.alone.tar fs/texts fs/lies fs/stir/1
sed '$d' "$SCRATCH/err" >lies.alone
is 'the same is told' "$(cat lies.ahead)" "$(cat lies.alone)"
is 'it is two files' "$(wc -l <lies.ahead)" 2
body lies.tar >ahead.body
body lies.alone.tar >alone.body
ok 'the archives are the same' cmp ahead.body alone.body

# An incremental archive: what is new is read ahead, too.
ok 'after an archive of little' \
    fdbackup create --none -f little.tar fs/texts/0
ok 'the rest' fdbackup create --none --since little.tar -f rest.tar fs/texts
is 'has the others' "$(tar -tf rest.tar | grep -c '^fs/texts/[1-6]/.')" 300
is 'and not those' "$(tar -tf rest.tar | grep -c '^fs/texts/0/.')" 0

# A run that is stopped while threads read.
fdbackup create --none -f - fs/many 2>stopped.err >stopped.out &
run=$!
# several: some threads of the worker have read many files.
several()
{
	for pid in $(run_pids); do
		cat "/proc/$pid"/task/*/io 2>&-
	done | awk '/^syscr:/ && $2 > 9 { n++ } END { exit n < 4 }'
}
if [ -r /proc/self/io ]; then
	ok 'several threads read' wait_until several
else
	skip 1 'the kernel does not count reads'
fi
kill -TERM "$run"
wait "$run" 2>/dev/null
like 'a run is stopped' "$(cat stopped.err)" '*stopped by a signal*'

# Who is traced waits, so that files in memory are read ahead, too.
# readers: how many threads have read many files.
readers()
{
	awk '/pread64\(/ { n[$1]++ }
	    END { for (i in n) t += n[i] > 9; print t }' strace.out
}
# traced ARCHIVE PATH: in how many threads files were read.
traced()
{
	strace -f -qq -e trace=pread64 -o strace.out fdbackup create --none \
	    -f "$1" "$2" 2>strace.err || cat strace.err
	readers
}
mkdir all
make_all()
{
	dd if=/dev/zero of=all/z bs=1k count=700 2>/dev/null
	for i in $(seq 40); do
		echo "$i" >"all/$i"
		ln "all/$i" "all/$i.again"
		ln -s "$i" "all/$i.symbolic"
		mkdir "all/$i.d"
		ln "all/$i" "all/$i.d/once"
		head -c "$((i * 3000))" all/z >"all/$i.d/file"
		truncate -s "$((i * 1500))" "all/$i.sparse"
		echo end >>"all/$i.sparse"
		setfattr -n user.number -v "$i" "all/$i" 2>&-
		mkfifo "all/$i.fifo"
	done
}
# LeakSanitizer cannot look for leaks in a process that is traced.
export ASAN_OPTIONS=detect_leaks=0
if command -v strace >/dev/null &&
    strace -f -o strace.out true 2>/dev/null; then
	make_all
	ok 'files of all kinds: threads read' test "$(traced all.tar all)" -gt 3
	ok 'files of all kinds: without them' \
	    alone fdbackup create --none -f all.alone.tar all
	body all.tar >ahead.body
	body all.alone.tar >alone.body
	ok 'files of all kinds: the archives are the same' \
	    cmp ahead.body alone.body
	ok 'files of all kinds: it verifies' fdbackup verify -f all.tar
	rm strace.out
	is 'one thread reads if it may open few files' "$(run_as "$USER_ID" \
	    sh -c 'ulimit -n 64 && exec strace -f -qq -e trace=pread64 \
	    -o strace.out fdbackup create --none -f few.tar all' 2>&1 |
	    grep -v 0.unreadable; readers)" 1
else
	skip 5 'needs strace(1), and to trace processes'
fi

umount fs
wait "$server"
assert_clean
done_testing

#!/bin/sh
#
# drill.t: fdbackup drill restores a sample, compares it with the archive and
# leaves nothing: by a user alone and in roles, with damaged and changed files,
# on a full file system, after signals.

# In a mount namespace: the mount below ends with the script.
[ -n "${DRILL_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env DRILL_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
cd "$SCRATCH" || bail_out "$SCRATCH"
command -v python3 >/dev/null || skip_all 'needs python3'
WORKER=64241
SOCK=$RUNDIR/fdbroker.sock
mkdir role dest

conf <<EOF
role "drill" {
	peer user $WORKER
	permit read, list, create, mkdir, symlink, link, setmeta, special, \
	    replace, remove "$SCRATCH/role" owner any
}
role "noread" {
	peer user $WORKER
	permit list, create, mkdir, symlink, link, setmeta, remove \
	    "$SCRATCH/role" owner any
}
role "nolist" {
	peer user $WORKER
	permit read, create, mkdir, symlink, link, setmeta, remove \
	    "$SCRATCH/role" owner any
	deny list "$SCRATCH/role"
}
role "noremove" {
	peer user $WORKER
	permit read, list, create, mkdir, symlink, link, setmeta \
	    "$SCRATCH/role" owner any
}
role "noowner" {
	peer user $WORKER
	permit read, list, create, mkdir, symlink, link, setmeta, remove \
	    "$SCRATCH/role"
}
EOF
ok 'the daemon starts' start_daemon

python3 - <<'EOF' || bail_out python3
import os
for d in range(10):
    os.makedirs('tree/d%d/sub' % d)
    for i in range(20):
        p = 'tree/d%d/f%d' % (d, i)
        with open(p, 'wb') as f:
            f.write(os.urandom(100 * i))
        os.chmod(p, [0o644, 0o600, 0o4755, 0o400][i % 4])
        os.chown(p, d, i)
        os.utime(p, ns=(0, 1000000000000000123 + i))
    os.link('tree/d%d/f1' % d, 'tree/d%d/sub/link' % d)
    os.symlink('../f1', 'tree/d%d/sub/symlink' % d)
    for p in 'tree/d%d' % d, 'tree/d%d/f3' % d:
        try:
            os.setxattr(p, 'user.attribute', b'%d' % d)
        except OSError:
            pass    # this file system has none
# libarchive reads this time in its own way.
os.utime('tree/d1/f1', ns=(0, -5700000000))
os.mkfifo('tree/fifo')
os.mkdir('tree/closed')
open('tree/closed/in', 'w').write('x')
os.chmod('tree/closed', 0o500)
with open('tree/holes', 'wb') as f:
    f.truncate(1 << 24)
    f.seek(1 << 23)
    f.write(b'data')
EOF
ok 'create' fdbackup create --none -f a.tar -C tree .
chmod a+r a.tar

# left DIR: what a drill left there.
left() { find "$1" -mindepth 1 | head; }
end() { tail -n 1 "$SCRATCH/err"; }
by_role()
{
	drill_role=$1
	shift
	run_as $WORKER fdbackup drill --role "$drill_role" -s "$SOCK" \
	    -C "$SCRATCH/role" "$@"
}

#
# All of it, and samples.
#
ok 'all: status' fdbackup drill -f a.tar -C dest --sample 100%
is 'all: nothing is left' "$(left dest)" ''
like 'all: counts' "$(end)" '*: seed *: 245 files, *, 0 failed, 0 incomplete*'
ok 'quiet: status' fdbackup drill -q -f a.tar -C dest
is 'quiet: says nothing' "$(cat "$SCRATCH/out" "$SCRATCH/err")" ''
fdbackup create --none -f inc.tar --since a.tar -C tree . 2>/dev/null
ok 'quiet, an incremental archive: status' \
    fdbackup drill -q -f inc.tar -C dest --sample 100%
is 'quiet, an incremental archive: says nothing' \
    "$(cat "$SCRATCH/out" "$SCRATCH/err")" ''
# sample SEED [OPTION...]: what is in it.
sample()
{
	fdbackup drill -v -f a.tar -C dest --seed "$@" 2>&1 |
	    grep -v '^fdbackup: ' | sort
}
sample 1 >one
sample 1 >again
sample 2 >two
ok 'a seed chooses the same again' cmp one again
fails 'another seed chooses others' cmp one two
ok 'a sample is a part' test "$(wc -l <one)" -lt 150
ok 'it has more than directories' test "$(wc -l <one)" -gt 23
sample 1 --sample 50% >half
is 'a larger sample has all of a smaller one' "$(comm -23 one half)" ''
ok 'a pipe: status' sh -c 'fdbackup drill -f - -C dest <a.tar'
is 'a pipe: nothing is left' "$(left dest)" ''
ok 'JSON: status' fdbackup drill --json -f a.tar -C dest --seed 9
is 'JSON: the summary' "$(python3 -c '
import json
print([(l["command"], l["seed"], l["status"], l["different"])
    for l in map(json.loads, open("out")) if l["message_type"] == "summary"])
')" "[('drill', 9, 0, 0)]"
ok 'kept: status' fdbackup drill -f a.tar -C dest --keep --sample 100
is 'kept: it is there' "$(cmp tree/d9/f9 dest/.fdbackup-drill-*/d9/f9 2>&1)" ''
rm -rf dest
mkdir dest
tar -C tree -cf gnu.tar .
ok 'GNU tar: status' fdbackup drill -f gnu.tar -C dest --sample 100
is 'GNU tar: nothing is left' "$(left dest)" ''
exits 2 'without a directory' fdbackup drill -f a.tar
exits 2 'a sample of nothing' fdbackup drill -f a.tar -C dest --sample 0
exits 2 'a path' fdbackup drill -f a.tar -C dest d1

#
# By a user alone, who can read what he may not enter.
#
chown $WORKER dest
ok 'a user: status' run_as $WORKER fdbackup drill -f a.tar -C dest \
    --sample 100
is 'a user: nothing is left' "$(left dest)" ''
ok 'a role: status' by_role drill -f a.tar --sample 100
is 'a role: nothing is left' "$(left role)" ''
for i in read list remove; do
	exits 1 "a role without $i: status" by_role no$i -f a.tar
	like "a role without $i: the reason" "$(cat "$SCRATCH/err")" \
	    "*a drill must $i what it restores, and the role does not permit *"
	is "a role without $i: nothing is left" "$(left role)" ''
done
exits 6 'a role without owners: status' by_role noowner -f a.tar --sample 100
like 'a role without owners: it differs' "$(cat "$SCRATCH/err")" \
    '*d9/f9: uid 9 -> 64241, gid 9 -> 64241*'
is 'a role without owners: nothing is left' "$(left role)" ''

#
# Archives that are damaged, and a file system that is full.
#
printf first >tree/only
fdbackup create --none -f plain.tar -C tree only d1 2>/dev/null
sed 's/\x00first\x00/\x00First\x00/' plain.tar >bad.tar
exits 6 'damaged: status' fdbackup drill -f bad.tar -C dest --sample 100
like 'damaged: is named' "$(cat "$SCRATCH/err")" '*only: damaged: *'
is 'damaged: nothing is left' "$(left dest)" ''
head -c 9000 a.tar >cut.tar
exits 1 'cut off: status' fdbackup drill -f cut.tar -C dest
is 'cut off: nothing is left' "$(left dest)" ''
mkdir small
mount -t tmpfs -o size=64k tmpfs small || bail_out mount
exits 6 'no space: status' fdbackup drill -f a.tar -C small --sample 100
like 'no space: is reported' "$(cat "$SCRATCH/err")" '*No space left*'
like 'no space: files are missing' "$(cat "$SCRATCH/err")" '*: missing*'
is 'no space: nothing is left' "$(left small)" ''
umount small

#
# While the archive comes through a pipe, something happens.
#
mkdir big
head -c 8388608 /dev/urandom >big/1
head -c 25165824 /dev/urandom >big/2
fdbackup create --none -f big.tar -C big 1 2 2>/dev/null
mkfifo pipe
# feed COMMAND...: run it when the first file is restored, and half is fed.
feed()
{
	{
		head -c 20971520 big.tar
		wait_until restored >&2
		"$@" >&2
		tail -c +20971521 big.tar
	} >pipe
}
restored() { [ "$(echo dest/.fdbackup-drill-*/1)" != \
    'dest/.fdbackup-drill-*/1' ]; }
change()
{
	python3 - dest/.fdbackup-drill-*/1 <<-'EOF'
	import os, sys
	st = os.stat(sys.argv[1])
	with open(sys.argv[1], 'r+b') as f:
	    f.seek(4711)
	    b = f.read(1)
	    f.seek(4711)
	    f.write(bytes([b[0] ^ 1]))
	os.utime(sys.argv[1], ns=(st.st_atime_ns, st.st_mtime_ns))
	EOF
}
feed change &
exits 6 'a byte that changed: status' sh -c \
    'fdbackup drill -f - -C dest --sample 100 <pipe'
wait $!
like 'a byte that changed: is found' "$(cat "$SCRATCH/err")" \
    '*1: contents*, 1 damaged*'
is 'a byte that changed: nothing is left' "$(left dest)" ''
# stopped SIGNAL: by it, half way.
stopped()
{
	fdbackup drill -f - -C dest --sample 100 <pipe >stop.out 2>stop.err &
	run=$!
	feed kill -"$1" $run 2>/dev/null &
	feeder=$!
	wait $run
	stopped=$?
	kill $feeder 2>/dev/null
	wait $feeder 2>/dev/null
}
for i in TERM:143 HUP:129; do
	want=${i#*:}
	i=${i%:*}
	stopped "$i"
	is "SIG$i: status" "$stopped" "$want"
	is "SIG$i: nothing is left" "$(left dest)" ''
	like "SIG$i: is told" "$(cat stop.err)" \
	    '*what was restored is being removed*stopped by a signal'
done
stopped KILL
wait_gone
ok 'SIGKILL: the next one succeeds' fdbackup drill -q -f plain.tar -C dest
like 'SIGKILL: and names what is left' "$(cat "$SCRATCH/err")" \
    '*.fdbackup-drill-*: was left by a drill that was killed*dest'

sweep_killed
stop_daemon
is 'the daemon ends' "$DAEMON_STATUS" 0
assert_clean
done_testing

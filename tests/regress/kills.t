#!/bin/sh
#
# kills.t: worker, opener and controller are killed at random moments of an
# extraction.  No file is half there under its name, and another run completes
# and sweeps what was left.
#
# KILLS in the environment is how many there are in all, and KILLS_SEED repeats
# a run.  The moments are random on purpose: nothing waits for time to pass.

. "$(dirname "$0")/lib.sh"

: "${KILLS:=42}"
: "${KILLS_SEED:=$(od -A n -N 4 -t u4 /dev/urandom | tr -d ' ')}"

need_daemon
need pidfd
cd "$SCRATCH" || bail_out "$SCRATCH"
WORKER=64213
SOCK=$RUNDIR/fdbroker.sock

conf <<END
role "restore" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace, remove \
	    "$SCRATCH/dest"
}
END

cat >kills.py <<'END'
import os, random, re, select, shutil, signal, stat, subprocess, sys, time

how, count, seed, worker, supervisor, archive, tree, dest = sys.argv[1:9]
command = sys.argv[9:]
rnd = random.Random('%s %s' % (seed, how))
worker = int(worker)
temporary = re.compile(r'\.fdbroker\.[0-9a-f]{16}$')

def look(top):
    """What is beneath a directory: name -> what describes it."""
    found = {}
    for base, dirs, files in os.walk(top):
        for n in dirs + files:
            path = os.path.join(base, n)
            st = os.lstat(path)
            what = None
            if stat.S_ISREG(st.st_mode):
                what = open(path, 'rb').read()
            elif stat.S_ISLNK(st.st_mode):
                what = os.readlink(path)
            found[os.path.relpath(path, top)] = (stat.S_IFMT(st.st_mode), what,
                (stat.S_IMODE(st.st_mode), st.st_mtime_ns, st.st_nlink))
    return found

def old(what):
    return what[::-1] if isinstance(what, bytes) else what

def prepare():
    """An empty destination, or one with other contents and old times."""
    shutil.rmtree(dest, ignore_errors=True)
    os.mkdir(dest)
    os.chown(dest, worker, worker)
    if how != 'replace':
        return
    for name, (kind, what, _) in sorted(wanted.items()):
        path = os.path.join(dest, name)
        if kind == stat.S_IFDIR:
            os.mkdir(path)
        elif kind == stat.S_IFREG:
            with open(path, 'wb') as f:
                f.write(old(what))
        elif kind == stat.S_IFLNK:
            os.symlink('old', path)
        else:
            os.mkfifo(path)
        os.lchown(path, worker, worker)

def children(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]

def program(pid):
    try:
        return os.path.basename(os.readlink('/proc/%d/exe' % pid))
    except FileNotFoundError:
        return ''

def serves(pid):
    """An opener that has a session; a spare one has another name."""
    try:
        with open('/proc/%d/cmdline' % pid, 'rb') as f:
            return f.read().startswith(b'fdbroker-opener')
    except (FileNotFoundError, ProcessLookupError):
        return False

def find(run, who):
    """The process to kill, and others that must be gone afterwards."""
    mine = children(run.pid)
    workers = [p for p in mine if program(p) == 'fdbackup']
    openers = [p for p in mine if program(p) == 'fdbroker-opener']
    if not openers and supervisor != '0':
        openers = [p for p in children(int(supervisor)) if serves(p)]
    pick = {'controller': [run.pid], 'worker': workers, 'opener': openers}
    return pick[who], workers + openers

def start(overwrite):
    return subprocess.Popen(['setpriv', '--reuid=%d' % worker, '--regid=%d' %
        worker, '--clear-groups'] + command + ['--overwrite', overwrite],
        stdin=open(archive), stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)

def gone(fds):
    for fd in fds:
        select.select([fd], [], [])
        os.close(fd)

def kill(run, who):
    """Kill it, and wait until nobody is left of this run."""
    try:
        pick, others = find(run, who)
    except (FileNotFoundError, ProcessLookupError):
        return False
    fds = []
    for p in pick + others:
        try:
            fds.append(os.pidfd_open(p))
        except ProcessLookupError:
            pass
    if pick:
        try:
            os.kill(pick[0], signal.SIGKILL)
        except ProcessLookupError:
            pick = []
    run.communicate()
    gone(fds)
    if supervisor != '0':
        wait_idle()
    return bool(pick)

def wait_idle():
    """Until the daemon has its spare opener only."""
    while len([p for p in children(int(supervisor))
        if program(p) == 'fdbroker-opener']) > 1:
        time.sleep(0.002)

def half(met):
    """What is there and must not be."""
    bad = []
    for name, (kind, what, _) in look(dest).items():
        if temporary.match(os.path.basename(name)):
            met[0] += 1
        elif name not in wanted:
            bad.append(name + ' is no member')
        elif (kind, what) != wanted[name][:2] and not (how == 'replace' and
            (kind, what) in ((kind, old(wanted[name][1])),
            (stat.S_IFLNK, 'old'))):
            bad.append(name + ' is half there')
    return bad

def complete(there, wanted):
    """The names that differ.  Links and FIFOs have names before times."""
    if killed and how != 'replace':
        there, wanted = ({n: (k, w, m if k in (stat.S_IFREG, stat.S_IFDIR) else
            m[0]) for n, (k, w, m) in d.items()} for d in (there, wanted))
    return sorted(n for n in set(there) | set(wanted)
        if there.get(n) != wanted.get(n))

wanted = look(tree)
faults, met, killed = [], [0], 0
again = 'replace' if how == 'replace' else 'newer'

# How long one takes.
prepare()
begin = time.monotonic()
run = start(again)
_, err = run.communicate()
length = time.monotonic() - begin
if run.returncode != 0 or complete(look(dest), wanted):
    sys.exit('undisturbed: status %d: %s' % (run.returncode, err.decode()))
for n in range(int(count)):
    who = ('controller', 'worker', 'opener')[n % 3]
    moment = rnd.random() * length
    prepare()
    run = start(again)
    time.sleep(moment)
    killed += kill(run, who)
    label = '%d: %s killed after %.6f s' % (n, who, moment)
    faults += ['%s: %s' % (label, b) for b in half(met)]
    run = start(again)
    _, err = run.communicate()
    bad = complete(look(dest), wanted)
    if run.returncode != 0:
        faults.append('%s: rerun: status %d: %s' % (label, run.returncode,
            err.decode()))
    elif bad:
        faults.append('%s: rerun: %s' % (label, bad))
print('%s: %d killed in %.3f s, %d temporary names met' % (how, killed, length,
    met[0]))
sys.exit('\n'.join(faults[:20]) or 0)
END

python3 - <<'END' || bail_out python3
import os
for d in range(10):
    os.makedirs('tree/d%d' % d)
    for i in range(20):
        with open('tree/d%d/f%d' % (d, i), 'wb') as f:
            f.write(b'%d-%d\n' % (d, i) * (1 + 37 * i))
        os.utime('tree/d%d/f%d' % (d, i), (10**9 + i, 10**9 + i))
    os.link('tree/d%d/f0' % d, 'tree/d%d/hard' % d)
    os.symlink('f0', 'tree/d%d/link' % d)
    os.mkfifo('tree/d%d/pipe' % d)
    with open('tree/d%d/large' % d, 'wb') as f:
        f.write(os.urandom(1 << 20))
for base, dirs, files in os.walk('tree', topdown=False):
    for n in dirs + files:
        os.lchown(os.path.join(base, n), 64213, 64213)
        os.utime(os.path.join(base, n), (10**9 + 5, 10**9 + 7),
            follow_symlinks=False)
os.chown('tree', 64213, 64213)
END
ok 'create' fdbackup create --none -f a.tar -C tree .
diag "KILLS=$KILLS KILLS_SEED=$KILLS_SEED"
each=$(((KILLS + 2) / 3))

# killed HOW SUPERVISOR [OPTION...]
killed()
{
	how=$1 supervisor=$2
	shift 2
	ok "$how: no half file, and another run completes" \
	    python3 kills.py "$how" $each "$KILLS_SEED" $WORKER \
	    "$supervisor" a.tar tree dest fdbackup extract -f - \
	    -C "$SCRATCH/dest" "$@"
	diag "$(cat out)"
}

killed private 0
ok 'the daemon starts' start_daemon
killed replace "$DAEMON" --role restore -s "$SOCK"
stop_daemon
is 'the daemon ends' "$DAEMON_STATUS" 0

# As in a file system without files that have no name.
if needs linkfd >/dev/null; then
	mkdir "$BIN/real"
	mv "$BIN/fdbrokerd" "$BIN/real"
	cat >"$BIN/fdbrokerd" <<-END
	#!/bin/sh
	exec "$BIN/without" linkfd -- "$BIN/real/fdbrokerd" "\$@"
	END
	chmod 0755 "$BIN/fdbrokerd"
	ok 'the daemon starts, where files need names' start_daemon
	# Nothing can have a second name there.
	rm tree/*/hard
	ok 'create' fdbackup create --none -f a.tar -C tree .
	killed names "$DAEMON" --role restore -s "$SOCK"
	stop_daemon
	is 'that daemon ends' "$DAEMON_STATUS" 0
else
	skip 4 'needs linkat(2) of descriptors'
fi
assert_clean
done_testing

#!/bin/sh
#
# replay.t: a full archive and its incrementals, restored in their order: random
# changes of a tree come back field by field, by a role of the daemon and by a
# user alone; archives that do not follow each other change nothing; no line
# about a removed name reaches anything else.

. "$(dirname "$0")/lib.sh"

need_daemon
cd "$SCRATCH" || bail_out "$SCRATCH"
command -v python3 >/dev/null || skip_all 'needs python3'
WORKER=64231
USER=64232
SOCK=$RUNDIR/fdbroker.sock
mkdir role

conf <<EOF
role "restore" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, special, replace, remove \
	    "$SCRATCH/role" owner any
	permit list "$SCRATCH/role"
	deny remove "$SCRATCH/role/kept" label "kept"
}
role "add" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace \
	    "$SCRATCH/role" owner any
}
EOF
ok 'the daemon starts' start_daemon

# change.py TREE ROUND OWNERS: random changes of every kind.
cat >change.py <<'EOF'
import os, random, shutil, stat, sys
tree, turn, owners = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'yes'
r = random.Random(int(os.environ.get('REPLAY_SEED', '4711')) * 100 + turn)
names = ['a', 'b', 'c', 'd', 'with blank', 'new\nline', 'back\\slash', 'e.f']

# A file or directory; kind: only a directory, or none.
def some(kind=None):
    found = []
    for path, dirs, files in os.walk(tree):
        for n in dirs + files:
            p = os.path.join(path, n)
            isdir = os.path.isdir(p) and not os.path.islink(p)
            if kind is None or kind == isdir:
                found.append(p)
    return r.choice(sorted(found)) if found else None

def place():
    d = some(True) if r.random() < .7 else None
    return os.path.join(d or tree, r.choice(names) + str(r.randrange(4)))

def remove(p):
    if os.path.isdir(p) and not os.path.islink(p):
        shutil.rmtree(p)
    elif os.path.lexists(p):
        os.unlink(p)

def make(p):
    remove(p)
    k, mode = r.randrange(10), 0o640
    if k < 4:
        mode = r.choice([0o755, 0o700, 0o500, 0o1777])
        os.mkdir(p)
    elif k == 4:
        os.symlink(r.choice(['nowhere', '..', 'a0', '/etc/passwd']), p)
    elif k == 5:
        os.mkfifo(p)
    else:
        mode = r.choice([0o644, 0o600, 0o755, 0o400])
        with open(p, 'wb') as f:
            f.write(r.randbytes(r.choice([0, 10, 5000, 200000])))
            if r.random() < .1:
                f.truncate(1 << 20)
        if r.random() < .2 and mode & 0o200:
            try:
                os.setxattr(p, 'user.turn', b'%d' % turn)
            except OSError:
                pass
    if owners:
        os.lchown(p, r.choice([0, 1, 4711]), r.choice([0, 2, 4712]))
    if k != 4:
        os.chmod(p, mode)

for _ in range(60 if turn == 0 else 30):
    k = r.randrange(10)
    p, q = some(), place()
    if turn == 0 or k < 3 or p is None:
        make(q)
    elif k < 5:
        remove(p)
    elif k == 5:                            # perhaps another type
        make(p)
    elif k == 6:
        if not q.startswith(p + '/') and not os.path.lexists(q):
            os.rename(p, q)
    elif k == 7:
        p = some(False)
        if p and not os.path.lexists(q):
            os.link(p, q, follow_symlinks=False)
    elif k == 8:
        p = some(False)
        if p and os.path.isfile(p) and not os.path.islink(p):
            with open(p, 'r+b') as f:
                f.seek(0, 2)
                f.write(b'more')
    elif not os.path.islink(p):
        os.chmod(p, r.choice([0o755, 0o750, 0o711]))
EOF

# fields TREE: what matters of a tree, sorted.
fields()
{
	(cd "$1" && find . ! -type d -printf '%P|%y|%m|%U|%G|%T@|%s|%l|%n\n' |
	    sort
	find . -mindepth 1 -type d -printf '%P|%y|%m|%U|%G|%T@\n' | sort
	find . ! -type d -links +1 -printf '%i %p\n' | sort |
	    awk '{ a[$1] = a[$1] " " $2 } END { for (i in a) print a[i] }' |
	    sort
	find . -type f -exec sha256sum {} + | sort
	find . -type f -print0 | sort -z |
	    xargs -0r getfattr -d 2>/dev/null)
}
same() { fields "$1" >want; fields "$2" >got; diff want got >fields.diff; }
# settle ARCHIVE: its run began later, as if everything had been left alone.
settle()
{
	sed -i "s/^\(#fdbackup format=1 began=\)[0-9]*/\1$(($(date +%s) + \
	    100))/" "$1"
}
fresh() { rm -rf "$1"; mkdir "$1"; }
end() { tail -n 1 "$SCRATCH/err"; }

#
# Random changes.
#
# rounds DIR OWNERS [COMMAND...]: archives DIR/0.tar to DIR/5.tar of DIR/tree.
rounds()
{
	where=$1
	owned=$2
	shift 2
	mkdir -p "$where/tree"
	before=
	for i in 0 1 2 3 4 5; do
		python3 change.py "$where/tree" $i "$owned" || return
		[ "$owned" = yes ] || find "$where" ! -user $USER \
		    -exec chown -h $USER:$USER {} +
		"$@" fdbackup create --none -f "$where/$i.tar" \
		    ${before:+--since "$before"} -C "$where/tree" . \
		    2>"$where/$i.err" || return
		settle "$where/$i.tar" || return
		before=$where/$i.tar
	done
	chmod a+r "$where"/*.tar
}
# chain DIR COMMAND...: the command, with all archives of the directory.
chain()
{
	chain_dir=$1
	shift
	for i in 0 1 2 3 4 5; do
		set -- "$@" -f "$chain_dir/$i.tar"
	done
	"$@"
}
by_role()
{
	fresh role
	run_as $WORKER fdbackup extract --role "$@" -s "$SOCK" \
	    -C "$SCRATCH/role"
}

ok 'changes by root' rounds "$SCRATCH/r" yes
ok 'something was not stored again' grep -q ' unchanged, ' r/*.err
fresh r/out
ok 'by root: status' chain r fdbackup extract -C r/out
like 'by root: removed names are counted' "$(end)" '* removed, *'
ok 'by root: the tree is the same' same r/tree r/out ||
    diag "$(cat fields.diff)"
ok 'by a role: status' chain r by_role restore
ok 'by a role: the tree is the same' same r/tree role ||
    diag "$(cat fields.diff)"
ok 'changes by a user' rounds "$SCRATCH/u" no run_as $USER
fresh u/out
chown $USER u/out
ok 'by a user: status' chain u run_as $USER fdbackup extract -C u/out
ok 'by a user: the tree is the same' same u/tree u/out ||
    diag "$(cat fields.diff)"
fresh dry
ok 'dry run: status' chain r fdbackup extract -n -C dry
is 'dry run: nothing is made' "$(ls dry)" ''
like 'dry run: what would be removed' "$(cat "$SCRATCH/err")" \
    '*: would be removed*'
ok 'JSON: status' chain r fdbackup extract --json -v -C dry
cp "$SCRATCH/out" json
is 'JSON: what became of names' "$(python3 -c '
import json
lines = [json.loads(l) for l in open("json")]
kinds = {l["change"] for l in lines if l["message_type"] == "change"}
n = sum(l.get("change") == "removed" for l in lines)
end = lines[-1]
print(sorted(kinds), end["command"], end["removed"] == n, end["status"])')" \
    "['removed', 'restored'] extract True 0"

#
# Types, on purpose; what was there before.
#
mkdir -p t/d/sub t/gone/x
echo f >t/d/sub/f
echo x >t/x
ln -s nowhere t/l
echo g >t/gone/x/g
echo same >t/same
ok 'types: full' fdbackup create --none -f full.tar -C t .
settle full.tar
rm -r t/d t/gone t/x t/l
echo file >t/d
mkdir t/x t/l
echo in >t/l/in
ok 'types: incremental' fdbackup create --none -f inc.tar --since full.tar \
    -C t .
settle inc.tar
rm -r t/l t/d t/x
ln -s same t/l
mkdir t/d
ok 'types: another' fdbackup create --none -f inc2.tar --since inc.tar -C t .
chmod a+r full.tar inc.tar inc2.tar
fresh dest
ok 'types: status' fdbackup extract -f full.tar -f inc.tar -f inc2.tar -C dest
ok 'types: the tree is the same' same t dest || diag "$(cat fields.diff)"
fresh dest
ok 'chosen: status' fdbackup extract -f full.tar -f inc.tar -f inc2.tar \
    -C dest l gone
is 'chosen: nothing else' "$(cd dest && find . | sort | xargs)" '. ./l'
fresh dest
ok 'stripped: status' fdbackup extract -f full.tar -f inc.tar -C dest \
    --strip-components 1
is 'stripped: names' "$(cd dest && find . | sort | xargs)" '. ./in'
# Two names that stripping makes one: what is left of the two remains.
rm -rf u
mkdir -p u/a/d u/b/d
echo one >u/a/f
echo two >u/b/f
echo gone >u/a/g
echo in >u/b/d/in
fdbackup create --none -f ufull.tar -C u a b
settle ufull.tar
rm -r u/a/f u/a/g u/a/d
ok 'one place: an incremental archive' \
    fdbackup create --none -f uinc.tar --since ufull.tar -C u a b
fresh dest
ok 'one place: status' fdbackup extract -f ufull.tar -f uinc.tar -C dest \
    --strip-components 1
is 'one place: names' "$(cd dest && find . | sort | xargs)" '. ./d ./d/in ./f'
is 'one place: contents' "$(cat dest/f)" two
fresh dest
ok 'one place, of names asked for: status' fdbackup extract -f ufull.tar \
    -f uinc.tar -C dest --strip-components 1 a
is 'one place, of names asked for: names' \
    "$(cd dest && find . | sort | xargs)" .
fresh dest
ok 'one alone: status' fdbackup extract -f inc.tar -C dest
is 'one alone: a file where a directory was' "$(cat dest/d)" file
like 'one alone: is said to be incremental' "$(cat "$SCRATCH/err")" \
    '*inc.tar: this archive is an incremental one: * 5 names *'
fresh dest
fdbackup extract -f full.tar -C dest 2>/dev/null
ok 'one alone, later: status' fdbackup extract -f inc.tar -C dest \
    --overwrite replace x
ok 'one alone, later: nothing is removed' test -f dest/gone/x/g
ok '--removed: status' fdbackup extract -f inc.tar -C dest --removed \
    --overwrite replace
is '--removed: names' "$(cd dest && find . | sort | xargs)" \
    '. ./d ./l ./l/in ./same ./x'

fresh dest
mkdir -p dest/gone/x
echo mine >dest/gone/mine
echo mine >dest/gone/x/g
exits 3 'what was there: status' fdbackup extract -f full.tar -f inc.tar \
    -C dest
is 'what was there: stays' "$(cat dest/gone/mine dest/gone/x/g)" 'mine
mine'
like 'what was there: is reported' "$(cat "$SCRATCH/err")" \
    '*gone/x: not removed: it was there before this run; --removed *'
exits 3 'what was there, --removed: status' fdbackup extract -f full.tar \
    -f inc.tar -C dest --removed --overwrite replace
is 'what was there, --removed: the rest is' "$(cd dest && find gone | sort |
    xargs)" 'gone gone/mine'
like 'what was there, --removed: is reported' "$(cat "$SCRATCH/err")" \
    '*gone: not removed: there is something in it that the archives do not *'
fresh dest
mkdir dest/gone
echo mine >dest/gone/mine
exits 3 'a dry run: status' fdbackup extract -n -f full.tar -f inc.tar -C dest
like 'a dry run names it' "$(cat "$SCRATCH/err")" \
    '*gone: would not be removed: *'

#
# A role that does not remove; a rule that keeps something.
#
exits 5 'a role without remove: status' by_role add -f full.tar -f inc.tar
like 'a role without remove: is named' "$(cat "$SCRATCH/err")" \
    '*gone/x/g: not removed: denied by policy*'
like 'a role without remove: a directory is not replaced' \
    "$(cat "$SCRATCH/err")" '*d: not restored: a directory is there*'
mkdir -p k/kept
echo k >k/kept/file
fdbackup create --none -f kfull.tar -C k . 2>/dev/null
rm -r k/kept
fdbackup create --none -f kinc.tar --since kfull.tar -C k . 2>/dev/null
chmod a+r kfull.tar kinc.tar
exits 5 'a rule against it: status' by_role restore -f kfull.tar -f kinc.tar
like 'a rule against it: is named' "$(cat "$SCRATCH/err")" \
    '*kept/file: not removed: denied by policy (*kept*'
ok 'a rule against it: it stays' test -f role/kept/file

#
# Archives that do not follow each other: nothing is changed.
#
# refused DESC TEXT OPTION...
refused()
{
	refused_what=$1
	refused_text=$2
	shift 2
	fresh dest
	exits 1 "$refused_what: status" fdbackup extract -C dest "$@"
	like "$refused_what: the reason" "$(cat "$SCRATCH/err")" \
	    "$refused_text"
	is "$refused_what: nothing is restored" "$(ls dest)" ''
}
refused 'one is missing' '*inc2.tar: it follows the archive that was begun *' \
    -f full.tar -f inc2.tar
refused 'out of order' '*full.tar: it is a full archive: give it first*' \
    -f inc.tar -f full.tar
refused 'twice the same' '*inc.tar: it follows the archive *' \
    -f full.tar -f inc.tar -f inc.tar
head -c 3000 inc.tar >cut.tar
refused 'cut off' '*cut.tar: *, at byte *nothing was restored*' \
    -f full.tar -f cut.tar -f inc2.tar
tar -C t -cf gnu.tar .
refused 'without a manifest' '*gnu.tar: it has no manifest at its end*' \
    -f full.tar -f gnu.tar
refused 'not there' '*none.tar: No such file*' -f full.tar -f none.tar
fdbackup create --none -f x.tar --manifest x.m -C t . 2>/dev/null
refused 'a manifest' '*x.m: it is a manifest and no archive*' \
    -f full.tar -f x.m
exits 2 'a pipe' fdbackup extract -f full.tar -f - -C dest
exits 2 'to standard output' fdbackup extract -f full.tar -f inc.tar -O
exits 2 'twice, where one is read' fdbackup list -f full.tar -f inc.tar
exits 1 'the log is one of them' fdbackup extract -f full.tar -f inc.tar \
    -C dest --logfile inc.tar
ok 'it is as it was' fdbackup verify -f inc.tar
fresh dest
exits 3 'stopped: status' fdbackup extract -f full.tar -f inc.tar -C dest \
    --max-size 9
like 'stopped: where' "$(cat "$SCRATCH/err")" \
    '*full.tar: the run stopped in this archive, number 1 of 2: *'

#
# A manifest that attacks.
#
mkdir outside h h/dir h/full
echo out >outside/file
ln -s ../outside h/link
echo k >h/dir/k
echo g >h/gone
echo m >h/full/mine
fdbackup create --none -f hfull.tar -C h . 2>/dev/null
rm h/gone
fdbackup create --none -f hinc.tar --since hfull.tar -C h . 2>/dev/null
python3 - <<'EOF' || bail_out python3
import io, tarfile
lines = [b'#removed ./../outside/file', b'#removed /' , b'#removed .//etc/x',
    b'#removed ./', b'#removed ./.', b'#removed ./. type=dir',
    b'#removed ./a\\000b', b'#removed ./dir/../../outside/file',
    b'#removed ./\\056\\056/outside/file', b'#removed ./dir/../dir/k',
    b'#removed ./x\\9', b'#removed ./dir/ type=dir',
    b'#removed ', b'#removed ./.. type=dir', b'#removed ./full type=dir',
    b'#removed ./link/file', b'#removed ./dir', b'#removed']
a, b = tarfile.open('hinc.tar'), tarfile.open('hostile.tar', 'w')
for m in a.getmembers():
    data = a.extractfile(m).read() if m.isfile() else b''
    if m.name == '.fdbackup.mtree':
        data = data.replace(b'#end', b'\n'.join(lines) + b'\n#end')
        m.size = len(data)
        m.pax_headers.pop('size', None)
    b.addfile(m, io.BytesIO(data))
b.close()
EOF
chmod a+r hfull.tar hostile.tar
outside() { (cd outside && find . -printf '%p %i %s %T@ %l\n'; cat file); }
# attacked DESC DEST REPORTS: nothing but one name was removed.
attacked()
{
	is "$1: what is outside is as it was" "$(outside)" "$before"
	is "$1: names" "$(cd "$2" && find . | sort | xargs)" \
	    '. ./dir ./dir/k ./full ./full/mine ./link'
	is "$1: each is reported" \
	    "$(grep -c ': not removed: ' "$SCRATCH/err")" "$3" ||
	    diag "$(cat "$SCRATCH/err")"
}
before=$(outside)
fresh dest
exits 3 'hostile: status' fdbackup extract -f hfull.tar -f hostile.tar -C dest
attacked hostile dest 16
like 'hostile: counts' "$(end)" '*, 16 failed, * 1 removed, *'
fresh dest
fdbackup extract -f hfull.tar -C dest 2>/dev/null
exits 3 'hostile, --removed: status' fdbackup extract -f hostile.tar -C dest \
    --removed --overwrite replace
attacked 'hostile, --removed' dest 17
like 'hostile, --removed: through a link' "$(cat "$SCRATCH/err")" \
    '*link/file: not removed: *'
exits 3 'hostile, by a role: status' by_role restore -f hfull.tar \
    -f hostile.tar
attacked 'hostile, by a role' role 16

stop_daemon
is 'the daemon ends' "$DAEMON_STATUS" 0
assert_clean
done_testing

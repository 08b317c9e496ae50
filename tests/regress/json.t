#!/bin/sh
#
# json.t: what fdbackup writes with --json: that it is JSON, that it
# follows etc/fdbackup.schema.json, and that no name is lost in it.

. "$(dirname "$0")/lib.sh"

need_daemon
command -v python3 >/dev/null || skip_all 'needs python3'
cd "$SCRATCH" || bail_out "$SCRATCH"

# Check lines of a file by the schema.  It uses few of the keywords of
# JSON Schema, and each that is not known here is an error.
cat >schema.py <<'PYTHON'
import json, re, sys

schema = json.load(open(sys.argv[1]))
TYPES = {'string': str, 'integer': int, 'number': (int, float),
    'array': list, 'object': dict}
IGNORED = {'$schema', '$defs', 'title', 'description'}

def check(v, s):
    for k, want in s.items():
        if k in IGNORED:
            continue
        if k == '$ref':
            check(v, schema['$defs'][want.rsplit('/', 1)[1]])
        elif k == 'type':
            assert isinstance(v, TYPES[want]) and v is not True, (v, want)
        elif k == 'oneOf':
            fits = 0
            for one in want:
                try:
                    check(v, one)
                    fits += 1
                except AssertionError as e:
                    why = e
            assert fits == 1, (v, fits, why)
        elif k == 'const':
            assert v == want, (v, want)
        elif k == 'enum':
            assert v in want, (v, want)
        elif k == 'pattern':
            assert re.search(want, v), (v, want)
        elif k == 'minimum':
            assert v >= want, (v, want)
        elif k == 'maximum':
            assert v <= want, (v, want)
        elif k == 'minItems':
            assert len(v) >= want, (v, want)
        elif k == 'maxItems':
            assert len(v) <= want, (v, want)
        elif k == 'items':
            for i in v:
                check(i, want)
        elif k == 'required':
            for i in want:
                assert i in v, (v, i)
        elif k == 'properties':
            for i in want:
                if i in v:
                    check(v[i], want[i])
        elif k == 'additionalProperties':
            for i in v:
                assert i in s['properties'], (v, i)
        else:
            sys.exit('unknown keyword ' + k)

lines = open(sys.argv[2], 'rb').read().splitlines()
for line in lines:
    assert all(0x20 <= c < 0x7f for c in line), line
    try:
        check(json.loads(line), schema)
    except AssertionError as e:
        sys.exit('%s: %s' % (line.decode(), e))
types = [json.loads(line)['message_type'] for line in lines]
if types.count('summary') != 1 or types[-1] != 'summary':
    sys.exit('the summary is not the last line')
PYTHON
# value EXPRESSION: print it for each object o of json
value()
{
	python3 -c 'import base64, json, sys
for line in open("json"):
    o = json.loads(line)
    v = eval("(" + sys.argv[1] + ")")
    if v is not None:
        print(v)' "$1"
}
# json STATUS DESC COMMAND ...: its output, in json, follows the schema
json()
{
	json_status=$1 json_what=$2 json_command=$3
	shift 3
	exits "$json_status" "$json_what" \
	    fdbackup "$json_command" --json "$@"
	cp "$SCRATCH/out" json
	cp "$SCRATCH/err" json.err
	ok "$json_what: follows the schema" \
	    python3 schema.py "$FDB_SRCDIR/etc/fdbackup.schema.json" json
}

mkdir -p tree/dir
printf hello >tree/file
printf x >"$(printf 'tree/bad-\377\376')"
printf x >"$(printf 'tree/escape-\033[31m')"
printf x >"$(printf 'tree/reorder-\342\200\256')"
printf x >"$(printf 'tree/smile-\360\237\230\200')"
printf x >"tree/new
line\"\\"
truncate -s 1000000 tree/sparse
printf x | dd of=tree/sparse bs=1 seek=500000 conv=notrunc 2>/dev/null
ln tree/file tree/hard
ln -s "$(printf 'to-\377')" tree/link
mkfifo tree/fifo
mknod tree/null c 1 3
touch -d '1999-02-03 04:05:06.123456789 UTC' tree/file
setfattr -n user.test -v x tree/file 2>/dev/null
attributes=$?
fdbackup create -f a.tar tree 2>/dev/null

#
# List.
#
json 0 'list' list -f a.tar -v
value 'base64.b64decode(o["name_base64"]).hex() if "name_base64" in o else
    o["name"].encode().hex() if o["message_type"] == "member" else None' |
    sort >got
find tree -print0 | python3 -c 'import sys
for name in sys.stdin.buffer.read().split(b"\0")[:-1]:
    print(name.hex())
print(b".fdbackup.mtree".hex())' | sort >want
ok 'list: each name can be restored' cmp got want
is 'list: only what is no UTF-8 is repeated' \
    "$(value 'o["name"] if "name_base64" in o else None' |
    grep -c '')" 1
is 'list: a time, with nanoseconds' \
    "$(value '"%(mtime)d.%(mtime_nsec)09d" % o
    if o.get("name") == "tree/file" else None')" \
    "$(date -d '1999-02-03 04:05:06 UTC' +%s).123456789"
is 'list: the digest of a file' \
    "$(value 'o.get("sha256") if o.get("name") == "tree/file" else None')" \
    "$(sha256sum <tree/file | cut -d ' ' -f 1)"
is 'list: a sparse file has none' \
    "$(value '[o["sparse"], o.get("sha256"), o["size"]]
    if o.get("name") == "tree/sparse" else None')" '[True, None, 1000000]'
is 'list: a link that is no UTF-8' \
    "$(value 'base64.b64decode(o["link_base64"])
    if o.get("name") == "tree/link" else None')" "b'to-\\xff'"
is 'list: types' "$(value 'o.get("type")' | sort -u | xargs)" \
    'chardev dir fifo file hardlink symlink'
is 'list: the numbers of a device' \
    "$(value 'o.get("device")')" '[1, 3]'
if [ $attributes -eq 0 ]; then
	is 'list: attributes' "$(value '[x["name"] for x in o["xattrs"]]
	    if o.get("name") == "tree/file" else None')" "['user.test']"
else
	skip 1 'needs setfattr, and a file system with attributes'
fi
is 'list: the summary' "$(value '[o["command"], o["archive"], o["members"],
    o["status"]] if o["message_type"] == "summary" else None')" \
    "['list', 'a.tar', $(wc -l <want), 0]"
# The owner's names and the links of a hostile archive.
python3 - <<'PYTHON'
import tarfile
t = tarfile.open('hostile.tar', 'w', format=tarfile.PAX_FORMAT,
    encoding='latin-1')
evil = '\x1b]0;x\x07\x9b\r\n"\\'
for n, kind in enumerate([tarfile.REGTYPE, tarfile.SYMTYPE,
        tarfile.LNKTYPE]):
    i = tarfile.TarInfo('name%d' % n + evil)
    i.type, i.linkname, i.uname, i.gname = kind, evil, evil, evil
    i.pax_headers = {'SCHILY.xattr.user.' + evil.replace('\\', ''): 'v'}
    t.addfile(i)
i = tarfile.TarInfo('long')
i.pax_headers = {'uname': 'u' * 40000}
t.addfile(i)
t.close()
PYTHON
json 0 'a hostile archive: list' list -f hostile.tar -v
is 'a hostile archive: a string that is cut is marked' \
    "$(value 'o["name"] if o.get("truncated") else None')" long
like 'a hostile archive: standard error tells of it' "$(cat json.err)" \
    'fdbackup: long: a name of this member is too long, *'
fdbackup list -v -f hostile.tar >listed 2>&1
is 'a hostile archive: list -v prints nothing raw' \
    "$(LC_ALL=C grep -c '[^ -~]' listed)" 0
is 'a hostile archive: list -v has all members' \
    "$(grep -c 'name[0-2]\\033' listed)" 3

#
# Verify, differences and errors.
#
json 0 'verify' verify -f a.tar -v
is 'verify: nothing but a summary' "$(value 'o["message_type"]')" summary
fdbackup create --none -f good tree 2>/dev/null
offset=$(grep -a -b -o hello good | head -n 1 | cut -d : -f 1)
cp good bad
printf J | dd of=bad bs=1 seek="$offset" conv=notrunc 2>/dev/null
json 6 'verify, a difference' verify -f bad -v
is 'verify, a difference: is an object' \
    "$(value '[o["difference"], o["name"]]
    if o["message_type"] == "difference" else None')" \
    "['different', 'tree/file']"
is 'verify, a difference: is counted' \
    "$(value 'o.get("different")')" 1
tar -cf other.tar tree/dir
json 6 'verify, no manifest' verify -f other.tar -v
is 'verify, no manifest: is an object' \
    "$(value 'o.get("difference")')" manifest
mkdir x
tar -xf a.tar -C x tree/dir .fdbackup.mtree 2>/dev/null
touch x/more
tar -cf few.tar -C x --format=posix tree/dir more .fdbackup.mtree
json 6 'verify, members that lack' verify -f few.tar -v
is 'verify, members that lack: are objects' \
    "$(value 'o.get("difference")' | sort | uniq -c | xargs)" \
    "$(($(wc -l <want) - 2)) missing 1 unexpected"
head -c 20000 good >bad
for command in list verify; do
	json 1 "$command, an archive that is cut off" $command -f bad -v
	is "$command, an archive that is cut off: is an error" \
	    "$(value 'o.get("name") if o["message_type"] == "error" else
	    None')" bad
	is "$command, an archive that is cut off: members are counted" \
	    "$(value 'o.get("status") if o.get("members") else None')" 1
	json 1 "$command, no archive" $command -f nope -v
	is "$command, no archive: is an error" \
	    "$(value 'o["message_type"]' | xargs)" 'error summary'
done
exits 1 'no space for the output' sh -c \
    'fdbackup list --json -f a.tar >/dev/full'
exits 2 'no log on standard output' \
    fdbackup verify --json --logfile - -f a.tar

#
# Create.
#
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("tree/socket")'
json 0 'create' create --exclude=dir -vfb.tar tree
value 'base64.b64decode(o["name_base64"]).hex() if "name_base64" in o else
    o["name"].encode().hex() if o["message_type"] == "member" else None' |
    sort >got
find tree ! -name socket ! -name dir -print0 | python3 -c 'import sys
for name in sys.stdin.buffer.read().split(b"\0")[:-1]:
    print(name.hex())' | sort >want
ok 'create -v: each name can be restored' cmp got want
is 'create -v: the digest of a file' \
    "$(value 'o.get("sha256") if o.get("type") == "file" and
    o["name"] in ("tree/file", "tree/hard") else None')" \
    "$(sha256sum <tree/file | cut -d ' ' -f 1)"
is 'create: a problem' "$(value '[o["problem"], o["name"]]
    if o["message_type"] == "problem" else None')" \
    "['skipped', 'tree/socket']"
is 'create -v: what is excluded' \
    "$(value 'o["name"] if o["message_type"] == "excluded" else None')" \
    tree/dir
is 'create: the summary' "$(value '[o["command"], o["archive"], o["members"],
    o["skipped"], o["excluded"], o["denied"], o["status"]]
    if o["message_type"] == "summary" else None')" \
    "['create', 'b.tar', $(wc -l <want), 1, 1, 0, 0]"
cp -a tree since
fdbackup create -f since.tar since 2>/dev/null
rm since/file
json 0 'create --since' create --since since.tar -vf inc.tar since
is 'create --since: what is gone' \
    "$(value 'o["name"] if o["message_type"] == "removed" else None')" \
    since/file
is 'create --since: the summary' "$(value '[o["removed"], o["unchanged"]]
    if o["message_type"] == "summary" else None')" '[1, 0]'
rm -r since since.tar inc.tar
json 0 'create -n' create -n tree
is 'create -n: subtotals' \
    "$(value '[o["name"], o["members"]]
    if o["message_type"] == "subtotal" else None' | xargs)" \
    "[tree/dir, 1] [tree, $(($(wc -l <want) + 1))]"
is 'create -n: the summary' "$(value '[o["dry_run"], "archive" in o]
    if o["message_type"] == "summary" else None')" '[True, False]'
json 1 'create, nothing to store' create -f c.tar nope
is 'create, nothing to store: what happened' \
    "$(value 'o["message_type"]' | xargs)" 'problem error summary'
json 1 'create, no space' create -f /dev/full tree
is 'create, no space: status' "$(value 'o.get("status")')" 1
mkfifo slow
head -c 8000000 /dev/zero >big
fdbackup create --json --none --progress=1 -f slow big >json 2>err &
pid=$!
exec 9<slow
ok 'create: progress comes while it runs' wait_line json '"progress"'
cat <&9 >/dev/null
exec 9<&-
wait "$pid"
ok 'create, progress: follows the schema' \
    python3 schema.py "$FDB_SRCDIR/etc/fdbackup.schema.json" json
exits 1 'create, no space for the output' sh -c \
    'fdbackup create --json -v -f c.tar tree >/dev/full'
exits 2 'not with an archive on standard output' \
    fdbackup create --json -f - tree

done_testing

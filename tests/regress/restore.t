#!/bin/sh
#
# restore.t: changes by the daemon, asked for by a worker without rights: what
# each rule permits and denies, what replaces what, links in the way, files that
# were never finished, and full and read-only file systems.

# In a mount namespace: the mounts below end with the script.
[ -n "${RESTORE_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env RESTORE_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64191
OTHER=64192
SOCK=$RUNDIR/fdbroker.sock
DEST=$SCRATCH/dest
OUT=$SCRATCH/outside

policy()
{
	conf <<-EOF
	log audit denied to "$SCRATCH/audit"
	role "self" {
		peer user "$WORKER"
		permit list, create, mkdir, symlink, link, setmeta "$DEST"
		deny "$DEST/secret" label "secret"
		${1:-}
	}
	role "any" {
		peer user "$WORKER"
		permit create, mkdir, symlink, link, setmeta "$DEST" owner any
		permit replace, remove "$DEST"
		deny replace, remove "$DEST/keep" label "keep"
	}
	role "special" {
		peer user "$WORKER"
		permit create, mkdir, symlink, setmeta, special, remove \
		    "$DEST" owner any
	}
	role "some" {
		peer user "$WORKER"
		permit create, setmeta "$DEST"
		permit special "$DEST/s-*"
	}
	role "fixed" {
		peer user "$WORKER"
		permit create, mkdir, symlink, setmeta "$DEST" owner $OTHER \
		    group $OTHER
	}
	role "asuser" {
		as user "nobody"
		peer user "$WORKER"
		permit create, mkdir, setmeta "$DEST/nobody"
	}
	role "create" {
		peer user "$WORKER"
		permit create "$DEST"
	}
	role "two" {
		peer user "$WORKER"
		permit create, mkdir, symlink, link, setmeta, replace \
		    "$DEST" owner any
		limit tokens 2
	}
	role "linker" {
		peer user "$WORKER"
		permit link, setmeta, special "$DEST" owner any
	}
	role "meta" {
		peer user "$WORKER"
		permit setmeta "$DEST"
	}
	EOF
}
# changes ROLE: print the results of the commands on standard input.
changes() { run_as "$WORKER" fdbwriter "$SOCK" "$1" 2>&1; }
show() { stat -c '%A %u:%g %Y %s %N' "$@" | sed "s|$DEST/||g"; }
left() { find "$DEST" -name '.fdbroker*'; }
# outside [FORMAT]: what must never change, byte for byte.
outside()
{
	(cd "$OUT" && find . -printf "%p %M %U:%G %T@ %s %l ${1:-}\n" | sort &&
	    cat file)
}

mkdir -p "$DEST" "$OUT/dir" "$DEST/secret" "$DEST/roots" "$DEST/keep"
mkdir "$DEST/nobody" "$DEST/shared" "$DEST/small"
chown nobody "$DEST/nobody"
chmod 1777 "$DEST/shared"
echo outside >"$OUT/file"
echo root >"$DEST/root"
echo keep >"$DEST/keep/file"
outside >"$SCRATCH/before"
policy
ok 'the daemon starts' start_daemon || exit 1

#
# A role that makes new objects, of the peer.
#
is 'self: what is permitted' "$(changes self <<EOF
token $DEST
put file mode=0640 mtime=100.5 atime=200 text=hello
mkdir dir
put dir/file text=x
symlink link /etc/passwd mtime=5
link second file
mknod fifo fifo 0 0 0644 mtime=7
put own owner=$WORKER:$WORKER text=x
setmeta dir mode=0751 mtime=9
mkdir dir
setmeta dir xattr=user.note:text
EOF
)" "token $DEST: ok
put file: ok
mkdir dir: ok
put dir/file: ok
symlink link: ok
link second: ok
mknod fifo: ok
put own: ok
setmeta dir: ok
mkdir dir: ok
setmeta dir: ok"
is 'self: what was made' "$(show "$DEST/file" "$DEST/dir" "$DEST/link" \
    "$DEST/fifo" "$DEST/dir/file")" \
"-rw-r----- $WORKER:$WORKER 100 5 'file'
drwxr-x--x $WORKER:$WORKER 9 4096 'dir'
lrwxrwxrwx $WORKER:$WORKER 5 11 'link' -> '/etc/passwd'
prw-r--r-- $WORKER:$WORKER 7 0 'fifo'
-rw------- $WORKER:$WORKER $(stat -c %Y "$DEST/dir/file") 1 'dir/file'"
is 'self: the contents' "$(cat "$DEST/file" "$DEST/second")" hellohello

# An opener that was killed between mkdir(2) and fchown(2) leaves the first of
# these directories behind, and none like the others.
user=${FDB_TEST_USER:-nobody}
mkdir -m 0700 "$DEST/left" "$DEST/full" "$DEST/closed"
mkdir -m 0701 "$DEST/open"
: >"$DEST/full/file"
chown "$user" "$DEST/left" "$DEST/full" "$DEST/open"
is 'self: a directory that a killed opener has left, and others' \
    "$(changes self <<EOF
token $DEST
mkdir left
setmeta left mode=0750 mtime=9
mkdir full
setmeta full mode=0750
mkdir open
setmeta open mode=0750
mkdir closed
setmeta closed mode=0750
EOF
)" "token $DEST: ok
mkdir left: ok
setmeta left: ok
mkdir full: ok
setmeta full: policy EACCES fdbroker.conf:6
mkdir open: ok
setmeta open: policy EACCES fdbroker.conf:6
mkdir closed: ok
setmeta closed: policy EACCES fdbroker.conf:6"
is 'self: the first was given away, and no other' \
    "$(stat -c '%a %U %n' "$DEST/left" "$DEST/full" "$DEST/open" \
    "$DEST/closed" | sed "s|$DEST/||")" \
"750 UNKNOWN left
700 $user full
701 $user open
700 root closed"
rm -r "$DEST/left" "$DEST/full" "$DEST/open" "$DEST/closed"
is 'self: nanoseconds' "$(stat -c %.9Y "$DEST/file")" 100.000000005
rule='fdbroker.conf:6'
is 'self: what is denied' "$(changes self <<EOF
token $DEST
put file text=x
put file replace text=x
put a owner=0:0 text=x
put a owner=$WORKER:0 text=x
put a mode=4755 text=x
put a mode=2755 text=x
put a xattr=security.capability:x text=x
put a xattr=trusted.x:x text=x
put secret/x text=x
put secret text=x
mkdir secret
symlink secret/x y
link secret/x file
link x root
link x secret/none
mknod null char 1 3 0666
mknod socket socket 0 0 0666
setmeta roots mode=0777
setmeta dir mode=0777 owner=0:0
remove file
rmdir dir
EOF
)" "token $DEST: ok
put file: kernel EEXIST
put file: policy EACCES no rule of role \"self\" permits it
put a: policy EACCES $rule refused=0x2
put a: policy EACCES $rule refused=0x2
put a: policy EACCES no rule of role \"self\" permits it refused=0x20
put a: policy EACCES no rule of role \"self\" permits it refused=0x20
put a: policy EACCES no rule of role \"self\" permits it refused=0x10
put a: kernel EOPNOTSUPP attributes of this namespace are not set refused=0x10
create secret/x: policy EACCES fdbroker.conf:7 \"secret\"
create secret: policy EACCES fdbroker.conf:7 \"secret\"
mkdir secret: policy EACCES fdbroker.conf:7 \"secret\"
symlink secret/x: policy EACCES fdbroker.conf:7 \"secret\"
link secret/x: policy EACCES fdbroker.conf:7 \"secret\"
link x: policy EACCES $rule
link x: policy EACCES fdbroker.conf:7 \"secret\"
mknod null: policy EACCES no rule of role \"self\" permits it
mknod socket: policy EACCES no rule of role \"self\" permits it
setmeta roots: policy EACCES $rule
setmeta dir: policy EACCES $rule refused=0x2
remove file: policy EACCES no rule of role \"self\" permits it
rmdir dir: policy EACCES no rule of role \"self\" permits it"
is 'self: nothing was made' "$(ls "$DEST/a" "$DEST/x" "$DEST/null" \
    "$DEST/secret/x" 2>/dev/null)" ''
is 'self: what was there is as it was' \
    "$(stat -c '%a %U' "$DEST/roots" "$DEST/root" "$DEST/dir")" \
    "755 root
644 root
751 UNKNOWN"
ok 'a denial is recorded, with its operation and path' \
    wait_line "$SCRATCH/audit" "\"setmeta\",\"path\":\"$DEST/roots\""

#
# Names.
#
long=$(printf '%0255d' 0)
is 'names that no broker takes' "$(changes self <<EOF
put $DEST/../x text=x
put $DEST//x text=x
put $DEST/x/ text=x
mkdir $DEST/./x
symlink $DEST/${long}0 x
token $DEST
put /x text=x
put .. text=x
put $long text=x
link y ../root
EOF
)" "create $DEST/../x: library EINVAL
create $DEST//x: library EINVAL
create $DEST/x/: library EINVAL
mkdir $DEST/./x: library EINVAL
symlink $DEST/${long}0: library EINVAL
token $DEST: ok
create /x: library EINVAL
create ..: library EINVAL
put $long: ok
link y: library EINVAL"
is 'what is outside of the role' "$(changes any <<EOF
put $OUT/x text=x
mkdir $OUT/x
symlink $OUT/x y
remove $OUT/file
setmeta $OUT/dir mode=0777
link $DEST/x $OUT/file
link $OUT/x $DEST/file
mkdir $SCRATCH
mkdir /
EOF
)" "create $OUT/x: policy EACCES no rule of role \"any\" permits it
mkdir $OUT/x: policy EACCES no rule of role \"any\" permits it
symlink $OUT/x: policy EACCES no rule of role \"any\" permits it
remove $OUT/file: policy EACCES no rule of role \"any\" permits it
setmeta $OUT/dir: policy EACCES no rule of role \"any\" permits it
link $DEST/x: policy EACCES no rule of role \"any\" permits it
link $OUT/x: policy EACCES no rule of role \"any\" permits it
mkdir $SCRATCH: policy EACCES no rule of role \"any\" permits it
mkdir /: library EINVAL"

#
# Links in the way.
#
ln -s "$OUT" "$DEST/out"
ln -s "$OUT/file" "$DEST/outfile"
ln -s /nowhere "$DEST/dangling"
ln "$OUT/file" "$DEST/hard" 2>/dev/null
outside >"$SCRATCH/before"
is 'any: no link is followed' "$(changes any <<EOF
token $DEST
put out/x replace text=x
mkdir out/x
symlink out/x y
link out/x file
link x outfile
remove out/file
setmeta out mode=0777
put outfile newer mtime=9999999999 text=mine
put dangling replace text=mine
put hard replace text=mine
mkdir out
mkdir out newer
mkdir out replace
put out/x text=x
EOF
)" "token $DEST: ok
create out/x: kernel ENOTDIR
mkdir out/x: kernel ENOTDIR
symlink out/x: kernel ENOTDIR
link out/x: kernel ENOTDIR
link x: ok
remove out/file: kernel ENOTDIR
setmeta out: kernel ENOTDIR
put outfile: ok
put dangling: ok
put hard: ok
mkdir out: kernel EEXIST
mkdir out: kernel EEXIST
mkdir out: ok
put out/x: ok"
outside >"$SCRATCH/after"
ok 'what is outside is as it was' diff "$SCRATCH/before" "$SCRATCH/after"
is 'a symbolic link has another name' "$(readlink "$DEST/x")" "$OUT/file"
is 'what replaced the links' "$(cat "$DEST/outfile" "$DEST/dangling" \
    "$DEST/hard" "$DEST/out/x")" minemineminex

# Other names of what the role could not make.
mknod "$DEST/device" c 1 3
mkfifo "$DEST/pipe"
is 'any: other names of nodes' "$(changes any <<EOF
token $DEST
link x-device device
link x-pipe pipe
link x-pipe2 x-pipe
EOF
)" "token $DEST: ok
link x-device: policy EACCES no rule of role \"any\" permits it
link x-pipe: ok
link x-pipe2: ok"
is 'any: the device has one name, the FIFO three' \
    "$(stat -c %h "$DEST/device" "$DEST/pipe")" '1
3'
# A program that gives rights, in a directory that only root may enter.
mkdir -m 0700 "$DEST/closed"
echo '#!/bin/true' >"$DEST/closed/setuid"
echo '#!/bin/true' >"$DEST/closed/setgid"
chmod 4755 "$DEST/closed/setuid"
chmod 2755 "$DEST/closed/setgid"
is 'any: no other name of a program that gives rights' "$(changes any <<EOF
token $DEST
link x-setuid closed/setuid
link x-setgid closed/setgid
EOF
)" "token $DEST: ok
link x-setuid: policy EACCES no rule of role \"any\" permits it
link x-setgid: policy EACCES no rule of role \"any\" permits it"
is 'special: another name of it' "$(changes linker <<EOF
link $DEST/x-setuid $DEST/closed/setuid
EOF
)" "link $DEST/x-setuid: ok"
rm -r "$DEST/closed" "$DEST/x-setuid"
# What the daemon's own user has is not the client's.
mkdir "$DEST/daemons"
chown "${FDB_TEST_USER:-nobody}" "$DEST/daemons"
line=$(grep -n 'permit setmeta "' "$CONF" | cut -d : -f 1)
is 'metadata alone: not of what the daemon has' "$(changes meta <<EOF
setmeta $DEST/daemons mode=0777
EOF
)" "setmeta $DEST/daemons: policy EACCES fdbroker.conf:$line"
rm -r "$DEST/daemons"
rm "$DEST/device" "$DEST/pipe" "$DEST/x-pipe" "$DEST/x-pipe2" "$DEST/x"

#
# What replaces what.
#
is 'any: rules of replacing' "$(changes any <<EOF
token $DEST
put over mtime=100 text=first
put over refuse text=x
put over newer mtime=99 text=x
put over newer mtime=100 text=x
put over newer text=x
put over newer mtime=101 text=second
put over replace mtime=5 text=third
put dir replace text=x
symlink over text newer mtime=5
symlink over text newer mtime=6
symlink over other replace
link over file
link over file replace
link over file replace
link over file
mknod over fifo 0 0 0600 replace
mkdir over
mkdir over replace
mkdir over/sub
rmdir over
remove over
rmdir over/sub
rmdir over
remove over
put keep/file replace text=x
remove keep/file
put keep/new replace text=x
EOF
)" "token $DEST: ok
put over: ok
put over: kernel EEXIST
put over: kernel EEXIST
put over: kernel EEXIST
put over: kernel EEXIST
put over: ok
put over: ok
put dir: kernel EISDIR
symlink over: kernel EEXIST
symlink over: ok
symlink over: ok
link over: kernel EEXIST
link over: ok
link over: ok
link over: ok
mknod over: ok
mkdir over: kernel EEXIST
mkdir over: ok
mkdir over/sub: ok
rmdir over: kernel ENOTEMPTY
remove over: kernel EISDIR
rmdir over/sub: ok
rmdir over: ok
remove over: kernel ENOENT
put keep/file: policy EACCES fdbroker.conf:14 \"keep\"
remove keep/file: policy EACCES fdbroker.conf:14 \"keep\"
put keep/new: ok"
is 'any: a file that has another name keeps its contents' \
    "$(changes any <<EOF
token $DEST
put n1 text=old
link n2 n1
put n1 replace text=new
EOF
cat "$DEST/n1" "$DEST/n2")" "token $DEST: ok
put n1: ok
link n2: ok
put n1: ok
newold"
is 'any: owners are chosen' "$(changes any <<EOF
token $DEST
put chosen owner=0:$OTHER mode=0604 text=x
symlink slink x owner=7:8
mkdir sdir
setmeta sdir owner=9:10 mode=1777
EOF
show "$DEST/chosen" "$DEST/slink" "$DEST/sdir" | cut -d ' ' -f 1,2)" \
"token $DEST: ok
put chosen: ok
symlink slink: ok
mkdir sdir: ok
setmeta sdir: ok
-rw----r-- 0:$OTHER
lrwxrwxrwx 7:8
drwxrwxrwt 9:10"

#
# Other roles.
#
is 'special: bits, devices, capabilities' "$(changes special <<EOF
token $DEST
put suid mode=4755 owner=0:0 text=x
put sgid mode=2755 owner=0:5 text=x
mknod char char 1 3 0666
mknod sock socket 0 0 0600
mkdir gdir
setmeta gdir owner=3:4 mode=2770
put suid replace text=x
EOF
show "$DEST/suid" "$DEST/sgid" "$DEST/gdir" | cut -d ' ' -f 1,2
stat -c '%A %t %T' "$DEST/char" "$DEST/sock")" "token $DEST: ok
put suid: ok
put sgid: ok
mknod char: ok
mknod sock: ok
mkdir gdir: ok
setmeta gdir: ok
put suid: policy EACCES no rule of role \"special\" permits it
-rwsr-xr-x 0:0
-rwxr-sr-x 0:5
drwxrws--- 3:4
crw-rw-rw- 1 3
srw------- 0 0"
is 'fixed: the owner of the rule' "$(changes fixed <<EOF
token $DEST
put fixed text=x
put fixed2 owner=$WORKER:$WORKER text=x
put fixed3 owner=$OTHER:$OTHER text=x
EOF
show "$DEST/fixed" | cut -d ' ' -f 2)" "token $DEST: ok
put fixed: ok
put fixed2: policy EACCES fdbroker.conf:27 refused=0x2
put fixed3: ok
$OTHER:$OTHER"
is "asuser: the user's files" "$(changes asuser <<EOF
put $DEST/nobody/file mode=0640 text=x
put $DEST/nobody/give owner=0:0 text=x
mkdir $DEST/nobody/dir
EOF
stat -c '%U' "$DEST/nobody/file")" "put $DEST/nobody/file: ok
put $DEST/nobody/give: policy EACCES fdbroker.conf:32 refused=0x2
mkdir $DEST/nobody/dir: ok
nobody"
echo >"$DEST/s-there"
is 'some: bits that a failed commit has set are judged again' \
    "$(changes some <<EOF
create $DEST/s-there text=x
commit $DEST/s-there mode=4755
commit@$DEST/plain $DEST/s-there
commit@$DEST/s-new $DEST/s-there
EOF
stat -c '%A' "$DEST/s-new")" "create $DEST/s-there: ok
commit $DEST/s-there: kernel EEXIST
commit@$DEST/plain $DEST/plain: policy EACCES no rule of role \"some\" \
permits it refused=0x20
commit@$DEST/s-new $DEST/s-new: ok
-rwsr-xr-x"
is 'create: a role that does not restore' "$(changes create <<EOF
put $DEST/created text=x
mkdir $DEST/cdir
mknod $DEST/cfifo fifo 0 0 0600
remove $DEST/file
EOF
)" "create $DEST/created: policy EACCES no rule of role \"create\" permits it
mkdir $DEST/cdir: policy EACCES no rule of role \"create\" permits it
mknod $DEST/cfifo: policy EACCES no rule of role \"create\" permits it
remove $DEST/file: policy EACCES no rule of role \"create\" permits it"
is 'two: pending files count as tokens do' "$(changes two <<EOF
create $DEST/p1
create $DEST/p2
create $DEST/p3
token $DEST
abandon $DEST/p1
create $DEST/p3
EOF
)" "create $DEST/p1: ok
create $DEST/p2: ok
create $DEST/p3: limit EMFILE directories held and files pending
token $DEST: limit EMFILE directories held and files pending
abandon $DEST/p1: ok
create $DEST/p3: ok"
is 'many: in a pipeline' "$(changes any <<EOF
mkdir $DEST/many
token $DEST/many
many 1000 f
EOF
find "$DEST/many" -type f -size -8c -perm 0640 | wc -l)" "mkdir $DEST/many: ok
token $DEST/many: ok
many f: 1000, 0 failed
1000"
is 'a commit that failed can be made again' "$(changes any <<EOF
token $DEST
create again text=again
commit again mode=4755
commit@dir again
commit@again2 again mode=0600
EOF
cat "$DEST/again2")" "token $DEST: ok
create again: ok
commit again: policy EACCES no rule of role \"any\" permits it refused=0x20
commit@dir dir: kernel EEXIST
commit@again2 again2: ok
again"

#
# What is not finished.
#
# held ROLE: begin commands, and wait until they are held.
held()
{
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	: >"$SCRATCH/held"
	run_as "$WORKER" fdbwriter "$SOCK" "$1" <"$SCRATCH/hold" \
	    >"$SCRATCH/held" 2>"$SCRATCH/held.err" &
	HOLDER=$!
	exec 8>"$SCRATCH/hold"
	cat >&8
	wait_line "$SCRATCH/held" '^holding'
}
list() { (cd "$DEST" && find . | sort); }
list >"$SCRATCH/list"
wait_until no_opener
held any <<EOF
create $DEST/half text=half
create $DEST/file text=half
hold
EOF
kill -KILL "$(opener_pids)"
wait_log 'killed by signal 9'
exec 8>&-
wait "$HOLDER"
list >"$SCRATCH/list2"
ok 'an opener that is killed leaves no half file' \
    diff "$SCRATCH/list" "$SCRATCH/list2"
held any <<EOF
create $DEST/half text=half
hold
EOF
kill -KILL "$HOLDER"
wait "$HOLDER"
exec 8>&-
list >"$SCRATCH/list2"
ok 'nor does a worker' diff "$SCRATCH/list" "$SCRATCH/list2"

# Directories that move while a token names them.
mkdir "$DEST/moves"
held any <<EOF
token $DEST/moves
put before text=x
hold
EOF
mv "$DEST/moves" "$DEST/moved"
mkdir "$DEST/moves"
cat >&8 <<EOF
go
put after text=x
mkdir sub
setmeta . mode=0777
remove before
base
put $DEST/moves/after text=x
EOF
exec 8>&-
wait "$HOLDER"
is 'a token whose directory was moved' "$(sed 1,3d "$SCRATCH/held")" \
"create after: kernel ESTALE the directory is no longer at its path
mkdir sub: kernel ESTALE the directory is no longer at its path
setmeta .: kernel ESTALE the directory is no longer at its path
remove before: kernel ESTALE the directory is no longer at its path
put $DEST/moves/after: ok"

#
# Without a daemon, with the user's own rights.
#
mkdir -p "$SCRATCH/private/dir"
chown -R "$WORKER" "$SCRATCH/private"
private() { fdbwriter -p "$@" "$BIN/fdbroker-opener" "$SCRATCH/private" 2>&1; }
cat >"$SCRATCH/mine" <<EOF
token $SCRATCH/private
put file mode=0640 mtime=5 text=x
put given owner=0:0 text=x
put suid mode=4755 text=x
put file replace text=y
symlink link $OUT
put link/x text=x
mknod null char 1 3 0666
remove link
setmeta dir mode=0711
base
put $OUT/x text=x
mkdir $SCRATCH/x
EOF
is 'private: a user' "$(run_as "$WORKER" fdbwriter -p \
    "$BIN/fdbroker-opener" "$SCRATCH/private" <"$SCRATCH/mine" 2>&1)" \
"token $SCRATCH/private: ok
put file: ok
put given: kernel EPERM refused=0x2
put suid: policy EACCES no rule of role \"private\" permits it refused=0x20
put file: ok
symlink link: ok
create link/x: kernel ENOTDIR
mknod null: policy EACCES no rule of role \"private\" permits it
remove link: ok
setmeta dir: ok
create $OUT/x: policy EACCES no rule of role \"private\" permits it
mkdir $SCRATCH/x: policy EACCES no rule of role \"private\" permits it"
is 'private: what was made' "$(cd "$SCRATCH/private" &&
    stat -c '%n %a %u' file dir)" "file 600 $WORKER
dir 711 $WORKER"
is 'private: root, with special' "$(private -s <<EOF
token $SCRATCH/private
put suid mode=4755 owner=5:6 text=x
mknod null char 1 3 0666
put $OUT/x text=x
EOF
stat -c '%a %u:%g' "$SCRATCH/private/suid")" "token $SCRATCH/private: ok
put suid: ok
mknod null: ok
create $OUT/x: library EINVAL
4755 5:6"

# What the kernel refuses does not keep the rest from being set.
cat >"$SCRATCH/mine" <<EOF
token $SCRATCH/private
symlink l x owner=0:0 mtime=5
mknod p fifo 0 0 0600 owner=0:0 mtime=6
mkdir d
setmeta d owner=0:0 mode=2711 mtime=7
EOF
is 'private: part of the metadata is refused' "$(run_as "$WORKER" fdbwriter \
    -p -s "$BIN/fdbroker-opener" "$SCRATCH/private" <"$SCRATCH/mine" 2>&1
cd "$SCRATCH/private" && stat -c '%n %a %u %Y' l p d)" \
"token $SCRATCH/private: ok
symlink l: kernel EPERM made refused=0x2
mknod p: kernel EPERM made refused=0x2
mkdir d: ok
setmeta d: kernel EPERM refused=0x22
l 777 $WORKER 5
p 600 $WORKER 6
d 711 $WORKER 7"

cat >"$SCRATCH/mine" <<EOF
token $SCRATCH/private
put noclone text=x
put noclone replace text=y
put none/x text=x
EOF
is 'private: root without clones, which has no /proc' "$(without clones \
    "$BIN/fdbwriter" -p "$BIN/fdbroker-opener" "$SCRATCH/private" \
    <"$SCRATCH/mine" 2>&1)" "token $SCRATCH/private: ok
put noclone: ok
put noclone: ok
create none/x: kernel ENOENT"

# Somebody else, who may write to a directory, exchanges it for a link.
exchange()
{
	mkdir -p "$DEST/shared/race"
	ln -s "$OUT" "$DEST/shared/bait"
	chown -h "$OTHER" "$DEST/shared/race" "$DEST/shared/bait"
	mkfifo "$SCRATCH/stop"
	: >"$SCRATCH/racing"
	run_as "$OTHER" fdbwriter -x "$DEST/shared" race bait \
	    <"$SCRATCH/stop" >"$SCRATCH/racing" 2>&1 &
	RACER=$!
	exec 7>"$SCRATCH/stop"
	wait_line "$SCRATCH/racing" '^exchanging'
}
outside '%n %C@' >"$SCRATCH/before"
exchange
n=0
while [ $n -lt 1500 ]; do
	n=$((n + 1))
	echo "try $DEST/shared/race/f replace text=race"
	echo "mkdir $DEST/shared/race/d"
	echo "symlink $DEST/shared/race/s x replace"
	echo "setmeta $DEST/shared/race mode=0777 owner=$OTHER:$OTHER"
	echo "link $DEST/shared/race/l $DEST/shared/race/f replace"
	echo "remove $DEST/shared/race/file"
done >"$SCRATCH/race"
changes any <"$SCRATCH/race" >"$SCRATCH/raced"
exec 7>&-
wait "$RACER"
outside '%n %C@' >"$SCRATCH/after"
ok 'a race: nothing outside was touched' \
    diff "$SCRATCH/before" "$SCRATCH/after"
is 'a race: both was met' "$(grep -c -m 1 ': ok$' "$SCRATCH/raced"
grep -c -m 1 -E 'ELOOP|ENOTDIR' "$SCRATCH/raced")" '1
1'
is 'a race: and nothing else' "$(sed 's/^[^:]*: //' "$SCRATCH/raced" | sort -u |
    grep -v -x -e ok -e 'kernel ELOOP' -e 'kernel ENOTDIR' \
    -e 'kernel ENOENT' -e 'kernel EAGAIN' -e 'kernel EISDIR' \
    -e 'kernel EEXIST' -e 'kernel EXDEV')" ''

#
# File systems.
#
stop_daemon
mount -t tmpfs -o size=64k,nr_inodes=10 none "$DEST/small"
mkdir "$DEST/ro"
mount -t tmpfs none "$DEST/ro"
mkdir "$DEST/ro/dir"
mount -o remount,ro "$DEST/ro"
ok 'the daemon starts again' start_daemon
n=0
while [ $n -lt 12 ]; do
	n=$((n + 1))
	echo "mkdir $DEST/small/$n"
done >"$SCRATCH/small"
like 'no room: directories' "$(changes any <"$SCRATCH/small" | tail -n 1)" \
    '*: kernel ENOSPC'
is 'no room: a file, a link' "$(changes any <<EOF
put $DEST/small/x text=x
symlink $DEST/small/x x
EOF
)" "create $DEST/small/x: kernel ENOSPC
symlink $DEST/small/x: kernel ENOSPC"
is 'a read-only file system' "$(changes any <<EOF
put $DEST/ro/x text=x
mkdir $DEST/ro/x
mkdir $DEST/ro/dir
setmeta $DEST/ro/dir mode=0700
remove $DEST/ro/dir
rmdir $DEST/ro/dir
symlink $DEST/ro/x x
EOF
)" "create $DEST/ro/x: kernel EROFS
mkdir $DEST/ro/x: kernel EROFS
mkdir $DEST/ro/dir: ok
setmeta $DEST/ro/dir: kernel EROFS refused=0x1
remove $DEST/ro/dir: kernel EROFS
rmdir $DEST/ro/dir: kernel EROFS
symlink $DEST/ro/x: kernel EROFS"
is 'a link to another file system' "$(changes any <<EOF
link $DEST/small/l $DEST/file
create $DEST/e
commit@$DEST/ro/e $DEST/e
EOF
)" "link $DEST/small/l: kernel EXDEV
create $DEST/e: ok
commit@$DEST/ro/e $DEST/ro/e: kernel EROFS"
is 'no temporary name is left' "$(left)" ''

#
# A reload takes rights away.
#
held self <<EOF
token $DEST
create late text=x
hold
EOF
policy "deny \"$DEST/late\" label \"late\""
kill -HUP "$DAEMON"
ok 'a reload' wait_log 'reloaded, generation 2'
printf 'go\ncommit late\ncommit@later late\n' >&8
exec 8>&-
wait "$HOLDER"
is 'a reload counts for what is pending' "$(sed 1,3d "$SCRATCH/held")" \
"commit late: policy EACCES fdbroker.conf:8 \"late\"
commit@later later: ok"

#
# Where the kernel names no descriptor (before Linux 6.10).
#
stop_daemon
mv "$BIN/fdbrokerd" "$BIN/fdbrokerd.real"
cat >"$BIN/fdbrokerd" <<EOF
#!/bin/sh
exec without linkfd "$BIN/fdbrokerd.real" "\$@"
EOF
chmod 0755 "$BIN/fdbrokerd"
cat >"$SCRATCH/mine" <<EOF
token $SCRATCH/private
put byproc mode=0644 text=x
put byproc text=x
put byproc replace text=y
link byproc2 byproc
EOF
is 'without: a private opener uses /proc' "$(run_as "$WORKER" without linkfd \
    "$BIN/fdbwriter" -p "$BIN/fdbroker-opener" "$SCRATCH/private" \
    <"$SCRATCH/mine" 2>&1)" "token $SCRATCH/private: ok
put byproc: ok
put byproc: kernel EEXIST
put byproc: ok
link byproc2: ok"
if without -l | grep -q linkfd && start_daemon; then
	is 'without: a temporary name, if it may be removed' \
	    "$(changes any <<EOF
token $DEST
put w text=first mode=0644
put w text=x
put w replace text=second
create gone
abandon gone
link w2 w
EOF
cat "$DEST/w")" "token $DEST: ok
put w: ok
put w: kernel EEXIST
put w: ok
create gone: ok
abandon gone: ok
link w2: kernel EOPNOTSUPP
second"
	like 'without: none otherwise' "$(changes self <<EOF
put $DEST/w3 text=x
EOF
)" "create $DEST/w3: kernel EOPNOTSUPP no file without a name *"
	held any <<EOF
create $DEST/half text=half
hold
EOF
	kill -KILL "$HOLDER"
	wait "$HOLDER"
	exec 8>&-
	none_left() { [ -z "$(left)" ]; }
	ok 'without: the end of a session removes its names' \
	    wait_until none_left
	stop_daemon
else
	skip 3 'fdbrokerd does not run without(1)'
fi

rm "$DEST/sock"
assert_clean
done_testing

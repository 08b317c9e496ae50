#!/bin/sh
#
# by_name.t: a role whose rules say `owner by-name': whom a client can give
# files to and whose it can change, what a reload makes of new accounts, what
# fdb_limit(3) leaves of wider roles, and archives from other machines.

# In a mount namespace, where /etc/passwd and /etc/group are the script's.
[ -n "${BY_NAME_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env BY_NAME_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
cd "$SCRATCH" || bail_out "$SCRATCH"
# The worker has no account; ANN and the group STAFF have one; NONE is nobody.
WORKER=64351 OWN=64352 ANN=64361 STAFF=64370 NONE=64399
SOCK=$RUNDIR/fdbroker.sock CTL=$RUNDIR/control.sock
DEST=$SCRATCH/dest
ctl() { timeout 40 fdbrokerctl -s "$CTL" "$@"; }

# accounts: write the databases, with a line more of the script's file.
accounts()
{
	{
		cat passwd.real
		echo "fdbann:x:$ANN:$ANN::/:/bin/false"
		echo "fdbown:x:$OWN:$OWN::/:/bin/false"
		[ ! -s added ] || cat added
	} >/etc/passwd
	{
		cat group.real
		echo "fdbann:x:$ANN:"
		echo "fdbstaff:x:$STAFF:"
	} >/etc/group
}
cp /etc/passwd passwd.real
cp /etc/group group.real
for i in passwd group; do
	cp $i.real $i
	mount --bind $i /etc/$i || bail_out "mount /etc/$i"
done
: >added
accounts

conf <<EOF2
log audit denied to "$SCRATCH/audit"
role "named" {
	peer user $WORKER
	permit create, mkdir, symlink, link, setmeta, replace "$DEST" \
	    owner by-name
}
role "any" {
	peer user $WORKER
	permit list, create, mkdir, symlink, link, setmeta "$DEST" owner any
}
role "self" {
	peer user $WORKER
	permit create, mkdir, setmeta "$DEST"
}
role "used" {
	peer user $WORKER
	use "part"
}
role "part" {
	permit create, mkdir, setmeta "$DEST" owner by-name
}
role "each" {
	peer user $OWN
	permit create, mkdir, setmeta "$SCRATCH/homes/%u" owner by-name
}
EOF2
changes() { run_as "$WORKER" fdbwriter "$SOCK" "$1" 2>&1; }
owner() { stat -c %u:%g "$@"; }
# fresh: a directory of the worker, and what others have in it.
fresh()
{
	rm -rf "$DEST"
	mkdir "$DEST" "$DEST/ann" "$DEST/none" "$DEST/half"
	echo none >"$DEST/file"
	chown $ANN:$STAFF "$DEST/ann"
	chown $NONE:$STAFF "$DEST/none"
	chown $ANN:$NONE "$DEST/half"
	chown $NONE:$NONE "$DEST/file"
}
fresh
mkdir -p homes/fdbown

count() { getent "$1" | cut -d : -f 3 | sort -u | wc -l; }
fdbrokerd -nv -f "$CONF" >shown 2>&1
like 'fdbrokerd -nv prints the words, and what they imply' "$(cat shown)" \
    '*permit create, link, mkdir, replace, setmeta, symlink *owner by-name*'\
'its opener keeps: CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER*owner by-name: '\
"$(count passwd) users and $(count group) groups have *"
plain() { sed '/^role "[a-z]*": /d; /configuration OK$/d' "$1"; }
plain shown >printed.conf
chmod 0644 printed.conf
ok 'what it prints is a configuration' \
    sh -c 'fdbrokerd -nv -f printed.conf >again 2>&1'
is 'and the same one' "$(plain again)" "$(cat printed.conf)"
ok 'the daemon starts' start_daemon || exit 1

#
# Numbers.
#
no() { echo "policy EACCES $1 has no account here, and fdbroker.conf:$2 says" \
    "owner by-name: make the account and reload fdbrokerd, or leave the" \
    "number out refused=0x2"; }
is 'by name: what is permitted' "$(changes named <<END
token $DEST
put ann-staff owner=$ANN:$STAFF text=x
put mine owner=$WORKER:$WORKER text=x
put mixed owner=$WORKER:$STAFF text=x
put root owner=0:0 text=x
symlink link x owner=$ANN:$ANN
mkdir dir
setmeta dir owner=$ANN:$ANN mode=0750
setmeta dir mode=0700
setmeta ann mode=0711
link again ann-staff
END
)" "token $DEST: ok
put ann-staff: ok
put mine: ok
put mixed: ok
put root: ok
symlink link: ok
mkdir dir: ok
setmeta dir: ok
setmeta dir: ok
setmeta ann: ok
link again: ok"
is 'by name: who has what' "$(cd dest && owner ann-staff mine mixed root link \
    dir)" "$ANN:$STAFF
$WORKER:$WORKER
$WORKER:$STAFF
0:0
$ANN:$ANN
$ANN:$ANN"
is 'by name: what is denied' "$(changes named <<END
token $DEST
try a owner=$NONE:$STAFF text=x
try b owner=$ANN:$NONE text=x
try c owner=$STAFF:$STAFF text=x
symlink d x owner=$NONE:$ANN
mkdir e
setmeta e owner=$ANN:$NONE
END
)" "token $DEST: ok
try a: $(no "user $NONE" 6)
try b: $(no "group $NONE" 6)
try c: $(no "user $STAFF" 6)
symlink d: $(no "user $NONE" 6)
mkdir e: ok
setmeta e: $(no "group $NONE" 6)"
is 'by name: nothing is left to a number without a name' \
    "$(find dest \( -uid $NONE -o -gid $NONE \) | sort)" 'dest/file
dest/half
dest/none'
is 'by name: what belongs to such a number is not changed' \
    "$(changes named <<END
token $DEST
setmeta none mode=0777
setmeta half mode=0777
setmeta none owner=$ANN:$STAFF
link other file
END
)" "token $DEST: ok
setmeta none: policy EACCES fdbroker.conf:6
setmeta half: policy EACCES fdbroker.conf:6
setmeta none: policy EACCES fdbroker.conf:6
link other: policy EACCES fdbroker.conf:6"
is 'a rule that comes by use says the same' "$(changes used <<END
put $DEST/used owner=$NONE:$STAFF text=x
put $DEST/used owner=$ANN:$STAFF text=x
END
)" "put $DEST/used: $(no "user $NONE" 21)
put $DEST/used: ok"
is "a user's own directory" "$(run_as $OWN fdbwriter "$SOCK" each <<END
put $SCRATCH/homes/fdbown/x owner=$NONE:$STAFF text=x
put $SCRATCH/homes/fdbown/x owner=$ANN:$STAFF text=x
END
)" "put $SCRATCH/homes/fdbown/x: $(no "user $NONE" 25)
put $SCRATCH/homes/fdbown/x: ok"

#
# What an administrator is told.
#
id=$(ctl show denied | awk '/fdbown/ { id = $1 } END { print id }')
ctl explain "$id" >said 2>&1
like 'explain names the number, and the cure' "$(tr '\n' ' ' <said |
    tr -s ' ')" "*user $NONE has no account here*give the number an account, \
and run fdbrokerctl reload*"
like 'the rules are shown with the words' "$(ctl show rules named)" \
    '*owner by-name*'
is 'the audit has a reason of its own' \
    "$(grep -c '"policy":"no-account"' audit)" 7

#
# Accounts come and go: a reload notices, for live sessions, too.
#
mkfifo commands
run_as $WORKER fdbwriter "$SOCK" named <commands >live 2>&1 &
writer=$!
exec 8>commands
echo "token $DEST" >&8
wait_line live '^token'
echo "fdbnew:x:$NONE:$STAFF::/:/bin/false" >added
accounts
echo "put new owner=$NONE:$STAFF text=x" >&8
wait_line live '^put new: policy EACCES'
ctl reload >said 2>&1
ok 'before a reload, a new account has none' grep -q 'put new: policy' live
like 'a reload tells which role changes' "$(cat said)" \
    '*role "named" changes: which users and groups have accounts*'
echo "put newer owner=$NONE:$STAFF text=x" >&8
wait_line live '^put newer: '
ok 'after a reload, it may be given files' grep -qx 'put newer: ok' live
: >added
accounts
ctl reload >/dev/null 2>&1
echo "put newest owner=$NONE:$STAFF text=x" >&8
exec 8>&-
wait $writer
like 'an account that is gone has none' "$(tail -n 1 live)" \
    "put newest: policy EACCES user $NONE has no account*"

#
# A session narrows what it may choose, and gets nothing back.
#
fresh
narrow="permit create, mkdir, link, setmeta \"$DEST\""
is 'narrowing' "$(changes any <<END
token $DEST
put a owner=$NONE:$NONE text=x
limit $narrow
put b owner=$NONE:$NONE text=x
limit $narrow owner by-name
put c owner=$ANN:$STAFF text=x
try d owner=$NONE:$STAFF text=x
link e file
setmeta none mode=0777
limit $narrow owner $ANN group $STAFF
put f owner=$ANN:$STAFF text=x
try g owner=0:0 text=x
try h owner=$WORKER:$WORKER text=x
setmeta ann mode=0700
limit $narrow owner any
try i owner=0:0 text=x
limit $narrow owner self
try j owner=$ANN:$STAFF text=x
put k text=x
limit $narrow owner "root"
END
)" "token $DEST: ok
put a: ok
limit: ok
put b: ok
limit: ok
put c: ok
try d: $(no "user $NONE" 1 | sed 's/fdbroker.conf/policy/')
link e: policy EACCES fdbroker.conf:10
setmeta none: policy EACCES fdbroker.conf:10
limit: ok
put f: ok
try g: policy EACCES policy:1 refused=0x2
try h: policy EACCES policy:1 refused=0x2
setmeta ann: ok
limit: ok
try i: policy EACCES policy:1 refused=0x2
limit: ok
try j: policy EACCES policy:1 refused=0x2
put k: ok
limit: policy: names of owners and groups cannot be looked up here; write \
numbers"
is 'what is made belongs to whom the role gives it' "$(owner dest/k)" \
    $WORKER:$WORKER
is 'a role of one owner does not get others' "$(changes self <<END
limit $narrow owner any
try $DEST/l owner=$ANN:$STAFF text=x
limit $narrow owner by-name
try $DEST/m owner=$ANN:$STAFF text=x
put $DEST/n owner=$WORKER:$WORKER text=x
END
)" "limit: ok
try $DEST/l: policy EACCES fdbroker.conf:14 refused=0x2
limit: ok
try $DEST/m: policy EACCES fdbroker.conf:14 refused=0x2
put $DEST/n: ok"

id=$(ctl show denied | awk '/dest\/j/ { id = $1 } END { print id }')
ctl explain "$id" >said 2>&1
like 'explain says who gave the right up' "$(tr -s ' \n' ' ' <said)" \
    '*because of an owner: the rule at policy:1 *client itself gave up*'
id=$(ctl show denied | awk '/dest\/m/ { id = $1 } END { print id }')
ctl explain "$id" >said 2>&1
like 'explain says which owners a rule may permit' \
    "$(tr -s ' \n' ' ' <said)" '*write owner by-name, owner any or another*'

#
# An archive from another machine, where these names have other numbers.
#
mkdir there
echo x >there/ours
echo x >there/theirs
tar --format=pax --owner=fdbann:77001 --group=fdbstaff:77002 \
    -cf foreign.tar -C there ours
tar --format=pax --owner=fdbother:$NONE --group=fdbother:$NONE \
    -rf foreign.tar -C there theirs
extract()
{
	run_as $WORKER fdbackup extract --role named -s "$SOCK" -f - \
	    -C "$DEST" "$@" <foreign.tar
}
fresh
exits 5 'another machine: status' extract
is 'another machine: names count' "$(owner dest/ours)" $ANN:$STAFF
is 'another machine: who has no name here is not the owner' \
    "$(owner dest/theirs)" $WORKER:$WORKER
like 'another machine: the member is named, with the number' \
    "$(cat err)" "*theirs: restored without its owner: denied by policy \
(user $NONE has no account here*"
like 'another machine: the other is not' "$(grep -c 'ours:' err)" 0
fresh
exits 5 'another machine, by number: status' extract --numeric-owner
is 'another machine, by number: nobody gets anything' \
    "$(owner dest/ours dest/theirs)" "$WORKER:$WORKER
$WORKER:$WORKER"
is 'another machine, by number: each member is named' \
    "$(grep -c 'restored without its owner: denied by policy' err)" 2
fresh
ok 'another machine: --no-owner' extract --no-owner

# Without a daemon, root may ask for the same.
fresh
exits 5 'known owners: status' fdbackup extract -f foreign.tar -C dest \
    --known-owners
is 'known owners: who has what' "$(owner dest/ours dest/theirs)" \
    "$ANN:$STAFF
0:0"
like 'known owners: the member is named, with the number' "$(cat err)" \
    "*theirs: restored without its owner: denied by policy (user $NONE has \
no account here, and --known-owners says owner by-name: make the account, or \
leave the number out)*"
fresh
ok 'known owners: without, everybody gets something' \
    fdbackup extract -f foreign.tar -C dest
is 'known owners: without, who has what' "$(owner dest/theirs)" $NONE:$NONE
exits 2 'known owners: not with a role' extract --known-owners
like 'known owners: not with a role, and why' "$(cat err)" \
    '*a role says owner by-name*'
# A program's own opener makes files, and lets nobody choose.
chown $WORKER dest
ok 'a private policy may say it' run_as $WORKER fdbprivate \
    "permit append, create \"$DEST/own\" owner by-name" "c$DEST/own"
is 'a private policy: whose it is' "$(owner dest/own)" $WORKER:$WORKER

#
# Lists of rights name users, too.
#
echo x >there/list
if setfacl -m "u:$NONE:r" there/list 2>/dev/null &&
    cp -a there/list dest/ 2>/dev/null && getfacl -n dest/list |
    grep -q $NONE; then
	chown $ANN:$STAFF there/list
	fdbackup create --none -f list.tar -C there list 2>/dev/null
	setfacl -b -m "u:$ANN:r,g:$STAFF:r" there/list
	fdbackup create --none -f good.tar -C there list 2>/dev/null
	give()
	{
		run_as $WORKER fdbackup extract --role "$1" -s "$SOCK" -f - \
		    -C "$DEST" <"$2"
	}
	rights() { getfacl -cn dest/list 2>/dev/null | grep '^[a-z]*:[0-9]'; }
	fresh
	exits 5 'a list of rights: status' give named list.tar
	like 'a list of rights: the reason' "$(cat err)" \
	    "*list: restored without its access control lists: *user \
$NONE has no account here*"
	is 'a list of rights: nobody gets one' "$(rights)" ''
	is 'a list of rights: the owner is restored' "$(owner dest/list)" \
	    $ANN:$STAFF
	fresh
	ok 'a list of accounts: status' give named good.tar
	is 'a list of accounts: they get their rights' "$(rights)" \
	    "user:$ANN:r--
group:$STAFF:r--"
	fresh
	ok 'a list of rights, owner any: status' give any list.tar
	is 'a list of rights, owner any: it is restored' "$(rights)" \
	    "user:$NONE:r--"
else
	skip 8 'needs ACLs'
fi

#
# Where it cannot work.
#
sed 's/^role "used" {/&\n	as user "fdbann"/' "$CONF" >asuser.conf
exits 1 'as user' fdbrokerd -n -f asuser.conf
like 'as user: the reason' "$(cat err)" '*cannot give files away*'
stop_daemon
is 'the daemon ends' "$DAEMON_STATUS" 0
assert_clean
done_testing

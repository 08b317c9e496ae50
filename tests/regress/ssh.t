#!/bin/sh
#
# ssh.t: fdbackup --host by OpenSSH, with an sshd of its own on loopback, which
# has its own keys and configuration: as root and as another user, with forced
# commands, in a role, and when connections die.

# In a mount namespace, which has a user with a shell in its /etc/passwd.
[ -n "${SSH_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env SSH_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
for SSHD in /usr/sbin/sshd /usr/local/sbin/sshd none; do
	[ ! -x "$SSHD" ] || break
done
[ "$SSHD" != none ] || skip_all 'needs sshd (openssh-server)'
command -v ssh >/dev/null || skip_all 'needs ssh (openssh-client)'
command -v python3 >/dev/null || skip_all 'needs python3'
cd "$SCRATCH" || bail_out "$SCRATCH"
WHO=fdbssh
WHO_ID=64242
{
	cat /etc/passwd
	echo "$WHO:*:$WHO_ID:$WHO_ID::$SCRATCH:/bin/sh"
} >passwd
mount --bind passwd /etc/passwd || bail_out mount
at_exit 'umount -l /etc/passwd'
SOCK=$RUNDIR/fdbroker.sock

errors() { cat "$SCRATCH/err"; }
temporary() { find . -name '.fdbackup*'; }

#
# One sshd for root and one for the other user: without root's rights it can
# serve only the user who started it, and needs no entry in the system's files.
#
mkdir -m 755 keys
for key in host nightly free restore; do
	ssh-keygen -q -t ed25519 -N '' -f "keys/$key"
done
free_port()
{
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
# What sshd(8) runs has the PATH of a login: name the copies.
forced() { printf 'command="%s %s",restrict ' "$SCRATCH/serve" "$1"; }
cat >serve <<EOS
#!/bin/sh
PATH=$PATH TMPDIR=$TMPDIR FDBROKER_OPENER=$FDBROKER_OPENER
export PATH TMPDIR FDBROKER_OPENER
exec fdbackup serve "\$@"
EOS
chmod 755 serve
mkdir -m 755 tree restored
echo one >tree/one
echo secret >tree/secret
chmod 600 tree/secret
head -c 3000000 /dev/urandom >tree/big
chmod 755 tree
{
	forced "--only create --role nightly -s $SOCK $SCRATCH/tree"
	cat keys/nightly.pub
	forced ''
	cat keys/free.pub
	forced "--only extract -C $SCRATCH/restored"
	cat keys/restore.pub
} >keys/authorized
chmod 644 keys/authorized

# sshd_start NAME USER: $PORT is where it listens.
sshd_start()
{
	mkdir -p "$1"
	cp keys/host "$1/host"
	PORT=$(free_port)
	cat >"$1/config" <<EOC
Port $PORT
ListenAddress 127.0.0.1
HostKey $SCRATCH/$1/host
PidFile $SCRATCH/$1/pid
AuthorizedKeysFile $SCRATCH/keys/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
EOC
	chmod 600 "$1/host"
	chown -R "$2" "$1"
	if [ "$2" = root ]; then
		"$SSHD" -D -e -f "$SCRATCH/$1/config" 2>"$1/log" &
	else
		run_as "$WHO_ID" "$SSHD" -D -e -f "$SCRATCH/$1/config" \
		    2>"$1/log" &
	fi
	wait_line "$1/log" 'Server listening on'
	wait_until test -s "$1/pid"
	at_exit "kill $(cat "$1/pid")"
	printf '[127.0.0.1]:%s %s\n' "$PORT" "$(cat keys/host.pub)" >>known
}
# rsh KEY: what --rsh gets.
rsh()
{
	printf 'ssh -F none -a -x -T -o BatchMode=yes -o IdentitiesOnly=yes '
	printf -- '-o UserKnownHostsFile=%s -i %s -p %s' "$SCRATCH/known" \
	    "$SCRATCH/keys/$1" "$PORT"
}

conf <<EOF
role "nightly" {
	peer user $WHO_ID
	peer user "root"
	permit read, list "$SCRATCH/tree"
}
EOF
ok 'the daemon starts' start_daemon
# Privilege separation of sshd wants it, as the package's unit makes it.
[ -d /run/sshd ] || { mkdir -m 755 /run/sshd; at_exit 'rmdir /run/sshd'; }

# ssh_run KEY USER COMMAND: what ssh alone gets.
ssh_run()
{
	# shellcheck disable=SC2046
	$(rsh "$1") -- "$2@127.0.0.1" "$3" 2>/dev/null
}

# tries NAME USER: everything, against the sshd of this user.
tries()
{
	there=$2@127.0.0.1
	ok "$1: create" fdbackup create --host "$there" \
	    --rsh "$(rsh nightly)" -f "$1.tar.zst"
	like "$1: create: the summary" "$(errors)" \
	    "*fdbackup: $there: 4 files, *"
	ok "$1: verify" fdbackup verify -f "$1.tar.zst"
	like "$1: the role reads what the user may not" \
	    "$(fdbackup list -f "$1.tar.zst")" '*tree/secret*'
	exits "$STATUS_USAGE" "$1: another path is refused" \
	    fdbackup create --host "$there" --rsh "$(rsh nightly)" \
	    -f x.tar /etc
	like "$1: another path is refused: is said" "$(errors)" \
	    "*$there: /etc: the command line of fdbackup serve does not *"
	exits "$STATUS_USAGE" "$1: another role is refused" \
	    fdbackup create --host "$there" --rsh "$(rsh nightly)" \
	    --role other -f x.tar
	is "$1: the key runs no other command" \
	    "$(ssh_run nightly "$2" id </dev/null | head -c 16 |
	    tail -c 8)" FDBACKUP
	rm -rf restored
	mkdir restored
	chown "$2" restored
	ok "$1: extract" fdbackup extract --host "$there" \
	    --rsh "$(rsh restore)" --strip-components 3 --no-owner \
	    --overwrite replace -f "$1.tar.zst"
	ok "$1: extract: it is what was stored" cmp tree/big restored/big
	is "$1: extract: as this user" "$(stat -c %U restored/big)" "$2"
	ok "$1: a key for everything" fdbackup create --host "$there" \
	    --rsh "$(rsh free)" -f free.tar "$SCRATCH/tree/one"
	exits "$STATUS_FATAL" "$1: a key that is not known" \
	    fdbackup create --host "$there" --rsh "$(rsh host)" -f x.tar /
	like "$1: a key that is not known: is said" "$(errors)" \
	    "*fdbackup: $there: *Permission denied*
fdbackup: $there: cannot connect*"
	is "$1: refusals make no archive" "$(find . -name x.tar)" ''
}

is_unserved() { [ -z "$(run_named '^fdbackup serve')" ]; }

# dies NAME USER SIGNAL: ssh dies while the archive is under way.
dies()
{
	there=$2@127.0.0.1
	mkfifo fifo
	: >run.err
	fdbackup create --host "$there" --rsh "$(rsh free)" --none \
	    --progress 1 -f fifo "$SCRATCH/large" 2>run.err &
	run=$!
	exec 8<>fifo
	wait_line run.err 'at .*big$'
	kill -s "$3" "$(pgrep -P "$run")"
	cat fifo >/dev/null &
	exec 8<&-
	wait "$run"
	is "$1: ssh gets SIG$3: the status" "$?" "$STATUS_FATAL"
	like "$1: ssh gets SIG$3: is said" "$(tail -n 1 run.err)" \
	    "*$there: the connection broke before the archive *"
	ok "$1: ssh gets SIG$3: nothing is left there" wait_until is_unserved
	rm fifo
}
mkdir large
head -c 60000000 /dev/zero | tr '\0' x >large/big

sshd_start root.d root
tries root root
dies root root KILL
sshd_start user.d "$WHO"
tries user "$WHO"
dies user "$WHO" TERM
is 'no temporary file is left' "$(temporary)" ''
stop_daemon
assert_clean
done_testing

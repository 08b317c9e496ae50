#!/bin/sh
#
# command.t: the same log for the same command in the four arrangements of
# fdb_command(3): in a process, on a thread, in another process, and behind
# ssh(1), on this machine, with keys and configuration of its own.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"

ok 'an object' logcommand object object
ok 'a thread' logcommand thread thread
ok 'a process' logcommand process process logcommand serve
ok 'behind two pipes' logcommand remote pipes logcommand serve
is 'all lines' "$(wc -l <object)" 50000
for how in thread process pipes; do
	ok "$how: the same log" cmp object $how
done
fails 'no helper' logcommand remote none false
like 'says so' "$(cat "$SCRATCH/err")" '*Broken pipe*'
fails 'a helper that prints a banner' logcommand remote none \
    sh -c 'echo Welcome to this machine.; exec logcommand serve'
like 'says so' "$(cat "$SCRATCH/err")" '*Protocol error*'
if [ -e /dev/full ]; then
	fails 'a full disk' logcommand remote /dev/full logcommand serve
	like 'says so' "$(cat "$SCRATCH/err")" '*No space left*'
else
	skip 2 'needs /dev/full'
fi

finish()
{
	assert_clean
	done_testing
	exit 0
}

sshd=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd) ||
    { skip 4 'needs sshd(8): OpenSSH'; finish; }
if ! command -v ssh >/dev/null || ! command -v ssh-keygen >/dev/null; then
	skip 4 'needs ssh(1) and ssh-keygen(1)'
	finish
fi

mkdir -m 0700 ssh
for key in host user; do
	ssh-keygen -q -t ed25519 -N '' -f ssh/$key </dev/null ||
	    bail_out 'ssh-keygen'
done
cp ssh/user.pub ssh/authorized
# sshd serves one connection on its standard input: no port is bound.
cat >ssh/sshd_config <<END
HostKey $SCRATCH/ssh/host
AuthorizedKeysFile $SCRATCH/ssh/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
END
printf 'here %s\n' "$(cat ssh/host.pub)" >ssh/known
cat >ssh/config <<END
Host here
	HostKeyAlias here
	ProxyCommand $sshd -i -f $SCRATCH/ssh/sshd_config 2>>$SCRATCH/ssh/log
	IdentityFile $SCRATCH/ssh/user
	IdentitiesOnly yes
	UserKnownHostsFile $SCRATCH/ssh/known
	GlobalKnownHostsFile none
	BatchMode yes
END
over_ssh() { ssh -T -F "$SCRATCH/ssh/config" here "$@"; }
# sshd of Debian wants its directory, which its unit makes.
if [ "$(id -u)" -eq 0 ] && [ ! -e /run/sshd ]; then
	mkdir -m 0755 /run/sshd && at_exit 'rmdir /run/sshd'
fi
if ! over_ssh true 2>ssh/err; then
	diag "$(tail -n 3 ssh/err ssh/log)"
	skip 4 'no ssh(1) to this machine'
	finish
fi
ok 'behind ssh' logcommand remote ssh.log ssh -T -F "$SCRATCH/ssh/config" \
    here "$BIN/logcommand" serve
ok 'the same log' cmp object ssh.log
fails 'no helper there' logcommand remote none ssh -T \
    -F "$SCRATCH/ssh/config" here "$BIN/no-such-program"
like 'says so' "$(cat "$SCRATCH/err")" '*Broken pipe*'
finish

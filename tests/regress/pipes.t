#!/bin/sh
#
# pipes.t: the pipelines of fdbackup(1) to and from other programs: what comes
# back is the archive, and verifies.  A program that is not there is skipped.

. "$(dirname "$0")/lib.sh"

need_daemon
cd "$SCRATCH" || bail_out "$SCRATCH"
mkdir -p tree/dir
printf hello >tree/file
head -c 300000 /dev/urandom >tree/dir/random
ln tree/file tree/hard
ln -s file tree/link

# has PROGRAM N: it is there, or N results are skipped
has()
{
	command -v "$1" >/dev/null && return
	skip "$2" "needs $1"
	return 1
}
# pipeline DESC COMMAND: all of its programs succeed
pipeline()
{
	ok "$1" bash -c "set -o pipefail; $2"
}

if has bash 16; then
	if has restic 3; then
		export RESTIC_PASSWORD=test RESTIC_CACHE_DIR="$SCRATCH/cache"
		ok 'restic: a repository' restic -q init -r repository
		pipeline 'restic: backup' 'fdbackup create --none -f - tree |
		    restic -q -r repository backup --stdin \
		    --stdin-filename tree.tar'
		pipeline 'restic: what it dumps verifies' 'restic -q \
		    -r repository dump latest tree.tar | fdbackup verify -f -'
	fi
	if has borg 4; then
		export BORG_BASE_DIR="$SCRATCH/borg"
		export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
		ok 'borg: a repository' borg init -e none borgs
		pipeline 'borg: import-tar' 'fdbackup create --none -f - tree |
		    borg import-tar borgs::tree -'
		ok 'borg: export-tar' borg export-tar borgs::tree borg.tar
		is 'borg: list of what it exports' \
		    "$(fdbackup list -f borg.tar | sort)" \
		    "$(find tree | sort)"
	fi
	if has age 2; then
		age-keygen -o key 2>/dev/null
		age_to=$(sed -n 's/^# public key: //p' key)
		pipeline 'age: encrypt' "fdbackup create -f - tree |
		    age -r $age_to >tree.age"
		pipeline 'age: what it decrypts verifies' 'age -d -i key \
		    tree.age | fdbackup verify -f -'
	fi
	if has gpg 2; then
		mkdir -m 0700 gnupg
		export GNUPGHOME="$SCRATCH/gnupg"
		pipeline 'gpg: encrypt' 'fdbackup create -f - tree |
		    gpg --batch -q --passphrase x --pinentry-mode loopback \
		    -c -o tree.gpg'
		pipeline 'gpg: what it decrypts verifies' 'gpg --batch -q \
		    --passphrase x --pinentry-mode loopback -d tree.gpg |
		    fdbackup verify -f -'
		gpgconf --kill all 2>/dev/null
		unset GNUPGHOME
	fi
	sshd=${SSHD:-/usr/sbin/sshd}
	if command -v ssh >/dev/null && [ -x "$sshd" ] &&
	    getent passwd sshd >/dev/null; then
		ssh-keygen -q -t ed25519 -N '' -f host
		ssh-keygen -q -t ed25519 -N '' -f user
		cat >sshd.conf <<END
HostKey $SCRATCH/host
AuthorizedKeysFile $SCRATCH/user.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
END
		cat >remote <<END
#!/bin/sh
exec ssh -F none -i $SCRATCH/user -o UserKnownHostsFile=/dev/null \
    -o StrictHostKeyChecking=no -o LogLevel=ERROR -o ProxyCommand=\
"$sshd -i -f $SCRATCH/sshd.conf" root@vault "cd $SCRATCH && \$1"
END
		chmod +x remote
		# It needs this directory, whatever it is asked to do.
		mkdir /run/sshd 2>/dev/null && at_exit 'rmdir /run/sshd'
		pipeline 'ssh: store' 'fdbackup create -f - tree |
		    ./remote "cat >tree.ssh"'
		pipeline 'ssh: what it sends back verifies' \
		    './remote "cat tree.ssh" | fdbackup verify -f -'
	else
		skip 2 'needs ssh, and sshd with its user'
	fi
	# Without pipefail nobody learns of a failure here, but of the cut.
	fdbackup create --none -f - tree 2>/dev/null | head -c 100000 >part
	exits 1 'a pipeline that breaks: verify notices' \
	    fdbackup verify -f part
	ok 'a pipeline that breaks: there is something' test -s part
	pipeline 'gzip: what it decompresses verifies' \
	    'fdbackup create --none -f - tree | gzip | fdbackup verify -f -'
fi

done_testing

#!/bin/sh
#
# spelling.t: file systems that know a file by several names.  Rules are about
# names, so a file is reached by the name that its directory lists, or not at
# all.  foldfs is such a file system by fuse(4); the others need a kernel that
# has them.

# In a mount namespace: the mounts below end with the script.
[ -n "${SPELLING_NS:-}" ] || ! unshare -m true 2>/dev/null ||
    exec env SPELLING_NS=1 unshare -m sh "$0"

. "$(dirname "$0")/lib.sh"

need_daemon
need mntns
WORKER=64155
SOCK=$RUNDIR/fdbroker.sock
FS=$SCRATCH/fs
OTHER=$SCRATCH/other
mkdir "$FS" "$OTHER" "$SCRATCH/exact"
mount -t tmpfs none "$SCRATCH/exact"
mkdir "$SCRATCH/exact/Secret"
echo denied >"$SCRATCH/exact/Secret/key"
echo public >"$SCRATCH/exact/file"

client() { run_as "$WORKER" fdbclient "$@" 2>&1; }

# names FILE SYSTEM...: roles for what is beneath $OTHER.
roles()
{
	conf <<-EOF
	role "some" {
		peer user "$WORKER"
		permit read "$1"
		deny "$1/Secret" label "secret"
		deny "$1/away/SECRET" "$1/back/SECRET"
	}
	role "top" {
		peer user "$WORKER"
		permit read "$SCRATCH"
		deny "$1/Secret" label "secret"
	}
	role "glob" {
		peer user "$WORKER"
		permit read "$1/*/file"
	}
	role "links" {
		peer user "$WORKER"
		permit read "$1"
		deny "$1/Secret" label "secret"
		option follow
	}
	role "all" {
		peer user "$WORKER"
		permit read "$1"
	}
	role "drop" {
		peer user "$WORKER"
		permit write, create "$1/drop"
		deny "$1/drop/no"
	}
	role "exact" {
		peer user "$WORKER"
		permit read "$SCRATCH/exact"
		deny "$SCRATCH/exact/Secret"
	}
	log audit denied to "$SCRATCH/audit"
	EOF
}

# aliases WHAT DIR: what must hold in any such file system: DIR has Public/file
# and Secret/key, and the role denies Secret.
aliases()
{
	for role in some top links; do
		is "$1, $role: a name as it is listed" \
		    "$(client "$SOCK" "$role" "$2/Public/file")" \
		    "$2/Public/file: ok 7"
		like "$1, $role: a denied name as it is listed" \
		    "$(client "$SOCK" "$role" "$2/Secret/key")" \
		    "$2/Secret/key: policy EACCES * \"secret\""
		is "$1, $role: other spellings are not there" \
		    "$(client "$SOCK" "$role" "$2/SECRET/key" \
		    "$2/secret/KEY" "$2/SeCrEt/key" "$2/public/file" \
		    "$2/Public/FILE" | cut -d : -f 2 | sort | uniq -c |
		    sed 's/^ *//')" '5  kernel ENOENT'
	done
	is "$1: a directory in another spelling is not listed" \
	    "$(client -l "$SOCK" some "$2/SECRET" "$2/public" |
	    cut -d : -f 2 | sort -u)" ' kernel ENOENT'
	is "$1: it is listed as it is spelled" \
	    "$(client -l "$SOCK" some "$2/Public")" "$2/Public/file"
	is "$1: beneath a token too" "$(echo | client -h -k -l -b FILE \
	    "$SOCK" some "$2/Public" | tail -n 1)" 'FILE: kernel ENOENT'
	is "$1: a walk does not begin in another spelling" \
	    "$(client -t n "$SOCK" some "$2/SECRET" "$2/public" \
	    "$2/Public/FILE")" 'end ENOENT 0
end ENOENT 0
end ENOENT 0'
	is "$1: a walk finds what is listed" \
	    "$(client -t n "$SOCK" some "$2/Public" | cut -d ' ' -f 1,2 |
	    tr '\n' ,)" 'entry ,entry /file,leave ,end OK,'
	is "$1: a walk finds no tag in another spelling" \
	    "$(client -t n -t i=FILE "$SOCK" some "$2/Public" |
	    cut -d ' ' -f 1,2 | tr '\n' ,)" 'entry ,entry /file,leave ,end OK,'
	is "$1: a walk finds a tag as it is listed" \
	    "$(client -t n -t i=file "$SOCK" some "$2/Public" |
	    grep -c '^skipped / tagged')" 1
	is "$1: a pattern" "$(client "$SOCK" glob "$2/Public/file" \
	    "$2/public/file")" "$2/Public/file: ok 7
$2/public/file: kernel ENOENT"
	is "$1: no rule tells names apart: any spelling" \
	    "$(client "$SOCK" all "$2/public/FILE")" "$2/public/FILE: ok 7"
}

finish()
{
	done_testing
	exit 0
}

#
# Exact file systems.
#
conf <<EOF
role "exact" {
	peer user "$WORKER"
	permit read "$SCRATCH/exact"
}
role "named" {
	peer user "$WORKER"
	permit read "$SCRATCH/exact/file" "$SCRATCH/exact/Secret/key"
	permit read "$SCRATCH/exact/one" "$SCRATCH/exact/two"
}
EOF
touch "$SCRATCH/exact/one" "$SCRATCH/exact/two"
fdbrokerd -nv -f "$CONF" >"$SCRATCH/out" 2>"$SCRATCH/err"
like 'fdbrokerd -nv tells the kind of each root' "$(cat "$SCRATCH/err")" \
    "*role \"exact\": $SCRATCH/exact: names are exact*"
is 'it tells that once for the named files of a directory' \
    "$(grep -c "role \"named\": $SCRATCH/exact: " "$SCRATCH/err")" 1

#
# foldfs.
#
if [ ! -c /dev/fuse ] || [ ! -x "$BIN/foldfs" ]; then
	skip 1 'needs fuse(4)'
	finish
fi
foldfs "$FS" >"$SCRATCH/foldfs" 2>"$SCRATCH/foldfs.err" &
foldfs=$!
at_exit "umount -l $FS 2>/dev/null; kill $foldfs 2>/dev/null"
if ! wait_line "$SCRATCH/foldfs" '^mounted'; then
	skip 1 "needs to mount fuse(4): $(cat "$SCRATCH/foldfs.err")"
	finish
fi
roles "$FS"
fdbrokerd -nv -f "$CONF" >"$SCRATCH/out" 2>"$SCRATCH/err"
like 'fdbrokerd -nv: this one is read' "$(cat "$SCRATCH/err")" \
    "*role \"some\": $FS: names are not known to be exact; directories are*"
like 'fdbrokerd -nv: this one is not checked' "$(cat "$SCRATCH/err")" \
    "*role \"all\": $FS: names are *so nothing is checked*"
ok 'the daemon starts' start_daemon || exit 1
is 'the file system knows other spellings' "$(cat "$FS/SECRET/key.")" denied

aliases foldfs "$FS"
is 'foldfs: dots at the end' "$(client "$SOCK" some "$FS/Secret./key" \
    "$FS/Secret/key." "$FS/Public/file.." | cut -d ' ' -f 2-3 | sort |
    uniq -c | sed 's/^ *//')" '2 kernel ENOENT
1 policy EACCES'
is 'foldfs: what is not listed is not there' \
    "$(cat "$FS/.snapshot/file") $(client "$SOCK" some "$FS/.snapshot/file")" \
    "snapshot $FS/.snapshot/file: kernel ENOENT"
ok 'foldfs: the audit has it as a denial' wait_line "$SCRATCH/audit" \
    '/SECRET/key.*"reason":"policy","policy":"misspelt","errno":"ENOENT"'
is 'foldfs: exchanged for another spelling while it is opened' \
    "$(client "$SOCK" some "$FS/away/secret")" \
    "$FS/away/secret: kernel ENOENT"
is 'foldfs: exchanged for this spelling while it is opened' \
    "$(client "$SOCK" some "$FS/back/secret")" "$FS/back/secret: ok 7"
is 'foldfs: another file system beneath the root stays exact' \
    "$(client "$SOCK" top "$SCRATCH/exact/file")" "$SCRATCH/exact/file: ok 7"

# Creating.
is 'foldfs: a file is created' "$(client -w "$SOCK" drop "$FS/drop/new")" \
    "$FS/drop/new: written"
is 'foldfs: and written to again' \
    "$(client -w "$SOCK" drop "$FS/drop/new" | cut -d : -f 2)" ' written'
is 'foldfs: not by another name' "$(client -w "$SOCK" drop "$FS/drop/NEW")" \
    "$FS/drop/NEW: kernel EEXIST"
otherwise='created under another name, and left empty'
is 'foldfs: nor created under another name' \
    "$(client -w "$SOCK" drop "$FS/drop/no.")" \
    "$FS/drop/no.: kernel EINVAL $otherwise"

# A request for many files of a directory reads it once.
ok 'foldfs: 3000 files of one directory' run_as "$WORKER" fdbackup create \
    -s "$SOCK" -r some -f /dev/null "$FS/many"
stop_daemon
is 'the daemon ends with status 0' "$DAEMON_STATUS" 0
umount "$FS"
wait "$foldfs"

#
# What the kernel has.
#
# other WHAT: the checks on what is mounted on $OTHER.
other()
{
	mkdir "$OTHER/top/Public" "$OTHER/top/Secret" "$OTHER/top/drop"
	mkdir "$OTHER/top/away" "$OTHER/top/back"
	echo public >"$OTHER/top/Public/file"
	echo denied >"$OTHER/top/Secret/key"
	roles "$OTHER/top"
	start_daemon
	aliases "$1" "$OTHER/top"
	stop_daemon
}
image()
{
	rm -f "$SCRATCH/image"
	truncate -s 64M "$SCRATCH/image" &&
	    "$@" "$SCRATCH/image" >/dev/null 2>&1 &&
	    mount -o loop "$SCRATCH/image" "$OTHER" 2>/dev/null
}
if mount -t tmpfs -o casefold none "$OTHER" 2>/dev/null &&
    mkdir "$OTHER/top" && chattr +F "$OTHER/top" 2>/dev/null; then
	other 'tmpfs with casefold'
else
	skip 1 'needs tmpfs with casefold'
fi
umount "$OTHER" 2>/dev/null
if image mkfs.ext4 -q -O casefold && mkdir "$OTHER/top" &&
    chattr +F "$OTHER/top" 2>/dev/null; then
	other 'ext4 with casefold'
else
	skip 1 'needs ext4 with casefold'
fi
umount "$OTHER" 2>/dev/null
if image mkfs.vfat && mkdir "$OTHER/top"; then
	other vfat
else
	skip 1 'needs vfat and mkfs.vfat(8)'
fi
umount "$OTHER" 2>/dev/null

assert_clean
done_testing

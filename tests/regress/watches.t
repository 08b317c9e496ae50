#!/bin/sh
#
# watches.t: a name that is watched: a confined worker gets a descriptor of each
# file that comes to stand there, in the ways in which programs replace files.

. "$(dirname "$0")/lib.sh"

need_daemon
WORKER=64171
SOCK=$RUNDIR/fdbroker.sock
DATA=$SCRATCH/data
LIVE=$DATA/tls/live/host
mkdir -p "$LIVE" "$DATA/tls/archive/host" "$DATA/log" "$DATA/etc" \
    "$DATA/secret"
echo one >"$DATA/tls/archive/host/cert1.pem"
ln -s ../../archive/host/cert1.pem "$LIVE/cert.pem"
echo first >"$DATA/etc/file"
echo secret >"$DATA/secret/file"

# policy RULE: the role's last rule.
policy()
{
	conf <<EOC
log audit denied to "$SCRATCH/audit"
role "tls" {
	peer user $WORKER
	permit read "$DATA"
	deny "$DATA/secret"
	option follow
	${1:-}
}
role "log" {
	peer user $WORKER
	permit append "$DATA/log"
}
role "small" {
	peer user $WORKER
	permit read "$DATA/etc"
	limit tokens 4
}
EOC
}
policy
ok 'the daemon starts' start_daemon || exit 1

# watch_start [OPTION...] ROLE PATH...: let fdbwatch run until watch_end; what
# it prints is in $SCRATCH/told.
watch_start()
{
	watch_options=
	while [ "${1#-}" != "$1" ]; do
		watch_options="$watch_options $1"
		shift
	done
	rm -f "$SCRATCH/hold"
	mkfifo "$SCRATCH/hold"
	# shellcheck disable=SC2086
	run_as "$WORKER" fdbwatch $watch_options "$SOCK" "$@" \
	    <"$SCRATCH/hold" >"$SCRATCH/told" 2>"$SCRATCH/told.err" &
	WATCHER=$!
	exec 8>"$SCRATCH/hold"
}
watch_end()
{
	exec 8>&-
	wait "$WATCHER"
}
lines() { grep -c . "$SCRATCH/told"; }
told() { [ "$(tail -n 1 "$SCRATCH/told")" = "$1" ]; }
# tells DESC LINE: it comes to be the last line.
tells()
{
	if wait_until told "$2"; then
		pass "$1"
	else
		fail "$1"
		diag "$(cat "$SCRATCH/told" "$SCRATCH/told.err")"
	fi
}

# certbot: a new file in archive/, and the link is replaced.  The shell has no
# call for that: ln makes the link under another name and renames it.
watch_start -c tls "$LIVE/cert.pem"
tells 'the certificate comes at once' "$LIVE/cert.pem: file one"
echo two >"$DATA/tls/archive/host/cert2.pem"
ln -sfn ../../archive/host/cert2.pem "$LIVE/cert.pem"
tells 'a link that is swapped' "$LIVE/cert.pem: file two"
echo three >"$DATA/tls/archive/host/cert3.pem"
rm "$LIVE/cert.pem"
ln -s ../../archive/host/cert3.pem "$LIVE/cert.pem"
tells 'a link that is removed and made' "$LIVE/cert.pem: file three"
# What the link leads to is watched, too, and so is each directory.
echo four >"$DATA/tls/archive/host/new"
mv "$DATA/tls/archive/host/new" "$DATA/tls/archive/host/cert3.pem"
tells 'the target of the link is replaced' "$LIVE/cert.pem: file four"
mkdir -p "$DATA/tls/next/host"
echo five >"$DATA/tls/next/host/cert.pem"
mv "$DATA/tls/live" "$DATA/tls/old"
mv "$DATA/tls/next" "$DATA/tls/live"
tells 'a directory on the way is replaced' "$LIVE/cert.pem: file five"
# What policy denies is not sent, wherever a link leads.
ln -sfn ../../../secret/file "$LIVE/cert.pem"
tells 'a link to what is denied' "$LIVE/cert.pem: policy EACCES \
fdbroker.conf:7"
wait_line "$SCRATCH/audit" 'cert.pem.*conf:7'
echo six >"$DATA/etc/six"
ln -sfn "$DATA/etc/six" "$LIVE/cert.pem"
tells 'an absolute link' "$LIVE/cert.pem: file six"
rm -r "$DATA/tls/live"
tells 'nothing is there' "$LIVE/cert.pem: kernel ENOENT"
mkdir -p "$LIVE"
echo seven >"$LIVE/cert.pem"
tells 'it is there again' "$LIVE/cert.pem: file seven"
policy "deny \"$LIVE\""
ok 'a reload that denies it' fdbrokerctl -s "$RUNDIR/control.sock" reload
tells 'it is told' "$LIVE/cert.pem: policy EACCES fdbroker.conf:9"
policy
ok 'a reload that permits it' fdbrokerctl -s "$RUNDIR/control.sock" reload
tells 'it is sent again' "$LIVE/cert.pem: file seven"
ok 'the watch ends' watch_end
is 'as it was told to' "$(tail -n 1 "$SCRATCH/told")" \
    "$LIVE/cert.pem: end ECANCELED"
is 'each denial is in the audit, once' \
    "$(grep -c 'cert.pem.*conf:' "$SCRATCH/audit")" 2

# An editor: a temporary file, renamed; and one that renames the old file first
# and writes a new one.
watch_start -o tls "$DATA/etc/file" "$DATA/etc/none"
wait_until grep -q none "$SCRATCH/told"
is 'two names' "$(sort "$SCRATCH/told")" "$DATA/etc/file: file first
$DATA/etc/none: kernel ENOENT"
echo second >"$DATA/etc/.file.swp"
mv "$DATA/etc/.file.swp" "$DATA/etc/file"
tells 'an editor that renames' "$DATA/etc/file: file second"
mv "$DATA/etc/file" "$DATA/etc/file~" && echo third >"$DATA/etc/file.new" &&
    ln "$DATA/etc/file.new" "$DATA/etc/file"
tells 'an editor that keeps the old file' "$DATA/etc/file: file third"
echo >&8
tells 'another request meanwhile' "$DATA/etc/file: opened t"
before=$(lines)
echo fourth >>"$DATA/etc/file"
chmod 0600 "$DATA/etc/file"
echo >"$DATA/etc/none"
tells 'a file that appears' "$DATA/etc/none: file "
is 'a file that is written is no other file' "$(lines)" $((before + 1))
ok 'both end' watch_end

# logrotate: create, and copytruncate.
umask 0
: >"$DATA/log/daemon.log"
watch_start -a -c log "$DATA/log/daemon.log"
tells 'a log' "$DATA/log/daemon.log: appending"
mv "$DATA/log/daemon.log" "$DATA/log/daemon.log.1"
(set -C && : >"$DATA/log/daemon.log")
wait_until grep -q appended "$DATA/log/daemon.log"
is 'create: the daemon writes to the new one' \
    "$(cat "$DATA/log/daemon.log" "$DATA/log/daemon.log.1")" 'appended
appended'
cp "$DATA/log/daemon.log" "$DATA/log/daemon.log.2"
: >"$DATA/log/daemon.log"
ok 'it ends' watch_end
is 'copytruncate: it is the same file' "$(grep -c appending "$SCRATCH/told")" 2
watch_start -w tls "$DATA/etc/file"
tells 'a file' "$DATA/etc/file: file third"
echo fifth >"$DATA/etc/file"
tells 'with -w, it is sent when it was written' "$DATA/etc/file: file fifth"
ok 'it ends, too' watch_end

# Limits.
watch_start small "$DATA/etc/1" "$DATA/etc/2" "$DATA/etc/3" "$DATA/etc/4" \
    "$DATA/etc/5"
wait_until grep -q end "$SCRATCH/told"
is 'more than the limit of tokens' "$(grep end "$SCRATCH/told")" \
    "$DATA/etc/5: end EMFILE"
ok 'the others go on' watch_end
is 'and end' "$(grep -c ECANCELED "$SCRATCH/told")" 4

stop_daemon
assert_clean
done_testing

#!/bin/sh
#
# redirect.t: fdbackup redirect: another log for a run that is under way.

. "$(dirname "$0")/lib.sh"

cd "$SCRATCH" || bail_out "$SCRATCH"
mkdir data
dd if=/dev/zero of=data/large bs=1M count=4 2>/dev/null
echo data >data/small
mkfifo pipe
fdbackup create -f made.tar data 2>/dev/null

sockets() { find "$XDG_RUNTIME_DIR" -type s; }
listens() { [ -n "$(sockets)" ]; }

# begin OPTION...: a backup that waits, as $RUN, until go_on.
begin()
{
	exec 8<>pipe
	fdbackup create -v --none "$@" -f pipe data 2>run.err 8<&- &
	RUN=$!
	wait_until listens
}
# go_on: the backup ends; its status is that of the function.
go_on()
{
	exec 7<pipe
	exec 8<&-
	cat <&7 >/dev/null &
	go_on_cat=$!
	exec 7<&-
	wait $RUN
	go_on_status=$?
	wait $go_on_cat
	return $go_on_status
}

begin --logfile first
# The large file does not fit the pipe, so the worker waits for a reader.
wait_until grep -q 'data/small' first
is 'the directory is private' "$(stat -c %a "$XDG_RUNTIME_DIR/fdbackup")" 700
is 'the socket is private' "$(stat -c %a "$(sockets)")" 600
echo kept >second
ok 'to a file' fdbackup redirect $RUN second
echo gone >third
fails 'to the archive' fdbackup redirect $RUN pipe
like 'says why' "$(cat "$SCRATCH/err")" '*pipe: this is the archive*'
ok 'to a file that is overwritten' fdbackup redirect $RUN '!third'
fails 'to a file that cannot be opened' fdbackup redirect $RUN no/such/file
exits 2 'a stream cannot be overwritten' fdbackup redirect $RUN '!-stdout'
exits 2 'to nowhere' fdbackup redirect $RUN
exits 2 'of no process' fdbackup redirect x third
fails 'of another process' fdbackup redirect $$ fourth
like 'says so' "$(cat "$SCRATCH/err")" "*no fdbackup of this user*$$*"
fails 'a request that fails leaves no file' test -e fourth
ok 'the backup ends well' go_on
like 'the first log' "$(cat first)" \
    '*create begins*data*second: the log goes on there'
like 'the second log' "$(cat second)" \
    'kept?*create goes on?*!third: the log goes on there'
like 'the third log' "$(cat third)" '20*create goes on?*data/large?*3 files, *'
is 'no line is lost, none is twice' "$(cat first second third |
    sed -n 's/^[^ ]* \(data\)/\1/p' | sort | xargs)" \
    'data data/large data/small'

# A run without a log gets one; a pipe; a stream of the command.
begin
ok 'a run without a log' fdbackup redirect $RUN new
mkfifo other
cat other >from_pipe &
reader=$!
ok 'to a pipe' fdbackup redirect $RUN other
ok 'to its own standard output' eval "fdbackup redirect $RUN - >out.log"
ok 'to its own standard error' eval \
    "fdbackup redirect $RUN -stderr 2>>out.log"
fails 'a closed stream' eval "fdbackup redirect $RUN - >&-"
ok 'to what is no file' fdbackup redirect $RUN /dev/null
ok 'and back' fdbackup redirect $RUN out.log
wait $reader
ok 'the backup ends well' go_on
like 'the log that it got' "$(cat new)" '*create goes on?*other: the log*'
like 'the pipe' "$(cat from_pipe)" '*create goes on?*-: the log goes on there'
is 'standard streams' "$(grep -c 'create goes on' out.log)" 3
like 'the last log' "$(cat out.log)" '*data/large?*3 files, *'

# What the run compares with is not for its log, either.
cp made.tar earlier.tar
fails 'a log in the place of the earlier archive' fdbackup create \
    --since earlier.tar --logfile earlier.tar -f other.tar data
like 'says so' "$(cat "$SCRATCH/err")" \
    '*same file as the archive earlier.tar*'
begin --since earlier.tar --logfile first
fails 'to the earlier archive' fdbackup redirect $RUN '!earlier.tar'
like 'says why' "$(cat "$SCRATCH/err")" '*or one that it follows*'
ok 'the backup ends well' go_on
ok 'the earlier archive is unchanged' cmp made.tar earlier.tar

# A log that failed is replaced.
if [ -e /dev/full ]; then
	begin --logfile /dev/full
	ok 'in the place of a full one' fdbackup redirect $RUN again
	ok 'the backup ends well' go_on
	like 'it has the rest' "$(cat again)" '*data/large?*'
else
	skip 3 'needs /dev/full'
fi

# Who sends nonsense, or nothing, is in nobody's way.
begin --logfile first
[ -x "$BIN/badredirect" ] || bail_out 'badredirect is not built'
for what in nothing empty truncated garbage none two all readonly path; do
	ok "a peer that sends $what" badredirect "$(sockets)" $what
done
ok 'a redirect works all the same' fdbackup redirect $RUN after
ok 'the backup ends well' go_on

# Other users.
if [ "$(id -u)" -eq 0 ]; then
	begin --logfile first
	chmod 0711 "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/fdbackup"
	chmod 0666 "$(sockets)"
	ok "another user's request is refused" \
	    run_as 64104 badredirect "$(sockets)" stranger
	chmod 0700 "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/fdbackup"
	chmod 0600 "$(sockets)"
	kill -TERM $RUN
	wait $RUN
	exec 8<&-
	is 'a signal leaves no socket' "$(sockets)" ''
else
	skip 2 'needs root'
fi

# What a killed run leaves is removed by the next one, a minute later.
begin --logfile first
kill -KILL $RUN
wait $RUN
exec 8<&-
ok 'a killed run leaves its socket' listens
fails 'it is not taken for a run' fdbackup redirect $RUN second
sweep_killed
is 'the next run removes it' "$(sockets)" ''
is 'and the directory' "$(ls "$XDG_RUNTIME_DIR")" ''

# Without a place, a run goes on.
mkdir "$SCRATCH/file"
echo text >"$SCRATCH/file/fdbackup"
chmod 0700 "$SCRATCH/file"
ok 'a file in the place of the directory' env XDG_RUNTIME_DIR="$SCRATCH/file" \
    fdbackup list -f made.tar
is 'it is left as it is' "$(cat "$SCRATCH/file/fdbackup")" text

assert_clean
done_testing

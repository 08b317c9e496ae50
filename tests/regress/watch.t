#!/bin/sh
#
# watch.t: what shows how far fdbackup is: the line on a terminal, which
# script(1) makes here, and the messages of --progress.

. "$(dirname "$0")/lib.sh"

need seccomp openat2
script --version 2>/dev/null | grep -q util-linux ||
    skip_all 'needs script(1) of util-linux'
command -v python3 >/dev/null || skip_all 'needs python3'
cd "$SCRATCH" || bail_out "$SCRATCH"
TERM=xterm
export TERM

# What a terminal shows in the end of what script(1) has recorded: it knows only
# what may be sent to it, and fails if anything else was.
cat >screen.py <<'PYTHON'
import re, sys

lines, at = [''], 0
data = open(sys.argv[1], 'rb').read()
# The lines that script(1) adds.
data = re.sub(rb'^Script started[^\n]*\n|\n*Script done[^\n]*\n', b'', data)
# What the terminal echoes of an interrupt.
data = data.replace(b'^C', b'')
for t in re.findall(rb'\x1b\[K|\r|\n|[^\x1b\r\n]+|\x1b', data):
    if t == b'\r':
        at = 0
    elif t == b'\n':
        lines.append('')
    elif t == b'\x1b[K':
        lines[-1] = lines[-1][:at]
    else:
        t = t.decode()
        if any(ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or
                0x200b <= ord(c) <= 0x202e or 0x2060 <= ord(c) <= 0x206f
                for c in t):
            sys.exit('raw: %r' % t)
        lines[-1] = lines[-1][:at] + t + lines[-1][at + len(t):]
        at += len(t)
print('\n'.join(lines).rstrip('\n'))
PYTHON
screen() { python3 screen.py terminal; }
# The last line that says how far it is, as it was written.
last() { tr '\r' '\n' <terminal | grep -a 'files, ' | tail -n 1 |
    sed 's/.\[K.*//'; }

# on_terminal COMMAND: run it, a line of sh, on a terminal of 80 columns; its
# keyboard is descriptor 8.  hold: do not read what is written to the FIFO slow,
# so that the command does not end.
on_terminal()
{
	rm -f keyboard status tty
	mkfifo keyboard
	: >terminal
	{
		echo 'stty cols 80; tty >tty'
		echo "exec env --default-signal=INT --ignore-signal=USR1 $1"
	} >run.sh
	{
		script -q -e -f -c 'exec sh run.sh' terminal <keyboard \
		    >/dev/null 2>&1
		echo $? >status
	} 9<&- &
	terminal_pid=$!
	exec 8>keyboard
}
hold()
{
	rm -f slow got
	mkfifo slow
	exec 9<>slow
}
# The worker says where it is when it has stored something: let it.
reads()
{
	timeout 20 dd bs=20000 count=1 iflag=fullblock <&9 >>got 2>/dev/null
	"$@"
}
# Read all that comes.
release()
{
	exec 7<slow
	exec 9>&-
	cat <&7 >>got
	exec 7<&-
}
finish()
{
	wait "$terminal_pid"
	exec 8>&-
}
columns() { stty -F "$(cat tty)" cols "$1"; }
# shown RE: until the line is like this.
is_shown() { last | grep -q -E -e "$1"; }
shown() { wait_until is_shown "$1"; }
is_short() { [ "$(last | wc -m)" -le "$1" ]; }

# A pipe cannot hold all of it, whatever is stored first.
mkdir -p tree/dir
name=$(printf 'evil-\033[31m\342\200\256-')
for i in $(seq 40); do
	head -c 100000 /dev/urandom >"tree/dir/$name$i"
done

#
# The line.
#
hold
on_terminal 'LC_ALL=C.UTF-8 fdbackup create --none --estimate -f slow tree'
ok 'create: the line appears, with the name under way' \
    wait_until reads is_shown '^[0-9]+ files, .*: .*evil-\\033\[31m'
ok 'create: with an estimate it has a percentage' shown ', [0-9]+%.*: '
columns 40
ok 'create: it is as wide as a narrow terminal' wait_until is_short 40
columns 200
ok 'create: it is as wide as a wide terminal' \
    wait_until reads is_shown \
    '/s, .*: tree/dir/evil-\\033\[31m\\342\\200\\256-[0-9]*$'
release
finish
is 'create: ends well' "$(cat status)" 0
is 'create: at the end the line is erased' \
    "$(screen | sed 's/[0-9.]* seconds/S/')" \
    'fdbackup: 42 files, 4000000 bytes, 0 unreadable, 0 changed, 0 denied, S'
colour=$(printf '\033')'\[[0-9;]*m'
is 'create: it has no colours' "$(LC_ALL=C grep -a -c "$colour" terminal)" 0
ok 'create: the archive is whole' fdbackup verify -f got

hold
on_terminal 'fdbackup create -v --none -f slow tree'
ok 'create -v: the line appears' shown ' files, .*/s: '
release
finish
screen >shown
is 'create -v: each member has a line of its own' \
    "$(grep -c '^tree/dir/evil-\\033\[31m\\342\\200\\256-[0-9]*$' shown)" 40
is 'create -v: and the line is erased' "$(grep -c '/s' shown)" 0

on_terminal 'fdbackup create -n -v tree'
finish
is 'create -n: what it prints is not mixed' \
    "$(screen | grep -c '^ *100000  *tree/dir/evil-.*[0-9]$')" 40

# An interrupt, from the keyboard.
hold
on_terminal 'fdbackup create --none -f slow tree'
ok 'an interrupt: the line appears' shown ' files, '
printf '\003' >&8
finish
is 'an interrupt: the shell sees SIGINT' "$(cat status)" 130
is 'an interrupt: the line is erased' "$(screen)" \
    'fdbackup: stopped by a signal'
exec 9>&-

hold
on_terminal 'fdbackup verify -f slow'
fdbackup create --none -f whole.tar tree 2>/dev/null
head -c 100000 whole.tar >&9
ok 'verify: the line appears' shown '^[0-9]+ files, .*: tree'
tail -c +100001 whole.tar >&9
exec 9>&-
finish
is 'verify: ends well' "$(cat status)" 0
is 'verify: at the end the line is erased' \
    "$(screen | sed 's/[0-9.]* seconds/SECONDS/')" \
    'fdbackup: 42 files, 4000000 bytes, 0 different, SECONDS'

# So many files that a line appears before it ends.
mkdir tree/many
seq 40000 | (cd tree/many && xargs touch)
fdbackup create --none -f many.tar tree 2>/dev/null
on_terminal 'fdbackup diff -f many.tar'
finish
has_line() { tr '\r' '\n' <terminal | grep -a -q -E '^[0-9]+ files, .*: tree'; }
ok 'diff: the line appears' has_line
is 'diff: ends well' "$(cat status)" 0
rm -rf tree/many many.tar

#
# No line.
#
# silent DESC COMMAND: nothing is written but the answer to SIGUSR1.
is_answered()
{
	pkill -USR1 -x fdbackup -t "$(sed 's,/dev/,,' tty)"
	grep -a -q ' files, .*seconds' terminal
}
silent()
{
	hold
	on_terminal "$2 --none -f slow tree"
	wait_until test -s tty
	ok "$1: SIGUSR1 is answered" wait_until is_answered
	release
	finish
	is "$1: no line, and nothing that controls" \
	    "$(LC_ALL=C grep -a -c "$(printf '[\033]')" terminal)" 0
	screen >shown
	is "$1: only messages" "$(grep -v -c '^fdbackup: ' shown)" 0
}
silent 'TERM=dumb' 'TERM=dumb fdbackup create'
silent 'no TERM' '-u TERM fdbackup create'
silent '--progress=never' 'fdbackup create --progress=never'

#
# Messages.
#
hold
fdbackup create --none --progress 1 --logfile log -f slow tree 2>err &
pid=$!
matches() { grep -q -E -e "$2" "$1"; }
ok '--progress=1: a message comes' \
    wait_until reads matches err '^fdbackup: .* files, .* seconds; at tree/'
ok '--progress=1: it is in the log' wait_line log \
    '^[^ ]*Z [1-9][0-9]* files, .* seconds; at tree/dir/evil-\\033'
release
wait "$pid"
is '--progress=1: nothing controls a terminal' \
    "$(LC_ALL=C grep -c "$(printf '[\033\r]')" err)" 0
for argument in '' 0 -1 86401 always 1s; do
	exits 2 "--progress=$argument is refused" \
	    fdbackup create "--progress=$argument" -f a.tar tree
done
exits 2 '--estimate does not go with -n' fdbackup create -n --estimate tree
exits 2 'list has no --progress' fdbackup list --progress=1 -f whole.tar

assert_clean
done_testing

#!/bin/sh
#
# fuzz_link.t: the fuzzer of the frames between two fdbackups, and of the
# request in them, for a minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 60
# shellcheck disable=SC2046
fuzz_build link -iquote . $(setting ARCHIVE_CFLAGS) tests/unit/served.c \
    lib/base/fd.c lib/base/fdmsg.c lib/base/rolename.c lib/base/wire.c \
    worker/common/buf.c worker/common/channel.c worker/common/entry.c \
    worker/common/paths.c worker/controller/cmdarg.c \
    worker/controller/cmdline.c worker/controller/link.c \
    worker/controller/narrow.c worker/controller/nearest.c \
    worker/controller/request.c worker/sandbox/commands.c \
    $(setting ARCHIVE_LIBS)

# frame TYPE: with what is in the file payload.
frame()
{
	n=$(wc -c <"$SCRATCH/payload")
	# shellcheck disable=SC2059
	printf "$(printf '\\%03o\\0\\0\\0\\0\\0\\%03o\\%03o' "$1" \
	    $((n / 256)) $((n % 256)))"
	cat "$SCRATCH/payload"
}
# seed LINE NAME FRAME...: a session with this command line of serve; each frame
# is a type and what is in it.
seed()
{
	seed_file=$SCRATCH/corpus/$2-$(printf '%d' "'$1")
	printf '%s\177' "$1" >"$seed_file"
	printf 'FDBACKUP\001\004\003\002\001' >"$SCRATCH/payload"
	frame 1 >>"$seed_file"
	shift 2
	while [ $# -gt 1 ]; do
		printf '%b' "$2" >"$SCRATCH/payload"
		frame "$1" >>"$seed_file"
		shift 2
	done
}
all='--bzip2=9\0--lz4=1\0--xz\0--denied=ok\0--digest=none\0-n\0--estimate\0'
all="$all"'--exclude-caches\0--exclude-if-present=n\0--json\0-x\0--retries=1\0'
all="$all"'--fail-fast\0--keep-damaged\0--max-manifest=1K\0--max-size=1M\0'
all="$all"'--no-owner\0--numeric-owner\0--overwrite=newer\0--max-memory=1G\0'
all="$all"'--strip-components=1\0--newer=/x\0--file=/x\0-T/x\0--host=a\0'
# The characters stand for all command lines.
for line in '<' '=' '>' '?' '@' A B C D E F G; do
	seed "$line" create 2 '\0create\0-C/home\0--\0/home/a\0alice\0'
	seed "$line" create-role 2 '\0create\0--role=r\0-s/s\0--exclude=y\0a\0'
	seed "$line" create-newer 2 '\01create\0-v\0--newer=@1.5\0--zstd\0a\0'
	seed "$line" extract 2 '\0extract\0-C/srv/x\0--\0a\0' 3 arch 3 '' 4 ''
	seed "$line" all 2 "\\0create\\0$all" 2 "\\0extract\\0$all"
done
seed A server 5 '\010\0\0\0\0' 3 archive 4 '' 6 '\0'
seed A server-records 5 '\002\0\0\0\0\0\0\0\0' 5 '\004\0\001\0a\0\001\0b'
fuzz_run link -max_len=65536

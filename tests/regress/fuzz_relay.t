#!/bin/sh
#
# fuzz_relay.t: the fuzzer of the frames of a relay, for a quarter of a minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 15
fuzz_build relay lib/client/relay.c

# What a near end and a far end say of a stream.
hello='\001\000\000\000\000\000\000\010FDBCMD\000\001'
end='\007%b\000\000\000\000\000\004\000\000\000\000'
# shellcheck disable=SC2059
{
	printf "\016$hello"
	printf '\002\000\000\000\000\000\000\001\003'
	printf '\005\000\000\000\000\000\000\004data'
	printf "$end" '\000'
} >"$SCRATCH/corpus/near"
# shellcheck disable=SC2059
{
	printf "\017$hello"
	printf '\003\000\000\000\000\000\000\002/x'
	for stream in 0 1 2 3; do
		printf '\004%b\000\000\000\000\000\004\000\000\000\000' \
		    "\\00$stream"
	done
	printf '\006\001\000\000\000\000\000\004\000\000\000\001'
	printf '\005\002\000\000\000\000\000\004data'
	printf "$end" '\002'
	printf '\010\001\000\000\000\000\000\004\000\000\000\014'
} >"$SCRATCH/corpus/far"
fuzz_run relay -max_len=65536

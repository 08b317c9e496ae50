#!/bin/sh
#
# fuzz_conf.t: the fuzzer of the configuration, for a minute.

. "$(dirname "$0")/lib.sh"

fuzz_begin 60
parser=$FDB_BUILDDIR/broker/conf/parse.c
[ -f "$parser" ] || parser=$FDB_SRCDIR/broker/conf/parse.c
# shellcheck disable=SC2046
fuzz_build conf \
    $(find broker/conf broker/policy -name '*.c' ! -name parse.c) "$parser" \
    lib/base/idset.c lib/base/log.c lib/base/pathname.c \
    lib/base/rolename.c lib/base/wire.c broker/names/lookup.c

cp etc/fdbroker.conf tests/fuzz/conf/*.conf "$SCRATCH/corpus"
fuzz_run conf -dict=tests/fuzz/conf.dict

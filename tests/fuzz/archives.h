/*
 * archives.h: what the fuzzers of archives share.  archives.c also stands in
 * for common/channel.c: it takes what the worker tells the controller, and
 * nobody there has a name.  A fuzzer has its own channel_put_report() and
 * channel_put_entry(), which judge what is told.
 */

#ifndef ARCHIVES_H
#define ARCHIVES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Make the checksums of tar headers right that begin at a multiple of 512
 * bytes: a mutation would hardly get past a wrong one.
 */
void	 archives_repair(uint8_t *, size_t);

#endif /* ARCHIVES_H */

/*
 * header.h: correct the headers that libarchive's writer gets wrong.
 */

#ifndef HEADER_H
#define HEADER_H

#include "common/buf.h"
#include "common/entry.h"

/*
 * Correct the headers of one member: a pax header, or none, and a ustar
 * header; more may follow.
 *
 * libarchive writes a time before 1970 as its seconds, rounded down, and a
 * fraction that is to be added: -5.7 as "-6.3".  POSIX has a decimal number.
 * In the ustar header it writes a time that is no octal number one byte too
 * far to the left; we write what GNU tar does.
 *
 * 0, or -1 with errno: ENOMEM, or EPROTO (these are not such headers).
 */
int	 header_correct(struct buf *, const struct entry *);

/*
 * Add a record to the pax header, or a pax header if there is none.  The value
 * can be any bytes.  0, or -1 as above.
 */
int	 header_add_record(struct buf *, const char *key, const void *value,
	    size_t len);

#endif /* HEADER_H */

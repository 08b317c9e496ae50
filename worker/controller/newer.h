/*
 * newer.h: the argument of --newer.
 */

#ifndef NEWER_H
#define NEWER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parse a date, or take the time of modification of a file:
 *
 *	2026-01-31, 2026-01-31 12:00, 2026-01-31T12:00:30.5
 *		local time, unless Z or an offset such as +01:00 follows the
 *		time
 *	@1700000000, @1700000000.5
 *		seconds since the epoch
 *	/a/file, ./file, ../file
 *		a file, by way of links
 *
 * 0, or -1 with the reason in why, of `size' bytes.
 */
int	 newer_parse(const char *arg, int64_t *sec, uint32_t *nsec, char *why,
	    size_t size);

#endif /* NEWER_H */

/*
 * standin.h: stand-ins of system calls that only other systems have.
 *
 * A stand-in records that it was called, and with what, and does nothing else;
 * it can be told to fail.  The headers beside this one declare them as the
 * manuals of their systems do.
 */

#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>

/* Clear the record; no call fails. */
void		 standin_reset(void);

/* Clear the record; let the nth call from now on (1, ...) fail. */
void		 standin_fail(size_t nth, int error);

/* Record one call.  0, or -1 with errno if it is to fail. */
int		 standin_call(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* The recorded calls, one a line; and their number. */
const char	*standin_calls(void);
size_t		 standin_count(void);

#endif /* STANDIN_H */

/*
 * standin.h: system calls of other systems, as the tests see them.
 *
 * A stand-in does nothing but write down that it was called, and with what;
 * it can be told to fail.  The headers beside this one declare them as the
 * manuals of their systems do.
 */

#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>

/* Forget what was called; nothing fails. */
void		 standin_reset(void);

/* Forget what was called; let the nth call from now on (1, ...) fail. */
void		 standin_fail(size_t nth, int error);

/* Write one call down.  0, or -1 with errno if it is to fail. */
int		 standin_call(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* All that was called, one a line, and how many they were. */
const char	*standin_calls(void);
size_t		 standin_count(void);

#endif /* STANDIN_H */

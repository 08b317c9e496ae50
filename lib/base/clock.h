/*
 * clock.h: time that only goes forward, for deadlines.
 */

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Milliseconds since some point in the past. */
int64_t	 clock_ms(void);

#endif /* CLOCK_H */

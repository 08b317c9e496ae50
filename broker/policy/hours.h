/*
 * hours.h: the hours of a day in which a role admits sessions, as the value of
 * a limit; 0 is none.  They may go on past midnight.
 */

#ifndef POLICY_HOURS_H
#define POLICY_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOURS_DAY	1440		/* minutes */
#define HOURS_MAX	((uint64_t)HOURS_DAY * (HOURS_DAY + 1) - 1)
#define HOURS_TEXT	sizeof("22:00-06:00")

/* Read "22:00-06:00".  0, or -1: it is none, or both times are the same. */
int		 hours_parse(const char *, uint64_t *value);

/* Write a value so that it can be read again. */
void		 hours_text(uint64_t value, char *buf, size_t size);

/* Is this minute of the day, from 0, among the hours? */
bool		 hours_include(uint64_t value, unsigned int minute);

#endif /* POLICY_HOURS_H */

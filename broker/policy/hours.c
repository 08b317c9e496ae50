/*
 * hours.c: the hours of a day in which a role admits sessions; see hours.h.
 *
 * Runs in the supervisor, the opener and fdbrokerctl.  Touches nothing but
 * memory: what time it is, the caller says.
 */

#include "config.h"

#include <stdio.h>

#include "policy/hours.h"

/* A value is the first minute times this, and the minute after the last. */
#define FACTOR	(HOURS_DAY + 1)

/* The minute of "HH:MM", up to 24:00, or -1. */
static int
minute_parse(const char *s)
{
	static const char	 last[] = "29:59";
	int			 i, minute;

	for (i = 0; i < 5; i++) {
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > last[i])
			return -1;
	}
	minute = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 +
	    s[4] - '0';
	return minute <= HOURS_DAY ? minute : -1;
}

int
hours_parse(const char *s, uint64_t *value)
{
	int	 from, to;

	if ((from = minute_parse(s)) == -1 || s[5] != '-' ||
	    (to = minute_parse(s + 6)) == -1 || s[11] != '\0')
		return -1;
	if (to == 0)
		to = HOURS_DAY;
	if (from == HOURS_DAY || from == to)
		return -1;
	*value = (uint64_t)from * FACTOR + (uint64_t)to;
	return 0;
}

void
hours_text(uint64_t value, char *buf, size_t size)
{
	unsigned int	 from = (unsigned int)(value / FACTOR);
	unsigned int	 to = (unsigned int)(value % FACTOR);

	(void)snprintf(buf, size, "%02u:%02u-%02u:%02u", from / 60, from % 60,
	    to / 60, to % 60);
}

bool
hours_include(uint64_t value, unsigned int minute)
{
	unsigned int	 from = (unsigned int)(value / FACTOR);
	unsigned int	 to = (unsigned int)(value % FACTOR);

	if (value == 0)
		return true;
	if (from < to)
		return minute >= from && minute < to;
	return minute >= from || minute < to;
}

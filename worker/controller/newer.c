/*
 * newer.c: the argument of --newer; see controller/newer.h.
 *
 * Runs in the controller, with the user's rights.  Looks at the file that the
 * user named, and at the time zone.
 */

#include "config.h"

#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/newer.h"

#define SECONDS_DIGITS	18	/* no more: it would overflow */

/* Exactly n digits at *p, which is moved behind them.  False: there are not. */
static bool
get_digits(const char **p, int n, int min, int max, int *value)
{
	*value = 0;
	for (; n > 0; n--) {
		if (!isdigit((unsigned char)**p))
			return false;
		*value = *value * 10 + *(*p)++ - '0';
	}
	return *value >= min && *value <= max;
}

/* A fraction of a second, if there is one.  More than nine digits are cut. */
static bool
get_fraction(const char **p, uint32_t *nsec)
{
	uint32_t	 unit = 100000000;

	*nsec = 0;
	if (**p != '.' && **p != ',')
		return true;
	(*p)++;
	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p); (*p)++) {
		*nsec += (uint32_t)(**p - '0') * unit;
		unit /= 10;
	}
	return true;
}

static bool
parse_seconds(const char *p, int64_t *sec, uint32_t *nsec)
{
	bool	 minus = *p == '-';
	int	 n = 0;

	if (minus)
		p++;
	*sec = 0;
	for (; isdigit((unsigned char)*p) && n <= SECONDS_DIGITS; p++, n++)
		*sec = *sec * 10 + *p - '0';
	if (n == 0 || n > SECONDS_DIGITS || !get_fraction(&p, nsec) ||
	    *p != '\0')
		return false;
	if (!minus)
		return true;
	*sec = -*sec;
	/* Fractions count forward. */
	if (*nsec > 0) {
		*sec -= 1;
		*nsec = 1000000000 - *nsec;
	}
	return true;
}

static int
days_of(int year, int month)
{
	static const int	 days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool			 leap = year % 4 == 0 && (year % 100 != 0 ||
				    year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
get_date(const char **p, struct tm *tm)
{
	int	 year, month;

	if (!get_digits(p, 4, 0, 9999, &year) || *(*p)++ != '-' ||
	    !get_digits(p, 2, 1, 12, &month) || *(*p)++ != '-' ||
	    !get_digits(p, 2, 1, days_of(year, month), &tm->tm_mday))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return true;
}

static bool
get_time(const char **p, struct tm *tm, uint32_t *nsec)
{
	if (!get_digits(p, 2, 0, 23, &tm->tm_hour) || *(*p)++ != ':' ||
	    !get_digits(p, 2, 0, 59, &tm->tm_min))
		return false;
	if (**p != ':')
		return true;
	(*p)++;
	return get_digits(p, 2, 0, 60, &tm->tm_sec) && get_fraction(p, nsec);
}

/* The rest: nothing, Z, or an offset in seconds from UTC. */
static bool
get_zone(const char *p, bool *local, int *offset)
{
	int	 sign, hours, minutes = 0;

	*local = false;
	*offset = 0;
	if (*p == ' ')
		p++;
	if (*p == '\0') {
		*local = true;
		return true;
	}
	if (strcmp(p, "Z") == 0 || strcmp(p, "UTC") == 0)
		return true;
	sign = *p == '+' ? 1 : *p == '-' ? -1 : 0;
	p++;
	if (sign == 0 || !get_digits(&p, 2, 0, 23, &hours))
		return false;
	if (*p == ':' && p[1] != '\0')
		p++;
	if (*p != '\0' && !get_digits(&p, 2, 0, 59, &minutes))
		return false;
	*offset = sign * (hours * 60 + minutes) * 60;
	return *p == '\0';
}

static bool
parse_date(const char *p, int64_t *sec, uint32_t *nsec)
{
	struct tm	 tm;
	bool		 local = true;
	int		 offset = 0;

	memset(&tm, 0, sizeof(tm));
	*nsec = 0;
	if (!get_date(&p, &tm))
		return false;
	if (*p != '\0') {
		if (*p != 'T' && *p != ' ')
			return false;
		p++;
		if (!get_time(&p, &tm, nsec) ||
		    !get_zone(p, &local, &offset))
			return false;
	}
	/* Which of the two, the zone knows. */
	tm.tm_isdst = local ? -1 : 0;
	/* -1 is a time, too: then the day of the week was filled in. */
	tm.tm_wday = -1;
	*sec = (int64_t)(local ? mktime(&tm) : timegm(&tm)) - offset;
	return tm.tm_wday != -1;
}

int
newer_parse(const char *arg, int64_t *sec, uint32_t *nsec, char *why,
    size_t size)
{
	struct stat	 st;

	if (arg[0] == '/' || arg[0] == '.') {
		if (stat(arg, &st) == -1) {
			(void)snprintf(why, size, "--newer %s: %s", arg,
			    strerror(errno));
			return -1;
		}
		*sec = st.st_mtim.tv_sec;
		*nsec = (uint32_t)st.st_mtim.tv_nsec;
		return 0;
	}
	if (arg[0] == '@' ? parse_seconds(arg + 1, sec, nsec) :
	    parse_date(arg, sec, nsec))
		return 0;
	(void)snprintf(why, size, "--newer %s: not a date such as 2026-01-31, "
	    "\"2026-01-31 12:00\", 2026-01-31T12:00:00Z or @1769860800, nor a "
	    "file whose path begins with \"/\" or \".\"", arg);
	return -1;
}

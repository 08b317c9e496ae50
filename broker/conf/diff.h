/*
 * diff.h: say how two configurations differ.
 */

#ifndef CONFDIFF_H
#define CONFDIFF_H

#include <stdio.h>

struct conf;

/* The most rules that are listed for one role. */
#define CONFDIFF_RULES	40

/*
 * Write what the new configuration changes, one line for the daemon's own
 * statements and for each role, and beneath that the limits, options and rules
 * that went ("-") and came ("+").  Nothing is written if both mean the same;
 * where a rule stands in its file does not count.  Returns the number of
 * differences, 0 if there is none.
 */
unsigned int	 confdiff(const struct conf *old, const struct conf *new,
		    FILE *);

#endif /* CONFDIFF_H */

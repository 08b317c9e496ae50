/*
 * nearest.c: find the nearest name to a misspelled one; see
 * controller/nearest.h.
 *
 * Runs in the controller.  Touches nothing but memory.
 */

#include "config.h"

#include <string.h>

#include "controller/nearest.h"

#define NEAREST_MAX	32	/* longer words and names are not compared */

static size_t
min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How many letters must be added, removed, replaced or exchanged with their
 * neighbours to make one word of the other (optimal string alignment).
 */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t	 d[NEAREST_MAX + 1][NEAREST_MAX + 1];
	size_t	 i, j;

	for (i = 0; i <= na; i++)
		d[i][0] = i;
	for (j = 0; j <= nb; j++)
		d[0][j] = j;
	for (i = 1; i <= na; i++) {
		for (j = 1; j <= nb; j++) {
			d[i][j] = min(min(d[i - 1][j], d[i][j - 1]) + 1,
			    d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

void
nearest_try(struct nearest *n, const char *word, const char *name)
{
	size_t	 na = strlen(word), nb = strlen(name), d;

	if (na > NEAREST_MAX || nb > NEAREST_MAX)
		return;
	d = distance(word, na, name, nb);
	if (d > (nb + 2) / 3 || (n->name != NULL && d >= n->distance))
		return;
	n->name = name;
	n->distance = d;
}

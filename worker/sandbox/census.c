/*
 * census.c: count what would be stored; see sandbox/census.h.
 *
 * Runs in the worker, confined.  Keeps two pairs of numbers, however large the
 * tree is: a walk is depth first, so one directory ends before the next begins.
 */

#include "config.h"

#include <string.h>

#include "sandbox/census.h"

void
census_init(struct census *c, struct reporter *rep)
{
	memset(c, 0, sizeof(*c));
	c->rep = rep;
}

int
census_member(struct census *c, const struct entry *e, uint64_t bytes)
{
	struct entry	 shown = *e;

	c->path.members++;
	c->path.bytes += bytes;
	shown.size = bytes;
	if (c->rep->verbose && reporter_entry(c->rep, &shown) == -1)
		return -1;
	return reporter_count(c->rep, e->name, bytes);
}

void
census_mark(struct census *c)
{
	c->mark = c->path;
}

int
census_subtotal(struct census *c, const char *name)
{
	return reporter_subtotal(c->rep, name,
	    c->path.members - c->mark.members, c->path.bytes - c->mark.bytes);
}

int
census_total(struct census *c, const char *name)
{
	struct census_count	 n = c->path;

	memset(&c->path, 0, sizeof(c->path));
	if (n.members == 0)
		return 0;
	return reporter_subtotal(c->rep, name, n.members, n.bytes);
}

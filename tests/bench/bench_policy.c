/*
 * bench_policy.c: the cost of a decision with 10 rules of one kind, and with
 * 10,000.
 *
 *	bench_policy [RULES]
 *
 * Prints one line for each kind of pattern: the nanoseconds of a decision with
 * few and with many rules, and the ratio.  A rule matches half of the paths;
 * none matches the other half.  The best of several rounds counts.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/decide.h"
#include "policy/role.h"

#define FEW_RULES	10
#define DECISIONS	2000
#define ROUNDS		40

/* Patterns and paths in which %zu is the number of the rule. */
static const struct kind {
	const char	*name, *pattern, *hit, *miss;
} pattern_kinds[] = {
	{ "files in one directory", "/srv/data/file%zu",
	    "/srv/data/file%zu", "/srv/data/other%zu" },
	{ "directories, deep", "/srv/a/b/user%zu",
	    "/srv/a/b/user%zu/x/y/z", "/srv/a/b/other%zu/x/y/z" },
	{ "a name anywhere", "**/name%zu",
	    "/srv/a/b/name%zu", "/srv/a/b/other%zu" },
	{ "an ending anywhere", "**/*.ext%zu",
	    "/srv/a/b/c.ext%zu", "/srv/a/b/c.other%zu" },
	{ "an ending in a directory", "/srv/*.ext%zu",
	    "/srv/c.ext%zu", "/srv/c.other%zu" },
	{ "a name after a wildcard", "/home/*/.conf%zu",
	    "/home/ann/.conf%zu", "/home/ann/.other%zu" },
	{ "a name between wildcards", "/srv/*/user%zu/*/x",
	    "/srv/a/user%zu/b/x", "/srv/a/other%zu/b/x" },
	{ "a name, then anything", "/srv/*/user%zu/**",
	    "/srv/a/user%zu/b/c", "/srv/a/other%zu/b/c" },
	{ "a beginning", "/srv/user%zu*",
	    "/srv/user%zux", "/srv/other%zu" },
	{ "a beginning, then more", "/srv/user%zu*/**",
	    "/srv/user%zux/a/b", "/srv/other%zu/a/b" },
	{ "a beginning anywhere", "**/user%zu-*.log",
	    "/srv/a/user%zu-x.log", "/srv/a/other%zu-x.log" },
	{ "an end without a dot", "/srv/*-user%zu",
	    "/srv/x-user%zu", "/srv/x-other%zu" },
	{ "an end before an ending", "/srv/*.user%zu.log",
	    "/srv/x.user%zu.log", "/srv/x.other%zu.log" },
	{ "general: in the middle", "/srv/?-user%zu*",
	    "/srv/x-user%zux", "/srv/x-other%zu" },
};

static char	paths[DECISIONS][64];

/* Put a number into a pattern or path of the table. */
static void
number_in(char *buf, size_t size, const char *text, size_t n)
{
	const char	*mark = strstr(text, "%zu");
	int		 len;

	len = snprintf(buf, size, "%.*s%zu%s", (int)(mark - text), text, n,
	    mark + 3);
	if (len < 0 || (size_t)len >= size)
		errx(1, "%s: too long", text);
}

static struct role *
role_of(const struct kind *k, size_t nrules)
{
	struct role	*role;
	const char	*why;
	char		 pattern[64];
	size_t		 i;

	if ((role = role_new("bench", "bench", 0)) == NULL)
		err(1, "role");
	for (i = 0; i < nrules; i++) {
		number_in(pattern, sizeof(pattern), k->pattern, i);
		if (role_add_rule(role, i % 2 == 0 ? POLICY_PERMIT :
		    POLICY_DENY, POLICY_OP_READ, pattern, NULL, "bench", 0,
		    &why) == -1)
			errx(1, "%s: %s", pattern, why);
	}
	return role;
}

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Nanoseconds a decision. */
static double
measure(const struct kind *k, size_t nrules)
{
	struct role	*role = role_of(k, nrules);
	double		 start, took, best = 0;
	size_t		 i, round, permits = 0;

	/* Visit the paths in an order that caches cannot predict. */
	for (i = 0; i < DECISIONS; i++)
		number_in(paths[i], sizeof(paths[i]), i % 2 == 0 ? k->hit :
		    k->miss, i * 7919 % nrules);
	for (round = 0; round < ROUNDS; round++) {
		start = now();
		for (i = 0; i < DECISIONS; i++)
			permits += policy_decide(role, POLICY_OP_READ,
			    paths[i]).permit;
		took = (now() - start) / DECISIONS;
		if (round == 0 || took < best)
			best = took;
	}
	if (permits == 0)
		errx(1, "%s: nothing is permitted", k->name);
	role_free(role);
	return best;
}

int
main(int argc, char *argv[])
{
	const char	*errstr = NULL;
	size_t		 i, many = 10000;
	double		 few, lots;

	if (argc > 1)
		many = (size_t)strtonum(argv[1], FEW_RULES, 1000000, &errstr);
	if (argc > 2 || errstr != NULL)
		errx(2, "usage: bench_policy [RULES]");
	(void)printf("%-26s %8d %8zu   ratio\n", "ns a decision, rules:",
	    FEW_RULES, many);
	for (i = 0; i < sizeof(pattern_kinds) / sizeof(pattern_kinds[0]); i++) {
		few = measure(&pattern_kinds[i], FEW_RULES);
		lots = measure(&pattern_kinds[i], many);
		(void)printf("%-26s %8.0f %8.0f %7.2f\n",
		    pattern_kinds[i].name, few, lots, lots / few);
	}
	return 0;
}

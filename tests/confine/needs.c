/*
 * needs.c: does the kernel at hand have what a test needs?
 *
 * usage: needs [-u uid] [feature ...]
 *
 * Exits with 0 if it has all of these, or else says what is missing and exits
 * with 1.  Without any, it says of each that it knows whether it is there.
 * Root can ask for another user.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feature.h"

static void
list(uid_t uid)
{
	enum feature	 f;
	char		 why[FEATURE_WHY];

	for (f = FEATURE_NONE + 1; f < NFEATURES; f++) {
		if (feature_is_roots(f) && (uid != 0 || geteuid() != 0))
			continue;
		(void)printf("%s: %s\n", feature_key(f),
		    feature_has(f, uid, why) ? "yes" : why);
	}
}

int
main(int argc, char *argv[])
{
	enum feature	 f;
	uid_t		 uid = geteuid();
	char		 why[FEATURE_WHY];
	int		 c;

	while ((c = getopt(argc, argv, "u:")) != -1) {
		if (c != 'u')
			errx(2, "usage: needs [-u uid] [feature ...]");
		uid = (uid_t)strtoul(optarg, NULL, 10);
	}
	argv += optind;
	if (argv[0] == NULL)
		list(uid);
	for (; argv[0] != NULL; argv++) {
		if ((f = feature_from(argv[0])) == FEATURE_NONE)
			errx(2, "%s: no such feature", argv[0]);
		if (feature_has(f, uid, why))
			continue;
		(void)printf("%s\n", why);
		return 1;
	}
	return fflush(stdout) == 0 ? 0 : 2;
}

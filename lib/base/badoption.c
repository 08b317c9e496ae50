/*
 * badoption.c: what is wrong with an option; see base/badoption.h.
 *
 * Runs before a program does anything else.  Touches nothing but the log.
 */

#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/badoption.h"
#include "base/log.h"

/* Does the word give this long option an argument that it does not take? */
static bool
has_argument(const char *word, const struct option *o)
{
	size_t	 len = strcspn(word, "=");

	return o->has_arg == no_argument && o->val == optopt && len > 2 &&
	    word[len] == '=' && strncmp(word, "--", 2) == 0 &&
	    strncmp(word + 2, o->name, len - 2) == 0;
}

/* The name of such an option, or NULL. */
static const char *
find_argument(const char *word, const struct option *o)
{
	for (; o != NULL && o->name != NULL; o++)
		if (has_argument(word, o))
			return o->name;
	return NULL;
}

void
badoption_log(const char *command, char *const argv[], int result,
    const struct option *options)
{
	/* Of a group of letters, it may be the word before. */
	const char	*word = argv[optind - 1], *name;
	const char	*colon = command != NULL ? ": " : "";
	bool		 is_long = strncmp(word, "--", 2) == 0;

	if (command == NULL)
		command = "";
	if (result == ':' && is_long)
		log_warnx("%s%s%s needs an argument", command, colon, word);
	else if (result == ':')
		log_warnx("%s%s-%c needs an argument", command, colon, optopt);
	else if ((name = find_argument(word, options)) != NULL)
		log_warnx("%s%s--%s takes no argument", command, colon, name);
	else if (optopt != 0)
		log_warnx("%s%sunknown option: -%c", command, colon, optopt);
	else
		log_warnx("%s%sunknown option: %s", command, colon, word);
}

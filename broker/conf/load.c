/*
 * load.c: read a configuration from its file, and check it; see load.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote, and in
 * fdbrokerctl with the rights of its user.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/build.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "conf/named.h"
#include "conf/parse.h"
#include "conf/warn.h"
#include "policy/role.h"

static void
macro_set(struct lex *lx, const char *assignment)
{
	const char	*eq = strchr(assignment, '='), *name;

	if (eq == NULL) {
		lex_fault(lx, "-D", 0, "\"%s\" has no \"=\"; expected "
		    "name=value", assignment);
		return;
	}
	/* A string cannot have a newline, so it could not be printed. */
	if (strchr(eq, '\n') != NULL) {
		lex_fault(lx, "-D", 0, "the value of \"%.*s\" has a newline; "
		    "expected one line", (int)(eq - assignment), assignment);
		return;
	}
	name = lex_keep(lx, assignment, (size_t)(eq - assignment));
	if (name != NULL && lex_macro_set(lx, name, eq + 1, true) == -1)
		lex_fault(lx, "-D", 0, "invalid macro name \"%s\"", name);
}

/* Read a configuration; b->check says whether a missing root is a fault. */
static struct conf *
conf_read(struct confbuild *b, const struct confsys *sys, const char *file,
    const struct conf_macro *macros)
{
	struct conf	*conf;

	if ((conf = conf_new()) == NULL) {
		log_warnx("%s: out of memory", file);
		return NULL;
	}
	b->conf = conf;
	b->sys = sys;
	lex_init(&b->lex, sys);
	for (; macros != NULL; macros = macros->next)
		macro_set(&b->lex, macros->assignment);
	if (lex_open(&b->lex, file) == 0) {
		confparse(b);
		confrole_finish(b, confuse_resolve(b));
		confbuild_finish(b);
		confnamed_fill(b);
	}
	if (b->lex.faults > 0) {
		conf_free(conf);
		conf = NULL;
	}
	role_free(b->role);
	free(b->paths);
	free(b->uses);
	free(b->pending);
	lex_free(&b->lex);
	return conf;
}

struct conf *
conf_load_from(const struct confsys *sys, const char *file,
    const struct conf_macro *macros)
{
	struct confbuild	 b;

	memset(&b, 0, sizeof(b));
	return conf_read(&b, sys, file, macros);
}

struct conf *
conf_check_from(const struct confsys *sys, const char *file,
    const struct conf_macro *macros, unsigned int *warnings,
    unsigned int *missing)
{
	struct confbuild	 b;
	struct conf		*conf;

	memset(&b, 0, sizeof(b));
	b.check = true;
	conf = conf_read(&b, sys, file, macros);
	*missing = b.missing;
	*warnings = b.missing + b.unseen + b.odd;
	if (conf != NULL)
		*warnings += confwarn(conf, sys, file);
	return conf;
}

struct conf *
conf_load(const char *file, const struct conf_macro *macros)
{
	return conf_load_from(&confsys_real, file, macros);
}

struct conf *
conf_check(const char *file, const struct conf_macro *macros,
    unsigned int *warnings, unsigned int *missing)
{
	return conf_check_from(&confsys_real, file, macros, warnings,
	    missing);
}

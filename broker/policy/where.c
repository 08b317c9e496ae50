/*
 * where.c: a verdict's reason in words; see where.h.
 *
 * Runs in the opener and in fdbrokerctl.  Touches nothing but memory.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "policy/role.h"
#include "policy/tables.h"
#include "policy/where.h"

/* A text about an option: fdbackup counts by it. */
#define OPTION	"option "
#define OF_ROLE	" of role \""

static const char *
base_name(const char *path)
{
	const char	*slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The file, line and label of a rule. */
static int
where_rule(const struct rule *r, char *buf, size_t size)
{
	char	 line[16] = "", label[POLICY_LABEL_MAX + 4] = "";

	if (r->line > 0)
		(void)snprintf(line, sizeof(line), ":%d", r->line);
	if (r->label != NULL)
		(void)snprintf(label, sizeof(label), " \"%s\"", r->label);
	return snprintf(buf, size, "%s%s%s", base_name(r->file), line, label);
}

/* A sentence of the table of reasons, which has at most one "%s". */
static int
where_text(const char *text, const char *role, char *buf, size_t size)
{
	const char	*mark = strstr(text, "%s");

	if (mark == NULL)
		return snprintf(buf, size, "%s", text);
	return snprintf(buf, size, "%.*s%s%s", (int)(mark - text), text, role,
	    mark + 2);
}

void
policy_where(const struct role *role, struct verdict v, char *buf, size_t size)
{
	const char	*option = policy_reason_option(v.reason);
	const char	*text = policy_reason_text(v.reason);
	int		 n;

	if (size == 0)
		return;
	if (option != NULL)
		n = snprintf(buf, size, OPTION "%s" OF_ROLE "%s\"", option,
		    role->name);
	/* A permit did not decide if the object was refused. */
	else if (v.rule != NULL && (v.permit ||
	    v.rule->action == POLICY_DENY || text == NULL))
		n = where_rule(v.rule, buf, size);
	else
		n = where_text(text, role->name, buf, size);
	if (n < 0)
		buf[0] = '\0';
	else if ((size_t)n >= size && size > 3)
		memcpy(buf + size - 4, "...", 4);
}

void
policy_where_number(const struct rule *r, bool group, uint32_t id, char *buf,
    size_t size)
{
	char	 rule[256];

	if (where_rule(r, rule, sizeof(rule)) < 0)
		rule[0] = '\0';
	/* What is in no file is in no daemon that could be reloaded. */
	(void)snprintf(buf, size, "%s %u has no account here, and %s says "
	    "owner by-name: make the account%s, or leave the number out",
	    group ? "group" : "user", id, rule,
	    r->line > 0 ? " and reload fdbrokerd" : "");
}

bool
policy_where_is_option(const char *where)
{
	const char	*name;
	size_t		 i, len;

	if (strncmp(where, OPTION, strlen(OPTION)) != 0)
		return false;
	where += strlen(OPTION);
	/* A file of rules may have a name that begins like this. */
	for (i = 0; (name = policy_option_name(i)) != NULL; i++) {
		len = strlen(name);
		if (strncmp(where, name, len) == 0 &&
		    strncmp(where + len, OF_ROLE, strlen(OF_ROLE)) == 0)
			return true;
	}
	return false;
}

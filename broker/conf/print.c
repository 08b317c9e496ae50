/*
 * print.c: print a configuration in its canonical form; see conf.h.
 *
 * Runs in fdbrokerd -nv.  Touches memory and the stream.  Everything that is in
 * force is printed, in the order of the tables, with each text in quotes.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "base/rights.h"
#include "conf/conf.h"
#include "policy/named.h"
#include "policy/role.h"
#include "policy/roots.h"

/* A string as the lexer reads it. */
static void
print_string(FILE *fp, const char *s)
{
	(void)fputc('"', fp);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || (s[0] == '$' && s[1] == '{'))
			(void)fputc('\\', fp);
		(void)fputc(*s, fp);
	}
	(void)fputc('"', fp);
}

/* A word and a string, or nothing if there is no string. */
static void
print_text(FILE *fp, const char *word, const char *text)
{
	if (text == NULL)
		return;
	(void)fprintf(fp, " %s ", word);
	print_string(fp, text);
}

/* A word and a name or, without a name, an id; nothing for the peer's. */
static void
print_id(FILE *fp, const char *word, const char *name, uint32_t id)
{
	if (name != NULL)
		print_text(fp, word, name);
	else if (id != POLICY_ID_PEER)
		(void)fprintf(fp, " %s \"%u\"", word, id);
}

void
conf_print_limit(enum policy_limit limit, uint64_t value, FILE *fp)
{
	const struct policy_limit_row	*row = policy_limit_row(limit);
	char				 text[POLICY_LIMIT_TEXT];

	(void)fprintf(fp, "limit %s %s%s\n", row->word,
	    policy_limit_text(limit, value, text),
	    row->per_uid ? " per uid" : "");
}

static void
print_limits(FILE *fp, const char *indent, const uint64_t *limits)
{
	int	 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		if (limits[i] == 0)
			continue;
		(void)fputs(indent, fp);
		conf_print_limit(i, limits[i], fp);
	}
}

static void
print_ops(FILE *fp, uint32_t ops)
{
	const char	*name, *comma = " ";
	size_t		 i;

	for (i = 0; (name = policy_op_name(i)) != NULL; i++) {
		if (!(ops & policy_op(name)))
			continue;
		(void)fprintf(fp, "%s%s", comma, name);
		comma = ", ";
	}
}

void
conf_print_rule(const struct rule *r, FILE *fp)
{
	(void)fprintf(fp, "\t%s",
	    r->action == POLICY_PERMIT ? "permit" : "deny");
	if (r->action == POLICY_PERMIT || r->ops != POLICY_OP_ALL)
		print_ops(fp, r->ops);
	(void)fputc(' ', fp);
	print_string(fp, r->pattern);
	if (r->action == POLICY_PERMIT && (r->ops & POLICY_OPS_OWNING)) {
		if (r->ops & POLICY_OP_CREATE)
			(void)fprintf(fp, " mode %04o", r->create.mode);
		if (r->create.choice != POLICY_CHOICE_NONE)
			(void)fprintf(fp, " owner %s", r->create.choice ==
			    POLICY_CHOICE_ANY ? "any" : "by-name");
		print_id(fp, "owner", r->owner, r->create.uid);
		print_id(fp, "group", r->group, r->create.gid);
		if (r->create.exclusive)
			(void)fputs(" exclusive", fp);
	}
	print_text(fp, "label", r->label);
	(void)fputc('\n', fp);
}

static int
print_end(FILE *fp)
{
	if (fflush(fp) == 0 && !ferror(fp))
		return 0;
	if (errno == 0)
		errno = EIO;
	return -1;
}

/* What the kernel lets the opener of a role that writes do. */
static const struct implied {
	uint32_t	 bits;
	const char	*name;
} implied_caps[] = {
	{ RIGHTS_CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
	{ RIGHTS_CAP_CHOWN, "CAP_CHOWN" },
	{ RIGHTS_CAP_FOWNER, "CAP_FOWNER" },
	{ RIGHTS_CAP_FSETID, "CAP_FSETID" },
	{ RIGHTS_CAP_MKNOD, "CAP_MKNOD" },
	{ RIGHTS_CAP_SETFCAP, "CAP_SETFCAP" },
	{ 0, NULL }
}, implied_rights[] = {
	{ RIGHTS_WRITE | RIGHTS_CREATE, "write to files" },
	{ RIGHTS_CREATE, "make files" },
	{ RIGHTS_MKDIR, "make directories" },
	{ RIGHTS_SYMLINK, "make links" },
	{ RIGHTS_LINK, "give files other names" },
	{ RIGHTS_FIFO, "make FIFOs" },
	{ RIGHTS_MKNOD, "make devices and sockets" },
	{ RIGHTS_REPLACE | RIGHTS_REMOVE, "remove files" },
	{ RIGHTS_REMOVE, "remove directories" },
	{ 0, NULL }
};

static void
print_implied(FILE *fp, const char *what, const struct implied *list,
    uint32_t bits)
{
	const char	*comma = " ";

	(void)fprintf(fp, "\t# %s:", what);
	for (; list->name != NULL; list++) {
		if (!(list->bits & bits))
			continue;
		(void)fprintf(fp, "%s%s", comma, list->name);
		comma = ", ";
	}
	(void)fputs(comma[0] == ' ' ? " none\n" : "\n", fp);
}

/* The configuration stays the same: these lines are comments. */
static void
print_writing(FILE *fp, const struct role *role)
{
	uint32_t	 ops = policy_ops_of(role);

	if (!(ops & POLICY_OPS_WRITING))
		return;
	print_implied(fp, "beneath its roots for writing, its opener may",
	    implied_rights, policy_rights(ops));
	print_implied(fp, "its opener keeps", implied_caps,
	    policy_caps(role));
	if (named_need(role) == NAMED_NEEDED && role->named != NULL)
		(void)fprintf(fp, "\t# owner by-name: %zu users and %zu groups "
		    "have accounts here\n", idset_count(&role->named->users),
		    idset_count(&role->named->groups));
}

static int
print_role(const struct role *role, FILE *fp)
{
	const char	*name;
	size_t		 i;

	(void)fputs("role ", fp);
	print_string(fp, role->name);
	(void)fputs(" {\n", fp);
	for (i = 0; i < role->npeers; i++) {
		(void)fputs("\tpeer", fp);
		print_text(fp, role->peers[i].kind == PEER_USER ? "user" :
		    "group", role->peers[i].name);
		(void)fputc('\n', fp);
	}
	if (role->as_user != NULL) {
		(void)fputs("\tas", fp);
		print_text(fp, "user", role->as_user);
		(void)fputc('\n', fp);
	}
	for (i = 0; (name = policy_option_name(i)) != NULL; i++) {
		if (role->options & policy_option(name))
			(void)fprintf(fp, "\toption %s\n", name);
	}
	print_limits(fp, "\t", role->limits);
	for (i = 0; i < role->nrules; i++)
		conf_print_rule(&role->rules[i], fp);
	print_writing(fp, role);
	(void)fputs("}\n", fp);
	return print_end(fp);
}

int
conf_print(const struct conf *conf, FILE *fp)
{
	size_t	 i;

	(void)fputs("rundir ", fp);
	print_string(fp, conf->rundir);
	(void)fputs("\nuser ", fp);
	print_string(fp, conf->user);
	if (conf->worker_user != NULL) {
		(void)fputs("\nworker", fp);
		print_text(fp, "user", conf->worker_user);
	}
	(void)fprintf(fp, "\nconfinement %s\n",
	    conf->confinement_required ? "required" : "optional");
	(void)fprintf(fp, "log audit %s", auditmode_name(conf->audit));
	if (conf->audit_rate != AUDIT_RATE)
		(void)fprintf(fp, " rate %u", conf->audit_rate);
	if (conf->audit_path != NULL)
		print_text(fp, "to", conf->audit_path);
	else if (conf->audit != AUDITMODE_NONE)
		(void)fputs(" to syslog", fp);
	(void)fputc('\n', fp);
	if (conf->control_group != NULL) {
		(void)fputs("control", fp);
		print_text(fp, "group", conf->control_group);
		(void)fputc('\n', fp);
	}
	print_limits(fp, "", conf->limits);
	for (i = 0; i < conf->nroles; i++) {
		(void)fputc('\n', fp);
		if (print_role(conf->roles[i], fp) == -1)
			return -1;
	}
	return print_end(fp);
}

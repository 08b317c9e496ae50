/*
 * rules.c: the rules of a role, and what they mean; see ctl/rules.h.
 *
 * Runs in fdbrokerctl.  Touches memory and a stream.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "conf/conf.h"
#include "ctl/denial.h"
#include "ctl/rules.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/template.h"

#define MEANING	256

/* A permit of read includes list, which people do not write then. */
static uint32_t
implied(const struct rule *r)
{
	return r->action == POLICY_PERMIT && (r->ops & POLICY_OP_READ) ?
	    POLICY_OP_LIST : 0;
}

char *
rules_text(const struct rule *r)
{
	struct rule	 written = *r;
	char		*text = NULL;
	size_t		 len;
	FILE		*fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		return NULL;
	written.ops &= ~implied(r);
	conf_print_rule(&written, fp);
	if (fclose(fp) == EOF || len < 2) {
		free(text);
		return NULL;
	}
	/* Without the tab before it, and the newline. */
	text[len - 1] = '\0';
	memmove(text, text + 1, len - 1);
	return text;
}

/* The root of a permit, as it was configured. */
static void
root_of(const struct rule *r, char dst[TEMPLATE_TEXT_MAX])
{
	template_show(dst, glob_literal(r->glob));
}

/* What a rule means beyond its words. */
static void
describe(const struct rule *r, char *dst, size_t size)
{
	char	 ops[128], root[TEMPLATE_TEXT_MAX];

	dst[0] = '\0';
	if (implied(r) != 0) {
		denial_ops(implied(r), ops, sizeof(ops));
		text_add_word(dst, size, ops);
	}
	if (r->action == POLICY_DENY && r->ops == POLICY_OP_ALL)
		text_add_word(dst, size, "all operations");
	text_add_word(dst, size, glob_is_wild(r->glob) ?
	    "what matches" : "it and all beneath");
	if (r->action == POLICY_PERMIT && glob_is_wild(r->glob)) {
		text_add_word(dst, size, "root ");
		root_of(r, root);
		(void)strlcat(dst, root, size);
	}
	if (r->vars & TEMPLATE_USER)
		text_add_word(dst, size, "%u the peer's name");
	if (r->vars & TEMPLATE_HOME)
		text_add_word(dst, size, "%h the peer's home");
}

static int
rules_table(const struct ctl *ctl, const struct role *role)
{
	static const struct table_column	 columns[] = {
		{ "N", true, false }, { "WHERE", false, true },
		{ "RULE", false, true }, { "MEANS", false, true }
	};
	char					 means[MEANING];
	struct table				 t;
	const struct rule			*r;
	char					*text;
	size_t					 i;
	int					 ret;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	t.colour = ctl->colour;
	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if ((text = rules_text(r)) == NULL) {
			table_free(&t);
			return -1;
		}
		describe(r, means, sizeof(means));
		table_add(&t, "%zu", i + 1);
		table_add(&t, "%s:%d", r->file, r->line);
		table_add(&t, "%s", text);
		table_add(&t, "%s", means);
		free(text);
	}
	ret = table_print(&t, ctl->out, ctl->width);
	table_free(&t);
	return ret;
}

static void
json_ops(struct json *j, const char *name, uint32_t ops)
{
	const char	*op;
	size_t		 i;

	json_array(j, name);
	for (i = 0; (op = policy_op_name(i)) != NULL; i++)
		if (ops & policy_op(op))
			json_string(j, NULL, op);
	json_end(j);
}

static void
json_rule(struct json *j, const struct rule *r, const char *text)
{
	char	 root[TEMPLATE_TEXT_MAX];

	json_object(j, NULL);
	json_string(j, "file", r->file);
	json_int(j, "line", r->line);
	json_string(j, "rule", text);
	json_string(j, "action", r->action == POLICY_PERMIT ? "permit" :
	    "deny");
	json_ops(j, "operations", r->action == POLICY_PERMIT ?
	    policy_ops_permitted(r->ops) : r->ops);
	json_string(j, "pattern", r->pattern);
	json_bool(j, "beneath", !glob_is_wild(r->glob));
	json_bool(j, "differs", (r->vars & TEMPLATE_VARS) != 0);
	root_of(r, root);
	if (r->action == POLICY_PERMIT)
		json_string(j, "root", root);
	if (r->label != NULL)
		json_string(j, "label", r->label);
	json_end(j);
}

static int
rules_json(const struct ctl *ctl, const struct role *role)
{
	struct json	 j;
	char		*text;
	size_t		 i;

	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_string(&j, "role", role->name);
	json_array(&j, "rules");
	for (i = 0; i < role->nrules; i++) {
		if ((text = rules_text(&role->rules[i])) == NULL)
			return -1;
		json_rule(&j, &role->rules[i], text);
		free(text);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}

int
rules_show(const struct ctl *ctl, const struct role *role)
{
	return ctl->json ? rules_json(ctl, role) : rules_table(ctl, role);
}

/*
 * role_wire.c: encode and decode a role; see role_wire.h.
 *
 * The supervisor encodes; the opener and fdbrokerctl decode.  Touches nothing
 * but memory.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "policy/named.h"
#include "policy/role.h"
#include "policy/role_wire.h"
#include "policy/template.h"

/* Bytes for a decoded pattern, file or user name, with NUL. */
#define ROLE_TEXT_MAX	GLOB_PATH_MAX

/* The file of rule i, or "" if the rule before has the same file. */
static const char *
rule_file(const struct role *role, size_t i)
{
	const char	*file = role->rules[i].file;

	return i > 0 && strcmp(file, role->rules[i - 1].file) == 0 ? "" : file;
}

/* Does the message have the fields of struct policy_create for this rule? */
static bool
rule_creates(const struct rule *r)
{
	return r->action == POLICY_PERMIT && (r->ops & POLICY_OPS_OWNING);
}

void
role_encode(struct wire_out *w, const struct role *role)
{
	const struct rule	*r;
	size_t			 i;

	wire_put_str(w, role->name);
	wire_put_str(w, role->file);
	wire_put_u32(w, (uint32_t)role->line);
	wire_put_u32(w, role->options);
	for (i = 0; i < POLICY_LIMITS; i++)
		wire_put_u64(w, role->limits[i]);
	wire_put_str(w, role->as_user != NULL ? role->as_user : "");
	wire_put_u32(w, (uint32_t)role->nrules);
	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		wire_put_u8(w, (uint8_t)r->action);
		wire_put_u8(w, (uint8_t)(r->directory | r->vars << 1));
		wire_put_u32(w, r->ops);
		wire_put_u32(w, (uint32_t)r->line);
		wire_put_str(w, r->pattern);
		wire_put_str(w, r->label != NULL ? r->label : "");
		wire_put_str(w, rule_file(role, i));
		if (!rule_creates(r))
			continue;
		wire_put_u32(w, r->create.mode);
		wire_put_u32(w, r->create.uid);
		wire_put_u32(w, r->create.gid);
		wire_put_u8(w, (uint8_t)(r->create.exclusive |
		    r->create.choice << 1));
	}
	named_put(w, role->named);
}

static size_t
encoded_str(const char *s)
{
	return sizeof(uint16_t) + (s != NULL ? strlen(s) : 0);
}

size_t
role_encoded_size(const struct role *role)
{
	const struct rule	*r;
	size_t			 i, n;

	n = encoded_str(role->name) + encoded_str(role->file) +
	    encoded_str(role->as_user) + 3 * sizeof(uint32_t) +
	    POLICY_LIMITS * sizeof(uint64_t) + named_size(role->named);
	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		n += 2 * sizeof(uint8_t) + 2 * sizeof(uint32_t) +
		    encoded_str(r->pattern) + encoded_str(r->label) +
		    encoded_str(rule_file(role, i));
		if (rule_creates(r))
			n += 3 * sizeof(uint32_t) + sizeof(uint8_t);
	}
	return n;
}

/* Decode a line number from 0 to INT_MAX. */
static int
get_line(struct wire_in *w)
{
	uint32_t	 line = wire_get_u32(w);

	if (line > INT_MAX) {
		wire_get_fail(w);
		return 0;
	}
	return (int)line;
}

static void
create_decode(struct wire_in *w, struct policy_create *c)
{
	uint8_t	 bits;

	c->mode = wire_get_u32(w);
	c->uid = wire_get_u32(w);
	c->gid = wire_get_u32(w);
	bits = wire_get_u8(w);
	if (bits >> 1 >= POLICY_CHOICES)
		wire_get_fail(w);
	else
		c->choice = (enum policy_choice)(bits >> 1);
	c->exclusive = (bits & 1) != 0;
}

/*
 * Decode one rule and append it.  file is the file of the rule before, and is
 * replaced if this rule names another.  0, or -1 with errno EPROTO or ENOMEM.
 */
static int
rule_decode(struct wire_in *w, struct role *role, char *file)
{
	char			 pattern[ROLE_TEXT_MAX], name[ROLE_TEXT_MAX];
	char			 label[POLICY_LABEL_MAX + 1];
	const char		*why;
	struct rule_spec	 spec;
	uint8_t			 action, bits;

	memset(&spec, 0, sizeof(spec));
	action = wire_get_u8(w);
	bits = wire_get_u8(w);
	spec.directory = (bits & 1) != 0;
	spec.vars = bits >> 1;
	spec.action = action == POLICY_PERMIT ? POLICY_PERMIT : POLICY_DENY;
	spec.ops = wire_get_u32(w);
	spec.line = get_line(w);
	spec.pattern = pattern;
	wire_get_str(w, pattern, sizeof(pattern));
	if (wire_get_str(w, label, sizeof(label)) > 0)
		spec.label = label;
	if (wire_get_str(w, name, sizeof(name)) > 0)
		strlcpy(file, name, ROLE_TEXT_MAX);
	spec.file = file;
	if (action == POLICY_PERMIT && (spec.ops & POLICY_OPS_OWNING))
		create_decode(w, &spec.create);
	if (w->failed || action > POLICY_PERMIT ||
	    spec.vars > TEMPLATE_ALL ||
	    file[0] == '\0') {
		errno = EPROTO;
		return -1;
	}
	if (role_add(role, &spec, &why) == -1) {
		if (errno == EINVAL)
			errno = EPROTO;
		return -1;
	}
	return 0;
}

static void
limits_decode(struct wire_in *w, uint64_t limits[POLICY_LIMITS])
{
	const struct policy_limit_row	*row;
	int				 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		row = policy_limit_row(i);
		limits[i] = wire_get_u64(w);
		if (limits[i] != row->of_role &&
		    (limits[i] < row->min || limits[i] > row->max))
			wire_get_fail(w);
	}
}

struct role *
role_decode(struct wire_in *w)
{
	char		 name[POLICY_NAME_MAX + 1], file[ROLE_TEXT_MAX];
	char		 as_user[ROLE_TEXT_MAX];
	struct role	*role = NULL;
	uint64_t	 limits[POLICY_LIMITS];
	uint32_t	 i, nrules, options;
	int		 line, saved;

	wire_get_str(w, name, sizeof(name));
	wire_get_str(w, file, sizeof(file));
	line = get_line(w);
	options = wire_get_u32(w);
	limits_decode(w, limits);
	wire_get_str(w, as_user, sizeof(as_user));
	nrules = wire_get_u32(w);
	if (w->failed || (options & ~(uint32_t)POLICY_OPTION_ALL) != 0) {
		errno = EPROTO;
		return NULL;
	}
	if ((role = role_new(name, file, line)) == NULL)
		goto fail;
	role->options = options;
	memcpy(role->limits, limits, sizeof(role->limits));
	if (as_user[0] != '\0' && (role->as_user = strdup(as_user)) == NULL)
		goto fail;
	file[0] = '\0';
	for (i = 0; i < nrules; i++) {
		if (rule_decode(w, role, file) == -1)
			goto fail;
	}
	if (named_get(w, &role->named) == -1)
		goto fail;
	return role;

fail:
	saved = errno == EINVAL ? EPROTO : errno;
	role_free(role);
	errno = saved;
	return NULL;
}

void
role_encode_peers(struct wire_out *w, const struct role *role)
{
	const struct peer	*p;
	size_t			 i;

	wire_put_u32(w, (uint32_t)role->npeers);
	for (i = 0; i < role->npeers; i++) {
		p = &role->peers[i];
		wire_put_u8(w, (uint8_t)p->kind);
		wire_put_u32(w, p->id);
		wire_put_str(w, p->name);
	}
}

size_t
role_encoded_peers_size(const struct role *role)
{
	size_t	 i, n = sizeof(uint32_t);

	for (i = 0; i < role->npeers; i++)
		n += sizeof(uint8_t) + sizeof(uint32_t) +
		    encoded_str(role->peers[i].name);
	return n;
}

/* Memory grows with the peers that are decoded, not with the count. */
int
role_decode_peers(struct wire_in *w, struct role *role)
{
	char		 name[ROLE_TEXT_MAX];
	uint32_t	 i, id, npeers = wire_get_u32(w);
	uint8_t		 kind;
	size_t		 len;

	for (i = 0; i < npeers && !w->failed; i++) {
		kind = wire_get_u8(w);
		id = wire_get_u32(w);
		len = wire_get_str(w, name, sizeof(name));
		if (w->failed || len == 0 ||
		    (kind != PEER_USER && kind != PEER_GROUP))
			wire_get_fail(w);
		else if (role_add_peer(role, kind == PEER_USER ? PEER_USER :
		    PEER_GROUP, id, name) == -1)
			return -1;
	}
	if (!w->failed)
		return 0;
	errno = EPROTO;
	return -1;
}

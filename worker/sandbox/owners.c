/*
 * owners.c: names of users and groups; see sandbox/owners.h.
 *
 * Runs in the worker.  Asks the controller once for each name and keeps the
 * answer.
 */

#include "config.h"

#include <sys/tree.h>

#include <stdlib.h>
#include <string.h>

#include "sandbox/owners.h"

#define OWNERS_MAX	65536	/* kept; then one of each kind */

struct owner {
	RB_ENTRY(owner)		 node;
	enum channel_owner	 kind;
	uint32_t		 id;
	char			 name[];
};

RB_HEAD(owner_tree, owner);

struct owners {
	struct owner_tree	 tree;
	struct reporter		*rep;
	size_t			 n;
	struct owner		*spare[CHANNEL_GROUP + 1];	/* not in it */
	const struct owner	*last[CHANNEL_GROUP + 1];
};

static int
owner_compare(const struct owner *a, const struct owner *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return 0;
}

RB_GENERATE_INTERNAL(owner_tree, owner, node, owner_compare,
    __attribute__((unused)) static)

struct owners *
owners_new(struct reporter *rep)
{
	struct owners	*os;

	if ((os = calloc(1, sizeof(*os))) == NULL)
		return NULL;
	RB_INIT(&os->tree);
	os->rep = rep;
	return os;
}

void
owners_free(struct owners *os)
{
	struct owner	*o;

	if (os == NULL)
		return;
	free(os->spare[CHANNEL_USER]);
	free(os->spare[CHANNEL_GROUP]);
	while ((o = RB_ROOT(&os->tree)) != NULL) {
		RB_REMOVE(owner_tree, &os->tree, o);
		free(o);
	}
	free(os);
}

/* Ask the controller for a name and keep the answer. */
static struct owner *
owner_ask(struct owners *os, enum channel_owner kind, uint32_t id)
{
	char		 name[CHANNEL_OWNER_MAX];
	struct owner	*o;
	size_t		 len;

	if (reporter_ask_owner(os->rep, kind, id, name) == -1)
		return NULL;
	len = strlen(name);
	if ((o = malloc(sizeof(*o) + len + 1)) == NULL)
		return NULL;
	o->kind = kind;
	o->id = id;
	memcpy(o->name, name, len + 1);
	if (os->n < OWNERS_MAX) {
		os->n++;
		RB_INSERT(owner_tree, &os->tree, o);
	} else {
		free(os->spare[kind]);
		os->spare[kind] = o;
	}
	return o;
}

const char *
owners_name(struct owners *os, enum channel_owner kind, uint32_t id)
{
	const struct owner	*o = os->last[kind];
	struct owner		 key;

	if (o != NULL && o->id == id)
		return o->name;
	key.kind = kind;
	key.id = id;
	o = RB_FIND(owner_tree, &os->tree, &key);
	if (o == NULL && (o = owner_ask(os, kind, id)) == NULL)
		return NULL;
	os->last[kind] = o;
	return o->name;
}

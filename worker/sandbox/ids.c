/*
 * ids.c: numbers of users and groups; see sandbox/ids.h.
 *
 * Runs in the worker.  Asks the controller once for each name and keeps the
 * answer.  Names come from the archive: one that no system would give is not
 * asked for, and the number of questions is limited.
 */

#include "config.h"

#include <sys/tree.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/ids.h"

#define IDS_MAX		4096	/* names that are asked for */

struct id {
	RB_ENTRY(id)		 node;
	enum channel_owner	 kind;
	bool			 known;
	uint32_t		 number;
	char			 name[CHANNEL_OWNER_MAX];
};

RB_HEAD(id_tree, id);

struct ids {
	struct id_tree	 tree;
	struct reporter	*rep;
	int		 numeric;
	size_t		 n;
	const struct id	*last[CHANNEL_GROUP + 1];
};

static int
id_compare(const struct id *a, const struct id *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->name, b->name);
}

RB_GENERATE_INTERNAL(id_tree, id, node, id_compare,
    __attribute__((unused)) static)

struct ids *
ids_new(struct reporter *rep, int numeric)
{
	struct ids	*is;

	if ((is = calloc(1, sizeof(*is))) == NULL)
		return NULL;
	RB_INIT(&is->tree);
	is->rep = rep;
	is->numeric = numeric;
	return is;
}

void
ids_free(struct ids *is)
{
	struct id	*i;

	if (is == NULL)
		return;
	while ((i = RB_ROOT(&is->tree)) != NULL) {
		RB_REMOVE(id_tree, &is->tree, i);
		free(i);
	}
	free(is);
}

/* True for a name that a user or group may have. */
static bool
is_name(const char *name)
{
	size_t	 len = strlen(name);

	if (len == 0 || len >= CHANNEL_OWNER_MAX || name[0] == '-')
		return false;
	for (; *name != '\0'; name++)
		if ((unsigned char)*name <= ' ' || *name == '\177' ||
		    *name == ':' || *name == '/' || *name == ',')
			return false;
	return true;
}

/* Ask the controller and keep the answer. */
static const struct id *
id_ask(struct ids *is, const struct id *key)
{
	struct id	*i;

	if ((i = malloc(sizeof(*i))) == NULL)
		return NULL;
	*i = *key;
	if (reporter_ask_id(is->rep, i->kind, i->name, &i->known,
	    &i->number) == -1) {
		free(i);
		return NULL;
	}
	is->n++;
	(void)RB_INSERT(id_tree, &is->tree, i);
	return i;
}

int
ids_number(struct ids *is, enum channel_owner kind, const char *name,
    uint32_t *id)
{
	const struct id	*i = is->last[kind];
	struct id	 key;

	if (is->numeric || !is_name(name))
		return 0;
	if (i == NULL || strcmp(i->name, name) != 0) {
		memset(&key, 0, sizeof(key));
		key.kind = kind;
		(void)strlcpy(key.name, name, sizeof(key.name));
		if ((i = RB_FIND(id_tree, &is->tree, &key)) == NULL) {
			if (is->n == IDS_MAX)
				return 0;
			if ((i = id_ask(is, &key)) == NULL)
				return -1;
		}
		is->last[kind] = i;
	}
	if (i->known)
		*id = i->number;
	return 0;
}

int
ids_find(void *arg, bool group, const char *name, uint32_t *id)
{
	return ids_number(arg, group ? CHANNEL_GROUP : CHANNEL_USER, name, id);
}

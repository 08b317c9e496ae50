/*
 * ruleindex.c: the rules of a role by what their patterns have in common with
 * a path; see ruleindex.h.
 *
 * Runs in the supervisor and in the opener.  Touches nothing but memory.  All
 * names are in one hash table, by the node or slot that they belong to; it is
 * filled from the configuration alone, so that nobody else can make it slow.
 */

#include "config.h"

#include <sys/queue.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "policy/ruleindex.h"
#include "policy/tables.h"

#define TABLE_MIN	16	/* chains; a power of two */

/* One of the rules with a wildcard in a list, which begins with the last. */
struct ref {
	SLIST_ENTRY(ref)	 entry;
	const struct glob	*glob;
	long			 rule;
	uint32_t		 ops;
};
SLIST_HEAD(refs, ref);

/*
 * Of the rules at a node, those whose key is of one kind and at one place,
 * and of one length if it is how a name begins or ends: a path then has one
 * text for the slot.  Each text that the key has is a node of its own, which
 * belongs to the slot.
 */
struct slot {
	SLIST_ENTRY(slot)	 entry;
	struct glob_key		 key;	/* without its text */
	struct refs		 all;	/* in the set for reaching only */
};

struct set {
	struct refs		 refs;	/* whose pattern has no key */
	size_t			 nrefs;
	SLIST_HEAD(, slot)	 slots;
};

struct ruleindex_node {
	struct ruleindex_node	*next;		/* in its chain */
	const void		*parent;	/* a node or a slot */
	uint32_t		 hash;
	long			 literal[POLICY_OPS];	/* the last, by bit */
	long			 beneath;
	struct set		 covering, reaching;
	size_t			 len;
	char			 name[];	/* not terminated */
};

struct ruleindex {
	struct ruleindex_node	**chains;
	size_t			  nchains, nnodes;
	struct ruleindex_node	 *top;
};

/* FNV-1a; the parent's address makes equal names differ. */
static uint32_t
hash_of(const void *parent, const char *name, size_t len)
{
	uint32_t	 hash = (uint32_t)((uintptr_t)parent >> 4);

	hash ^= 2166136261U;
	while (len-- > 0)
		hash = (hash ^ (unsigned char)*name++) * 16777619U;
	return hash ^ hash >> 15;
}

static struct ruleindex_node *
node_find(const struct ruleindex *ri, const void *parent, const char *name,
    size_t len)
{
	struct ruleindex_node	*node;
	uint32_t		 hash = hash_of(parent, name, len);

	for (node = ri->chains[hash & (ri->nchains - 1)]; node != NULL;
	    node = node->next) {
		if (node->hash == hash && node->parent == parent &&
		    node->len == len && memcmp(node->name, name, len) == 0)
			break;
	}
	return node;
}

/* Room for one more node.  0, or -1: ENOMEM. */
static int
table_grow(struct ruleindex *ri)
{
	struct ruleindex_node	**chains, *node;
	size_t			  i, n = ri->nchains * 2;

	if (ri->nnodes < ri->nchains)
		return 0;
	if ((chains = calloc(n, sizeof(*chains))) == NULL)
		return -1;
	for (i = 0; i < ri->nchains; i++) {
		while ((node = ri->chains[i]) != NULL) {
			ri->chains[i] = node->next;
			node->next = chains[node->hash & (n - 1)];
			chains[node->hash & (n - 1)] = node;
		}
	}
	free(ri->chains);
	ri->chains = chains;
	ri->nchains = n;
	return 0;
}

static void
set_init(struct set *set)
{
	SLIST_INIT(&set->refs);
	SLIST_INIT(&set->slots);
}

static struct ruleindex_node *
node_new(struct ruleindex *ri, const void *parent, const char *name,
    size_t len)
{
	struct ruleindex_node	*node, **chain;
	size_t			 i;

	if (table_grow(ri) == -1 ||
	    (node = calloc(1, sizeof(*node) + len)) == NULL)
		return NULL;
	node->parent = parent;
	node->hash = hash_of(parent, name, len);
	node->len = len;
	memcpy(node->name, name, len);
	for (i = 0; i < POLICY_OPS; i++)
		node->literal[i] = RULEINDEX_NONE;
	node->beneath = RULEINDEX_NONE;
	set_init(&node->covering);
	set_init(&node->reaching);
	chain = &ri->chains[node->hash & (ri->nchains - 1)];
	node->next = *chain;
	*chain = node;
	ri->nnodes++;
	return node;
}

struct ruleindex *
ruleindex_new(void)
{
	struct ruleindex	*ri;

	if ((ri = calloc(1, sizeof(*ri))) == NULL)
		return NULL;
	ri->nchains = TABLE_MIN;
	if ((ri->chains = calloc(ri->nchains, sizeof(*ri->chains))) == NULL ||
	    (ri->top = node_new(ri, NULL, "", 0)) == NULL) {
		ruleindex_free(ri);
		errno = ENOMEM;
		return NULL;
	}
	return ri;
}

static void
refs_free(struct refs *refs)
{
	struct ref	*ref;

	while ((ref = SLIST_FIRST(refs)) != NULL) {
		SLIST_REMOVE_HEAD(refs, entry);
		free(ref);
	}
}

static void
set_free(struct set *set)
{
	struct slot	*slot;

	refs_free(&set->refs);
	while ((slot = SLIST_FIRST(&set->slots)) != NULL) {
		SLIST_REMOVE_HEAD(&set->slots, entry);
		refs_free(&slot->all);
		free(slot);
	}
}

void
ruleindex_free(struct ruleindex *ri)
{
	struct ruleindex_node	*node;
	size_t			 i;

	if (ri == NULL)
		return;
	for (i = 0; ri->chains != NULL && i < ri->nchains; i++) {
		while ((node = ri->chains[i]) != NULL) {
			ri->chains[i] = node->next;
			set_free(&node->covering);
			set_free(&node->reaching);
			free(node);
		}
	}
	free(ri->chains);
	free(ri);
}

const struct ruleindex_node *
ruleindex_top(const struct ruleindex *ri)
{
	return ri->top;
}

const struct ruleindex_node *
ruleindex_child(const struct ruleindex *ri, const struct ruleindex_node *node,
    const char *name, size_t len)
{
	return node_find(ri, node, name, len);
}

bool
ruleindex_is_wild(const struct ruleindex_node *node)
{
	return !SLIST_EMPTY(&node->covering.refs) ||
	    !SLIST_EMPTY(&node->covering.slots);
}

/*
 * Adding.
 */

/* The node of a path, made if need be.  NULL: ENOMEM. */
static struct ruleindex_node *
node_make(struct ruleindex *ri, const struct glob_path *gp)
{
	struct ruleindex_node	*node = ri->top, *child;
	const char		*name;
	size_t			 i, len;

	for (i = 0; i < gp->depth; i++) {
		name = glob_path_name(gp, i, &len);
		if ((child = node_find(ri, node, name, len)) == NULL &&
		    (child = node_new(ri, node, name, len)) == NULL)
			return NULL;
		node = child;
	}
	return node;
}

static struct slot *
slot_find(struct set *set, const struct glob_key *key)
{
	struct slot	*slot;

	SLIST_FOREACH(slot, &set->slots, entry) {
		if (slot->key.kind == key->kind && slot->key.at == key->at &&
		    slot->key.back == key->back &&
		    (slot->key.len == key->len ||
		    !glob_key_is_sized(key->kind)))
			break;
	}
	return slot;
}

static struct slot *
slot_make(struct set *set, const struct glob_key *key)
{
	struct slot	*slot;

	if ((slot = slot_find(set, key)) != NULL ||
	    (slot = calloc(1, sizeof(*slot))) == NULL)
		return slot;
	slot->key = *key;
	slot->key.text = NULL;
	SLIST_INIT(&slot->all);
	SLIST_INSERT_HEAD(&set->slots, slot, entry);
	return slot;
}

/* How many rules of the set have the key. */
static size_t
key_count(const struct ruleindex *ri, struct set *set,
    const struct glob_key *key)
{
	const struct ruleindex_node	*node;
	const struct slot		*slot;

	if ((slot = slot_find(set, key)) == NULL ||
	    (node = node_find(ri, slot, key->text, key->len)) == NULL)
		return 0;
	return node->covering.nrefs;
}

/*
 * Of the keys that the pattern gives from component `first' on, the one that
 * the fewest rules have so far; of several, one that is found in one look
 * whatever its length, and then the last.  False if there is none.
 */
static bool
key_choose(const struct ruleindex *ri, struct set *set, const struct glob *g,
    size_t first, bool front, struct glob_key *best)
{
	struct glob_key	 key;
	size_t		 i, n, least = SIZE_MAX;
	int		 kind;

	for (kind = 0; kind < GLOB_KEY_KINDS; kind++) {
		for (i = first; i < glob_parts(g); i++) {
			if (!glob_key(g, i, (enum glob_key_kind)kind, &key) ||
			    (front && key.back))
				continue;
			n = key_count(ri, set, &key);
			if (n <= least) {
				least = n;
				*best = key;
			}
		}
	}
	return least != SIZE_MAX;
}

/*
 * Where in the set a rule with such a pattern belongs; *slot is NULL if it has
 * no key.  NULL: ENOMEM.
 */
static struct set *
set_place(struct ruleindex *ri, struct set *set, const struct glob *g,
    size_t first, bool front, struct slot **slot)
{
	struct ruleindex_node	*node;
	struct glob_key		 key;

	*slot = NULL;
	if (!key_choose(ri, set, g, first, front, &key))
		return set;
	if ((*slot = slot_make(set, &key)) == NULL)
		return NULL;
	if ((node = node_find(ri, *slot, key.text, key.len)) == NULL)
		node = node_new(ri, *slot, key.text, key.len);
	return node != NULL ? &node->covering : NULL;
}

static struct ref *
ref_new(const struct glob *g, long rule, uint32_t ops)
{
	struct ref	*ref;

	if ((ref = malloc(sizeof(*ref))) == NULL)
		return NULL;
	ref->glob = g;
	ref->rule = rule;
	ref->ops = ops;
	return ref;
}

static void
set_insert(struct set *set, struct ref *ref)
{
	SLIST_INSERT_HEAD(&set->refs, ref, entry);
	set->nrefs++;
}

static int
add_wild(struct ruleindex *ri, struct ruleindex_node *node,
    const struct glob *g, size_t first, long rule, uint32_t ops, bool reach)
{
	struct ref	*refs[3] = { NULL, NULL, NULL };
	struct slot	*ignored, *slot = NULL;
	struct set	*covering, *reaching = NULL;
	size_t		 i;

	for (i = 0; i < (reach ? 3 : 1); i++) {
		if ((refs[i] = ref_new(g, rule, ops)) == NULL)
			goto fail;
	}
	covering = set_place(ri, &node->covering, g, first, false, &ignored);
	if (reach)
		reaching = set_place(ri, &node->reaching, g, first, true,
		    &slot);
	if (covering == NULL || (reach && reaching == NULL))
		goto fail;
	/* From here on nothing fails. */
	set_insert(covering, refs[0]);
	if (reach)
		set_insert(reaching, refs[1]);
	if (slot != NULL)
		SLIST_INSERT_HEAD(&slot->all, refs[2], entry);
	else
		free(refs[2]);
	return 0;

fail:
	for (i = 0; i < 3; i++)
		free(refs[i]);
	errno = ENOMEM;
	return -1;
}

static void
add_literal(struct ruleindex_node *node, long rule, uint32_t ops)
{
	size_t	 i;

	for (i = 0; i < POLICY_OPS; i++) {
		if (ops & 1U << i)
			node->literal[i] = rule;
	}
}

int
ruleindex_add(struct ruleindex *ri, const struct glob *g, long rule,
    uint32_t ops, bool reach)
{
	struct ruleindex_node	*node, *at;
	struct glob_path	 gp;
	const char		*name;
	size_t			 i, len;

	if (!glob_path_split(&gp, glob_literal(g))) {
		errno = EINVAL;
		return -1;
	}
	if ((node = node_make(ri, &gp)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (!glob_is_wild(g))
		add_literal(node, rule, ops);
	else if (add_wild(ri, node, g, gp.depth, rule, ops, reach) == -1)
		return -1;
	for (i = 0, at = ri->top; reach && at != node; i++) {
		at->beneath = rule;
		name = glob_path_name(&gp, i, &len);
		at = node_find(ri, at, name, len);
	}
	return 0;
}

/*
 * Finding.
 */
long
ruleindex_literal(const struct ruleindex_node *node, uint32_t op, long floor)
{
	size_t	 i;

	for (i = 0; i < POLICY_OPS; i++) {
		if ((op & 1U << i) && node->literal[i] > floor)
			floor = node->literal[i];
	}
	return floor;
}

static long
refs_covering(const struct refs *refs, uint32_t op,
    const struct glob_path *gp, size_t depth, long floor)
{
	const struct ref	*ref;

	SLIST_FOREACH(ref, refs, entry) {
		if (ref->rule <= floor)
			break;
		if ((ref->ops & op) && glob_covers_at(ref->glob, gp, depth))
			return ref->rule;
	}
	return floor;
}

long
ruleindex_covering(const struct ruleindex *ri,
    const struct ruleindex_node *node, uint32_t op,
    const struct glob_path *gp, size_t depth, long floor)
{
	const struct ruleindex_node	*named;
	const struct slot		*slot;
	const char			*text;
	size_t				 len;

	floor = refs_covering(&node->covering.refs, op, gp, depth, floor);
	SLIST_FOREACH(slot, &node->covering.slots, entry) {
		if (glob_path_key(gp, depth, &slot->key, &text, &len) &&
		    (named = node_find(ri, slot, text, len)) != NULL)
			floor = refs_covering(&named->covering.refs, op, gp,
			    depth, floor);
	}
	return floor;
}

static long
refs_reaching(const struct refs *refs, const struct glob_path *gp, long floor)
{
	const struct ref	*ref;

	SLIST_FOREACH(ref, refs, entry) {
		if (ref->rule <= floor)
			break;
		if (glob_reaches_at(ref->glob, gp, gp->depth))
			return ref->rule;
	}
	return floor;
}

long
ruleindex_reaching(const struct ruleindex *ri,
    const struct ruleindex_node *node, const struct glob_path *gp, long floor)
{
	const struct ruleindex_node	*named;
	const struct slot		*slot;
	const char			*text;
	size_t				 len;

	floor = refs_reaching(&node->reaching.refs, gp, floor);
	SLIST_FOREACH(slot, &node->reaching.slots, entry) {
		if (slot->key.at >= gp->depth)
			floor = refs_reaching(&slot->all, gp, floor);
		else if (glob_path_key(gp, gp->depth, &slot->key, &text,
		    &len) && (named = node_find(ri, slot, text, len)) != NULL)
			floor = refs_reaching(&named->covering.refs, gp,
			    floor);
	}
	return floor;
}

long
ruleindex_beneath(const struct ruleindex_node *node, long floor)
{
	return node->beneath > floor ? node->beneath : floor;
}

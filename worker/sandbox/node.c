/*
 * node.c: directories in the walk; see sandbox/node.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/node.h"

static struct node *
node_new(const char *name, const struct fdb_stat *st)
{
	size_t		 len = strlen(name);
	struct node	*n;

	if ((n = calloc(1, sizeof(*n) + len + 1)) == NULL)
		return NULL;
	memcpy(n->name, name, len + 1);
	n->refs = 1;
	n->st = *st;
	STAILQ_INIT(&n->specials);
	STAILQ_INIT(&n->children);
	return n;
}

struct node *
node_new_path(const struct path *path, const struct fdb_stat *st)
{
	struct node	*n;

	if ((n = node_new("", st)) == NULL)
		return NULL;
	n->path = path;
	return n;
}

struct node *
node_new_child(struct node *parent, const char *name,
    const struct fdb_stat *st)
{
	struct node	*n;

	if ((n = node_new(name, st)) == NULL)
		return NULL;
	n->parent = parent;
	parent->refs++;
	return n;
}

void
node_drop_specials(struct node *n)
{
	struct special	*s;

	while ((s = STAILQ_FIRST(&n->specials)) != NULL) {
		STAILQ_REMOVE_HEAD(&n->specials, link);
		free(s);
	}
	n->special_bytes = 0;
}

void
node_drop_entries(struct node *n)
{
	node_drop_specials(n);
	buf_free(&n->files);
	n->ask = n->take = 0;
}

void
node_release(struct node *n)
{
	struct node	*parent;

	/* Children hold their parent: a node without holders has none. */
	while (n != NULL && --n->refs == 0) {
		parent = n->parent;
		node_drop_entries(n);
		free(n->where);
		free(n);
		n = parent;
	}
}

int
node_add_special(struct node *n, const char *name, const struct fdb_stat *st,
    const char *target)
{
	size_t		 len = strlen(name) + 1, tlen = strlen(target) + 1;
	struct special	*s;

	if ((s = malloc(sizeof(*s) + len + tlen)) == NULL)
		return -1;
	memcpy(s->name, name, len);
	memcpy(s->name + len, target, tlen);
	s->target = s->name + len;
	s->st = *st;
	STAILQ_INSERT_TAIL(&n->specials, s, link);
	n->special_bytes += sizeof(*s) + len + tlen;
	n->nentries++;
	return 0;
}

int
node_add_file(struct node *n, const char *name)
{
	if (buf_add(&n->files, name, strlen(name) + 1) == -1)
		return -1;
	n->nentries++;
	return 0;
}

int
node_add_later(struct node *n, const char *name)
{
	size_t	 len = n->files.len;

	if (buf_puts(&n->files, NODE_LATER) == 0 &&
	    node_add_file(n, name) == 0)
		return 0;
	buf_cut(&n->files, len);
	return -1;
}

bool
node_is_later(const char *entry, const char **name)
{
	bool	 later;

	later = strncmp(entry, NODE_LATER, strlen(NODE_LATER)) == 0;
	*name = later ? entry + strlen(NODE_LATER) : entry;
	return later;
}

static int
add_component(struct buf *b, const char *name)
{
	if (name[0] == '\0')
		return 0;
	if (b->len > 0 && b->data[b->len - 1] != '/' &&
	    buf_putc(b, '/') == -1)
		return -1;
	return buf_puts(b, name);
}

/* A broker sends no path longer than PROTO_PATH_MAX: recursion is bounded. */
static int
add_member(const struct node *n, struct buf *b)
{
	const char	*member;

	if (n->parent != NULL)
		return add_member(n->parent, b) == -1 ? -1 :
		    add_component(b, n->name);
	member = n->path->member;
	return buf_puts(b, strcmp(member, ".") == 0 ? "" : member);
}

int
node_member(const struct node *n, const char *name, struct buf *b)
{
	buf_cut(b, 0);
	if (add_member(n, b) == -1 || add_component(b, name) == -1)
		return -1;
	return b->len > 0 ? 0 : buf_putc(b, '.');
}

static int
add_request(const struct node *n, uint32_t *base, struct buf *b)
{
	if (n->token != 0) {
		*base = n->token;
		return 0;
	}
	if (n->parent != NULL)
		return add_request(n->parent, base, b) == -1 ? -1 :
		    add_component(b, n->name);
	*base = FDB_TOKEN_ROOT;
	return buf_puts(b, n->path->request);
}

int
node_request(const struct node *n, const char *name, uint32_t *base,
    struct buf *b)
{
	buf_cut(b, 0);
	if (add_request(n, base, b) == -1)
		return -1;
	return add_component(b, name);
}

/*
 * match.c: compare an archive with its manifest; see sandbox/match.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/tree.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/manifest.h"
#include "sandbox/match.h"

/* A line that waits for the line of the other side. */
struct waiting {
	RB_ENTRY(waiting)	 node;
	size_t			 name_len;
	uint64_t		 serial;	/* orders equal names */
	const char		*line;
	char			 text[];
};

RB_HEAD(waiting_tree, waiting);

struct match {
	struct match_report	 report;
	struct waiting_tree	 archived, recorded;
	uint64_t		 serial;
	struct buf		 name, how;
};

static int
waiting_compare(const struct waiting *a, const struct waiting *b)
{
	size_t	 len = a->name_len < b->name_len ? a->name_len : b->name_len;
	int	 n;

	if ((n = memcmp(a->line, b->line, len)) != 0)
		return n;
	if (a->name_len != b->name_len)
		return a->name_len < b->name_len ? -1 : 1;
	if (a->serial != b->serial)
		return a->serial < b->serial ? -1 : 1;
	return 0;
}

RB_GENERATE_INTERNAL(waiting_tree, waiting, node, waiting_compare,
    __attribute__((unused)) static)

struct match *
match_new(const struct match_report *report)
{
	struct match	*m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return NULL;
	m->report = *report;
	RB_INIT(&m->archived);
	RB_INIT(&m->recorded);
	return m;
}

static void
tree_free(struct waiting_tree *tree)
{
	struct waiting	*w;

	while ((w = RB_ROOT(tree)) != NULL) {
		RB_REMOVE(waiting_tree, tree, w);
		free(w);
	}
}

void
match_free(struct match *m)
{
	if (m == NULL)
		return;
	tree_free(&m->archived);
	tree_free(&m->recorded);
	buf_free(&m->name);
	buf_free(&m->how);
	free(m);
}

/* The first line with this name that waits in a tree, or NULL. */
static struct waiting *
tree_find(struct waiting_tree *tree, const char *line, size_t name_len)
{
	struct waiting	 key, *w;

	memset(&key, 0, sizeof(key));
	key.line = line;
	key.name_len = name_len;
	w = RB_NFIND(waiting_tree, tree, &key);
	if (w == NULL || w->name_len != name_len ||
	    memcmp(w->line, line, name_len) != 0)
		return NULL;
	return w;
}

static int
tree_add(struct match *m, struct waiting_tree *tree, const char *line,
    size_t name_len)
{
	size_t		 len = strlen(line) + 1;
	struct waiting	*w;

	if ((w = malloc(sizeof(*w) + len)) == NULL)
		return -1;
	memcpy(w->text, line, len);
	w->line = w->text;
	w->name_len = name_len;
	w->serial = ++m->serial;
	RB_INSERT(waiting_tree, tree, w);
	return 0;
}

/* The decoded name of a line; the whole line if that fails. */
static const char *
decode_name(struct match *m, const char *line)
{
	buf_cut(&m->name, 0);
	if (manifest_name(&m->name, line) == -1)
		return line;
	return buf_str(&m->name);
}

static int
match_pair(struct match *m, const char *archived, const char *recorded)
{
	int	 n;

	buf_cut(&m->how, 0);
	if ((n = manifest_differ(&m->how, archived, recorded)) <= 0)
		return n;
	return m->report.differs(m->report.arg, decode_name(m, archived),
	    buf_str(&m->how));
}

int
match_archived(struct match *m, const char *line)
{
	size_t		 name_len = manifest_name_len(line);
	struct waiting	*w;
	int		 ret;

	if (name_len == 0)
		return 0;
	if ((w = tree_find(&m->recorded, line, name_len)) == NULL)
		return tree_add(m, &m->archived, line, name_len);
	ret = match_pair(m, line, w->line);
	RB_REMOVE(waiting_tree, &m->recorded, w);
	free(w);
	return ret;
}

int
match_recorded(struct match *m, const char *line)
{
	size_t		 name_len = manifest_name_len(line);
	struct waiting	*w;
	int		 ret;

	if (name_len == 0)
		return 0;
	if ((w = tree_find(&m->archived, line, name_len)) == NULL)
		return tree_add(m, &m->recorded, line, name_len);
	ret = match_pair(m, w->line, line);
	RB_REMOVE(waiting_tree, &m->archived, w);
	free(w);
	return ret;
}

int
match_finish(struct match *m)
{
	struct waiting	*w;

	RB_FOREACH(w, waiting_tree, &m->archived) {
		if (m->report.unexpected(m->report.arg,
		    decode_name(m, w->line)) == -1)
			return -1;
	}
	RB_FOREACH(w, waiting_tree, &m->recorded) {
		if (m->report.missing(m->report.arg,
		    decode_name(m, w->line)) == -1)
			return -1;
	}
	return 0;
}

/*
 * walk_tag.c: tags; see walk_tag.h.
 *
 * Runs in the opener.  Reads the beginning of files that are called
 * CACHEDIR.TAG, if the policy permits that and the worker asks for it.
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/resolve.h"
#include "opener/spelling.h"
#include "opener/target.h"
#include "opener/walk_entry.h"
#include "opener/walk_tag.h"
#include "policy/cursor.h"
#include "policy/tables.h"

static const char	 cachedir[] = "CACHEDIR.TAG";
/* The beginning of a valid one, see https://bford.info/cachedir/. */
static const char	 signature[] =
    "Signature: 8a477f597d28d172789f06886806bc55";

static struct verdict
ask(struct walk *w, const char *name, size_t op)
{
	struct verdict	 v = { false, POLICY_BAD_PATH, NULL };

	if (policy_cursor_push(w->cursor, name, strlen(name)) == -1)
		return v;
	v = policy_cursor_decide(w->cursor, op);
	policy_cursor_pop(w->cursor);
	return v;
}

/*
 * Where a tag is resolved.  The worker chose its name, and the directory may
 * list the file by another one.
 */
static void
place_tag(const struct walk *w, const struct state *s, struct resolve_at *at)
{
	*at = w->at;
	at->spelling = s->spells ? s->spelling : NULL;
	at->kind = FSKIND_UNASKED;
	spelling_begin(s->spelling);
}

/* Is there something with this name? */
static bool
is_present(struct walk *w, const struct resolve_at *at, const char *name)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 st;

	return ask(w, name, WALK_ENTRY_LIST).permit &&
	    resolve_stat(at, name, &st, link, sizeof(link)) == 0;
}

static bool
has_cachedir_tag(struct walk *w, const struct state *s,
    const struct resolve_at *at)
{
	struct policy_facts	 facts;
	struct verdict		 v = ask(w, cachedir, WALK_ENTRY_READ);
	struct fdb_stat		 st;
	char			 text[sizeof(signature) - 1];
	bool			 type, found = false;
	int			 fd;

	if (!v.permit || !ask(w, cachedir, WALK_ENTRY_LIST).permit)
		return false;
	w->opened++;
	if ((fd = resolve_open(at, cachedir, O_RDONLY, false, &st,
	    &type)) == -1)
		return false;
	target_facts(&st, &facts);
	v = policy_check_object(s->role, POLICY_OP_READ, "/", v, &facts,
	    s->peer_uid);
	if (v.permit && pread(fd, text, sizeof(text), 0) ==
	    (ssize_t)sizeof(text))
		found = memcmp(text, signature, sizeof(text)) == 0;
	fd_close(&fd);
	return found;
}

const char *
walk_tag_find(struct walk *w, const struct state *s)
{
	struct resolve_at	 at;
	size_t			 i;

	place_tag(w, s, &at);
	for (i = 0; i < w->exclude.npresent; i++)
		if (is_present(w, &at, w->exclude.present[i]))
			return w->exclude.present[i];
	return (w->start.flags & FDB_WALK_CACHEDIR) &&
	    has_cachedir_tag(w, s, &at) ? cachedir : NULL;
}

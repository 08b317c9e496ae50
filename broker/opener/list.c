/*
 * list.c: answer LIST: send a directory's entries in parts of one message
 * each, and a token for the directory.
 *
 * Runs in the opener.  Each request has one reply: the worker asks for the
 * next part when it has room for it, so a huge directory floods nobody.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pathname.h"
#include "opener/dents.h"
#include "opener/list.h"
#include "opener/reply.h"
#include "opener/request.h"
#include "opener/resolve.h"
#include "opener/status.h"
#include "opener/target.h"
#include "opener/tokens.h"
#include "policy/decide.h"
#include "policy/tables.h"

/* What precedes the entries: a status without text, token, end mark. */
#define LIST_HEAD	(4 + 1 + 4 + 2 + 4 + 1)
/* The most bytes that one entry takes. */
#define ENTRY_MAX	(2 + NAME_MAX + 4 + 1 + 4 + 2 + PROTO_STAT_LEN + 2 + \
			    PROTO_PATH_MAX)

/* Leave room for the head, which is known last. */
static void
list_leave_head(struct reply *r)
{
	static const uint8_t	 zero[LIST_HEAD];

	wire_put_bytes(&r->m.w, zero, sizeof(zero));
}

/* Make the reply an error without entries, which may have a text. */
static void
list_put_error(struct reply *r, const struct status *st)
{
	r->m.w.len = PROTO_HEADER;
	proto_put_status(&r->m.w, &st->wire);
	wire_put_u32(&r->m.w, 0);
	wire_put_u8(&r->m.w, 1);
}

/* Write the head into its room, which holds no text. */
static void
list_put_head(struct reply *r, const struct status *st, uint32_t token,
    bool eof)
{
	struct wire_out	 w;

	wire_out_init(&w, r->buf + PROTO_HEADER, LIST_HEAD);
	proto_put_status(&w, &st->wire);
	wire_put_u32(&w, token);
	wire_put_u8(&w, eof);
}

/* Append one entry to the reply. */
static void
list_put(struct reply *r, const char *name, const struct status *st,
    const struct fdb_stat *fst, const char *link)
{
	wire_put_str(&r->m.w, name);
	proto_put_status(&r->m.w, &st->wire);
	proto_put_stat(&r->m.w, fst);
	wire_put_str(&r->m.w, link);
	r->m.h.items++;
}

/*
 * Some file systems have names longer than NAME_MAX, which no request can ask
 * for.  Show that there is one, and how it begins.
 */
static void
list_put_long(struct state *s, struct reply *r, const struct token *tk,
    const char *name)
{
	char			 cut[NAME_MAX + 1];
	struct status	 st;
	struct fdb_stat		 fst;

	if (!policy_decide(s->role, POLICY_OP_LIST, tk->path).permit)
		return;
	(void)strlcpy(cut, name, sizeof(cut));
	memset(&fst, 0, sizeof(fst));
	status_set(&st, ENAMETOOLONG, FDB_REASON_NAME, "");
	list_put(r, cut, &st, &fst, "");
}

/*
 * Append an entry that the policy permits.  A denied one is shown only if it
 * is a directory on the way to something permitted.
 */
static void
list_put_entry(struct state *s, struct reply *r, const struct token *tk,
    const struct DENTS_ENTRY *de)
{
	const struct role	*role = s->role;
	char			 path[PROTO_PATH_MAX], link[PROTO_PATH_MAX];
	struct status	 st;
	struct fdb_stat		 fst;
	bool			 permit;

	/* list_target() made sure that it fits. */
	if (pathname_join(path, sizeof(path), tk->path, de->d_name) == -1)
		return;
	permit = policy_decide(role, POLICY_OP_LIST, path).permit;
	if (!permit && ((de->d_type != DT_DIR && de->d_type != DT_UNKNOWN) ||
	    !policy_enter(role, path).permit))
		return;
	memset(&fst, 0, sizeof(fst));
	link[0] = '\0';
	status_ok(&st);
	if (resolve_entry(tk->fd, de->d_name, &fst, link,
	    sizeof(link)) == -1) {
		if (errno == ENOENT)
			return;		/* removed since it was read */
		status_set(&st, errno, FDB_REASON_KERNEL, "");
		memset(&fst, 0, sizeof(fst));
	}
	/* It may no longer be a directory. */
	if (!permit && !S_ISDIR(fst.mode))
		return;
	list_put(r, de->d_name, &st, &fst, link);
}

/*
 * Make sure that the token's buffer has an entry.  1, 0 at the end of the
 * directory, or -1 with errno.
 */
static int
token_fill(struct token *tk)
{
	ssize_t	 n;

	if (tk->pos < tk->len)
		return 1;
	n = dents_read(tk->fd, tk->dents, TOKEN_DENTS_SIZE);
	if (n <= 0)
		return (int)n;
	tk->len = (size_t)n;
	tk->pos = 0;
	return 1;
}

/* Append entries until the message is full.  0, or -1 with errno. */
static int
list_put_entries(struct state *s, struct reply *r, struct token *tk)
{
	const struct DENTS_ENTRY	*de;
	int			 n;

	while (r->m.w.size - r->m.w.len >= ENTRY_MAX &&
	    r->m.h.items < UINT16_MAX) {
		if ((n = token_fill(tk)) == -1)
			return -1;
		if (n == 0) {
			tk->done = true;
			free(tk->dents);
			tk->dents = NULL;
			return 0;
		}
		de = (const void *)(tk->dents + tk->pos);
		tk->pos += de->d_reclen;
		if (strlen(de->d_name) > NAME_MAX)
			list_put_long(s, r, tk, de->d_name);
		else if (dents_is_entry(de))
			list_put_entry(s, r, tk, de);
	}
	return 0;
}

/* Open the directory that t names.  Its token, or 0 with the status set. */
static uint32_t
list_target(struct state *s, struct target *t, struct status *st)
{
	struct verdict	 v;
	uint32_t	 token;
	int		 fd;

	/* Otherwise a name in it could be too long for the policy to judge. */
	if (strlen(t->path) + 1 + NAME_MAX >= PROTO_PATH_MAX) {
		status_set(st, ENAMETOOLONG, FDB_REASON_NAME, "");
		return 0;
	}
	v = policy_enter(s->role, t->path);
	if (!v.permit) {
		status_denied(st, s->role, v);
		return 0;
	}
	if (target_place(t, s, POLICY_OP_LIST, st) == -1 ||
	    target_follow(t, s, POLICY_OP_ENTER, true, st) == -1)
		return 0;
	v = policy_enter(s->role, t->path);
	if (!v.permit) {
		status_denied(st, s->role, v);
		return 0;
	}
	if ((fd = resolve_dir(&t->at, t->rel)) == -1) {
		v = policy_decide(s->role, POLICY_OP_LIST, t->path);
		target_way_failed(t, s, v, st);
		return 0;
	}
	token = tokens_add(&s->tokens, fd, t->path, t->at.clone,
	    t->at.nodev);
	if (token == 0)
		status_set(st, errno, FDB_REASON_LIMIT, "directories held");
	else
		status_ok(st);
	return token;
}

/* Open the directory of a LIST.  Its token, or 0 with the status set. */
static uint32_t
list_open(struct state *s, const struct request_item *it, struct status *st)
{
	struct target	 t;
	uint32_t	 token;

	if (target_name(&t, s, it->base, it->name, st) == -1) {
		status_report(st, s, POLICY_OP_LIST, it->name, NULL);
		return 0;
	}
	token = list_target(s, &t, st);
	target_end(&t);
	status_report(st, s, POLICY_OP_LIST, t.path, NULL);
	return token;
}

/*
 * Ask the policy again about a directory that is already held.  The token, or
 * NULL with the status set, and the directory is held no more.
 */
static struct token *
list_recheck(struct state *s, uint32_t token, struct token *tk,
    struct status *st)
{
	struct verdict	 v = policy_enter(s->role, tk->path);

	if (v.permit)
		return tk;
	status_denied(st, s->role, v);
	status_report(st, s, POLICY_OP_LIST, tk->path, NULL);
	(void)tokens_remove(&s->tokens, token);
	return NULL;
}

int
list_request(struct state *s, const struct proto_header *h, struct wire_in *in)
{
	static struct reply	 r;
	char			 name[PROTO_MAX];
	struct status	 st;
	struct token		*tk = NULL;
	struct request_item		 it;
	uint32_t		 token;

	if (request_get_items(&it, h, in, name) == -1)
		return -1;
	reply_begin(&r, s, PROTO_LIST_REPLY, h->id);
	list_leave_head(&r);
	status_ok(&st);
	if (it.base != FDB_TOKEN_ROOT && it.name[0] == '\0') {
		token = it.base;	/* the next part */
		tk = tokens_find(&s->tokens, token);
		if (tk == NULL || tk->done) {
			errno = EBADMSG;
			return -1;
		}
		/* The policy may have changed since the last part. */
		tk = list_recheck(s, token, tk, &st);
	} else if ((token = list_open(s, &it, &st)) != 0)
		tk = tokens_find(&s->tokens, token);
	if (tk != NULL && list_put_entries(s, &r, tk) == -1) {
		status_set(&st, errno, FDB_REASON_KERNEL, "");
		tokens_remove(&s->tokens, token);
		tk = NULL;
	}
	if (st.wire.error == 0)
		list_put_head(&r, &st, token, tk->done);
	else if (r.m.h.items == 0)
		list_put_error(&r, &st);
	else
		list_put_head(&r, &st, 0, true);
	return reply_send(&r, s);
}

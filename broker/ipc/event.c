/*
 * event.c: the record of one request; see event.h.
 *
 * Runs in the opener, which makes records, in the supervisor, which receives
 * them, and in fdbrokerctl.  Touches memory only.  A client chose the path: the
 * opener encodes it as printable ASCII, and the supervisor refuses a record
 * with any other byte, so that it never handles what a client wrote raw.
 */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <vis.h>

#include "ipc/event.h"
#include "policy/tables.h"

static const struct {
	const char	*reason;
	const char	*verdict;
} words[] = {
	[FDB_REASON_NONE]	= { "",		"permitted" },
	[FDB_REASON_POLICY]	= { "policy",	"denied" },
	[FDB_REASON_KERNEL]	= { "kernel",	"refused" },
	[FDB_REASON_LIMIT]	= { "limit",	"limited" },
	[FDB_REASON_TYPE]	= { "type",	"denied" },
	[FDB_REASON_NAME]	= { "name",	"denied" }
};

#define NWORDS	(sizeof(words) / sizeof(words[0]))

/* Encode as much of src as fits into dst. */
static void
encode(char *dst, size_t size, const char *src)
{
	char	 one[5];
	size_t	 n = 0, len;

	for (; *src != '\0'; src++) {
		/* vis(3) would encode a backslash as an octal number. */
		if (*src == '\\')
			(void)strlcpy(one, "\\\\", sizeof(one));
		else
			(void)vis(one, *src, VIS_OCTAL | VIS_TAB | VIS_NL,
			    src[1]);
		len = strlen(one);
		if (n + len >= size)
			break;
		memcpy(dst + n, one, len);
		n += len;
	}
	dst[n] = '\0';
}

void
event_set_path(struct event_record *e, const char *path)
{
	encode(e->path, sizeof(e->path), path);
}

void
event_set_where(struct event_record *e, const char *where)
{
	encode(e->where, sizeof(e->where), where);
}

void
event_put(struct wire_out *w, const struct event_record *e)
{
	wire_put_u32(w, e->op);
	wire_put_u32(w, e->error);
	wire_put_u8(w, e->reason);
	wire_put_u8(w, e->policy);
	wire_put_u32(w, e->id);
	wire_put_u32(w, e->lost);
	wire_put_u32(w, e->generation);
	wire_put_u32(w, e->dev_major);
	wire_put_u32(w, e->dev_minor);
	wire_put_u64(w, e->ino);
	wire_put_str(w, e->where);
	wire_put_str(w, e->path);
}

static bool
is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

/* Each reason is known, and none contradicts another or the error. */
static bool
is_consistent(const struct event_record *e)
{
	if (e->reason >= NWORDS || e->policy >= POLICY_REASONS ||
	    (e->reason == FDB_REASON_NONE) != (e->error == 0))
		return false;
	/* A FIFO or a device, which a permit of SPECIAL would open. */
	if (e->reason == FDB_REASON_TYPE && e->policy == POLICY_NOT_SPECIAL)
		return true;
	return (e->reason == FDB_REASON_POLICY) ==
	    (e->policy != POLICY_PERMITTED);
}

void
event_get(struct wire_in *w, struct event_record *e)
{
	e->op = wire_get_u32(w);
	e->error = wire_get_u32(w);
	e->reason = wire_get_u8(w);
	e->policy = wire_get_u8(w);
	e->id = wire_get_u32(w);
	e->lost = wire_get_u32(w);
	e->generation = wire_get_u32(w);
	e->dev_major = wire_get_u32(w);
	e->dev_minor = wire_get_u32(w);
	e->ino = wire_get_u64(w);
	wire_get_str(w, e->where, sizeof(e->where));
	wire_get_str(w, e->path, sizeof(e->path));
	if (!is_consistent(e) || !is_printable(e->where) ||
	    !is_printable(e->path))
		wire_get_fail(w);
}

int
event_is_wanted(const struct event_record *e, enum audit_mode mode)
{
	if (mode >= AUDITMODE_ALL)
		return 1;
	if (mode == AUDITMODE_NONE || e->reason == FDB_REASON_NONE)
		return 0;
	/* A name that does not exist is not a denial. */
	return e->reason != FDB_REASON_KERNEL ||
	    (e->error != ENOENT && e->error != ENOTDIR);
}

const char *
event_op(const struct event_record *e)
{
	const char	*name;
	size_t		 i;

	for (i = 0; (name = policy_op_name(i)) != NULL; i++)
		if (policy_op(name) == e->op)
			return name;
	return "unknown";
}

const char *
event_verdict(const struct event_record *e)
{
	return e->reason < NWORDS ? words[e->reason].verdict : "";
}

const char *
event_reason(const struct event_record *e)
{
	return e->reason < NWORDS ? words[e->reason].reason : "";
}

const char *
event_policy(const struct event_record *e)
{
	return e->policy != POLICY_PERMITTED && e->policy < POLICY_REASONS ?
	    policy_reason_name((enum policy_reason)e->policy) : "";
}

/*
 * jsonline.c: objects of JSON; see controller/jsonline.h.
 *
 * Runs in the controller.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "controller/jsonline.h"

static int
put_buf(void *arg, const void *p, size_t len)
{
	return buf_add(arg, p, len);
}

static void
begin(struct json *j, struct buf *b, const char *type)
{
	json_init_lines(j, put_buf, b);
	json_object(j, NULL);
	json_string(j, "message_type", type);
}

/* 0, or -1 with the buffer as long as it was. */
static int
end(struct json *j, struct buf *b, size_t before)
{
	json_end(j);
	if (!j->failed)
		return 0;
	buf_cut(b, before);
	errno = ENOMEM;
	return -1;
}

static const char *
type_name(const struct entry *e)
{
	if (e->hardlink[0] != '\0')
		return "hardlink";
	switch (e->mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFCHR:
		return "chardev";
	case S_IFBLK:
		return "blockdev";
	case S_IFSOCK:
		return "socket";
	default:
		return "unknown";
	}
}

static void
put_owner(struct json *j, const struct entry *e)
{
	char	 mode[8];

	(void)snprintf(mode, sizeof(mode), "%04o",
	    (unsigned int)e->mode & 07777);
	json_string(j, "mode", mode);
	json_number(j, "uid", e->uid);
	json_number(j, "gid", e->gid);
	if (e->uname[0] != '\0')
		json_bytes(j, "uname", e->uname);
	if (e->gname[0] != '\0')
		json_bytes(j, "gname", e->gname);
}

static void
put_digest(struct json *j, const struct entry *e)
{
	char	 hex[2 * ENTRY_DIGEST_LEN + 1];
	size_t	 i;

	for (i = 0; i < ENTRY_DIGEST_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x",
		    (unsigned int)e->digest[i]);
	json_string(j, "sha256", hex);
}

/* What only some members have. */
static void
put_special(struct json *j, const struct entry *e)
{
	const char	*name;
	uint32_t	 flag;
	size_t		 i;

	if (e->hardlink[0] != '\0')
		json_bytes(j, "link", e->hardlink);
	else if (e->link[0] != '\0')
		json_bytes(j, "link", e->link);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode)) {
		json_array(j, "device");
		json_number(j, NULL, e->rdev_major);
		json_number(j, NULL, e->rdev_minor);
		json_end(j);
	}
	if (e->sparse)
		json_bool(j, "sparse", true);
	if (e->has_digest)
		put_digest(j, e);
	if (e->flags == 0)
		return;
	json_array(j, "flags");
	for (i = 0; (name = entry_flag(i, &flag)) != NULL; i++)
		if (e->flags & flag)
			json_string(j, NULL, name);
	json_end(j);
}

/* Each is an object, as its name can be any bytes. */
static void
put_xattrs(struct json *j, const struct entry *e)
{
	const char	*p = e->xattrs, *last = p + e->xattrs_len;

	if (e->xattrs_len == 0)
		return;
	json_array(j, "xattrs");
	for (; p < last; p += strlen(p) + 1) {
		json_object(j, NULL);
		json_bytes(j, "name", p);
		json_end(j);
	}
	json_end(j);
}

int
jsonline_member(struct buf *b, const struct entry *e)
{
	size_t		 before = b->len;
	struct json	 j;

	begin(&j, b, "member");
	json_bytes(&j, "name", e->name);
	json_string(&j, "type", type_name(e));
	put_owner(&j, e);
	json_number(&j, "size", e->size);
	json_int(&j, "mtime", e->mtime);
	json_number(&j, "mtime_nsec", e->mtime_nsec);
	put_special(&j, e);
	put_xattrs(&j, e);
	if (e->cut)
		json_bool(&j, "truncated", true);
	return end(&j, b, before);
}

static const struct {
	enum report_kind	 kind;
	const char		*type;
	const char		*which;		/* of this type, or NULL */
} kinds[] = {
	{ REPORT_DIFFERENT,	"difference",	"different" },
	{ REPORT_MISSING,	"difference",	"missing" },
	{ REPORT_UNEXPECTED,	"difference",	"unexpected" },
	{ REPORT_MANIFEST,	"difference",	"manifest" },
	{ REPORT_UNREADABLE,	"problem",	"unreadable" },
	{ REPORT_CHANGED,	"problem",	"changed" },
	{ REPORT_VANISHED,	"problem",	"vanished" },
	{ REPORT_DENIED,	"problem",	"denied" },
	{ REPORT_DENIED_NAMED,	"problem",	"denied" },
	{ REPORT_OPTION,	"problem",	"denied_by_option" },
	{ REPORT_OPTION_NAMED,	"problem",	"denied_by_option" },
	{ REPORT_HIDDEN,	"problem",	"hidden" },
	{ REPORT_SKIPPED,	"problem",	"skipped" },
	{ REPORT_EXCLUDED,	"excluded",	NULL },
	{ REPORT_EXCLUDED_NAMED, "excluded",	NULL },
	{ REPORT_UNCHANGED,	"unchanged",	NULL },
	{ REPORT_REMOVED,	"removed",	NULL },
	{ REPORT_WARNING,	"warning",	NULL },
	{ REPORT_LOG,		"warning",	NULL },
	{ REPORT_FATAL,		"error",	NULL }
};

int
jsonline_report(struct buf *b, enum report_kind kind, const char *name,
    const char *text)
{
	size_t		 before = b->len, i;
	struct json	 j;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind != kind)
			continue;
		begin(&j, b, kinds[i].type);
		if (kinds[i].which != NULL)
			json_string(&j, kinds[i].type, kinds[i].which);
		if (name[0] != '\0')
			json_bytes(&j, "name", name);
		json_bytes(&j, "text", text);
		return end(&j, b, before);
	}
	return 0;
}

int
jsonline_change(struct buf *b, const char *change, const char *name,
    const char *text)
{
	size_t		 before = b->len;
	struct json	 j;

	begin(&j, b, "change");
	json_string(&j, "change", change);
	json_bytes(&j, "name", name);
	json_bytes(&j, "text", text);
	return end(&j, b, before);
}

int
jsonline_subtotal(struct buf *b, const char *name, uint64_t members,
    uint64_t bytes)
{
	size_t		 before = b->len;
	struct json	 j;

	begin(&j, b, "subtotal");
	json_bytes(&j, "name", name);
	json_number(&j, "members", members);
	json_number(&j, "bytes", bytes);
	return end(&j, b, before);
}

static void
put_seconds(struct json *j, double seconds)
{
	char	 text[64];

	(void)snprintf(text, sizeof(text), "%.2f", seconds);
	json_raw(j, "seconds", text);
}

int
jsonline_progress(struct buf *b, const struct channel_where *w,
    const char *name, double seconds, int64_t left)
{
	size_t		 before = b->len;
	struct json	 j;

	begin(&j, b, "progress");
	if (w->counting)
		json_bool(&j, "counting", true);
	json_number(&j, "members", w->members);
	json_number(&j, "bytes", w->bytes);
	if (w->total > 0) {
		json_number(&j, "done", w->done);
		json_number(&j, "total", w->total);
	}
	if (left >= 0)
		json_int(&j, "left", left);
	if (name[0] != '\0')
		json_bytes(&j, "name", name);
	put_seconds(&j, seconds);
	return end(&j, b, before);
}

/* What is counted besides members and bytes of what was found. */
static void
put_counts(struct json *j, const struct tally *t)
{
	json_number(j, "unreadable", t->unreadable);
	json_number(j, "changed", t->changed);
	json_number(j, "vanished", t->vanished);
	json_number(j, "denied", t->denied);
	json_number(j, "denied_by_option", t->by_option);
	json_number(j, "hidden", t->hidden);
	json_number(j, "skipped", t->skipped);
	json_number(j, "excluded", t->excluded);
	json_number(j, "unchanged", t->unchanged);
	json_number(j, "removed", t->removed);
}

/* What extract counts besides members, bytes and damage. */
static void
put_restored(struct json *j, const struct tally *t)
{
	json_number(j, "unreadable", t->unreadable);
	json_number(j, "changed", t->changed);
	json_number(j, "denied", t->denied);
	json_number(j, "removed", t->removed);
}

int
jsonline_summary(struct buf *b, const struct jsonline_run *run)
{
	size_t		 before = b->len;
	struct json	 j;

	begin(&j, b, "summary");
	json_string(&j, "command", run->command);
	if (run->dry_run)
		json_bool(&j, "dry_run", true);
	if (run->archive != NULL)
		json_bytes(&j, "archive", run->archive);
	if (run->host != NULL)
		json_bytes(&j, "host", run->host);
	if (run->seed != NULL)
		json_number(&j, "seed", *run->seed);
	json_number(&j, "members", run->tally->files);
	json_number(&j, "bytes", run->tally->bytes);
	if (run->what == TALLY_COMPARED || run->what == TALLY_WALKED ||
	    run->what == TALLY_RESTORED)
		json_number(&j, "different", run->tally->different);
	if (run->what == TALLY_RESTORED)
		put_restored(&j, run->tally);
	if (run->what == TALLY_STORED || run->what == TALLY_WALKED)
		put_counts(&j, run->tally);
	put_seconds(&j, run->seconds);
	json_int(&j, "status", run->status);
	return end(&j, b, before);
}

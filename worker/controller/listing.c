/*
 * listing.c: the line that lists a member; see controller/listing.h.
 *
 * Runs in the controller.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/report.h"
#include "controller/listing.h"

/* Columns of owner, blank and size together, as in tar(1). */
#define LISTING_WIDTH	19

static int
add_mode(struct buf *b, const struct entry *e)
{
	char	 text[16];

	strmode((mode_t)e->mode, text);
	if (e->hardlink[0] != '\0')
		text[0] = 'h';
	/* The string of strmode(3) ends with a blank. */
	return buf_puts(b, text);
}

static int
add_owner(struct buf *b, const char *name, uint32_t id)
{
	if (name[0] != '\0')
		return report_vis(b, name);
	return buf_printf(b, "%" PRIu32, id);
}

static int
add_size(struct buf *b, const struct entry *e, size_t used)
{
	char	 text[32];
	int	 width;

	if (S_ISCHR(e->mode) || S_ISBLK(e->mode))
		(void)snprintf(text, sizeof(text), "%" PRIu32 ",%" PRIu32,
		    e->rdev_major, e->rdev_minor);
	else
		(void)snprintf(text, sizeof(text), "%" PRIu64, e->size);
	width = used + 1 < LISTING_WIDTH ? (int)(LISTING_WIDTH - used - 1) :
	    1;
	return buf_printf(b, " %*s ", width, text);
}

static int
add_local_time(struct buf *b, int64_t when)
{
	char		 text[64];
	time_t		 t = (time_t)when;
	struct tm	 tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M ", &tm) == 0)
		return buf_printf(b, "%" PRId64 " ", when);
	return buf_puts(b, text);
}

int
listing_format(struct buf *b, const struct entry *e, bool verbose)
{
	size_t	 start;

	if (verbose) {
		if (add_mode(b, e) == -1)
			return -1;
		start = b->len;
		if (add_owner(b, e->uname, e->uid) == -1 ||
		    buf_putc(b, '/') == -1 ||
		    add_owner(b, e->gname, e->gid) == -1 ||
		    add_size(b, e, b->len - start) == -1 ||
		    add_local_time(b, e->mtime) == -1)
			return -1;
	}
	if (report_vis(b, e->name) == -1)
		return -1;
	if (verbose && e->hardlink[0] != '\0') {
		if (buf_puts(b, " link to ") == -1 ||
		    report_vis(b, e->hardlink) == -1)
			return -1;
	} else if (verbose && e->link[0] != '\0') {
		if (buf_puts(b, " -> ") == -1 ||
		    report_vis(b, e->link) == -1)
			return -1;
	}
	return buf_putc(b, '\n');
}

int
listing_format_size(struct buf *b, const struct entry *e)
{
	if (buf_printf(b, "%12" PRIu64 " ", e->size) == -1 ||
	    report_vis(b, e->name) == -1)
		return -1;
	return buf_putc(b, '\n');
}

int
listing_format_subtotal(struct buf *b, const char *name, uint64_t members,
    uint64_t bytes)
{
	if (buf_printf(b, "%" PRIu64 " files, %" PRIu64 " bytes: ", members,
	    bytes) == -1 || report_vis(b, name) == -1)
		return -1;
	return buf_putc(b, '\n');
}

/*
 * tally.c: the counts of a run; see common/tally.h.
 *
 * Runs in the worker, which counts, and in the controller, which prints.
 * Touches nothing but memory.
 */

#include "config.h"

#include <inttypes.h>

#include "common/tally.h"

void
tally_count(struct tally *t, enum report_kind kind)
{
	switch (kind) {
	case REPORT_UNREADABLE:
		t->unreadable++;
		break;
	case REPORT_CHANGED:
		t->changed++;
		break;
	case REPORT_VANISHED:
		t->vanished++;
		break;
	case REPORT_DENIED_NAMED:
		t->denied_named++;
		t->denied++;
		break;
	case REPORT_DENIED:
		t->denied++;
		break;
	case REPORT_OPTION_NAMED:
		t->denied_named++;
		t->by_option++;
		break;
	case REPORT_OPTION:
		t->by_option++;
		break;
	case REPORT_SKIPPED:
		t->skipped++;
		break;
	case REPORT_EXCLUDED:
	case REPORT_EXCLUDED_NAMED:
		t->excluded++;
		break;
	case REPORT_DIFFERENT:
	case REPORT_MISSING:
	case REPORT_UNEXPECTED:
	case REPORT_MANIFEST:
		t->different++;
		break;
	case REPORT_UNCHANGED:
		t->unchanged++;
		break;
	case REPORT_REMOVED:
		t->removed++;
		break;
	case REPORT_HIDDEN:	/* counts several: reporter_hidden() */
	case REPORT_MEMBER:
	case REPORT_NOTE:
	case REPORT_WARNING:
	case REPORT_LOG:
	case REPORT_FATAL:
		break;
	}
}

int
tally_status(const struct tally *t, bool denied_ok)
{
	if (t->different > 0)
		return STATUS_DIFFERENT;
	if (t->denied_named > 0 ||
	    (!denied_ok && (t->denied > 0 || t->by_option > 0 ||
	    t->hidden > 0)))
		return STATUS_DENIED;
	if (t->unreadable > 0)
		return STATUS_UNREADABLE;
	if (t->changed > 0 || t->vanished > 0)
		return STATUS_CHANGED;
	return STATUS_COMPLETE;
}

/* Append the counts of what is rarely there, unless they are 0. */
static int
describe_rare(struct buf *b, const struct tally *t)
{
	const struct {
		uint64_t	 n;
		const char	*what;
	} counts[] = {
		{ t->by_option, "denied by option" },
		{ t->hidden, "hidden" },
		{ t->vanished, "vanished" },
		{ t->skipped, "skipped" },
		{ t->excluded, "excluded" },
		{ t->unchanged, "unchanged" },
		{ t->removed, "removed" }
	};
	size_t	 i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (counts[i].n > 0 && buf_printf(b, "%" PRIu64 " %s, ",
		    counts[i].n, counts[i].what) == -1)
			return -1;
	return 0;
}

int
tally_describe(struct buf *b, const struct tally *t, enum tally_what what,
    double seconds)
{
	if (buf_printf(b, "%" PRIu64 " files, %" PRIu64 " bytes, ", t->files,
	    t->bytes) == -1)
		return -1;
	if ((what == TALLY_COMPARED || what == TALLY_WALKED) &&
	    buf_printf(b, "%" PRIu64 " different, ", t->different) == -1)
		return -1;
	if (what == TALLY_RESTORED && buf_printf(b, "%" PRIu64 " failed, %"
	    PRIu64 " incomplete, %" PRIu64 " denied, %" PRIu64 " damaged, ",
	    t->unreadable, t->changed, t->denied, t->different) == -1)
		return -1;
	if (what == TALLY_RESTORED && t->removed > 0 &&
	    buf_printf(b, "%" PRIu64 " removed, ", t->removed) == -1)
		return -1;
	if (what != TALLY_STORED && what != TALLY_WALKED)
		return buf_printf(b, "%.2f seconds", seconds);
	if (buf_printf(b, "%" PRIu64 " unreadable, %" PRIu64 " changed, %"
	    PRIu64 " denied, ", t->unreadable, t->changed, t->denied) == -1)
		return -1;
	if (describe_rare(b, t) == -1)
		return -1;
	return buf_printf(b, "%.2f seconds", seconds);
}

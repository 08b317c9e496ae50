/*
 * report.c: reports in words; see common/report.h.
 *
 * Runs in the worker, which explains what it could not store, and in the
 * controller, which prints.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vis.h>
#include <wchar.h>
#include <wctype.h>

#include "common/report.h"
#include "policy/where.h"

/* The broker opens strictly; for some errors strerror(3) would mislead. */
static const char *
error_text(int error)
{
	switch (error) {
	case ELOOP:
		return "the path contains a symbolic link";
	case EXDEV:
		return "it is on another file system, or outside the "
		    "directories that may be read";
	case ENXIO:
		return "it is a socket, or a device without a driver";
	default:
		return strerror(error);
	}
}

int
report_explain(struct buf *b, const struct refusal *r)
{
	const char	*text;
	int		 ret;

	switch (r->reason) {
	case FDB_REASON_POLICY:
		text = "denied by policy";
		break;
	case FDB_REASON_LIMIT:
		if (buf_puts(b, "a limit of the session is reached: ") == -1)
			return -1;
		text = strerror(r->error);
		break;
	case FDB_REASON_TYPE:
		text = "this type of file cannot be opened";
		break;
	default:
		text = error_text(r->error);
		break;
	}
	ret = r->where[0] == '\0' ? buf_puts(b, text) :
	    buf_printf(b, "%s (%s)", text, r->where);
	/* "fdbrokerctl explain" takes this number. */
	if (ret == 0 && r->id != 0)
		ret = buf_printf(b, ", id %" PRIx32, r->id);
	return ret;
}

enum report_kind
report_classify(const struct refusal *r, bool named, bool seen)
{
	if (r->reason == FDB_REASON_POLICY &&
	    policy_where_is_option(r->where))
		return named ? REPORT_OPTION_NAMED : REPORT_OPTION;
	if (r->reason == FDB_REASON_POLICY)
		return named ? REPORT_DENIED_NAMED : REPORT_DENIED;
	if (!seen)
		return REPORT_UNREADABLE;
	if (r->error == ENOENT)
		return REPORT_VANISHED;
	/* The walk found it; now it is something else. */
	if (r->reason == FDB_REASON_TYPE || r->error == ENOTDIR ||
	    r->error == ELOOP || r->error == ENXIO)
		return REPORT_CHANGED;
	return REPORT_UNREADABLE;
}

bool
report_is_denial(enum report_kind kind)
{
	return kind == REPORT_DENIED || kind == REPORT_DENIED_NAMED ||
	    kind == REPORT_OPTION || kind == REPORT_OPTION_NAMED;
}

int
report_time(struct buf *b)
{
	char		 text[64];
	struct tm	 tm;
	time_t		 now = time(NULL);

	/* UTC: a confined process cannot read the time zone. */
	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ ", &tm) == 0)
		return 0;
	return buf_puts(b, text);
}

#ifdef __STDC_ISO_10646__
/*
 * Characters that iswprint(3) may accept, but that a reader cannot see, or that
 * change how the text around them is displayed: controls, format characters,
 * line separators, and private use.  Sorted; both ends are included.
 */
static const struct {
	uint32_t	 first, last;
} unsafe[] = {
	{ 0x0080, 0x009f },	/* C1 controls */
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* combining grapheme joiner */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180b, 0x180f },	/* Mongolian variation selectors */
	{ 0x200b, 0x200f },	/* zero width; directional marks */
	{ 0x2028, 0x202e },	/* separators; embeddings, overrides */
	{ 0x2060, 0x206f },	/* word joiner; isolates; deprecated */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xe000, 0xf8ff },	/* private use */
	{ 0xfe00, 0xfe0f },	/* variation selectors */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xffa0, 0xffa0 },	/* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb },	/* unassigned; interlinear annotation */
	{ 0x1bca0, 0x1bca3 },	/* shorthand format controls */
	{ 0x1d173, 0x1d17a },	/* musical format controls */
	{ 0xe0000, 0xe0fff },	/* tags; variation selectors */
	{ 0xf0000, 0x10ffff }	/* private use */
};

#define NUNSAFE	(sizeof(unsafe) / sizeof(unsafe[0]))

static bool
is_safe(wchar_t c)
{
	size_t	 i;

	for (i = 0; i < NUNSAFE && unsafe[i].first <= (uint32_t)c; i++) {
		if ((uint32_t)c <= unsafe[i].last)
			return false;
	}
	return iswprint((wint_t)c) != 0;
}
#else
/* The values of wchar_t say nothing about the characters: trust none. */
static bool
is_safe(wchar_t c)
{
	(void)c;
	return false;
}
#endif

/*
 * The length of the multibyte character at s if it may be displayed, or 0.  We
 * cannot leave this to vis(3) of libbsd: it treats an invalid byte as Latin-1.
 */
static size_t
printable_len(const char *s)
{
	mbstate_t	 state;
	wchar_t		 c;
	size_t		 n;

	memset(&state, 0, sizeof(state));
	n = mbrtowc(&c, s, MB_CUR_MAX, &state);
	return n > 1 && n <= MB_CUR_MAX && is_safe(c) ? n : 0;
}

int
report_vis(struct buf *b, const char *s)
{
	char	 out[8];
	size_t	 n;

	while (*s != '\0') {
		for (n = 0; s[n] > ' ' && s[n] < '\177' && s[n] != '\\'; n++)
			;
		if (n == 0)
			n = printable_len(s);
		if (buf_add(b, s, n) == -1)
			return -1;
		s += n;
		if (n > 0 || *s == '\0')
			continue;
		if ((unsigned char)*s < 0x80)
			(void)vis(out, *s, VIS_CSTYLE | VIS_OCTAL | VIS_TAB |
			    VIS_NL, s[1]);
		else
			(void)snprintf(out, sizeof(out), "\\%03o",
			    (unsigned int)(unsigned char)*s);
		if (buf_puts(b, out) == -1)
			return -1;
		s++;
	}
	return 0;
}

int
report_format(struct buf *b, const char *name, const char *text)
{
	if (report_vis(b, name) == -1)
		return -1;
	if (name[0] != '\0' && text[0] != '\0' && buf_puts(b, ": ") == -1)
		return -1;
	return report_vis(b, text);
}

/*
 * fuzz_link.c: libFuzzer on the frames between two fdbackups, and on the
 * request and the records in them.
 *
 * The first byte of the input says which command line serve has, the second one
 * in what pieces the rest arrives.  No command runs: those of the table of
 * commands are replaced here.
 */

#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/channel.h"
#include "controller/cmdarg.h"
#include "controller/cmdline.h"
#include "controller/link.h"
#include "controller/narrow.h"
#include "sandbox/diff.h"
#include "sandbox/drill.h"
#include "sandbox/extract.h"
#include "sandbox/list.h"
#include "sandbox/store.h"
#include "sandbox/verify.h"
#include "tests/unit/served.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define NEVER_RUN(function)	\
	int			\
	function(struct work *w) \
	{			\
		(void)w;	\
		abort();	\
	}
#define NEVER_RELEASED(function) \
	void			\
	function(struct work *w) \
	{			\
		(void)w;	\
		abort();	\
	}

NEVER_RUN(diff_prepare)
NEVER_RUN(diff_run)
NEVER_RELEASED(diff_release)
NEVER_RUN(drill_prepare)
NEVER_RUN(drill_start)
NEVER_RUN(drill_run)
NEVER_RELEASED(drill_release)
NEVER_RUN(extract_prepare)
NEVER_RUN(extract_start)
NEVER_RUN(extract_run)
NEVER_RELEASED(extract_release)
NEVER_RUN(list_prepare)
NEVER_RUN(list_run)
NEVER_RELEASED(list_release)
NEVER_RUN(store_prepare)
NEVER_RUN(store_start)
NEVER_RUN(store_run)
NEVER_RELEASED(store_release)
NEVER_RUN(verify_prepare)
NEVER_RUN(verify_run)
NEVER_RELEASED(verify_release)

static struct options	 lines[SERVED_LINES];
static int		 in[2], out[2], null;

static void
start(void)
{
	if (pipe2(in, O_CLOEXEC | O_NONBLOCK) == -1 ||
	    pipe2(out, O_CLOEXEC | O_NONBLOCK) == -1 ||
	    (null = open("/dev/null", O_WRONLY | O_CLOEXEC)) == -1)
		abort();
	served_init(lines);
}

/* What the client asks for is read from a copy that ends where it ends. */
static void
take_request(const struct options *line, const struct link_frame *f)
{
	struct options	 o;
	char		 why[CMDARG_WHY_MAX] = "", *bytes;
	int		 ret;

	if ((bytes = malloc(f->len)) == NULL)
		return;
	memcpy(bytes, f->data, f->len);
	ret = narrow_parse(line, &o, bytes, f->len, why);
	if (ret == 0 ? served_check(line, &o) != NULL : why[0] == '\0' ||
	    memchr(why, '\0', sizeof(why)) == NULL)
		abort();
	cmdline_free(&o);
	free(bytes);
}

static void
take_records(const struct link_frame *f)
{
	static struct channel_record	 record;
	struct wire_in			 w;

	wire_in_init(&w, f->data, f->len);
	while (w.left > 0 && channel_get(&w, &record) == 0)
		;
}

static void
take_frame(const struct options *line, struct link *l,
    const struct link_frame *f)
{
	if (f->data < l->in_buf || f->len > LINK_MAX || f->len >
	    (size_t)(l->in_buf + sizeof(l->in_buf) - f->data))
		abort();
	switch (f->type) {
	case LINK_HELLO:
		(void)link_check_hello(f);
		break;
	case LINK_REQUEST:
		take_request(line, f);
		break;
	case LINK_RECORDS:
		take_records(f);
		break;
	case LINK_END:
		l->takes = false;
		break;
	case LINK_EXIT:
		/* What stands there is lost, as when a worker does not read. */
		l->sink_closed = true;
		break;
	case LINK_DATA:
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct link	 l;
	const struct options	*line;
	struct link_frame	 f;
	struct pollfd		 pfd[LINK_POLLFDS];
	size_t			 most, piece, left;
	ssize_t			 n;
	int			 got = 0;

	if (null == 0)
		start();
	if (size < 2)
		return 0;
	line = &lines[data[0] % SERVED_LINES];
	most = ((size_t)data[1] + 1) * ((size_t)data[1] + 1);
	if (most > 4096)
		most = 4096;
	if (link_init(&l, in[0], out[1]) == -1)
		abort();
	l.takes = true;
	l.sink = null;
	l.sink_max = most;
	data += 2;
	left = size - 2;
	while (got != -1 && (left > 0 || l.left > 0)) {
		piece = left < most ? left : most;
		n = piece > 0 ? write(in[1], data, piece) : 0;
		if (n < 0 || (piece == 0 && l.in_len == 0))
			break;
		data += n;
		left -= (size_t)n;
		link_prepare(&l, pfd);
		if (poll(pfd, LINK_POLLFDS, 0) == -1 ||
		    link_work(&l, pfd) == -1)
			abort();
		while ((got = link_next(&l, &f)) == 1)
			take_frame(line, &l, &f);
	}
	return 0;
}

/*
 * fuzz_walk.c: libFuzzer on the messages of a walk.
 *
 * The first byte of the input says what the rest is: the items of a WALK, as an
 * opener decodes them, with patterns that are then compared with names; or a
 * number of records and the records of a WALK_REPLY, as the library takes them.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/walkwire.h"
#include "client/session.h"
#include "client/walk.h"
#include "opener/walk_exclude.h"
#include "policy/cursor.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Go down three levels by each of the names, and ask at each. */
static void
ask_excluded(struct walk_exclude *x, unsigned int levels)
{
	static const char *const	names[] = { "a", "b.o", ".cache" };
	size_t				 i;

	for (i = 0; i < 3 && levels > 0; i++) {
		if (walk_exclude_push(x, names[i], strlen(names[i])) == -1)
			abort();
		/* What leaves out anything leaves out directories, too. */
		if (walk_exclude_has(x, false) && !walk_exclude_has(x, true))
			abort();
		ask_excluded(x, levels - 1);
		walk_exclude_pop(x);
	}
}

static void
fuzz_request(const uint8_t *data, size_t size)
{
	struct walkwire_start	 st;
	struct walk_exclude	 x;
	enum walkwire_text	 kind;
	struct wire_in		 in;
	const char		*why;
	char			 text[PROTO_PATH_MAX];

	memset(&x, 0, sizeof(x));
	wire_in_init(&in, data, size);
	walkwire_get_start(&in, &st);
	while (!in.failed && in.left > 0) {
		walkwire_get_text(&in, &kind, text);
		if (!in.failed)
			(void)walk_exclude_add(&x, kind, text, &why);
	}
	if (wire_get_end(&in) == 0 && walk_exclude_begin(&x) == 0)
		ask_excluded(&x, 3);
	walk_exclude_free(&x);
}

static void
fuzz_reply(uint8_t items, const uint8_t *data, size_t size)
{
	static struct fdb_session	 s;
	struct fdb_result		 r;
	unsigned int			 n = 0;
	int				 i;

	memset(&s, 0, sizeof(s));
	if (size > sizeof(s.inbuf) || walks_add(&s.walks) == NULL)
		return;
	if (size > 0)
		memcpy(s.inbuf, data, size);
	/* Descriptors are counted as the records claim them. */
	for (i = 0; i < 4; i++) {
		s.head.fds = (uint16_t)i;
		s.head.items = items;
		s.head.flags = size & 1 ? PROTO_MORE : 0;
		wire_in_init(&s.in, s.inbuf, size);
		if (walk_accept(&s, true) != NULL)
			continue;
		s.have_reply = true;
		s.items_left = items;
		while (s.have_reply && walk_next(&s, &r) == 1) {
			n++;
			if (r.fd != -1 || strlen(r.name) > NAME_MAX ||
			    r.length > FDB_XATTR_VALUE_MAX)
				abort();
		}
		if (n > items || s.have_reply)
			abort();
		break;
	}
	walks_free(&s.walks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 1 && data[0] % 2 == 0)
		fuzz_request(data + 1, size - 1);
	else if (size >= 2)
		fuzz_reply(data[1], data + 2, size - 2);
	return 0;
}

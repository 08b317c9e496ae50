/*
 * fuzz_change.c: libFuzzer on the messages of changes.
 *
 * The first byte of the input says what the rest is: the items of a CHANGE, as
 * an opener decodes them, or the results of a CHANGED, as the library does.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/changewire.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Encoded again, a valid item has the bytes that it was decoded from. */
static void
check_item(const struct changewire_item *it, const uint8_t *bytes, size_t len)
{
	static struct changewire_xattr	 got[FDB_XATTRS_MAX];
	static struct fdb_xattr		 xattrs[FDB_XATTRS_MAX];
	static uint8_t			 again[PROTO_MAX];
	struct wire_in			 in = it->meta.xattrs;
	struct wire_out			 w;
	uint16_t			 i;

	if (!changewire_is_valid(it))
		abort();
	for (i = 0; i < it->meta.nxattrs; i++) {
		changewire_next_xattr(&in, &got[i]);
		xattrs[i].name = got[i].name;
		xattrs[i].value = got[i].value;
		xattrs[i].length = got[i].length;
	}
	if (in.failed)
		abort();
	wire_out_init(&w, again, sizeof(again));
	changewire_put_item(&w, it, xattrs);
	if (wire_put_end(&w) == -1 || w.len != len ||
	    w.len > changewire_item_size(it, xattrs) ||
	    memcmp(again, bytes, len) != 0)
		abort();
}

static void
fuzz_request(const uint8_t *data, size_t size)
{
	static char		 names[CHANGEWIRE_NAMES];
	struct changewire_item	 it;
	struct wire_in		 in;
	const uint8_t		*begin;
	char			*p = names;
	size_t			 i;

	wire_in_init(&in, data, size);
	for (i = 0; i < FDB_BATCH_MAX && in.left > 0; i++) {
		begin = in.buf;
		changewire_get_item(&in, &it, &p);
		if (in.failed)
			return;
		check_item(&it, begin, (size_t)(in.buf - begin));
	}
}

static void
fuzz_reply(const uint8_t *data, size_t size)
{
	struct changewire_result	 r;
	struct wire_in			 in;

	wire_in_init(&in, data, size);
	while (in.left > 0 && !in.failed) {
		changewire_get_result(&in, &r);
		if (!in.failed && (r.kind == 0 ||
		    r.kind >= CHANGEWIRE_KINDS ||
		    (r.refused != 0 && r.status.error == 0)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > PROTO_MAX)
		return 0;
	if (data[0] % 2 == 0)
		fuzz_request(data + 1, size - 1);
	else
		fuzz_reply(data + 1, size - 1);
	return 0;
}

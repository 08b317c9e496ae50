/*
 * fuzz_relay.c: libFuzzer on the frames of a relay, at either end.
 *
 * The first byte of the input says which end takes the rest, and in what
 * pieces.  Between the frames that end does what a pump does with its streams:
 * it delivers, sends, and ends.
 */

#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/relay.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Put a byte, deliver a piece, and pass the end on. */
static void
turn(struct relay *r, unsigned int i, size_t most)
{
	struct relay_stream	*s = &r->streams[i];
	const uint8_t		*data;
	size_t			 n = relay_pending(r, i, &data);

	if (n > RELAY_WINDOW || s->len > RELAY_WINDOW ||
	    s->credit > RELAY_WINDOW || s->allowed > RELAY_WINDOW)
		abort();
	if (n > most)
		n = most;
	if (n > 0) {
		(void)memchr(data, 0, n);
		relay_delivered(r, i, n);
	}
	if (relay_room(r, i) > 0)
		relay_data(r, i, "x", 1);
	if (s->phase == RELAY_RUNNING && s->in_ended &&
	    relay_pending(r, i, &data) == 0)
		relay_stop(r, i, s->in_error);
	if (s->phase == RELAY_RUNNING && most % 7 == 0)
		relay_end(r, i, 0);
}

static void
act(struct relay *r, const struct relay_frame *f, size_t most)
{
	unsigned int	 i;

	if (f->type == RELAY_OPEN && f->value == RELAY_LOCAL)
		relay_address(r, f->stream, "/tmp/address");
	else if (f->type == RELAY_OPEN)
		(void)relay_result(r, f->stream, most % 3 == 0 ? EACCES : 0);
	for (i = 0; i < RELAY_STREAMS; i++)
		turn(r, i, most);
	relay_fill(r);
	/* The other end reads slowly, or at once. */
	if (most % 2 == 0)
		r->out_at = r->out_len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct relay	 r;
	struct relay_frame	 f;
	uint8_t			*space;
	size_t			 n, room, most;
	bool			 near;
	int			 got = 0;

	if (size < 1)
		return 0;
	near = data[0] & 1;
	most = (size_t)(data[0] >> 1) + 1;
	data++;
	size--;
	relay_init(&r, near);
	if (near) {
		(void)relay_open(&r, RELAY_LOCAL);
		(void)relay_open(&r, RELAY_READ);
		(void)relay_open(&r, RELAY_WRITE);
		(void)relay_open(&r, RELAY_READ | RELAY_WRITE);
		relay_fill(&r);
		r.out_at = r.out_len;
	}
	while (size > 0 && got != -1) {
		space = relay_space(&r, &room);
		n = size < most * 16 ? size : most * 16;
		if (n > room)
			n = room;
		if (n == 0)
			abort();
		memcpy(space, data, n);
		relay_added(&r, n);
		data += n;
		size -= n;
		while ((got = relay_next(&r, &f)) == 1)
			act(&r, &f, most);
	}
	relay_clear(&r);
	return 0;
}

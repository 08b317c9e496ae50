/*
 * window.c: the last bytes of a stream; see sandbox/window.h.
 *
 * Runs in the worker, confined.  Touches nothing but memory.
 */

#include "config.h"

#include <string.h>

#include "sandbox/window.h"

void
window_slide(struct window *w)
{
	const uint8_t	*p = w->block;
	size_t		 len = w->block_len, keep;

	w->block = NULL;
	w->block_len = 0;
	if (len == 0)
		return;
	if (len > WINDOW_HISTORY) {
		p += len - WINDOW_HISTORY;
		len = WINDOW_HISTORY;
	}
	keep = WINDOW_HISTORY - len;
	if (keep > w->history_len)
		keep = w->history_len;
	memmove(w->history, w->history + w->history_len - keep, keep);
	memcpy(w->history + keep, p, len);
	w->history_len = keep + len;
}

void
window_set(struct window *w, const void *p, size_t len)
{
	window_slide(w);
	w->block = p;
	w->block_len = len;
	w->total += len;
}

bool
window_from(const struct window *w, uint64_t offset, const uint8_t **history,
    size_t *history_len, const uint8_t **block, size_t *block_len)
{
	uint64_t	 back;

	if (offset > w->total)
		return false;
	back = w->total - offset;
	if (back > w->history_len + w->block_len)
		return false;
	*block_len = back < w->block_len ? (size_t)back : w->block_len;
	*block = w->block_len == 0 ? w->history :
	    w->block + w->block_len - *block_len;
	*history_len = (size_t)(back - *block_len);
	*history = w->history + w->history_len - *history_len;
	return true;
}

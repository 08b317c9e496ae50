/*
 * window.h: the last bytes of a stream whose reader has looked ahead.
 *
 * libarchive asks for bytes block by block, and says where it stopped only when
 * it is done.  A window can then give back what it was given beyond that.
 */

#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes before the last block that are kept. */
#define WINDOW_HISTORY	4096

struct window {
	uint8_t		 history[WINDOW_HISTORY];
	size_t		 history_len;
	const uint8_t	*block;
	size_t		 block_len;
	uint64_t	 total;		/* bytes so far, with the block */
};

/*
 * Before the memory of the last block is used again: copy what is kept of it.
 * Until the next window_set(), the window has no block.
 */
void	 window_slide(struct window *);

/* The next block; its bytes must stay as they are until window_slide(). */
void	 window_set(struct window *, const void *, size_t);

/*
 * The bytes from this offset of the stream on: those of the history, and those
 * of the block; either can be empty.  False: they are not kept any more, or the
 * offset is beyond the end.
 */
bool	 window_from(const struct window *, uint64_t offset,
	    const uint8_t **history, size_t *history_len,
	    const uint8_t **block, size_t *block_len);

#endif /* WINDOW_H */

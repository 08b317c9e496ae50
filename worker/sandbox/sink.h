/*
 * sink.h: where the bytes of an archive go: gathered, compressed if asked for,
 * and written in large pieces.
 */

#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/options.h"

struct sink;

/*
 * The caller keeps the descriptor.  level is that of the program of the same
 * name, 0: its default, but 3 of zstd.  threads compress, at least 1, if the
 * compression is zstd; else the caller's does.  NULL with errno: ENOMEM, or
 * EINVAL: libzstd or libarchive cannot do this.
 */
struct sink	*sink_new(int fd, enum compression, int level,
		    unsigned int threads);
void		 sink_free(struct sink *);

/*
 * Start the threads that compress: none is started later.  0, or -1 with
 * errno.
 */
int		 sink_start(struct sink *);

/*
 * The functions below return 0, or -1 with errno of write(2), or EIO: the
 * library that compresses failed.
 */

/*
 * Append bytes.  stays: they stay where they are until sink_flush(); the others
 * are copied.
 */
int		 sink_put(struct sink *, const void *, size_t, bool stays);

/*
 * Append len bytes of a file from an offset, without looking at them.  Only if
 * nothing is compressed.  What the file lacks, or cannot be read, is replaced
 * by zeros: *got is the number of bytes that were there, and *error why there
 * were no more, or 0.
 */
int		 sink_copy(struct sink *, int fd, uint64_t offset, uint64_t len,
		    uint64_t *got, int *error);

/* Compress or write all bytes that were appended. */
int		 sink_flush(struct sink *);

/* Nothing comes after this: write everything. */
int		 sink_finish(struct sink *);

#endif /* SINK_H */

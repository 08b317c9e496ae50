/*
 * reader.h: read an archive of tar, cpio, zip or 7-zip from a descriptor.  One
 * of 7-zip must be a file.
 */

#ifndef READER_H
#define READER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/entry.h"
#include "sandbox/reporter.h"

struct attributes_ids;
struct reader;

/* Before confinement: load what names of 7-zip archives need. */
void		 reader_prepare(void);

/* The caller keeps the descriptor.  NULL: no memory. */
struct reader	*reader_new(int fd);
void		 reader_free(struct reader *);

/* What numbers have the names in access control lists; the caller keeps it. */
void		 reader_set_ids(struct reader *, const struct attributes_ids *);

/*
 * Read the next member.  1; 0 at the end of the archive; -1, and
 * reader_error() says why.  Its strings are valid until the next call.
 */
int		 reader_next(struct reader *, struct entry *);

/*
 * Read contents of this member: *p and *len are data, which the reader keeps
 * until the next call, and *offset where they lie in the file, behind what came
 * before; data end before INT64_MAX.  What lies between is a hole.  1; 0 at the
 * end, -1 as above.
 */
int		 reader_data(struct reader *, const void **p, size_t *len,
		    uint64_t *offset);

/*
 * After the last member, read the rest of the descriptor.  0 if nothing was
 * left out, the archive has its end, and nothing but zeros follows it and the
 * compressed stream; or -1 as above.
 */
int		 reader_finish(struct reader *);

/* True if this member is a file of a cpio archive that has other names, too. */
bool		 reader_is_linked(const struct reader *);

/* Bytes of the descriptor that were read so far, as they are stored. */
uint64_t	 reader_consumed(const struct reader *);

/*
 * Bytes that there were to read from the descriptor, 0: nobody knows, as it is
 * a pipe or the like.
 */
uint64_t	 reader_total(const struct reader *);

const char	*reader_error(const struct reader *);

/* Did it fail for lack of memory? */
bool		 reader_lacks_memory(const struct reader *);

/* Report that the archive cannot be read, and why.  Always -1. */
int		 reader_report(const struct reader *, struct reporter *);

#endif /* READER_H */

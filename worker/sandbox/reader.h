/*
 * reader.h: read an archive, of ours or any tar archive, from a descriptor.
 */

#ifndef READER_H
#define READER_H

#include <sys/types.h>

#include <stddef.h>

#include "common/entry.h"

struct reader;

/* The descriptor stays the caller's.  NULL: no memory. */
struct reader	*reader_new(int fd);
void		 reader_free(struct reader *);

/*
 * The next member: 1; 0 at the end of the archive; -1, and reader_error()
 * says why.  Its strings live until the next call.
 */
int		 reader_next(struct reader *, struct entry *);

/* Contents of that member: bytes read, 0 at their end, or -1 as above. */
ssize_t		 reader_data(struct reader *, void *, size_t);

/*
 * After the last member: read what is left, to see whether it is all there.
 * 0 if the archive has its end and nothing after it, or -1 as above.
 */
int		 reader_finish(struct reader *);

const char	*reader_error(const struct reader *);

#endif /* READER_H */

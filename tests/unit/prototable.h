/*
 * prototable.h: checks a table of messages against what is expected of it: each
 * count of items and descriptors, each flag, each number that a type can have.
 */

#ifndef PROTOTABLE_H
#define PROTOTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/proto.h"

/* What the protocol says of one type of message. */
struct prototable_row {
	unsigned int	 type;
	const char	*name;
	unsigned int	 min_items, max_items;
	unsigned int	 min_fds, max_fds;
	uint32_t	 flags;
	bool		 generation;	/* may be other than 0 */
};

struct prototable {
	const struct prototable_row	*rows;
	size_t				 nrows;
	/* The functions under test: proto_parse() and proto_name(). */
	int				(*parse)(const void *, size_t, size_t,
					    struct proto_header *,
					    struct wire_in *, const char **);
	const char			*(*name)(unsigned int);
};

void	 prototable_check_items(const struct prototable *);
void	 prototable_check_descriptors(const struct prototable *);
void	 prototable_check_flags(const struct prototable *);
/* Each bit of the generation, which only replies have. */
void	 prototable_check_generation(const struct prototable *);
/* All numbers of 16 bits: those without a row are refused as unknown. */
void	 prototable_check_types(const struct prototable *);

#endif /* PROTOTABLE_H */

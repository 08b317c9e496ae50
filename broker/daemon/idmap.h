/*
 * idmap.h: which uid and gid stand for nobody in particular.
 *
 * In a user namespace that does not map all ids, the kernel reports each user
 * without an id there as the same one, the overflow uid; groups alike.
 */

#ifndef IDMAP_H
#define IDMAP_H

#include <stdint.h>

/* UINT32_MAX, which nobody has: all ids are mapped. */
struct idmap {
	uint32_t	 nobody_uid, nobody_gid;
};

/*
 * Find out for this process.  0, or -1 after the reason was logged: the kernel
 * does not say.
 */
int	 idmap_read(struct idmap *);

/*
 * The id that stands for nobody, by the texts of a map (/proc/self/uid_map) and
 * of the overflow id.  0, or -1: one of them cannot be understood.
 */
int	 idmap_parse(const char *map, const char *overflow, uint32_t *id);

#endif /* IDMAP_H */

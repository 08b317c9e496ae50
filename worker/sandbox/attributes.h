/*
 * attributes.h: the extended attributes of a member, with its access control
 * lists, as a flat set of bytes.
 *
 * A set is in a buffer, each attribute with its name and a NUL, the length of
 * its value in eight bytes, and the value.  An access control list is an
 * attribute with the name and the value that Linux gives it.  Once a set is
 * sorted, equal attributes are equal bytes.
 */

#ifndef ATTRIBUTES_H
#define ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/entry.h"
#include "sandbox/digest.h"

struct archive_entry;

/* The most bytes of a set that is stored; readers take headers of 1 MiB. */
#define ATTRIBUTES_MAX	(192 * 1024)

/*
 * Add an attribute that was read from a file.  0, or -1 with errno: E2BIG (the
 * set would be too large), EILSEQ (programs for tar(1) would take the name for
 * another one), EINVAL (not an access control list), ERANGE (one with an id of
 * more than 31 bits, which libarchive would take for another), ENOMEM.
 */
int	 attributes_add(struct buf *, const char *name, const void *value,
	    size_t len);

/* Sort the set; what is there twice remains once.  0, or -1: ENOMEM. */
int	 attributes_sort(struct buf *);

/*
 * In a mode, replace the rights of the group, which are the mask of the access
 * control list if there is one, by the group's own.
 */
uint32_t attributes_mode(const void *set, size_t len, uint32_t mode);

/* Add a set to an entry of libarchive that has the entry's mode. */
void	 attributes_to_archive(const void *set, size_t len,
	    struct archive_entry *);

/*
 * What knows the numbers of users and groups by their names.  find() replaces
 * *id if there is one; 0, or -1.
 */
struct attributes_ids {
	int	(*find)(void *, bool group, const char *name, uint32_t *id);
	void	*arg;
};

/*
 * Make the sorted set of what libarchive has read.  Access control lists of GNU
 * tar have names instead of numbers: ids, which may be NULL, knows these.  0,
 * or -1: ENOMEM, or find() failed.
 */
int	 attributes_from_archive(struct buf *, struct archive_entry *,
	    const struct attributes_ids *ids);

/* True for an access control list with a user or group without a number. */
bool	 attributes_lacks_id(const char *name, const void *value, size_t len);

/*
 * The next attribute of a set, from offset *at, which begins at 0.  What it
 * points to is the set's.  False: there are no more.
 */
bool	 attributes_next(const void *set, size_t len, size_t *at,
	    const char **name, const void **value, size_t *vlen);

/* Append the names of a set, each with its NUL.  0, or -1: ENOMEM. */
int	 attributes_names(struct buf *, const void *set, size_t len);

/* Set the digest of an entry's attributes, if any.  0, or -1: libcrypto. */
int	 attributes_digest(struct digest *, struct entry *);

#endif /* ATTRIBUTES_H */

/*
 * attributes.c: the extended attributes of a member; see sandbox/attributes.h.
 *
 * Runs in the worker, confined.  Touches nothing but memory.
 *
 * The value of an access control list is that of <linux/posix_acl_xattr.h>,
 * all little-endian: a version in four bytes; then, for each entry, two bytes
 * of tag, two of rights, and four of an id.
 */

#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/attributes.h"

#define ACL_ACCESS	"system.posix_acl_access"
#define ACL_DEFAULT	"system.posix_acl_default"
#define ACL_HEAD	4		/* bytes: the version */
#define ACL_VERSION	2
#define ACL_ENTRY	8		/* bytes */
#define ACL_NOBODY	UINT32_MAX	/* the id of those without one */
#define LENGTH_LEN	8		/* bytes of a length in a set */

/* In the order of a list; the numbers are those of Linux. */
enum acl_tag {
	TAG_USER_OBJ = 0x01,
	TAG_USER = 0x02,
	TAG_GROUP_OBJ = 0x04,
	TAG_GROUP = 0x08,
	TAG_MASK = 0x10,
	TAG_OTHER = 0x20
};

struct acl_entry {
	uint32_t	 tag, rights, id;
};

static const struct {
	enum acl_tag	 tag;
	int		 archive;
} tags[] = {
	{ TAG_USER_OBJ, ARCHIVE_ENTRY_ACL_USER_OBJ },
	{ TAG_USER, ARCHIVE_ENTRY_ACL_USER },
	{ TAG_GROUP_OBJ, ARCHIVE_ENTRY_ACL_GROUP_OBJ },
	{ TAG_GROUP, ARCHIVE_ENTRY_ACL_GROUP },
	{ TAG_MASK, ARCHIVE_ENTRY_ACL_MASK },
	{ TAG_OTHER, ARCHIVE_ENTRY_ACL_OTHER }
};

#define NTAGS	(sizeof(tags) / sizeof(tags[0]))

/* An attribute in a set. */
struct item {
	const char	*name;
	const uint8_t	*value;
	size_t		 len;
	const uint8_t	*start;
	size_t		 size;		/* with its name and length */
};

static void
put_le(uint8_t *p, uint32_t v, size_t n)
{
	for (; n > 0; n--, v >>= 8)
		*p++ = (uint8_t)v;
}

static uint32_t
get_le(const uint8_t *p, size_t n)
{
	uint32_t	 v = 0;

	while (n > 0)
		v = v << 8 | p[--n];
	return v;
}

static struct acl_entry
get_entry(const uint8_t *acl, size_t i)
{
	const uint8_t	*p = acl + ACL_HEAD + i * ACL_ENTRY;

	return (struct acl_entry){ get_le(p, 2), get_le(p + 2, 2),
	    get_le(p + 4, 4) };
}

static void
put_entry(uint8_t *p, const struct acl_entry *e)
{
	put_le(p, e->tag, 2);
	put_le(p + 2, e->rights, 2);
	put_le(p + 4, e->id, 4);
}

/* Lists are short, and come sorted from the kernel. */
static int
entry_compare(const void *va, const void *vb)
{
	const uint8_t	*a = va, *b = vb;
	uint32_t	 at = get_le(a, 2), bt = get_le(b, 2);

	if (at == bt) {
		at = get_le(a + 4, 4);
		bt = get_le(b + 4, 4);
	}
	return at < bt ? -1 : at > bt;
}

static size_t
acl_count(size_t len)
{
	return (len - ACL_HEAD) / ACL_ENTRY;
}

static bool
is_entry(const struct acl_entry *e)
{
	bool	 named = e->tag == TAG_USER || e->tag == TAG_GROUP;
	size_t	 i;

	for (i = 0; i < NTAGS && tags[i].tag != e->tag; i++)
		;
	return i < NTAGS && e->rights <= 7 &&
	    (e->id == ACL_NOBODY) == !named;
}

/* True for a sorted list that the kernel would accept. */
static bool
is_acl(const uint8_t *acl, size_t len)
{
	struct acl_entry	 e;
	uint32_t		 seen = 0;
	size_t			 i;

	for (i = 0; i < acl_count(len); i++) {
		e = get_entry(acl, i);
		if (!is_entry(&e))
			return false;
		if (i > 0 && entry_compare(acl + ACL_HEAD + (i - 1) *
		    ACL_ENTRY, acl + ACL_HEAD + i * ACL_ENTRY) == 0)
			return false;
		seen |= e.tag;
	}
	if ((seen & (TAG_USER | TAG_GROUP)) && !(seen & TAG_MASK))
		return false;
	return (seen & TAG_USER_OBJ) && (seen & TAG_GROUP_OBJ) &&
	    (seen & TAG_OTHER);
}

static bool
is_acl_name(const char *name)
{
	return strcmp(name, ACL_ACCESS) == 0 || strcmp(name, ACL_DEFAULT) == 0;
}

/* GNU tar escapes "=" and "%", libarchive other bytes, too; neither all. */
static bool
is_portable(const char *name)
{
	if (*name == '\0')
		return false;
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name > '~' || *name == '=' ||
		    *name == '%')
			return false;
	return true;
}

/* Append an attribute, whatever it is.  0, or -1 with the set as it was. */
static int
put_item(struct buf *b, const char *name, const void *value, size_t len)
{
	uint64_t	 v = len;
	uint8_t		 length[LENGTH_LEN];
	size_t		 i, start = b->len;

	for (i = 0; i < LENGTH_LEN; i++, v >>= 8)
		length[LENGTH_LEN - 1 - i] = (uint8_t)v;
	if (buf_add(b, name, strlen(name) + 1) == 0 &&
	    buf_add(b, length, LENGTH_LEN) == 0 &&
	    (len == 0 || buf_add(b, value, len) == 0))
		return 0;
	buf_cut(b, start);
	return -1;
}

/* The attribute at an offset of a set, which is moved to the next. */
static bool
next_item(const void *set, size_t len, size_t *at, struct item *item)
{
	const uint8_t	*p;
	uint64_t	 v = 0;
	size_t		 i;

	/* An empty set may have no bytes to point to. */
	if (*at == len)
		return false;
	p = (const uint8_t *)set + *at;
	item->start = p;
	item->name = (const char *)p;
	p += strlen(item->name) + 1;
	for (i = 0; i < LENGTH_LEN; i++)
		v = v << 8 | *p++;
	item->value = p;
	item->len = (size_t)v;
	item->size = (size_t)(p + v - item->start);
	*at += item->size;
	return true;
}

bool
attributes_next(const void *set, size_t len, size_t *at, const char **name,
    const void **value, size_t *vlen)
{
	struct item	 item;

	if (!next_item(set, len, at, &item))
		return false;
	*name = item.name;
	*value = item.value;
	*vlen = item.len;
	return true;
}

static bool
has_small_ids(const uint8_t *acl, size_t len)
{
	struct acl_entry	 e;
	size_t			 i;

	for (i = 0; i < acl_count(len); i++) {
		e = get_entry(acl, i);
		if (e.id != ACL_NOBODY && e.id > INT32_MAX)
			return false;
	}
	return true;
}

/* Append an access control list, sorted, if it is one. */
static int
put_acl(struct buf *b, const char *name, const uint8_t *value, size_t len)
{
	uint8_t	*acl;
	int	 ret = -1;

	if (len < ACL_HEAD || (len - ACL_HEAD) % ACL_ENTRY != 0 ||
	    get_le(value, ACL_HEAD) != ACL_VERSION) {
		errno = EINVAL;
		return -1;
	}
	if ((acl = malloc(len)) == NULL)
		return -1;
	memcpy(acl, value, len);
	qsort(acl + ACL_HEAD, acl_count(len), ACL_ENTRY, entry_compare);
	errno = EINVAL;
	if (is_acl(acl, len)) {
		errno = ERANGE;
		if (has_small_ids(acl, len))
			ret = put_item(b, name, acl, len);
	}
	free(acl);
	return ret;
}

int
attributes_add(struct buf *b, const char *name, const void *value, size_t len)
{
	size_t	 size = strlen(name) + 1 + LENGTH_LEN;

	if (len > ATTRIBUTES_MAX || b->len + size + len > ATTRIBUTES_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (is_acl_name(name))
		return put_acl(b, name, value, len);
	if (!is_portable(name)) {
		errno = EILSEQ;
		return -1;
	}
	return put_item(b, name, value, len);
}

static int
item_compare(const void *va, const void *vb)
{
	const struct item	*a = va, *b = vb;
	int			 n = strcmp(a->name, b->name);

	if (n != 0)
		return n;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->value, b->value, a->len);
}

/* Is an item the same as another one? */
static bool
is_same(const struct item *a, const struct item *b)
{
	return a->size == b->size && memcmp(a->start, b->start, a->size) == 0;
}

int
attributes_sort(struct buf *b)
{
	struct buf	 sorted = { NULL, 0, 0 };
	struct item	 item, *items;
	size_t		 i, n = 0, at = 0;
	int		 ret = 0;

	while (next_item(b->data, b->len, &at, &item))
		n++;
	if (n < 2)
		return 0;
	if ((items = reallocarray(NULL, n, sizeof(*items))) == NULL)
		return -1;
	for (at = i = 0; i < n; i++)
		(void)next_item(b->data, b->len, &at, &items[i]);
	qsort(items, n, sizeof(*items), item_compare);
	/* Some programs store an attribute in two ways. */
	for (i = 0; ret == 0 && i < n; i++)
		if (i == 0 || !is_same(&items[i - 1], &items[i]))
			ret = buf_add(&sorted, items[i].start, items[i].size);
	if (ret == 0) {
		memcpy(b->data, sorted.data, sorted.len);
		buf_cut(b, sorted.len);
	}
	buf_free(&sorted);
	free(items);
	return ret;
}

uint32_t
attributes_mode(const void *set, size_t len, uint32_t mode)
{
	struct acl_entry	 e;
	struct item		 item;
	size_t			 i, at = 0;

	while (next_item(set, len, &at, &item)) {
		if (strcmp(item.name, ACL_ACCESS) != 0)
			continue;
		for (i = 0; i < acl_count(item.len); i++) {
			e = get_entry(item.value, i);
			if (e.tag == TAG_GROUP_OBJ)
				mode = (mode & ~(uint32_t)070) |
				    e.rights << 3;
		}
	}
	return mode;
}

static void
acl_to_archive(const struct item *item, struct archive_entry *ae)
{
	struct acl_entry	 e;
	size_t			 i, t;
	int			 type;

	type = strcmp(item->name, ACL_ACCESS) == 0 ?
	    ARCHIVE_ENTRY_ACL_TYPE_ACCESS : ARCHIVE_ENTRY_ACL_TYPE_DEFAULT;
	for (i = 0; i < acl_count(item->len); i++) {
		e = get_entry(item->value, i);
		for (t = 0; tags[t].tag != e.tag; t++)
			;
		(void)archive_entry_acl_add_entry(ae, type, (int)e.rights,
		    tags[t].archive, e.id == ACL_NOBODY ? -1 : (int)e.id,
		    NULL);
	}
}

void
attributes_to_archive(const void *set, size_t len, struct archive_entry *ae)
{
	struct item	 item;
	size_t		 at = 0;

	while (next_item(set, len, &at, &item)) {
		if (is_acl_name(item.name))
			acl_to_archive(&item, ae);
		else
			archive_entry_xattr_add_entry(ae, item.name,
			    item.value, item.len);
	}
}

bool
attributes_lacks_id(const char *name, const void *value, size_t len)
{
	struct acl_entry	 e;
	size_t			 i;

	if (!is_acl_name(name) || len < ACL_HEAD)
		return false;
	for (i = 0; i < acl_count(len); i++) {
		e = get_entry(value, i);
		if ((e.tag == TAG_USER || e.tag == TAG_GROUP) &&
		    e.id == ACL_NOBODY)
			return true;
	}
	return false;
}

/* The id of an entry of a list, of which the archive may have just the name. */
static int
acl_id(const struct attributes_ids *ids, enum acl_tag tag, int id,
    const char *who, uint32_t *out)
{
	*out = ACL_NOBODY;
	if (tag != TAG_USER && tag != TAG_GROUP)
		return 0;
	*out = (uint32_t)id;
	if (id != -1 || ids == NULL || who == NULL)
		return 0;
	return ids->find(ids->arg, tag == TAG_GROUP, who, out);
}

static int
acl_from_archive(struct buf *b, struct archive_entry *ae, int want,
    const char *name, const struct attributes_ids *ids)
{
	struct buf	 acl = { NULL, 0, 0 };
	uint8_t		 bytes[ACL_ENTRY];
	const char	*who;
	uint32_t	 number;
	size_t		 t;
	int		 type, rights, tag, id, ret;

	if (archive_entry_acl_reset(ae, want) == 0)
		return 0;
	put_le(bytes, ACL_VERSION, ACL_HEAD);
	ret = buf_add(&acl, bytes, ACL_HEAD);
	while (ret == 0 && archive_entry_acl_next(ae, want, &type, &rights,
	    &tag, &id, &who) == ARCHIVE_OK) {
		for (t = 0; t < NTAGS && tags[t].archive != tag; t++)
			;
		if (t == NTAGS)
			continue;
		if ((ret = acl_id(ids, tags[t].tag, id, who, &number)) == -1)
			break;
		put_entry(bytes, &(struct acl_entry){ tags[t].tag,
		    (uint32_t)rights & 7, number });
		ret = buf_add(&acl, bytes, ACL_ENTRY);
	}
	if (ret == 0) {
		qsort(acl.data + ACL_HEAD, acl_count(acl.len), ACL_ENTRY,
		    entry_compare);
		ret = put_item(b, name, acl.data, acl.len);
	}
	buf_free(&acl);
	return ret;
}

int
attributes_from_archive(struct buf *b, struct archive_entry *ae,
    const struct attributes_ids *ids)
{
	const char	*name;
	const void	*value;
	size_t		 len;

	buf_cut(b, 0);
	(void)archive_entry_xattr_reset(ae);
	while (archive_entry_xattr_next(ae, &name, &value, &len) ==
	    ARCHIVE_OK) {
		if (name != NULL && put_item(b, name, value, len) == -1)
			return -1;
	}
	if (acl_from_archive(b, ae, ARCHIVE_ENTRY_ACL_TYPE_ACCESS,
	    ACL_ACCESS, ids) == -1 ||
	    acl_from_archive(b, ae, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT,
	    ACL_DEFAULT, ids) == -1)
		return -1;
	return attributes_sort(b);
}

int
attributes_names(struct buf *b, const void *set, size_t len)
{
	struct item	 item;
	size_t		 at = 0;

	while (next_item(set, len, &at, &item))
		if (buf_add(b, item.name, strlen(item.name) + 1) == -1)
			return -1;
	return 0;
}

int
attributes_digest(struct digest *d, struct entry *e)
{
	if (e->attributes_len == 0)
		return 0;
	if (digest_begin(d) == -1 ||
	    digest_add(d, e->attributes, e->attributes_len) == -1)
		return -1;
	return digest_end(d, e->attributes_digest);
}

/*
 * peeracl.c: who may connect to the socket for peers; see peeracl.h.
 *
 * Runs in the supervisor, as root.  Sets one attribute of one file.  The list
 * decides who reaches the listener quickly, and not who gets a session:
 * admission.c asks about everybody in the same way, whichever socket was used.
 */

#include "config.h"

#include <sys/types.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include <errno.h>
#include <stdlib.h>

#include "daemon/peeracl.h"
#include "policy/role.h"

/*
 * The attribute is a version of 32 bits, and entries: tag and rights, of 16
 * bits, and an id, of 32; all with the low byte first.  Entries come in the
 * order of their tags (linux/posix_acl_xattr.h, linux/posix_acl.h).
 */
#define ACL_VERSION	2
#define HEADER		4
#define ENTRY		8
#define FIXED		4		/* entries without an id */
#define NO_ID		UINT32_MAX

#define TAG_OWNER	0x01
#define TAG_USER	0x02
#define TAG_OWNING_GROUP 0x04
#define TAG_GROUP	0x08
#define TAG_MASK	0x10
#define TAG_OTHER	0x20

#define READ_WRITE	0x06		/* connect(2) needs to write */

struct ids {
	uint32_t	*ids;
	size_t		 n;
};

static int
id_compare(const void *a, const void *b)
{
	uint32_t	 x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
ids_append(struct ids *ids, uint32_t id, uint32_t nobody)
{
	if (id != nobody && id != NO_ID)
		ids->ids[ids->n++] = id;
}

static void
ids_sort(struct ids *ids)
{
	size_t	 i, n = 0;

	qsort(ids->ids, ids->n, sizeof(*ids->ids), id_compare);
	for (i = 0; i < ids->n; i++)
		if (n == 0 || ids->ids[n - 1] != ids->ids[i])
			ids->ids[n++] = ids->ids[i];
	ids->n = n;
}

/*
 * The ids of all peers of a kind, and for users of those who are shut out:
 * sorted, each once.  0, or -1: ENOMEM.
 */
static int
ids_collect(struct ids *ids, const struct conf *conf, enum peer_kind kind,
    uint32_t nobody, const struct shutout *so)
{
	const struct role	*role;
	size_t			 i, k, n = so->n;

	for (i = 0; i < conf->nroles; i++)
		n += conf->roles[i]->npeers;
	ids->n = 0;
	if ((ids->ids = calloc(n + 1, sizeof(*ids->ids))) == NULL)
		return -1;
	for (i = 0; i < conf->nroles; i++) {
		role = conf->roles[i];
		for (k = 0; k < role->npeers; k++)
			if (role->peers[k].kind == kind)
				ids_append(ids, role->peers[k].id, nobody);
	}
	for (i = 0; i < so->n && kind == PEER_USER; i++)
		ids_append(ids, so->uids[i].uid, nobody);
	ids_sort(ids);
	return 0;
}

static uint8_t *
put(uint8_t *at, uint32_t value, size_t bytes)
{
	while (bytes-- > 0) {
		*at++ = (uint8_t)(value & 0xff);
		value >>= 8;
	}
	return at;
}

static uint8_t *
put_entry(uint8_t *at, uint16_t tag, uint16_t rights, uint32_t id)
{
	at = put(at, tag, 2);
	at = put(at, rights, 2);
	return put(at, id, 4);
}

/* The kernel looks at a user's entry first, and then at no other. */
static uint8_t *
put_users(uint8_t *at, const struct ids *ids, const struct shutout *so)
{
	size_t	 i;

	for (i = 0; i < ids->n; i++)
		at = put_entry(at, TAG_USER, shutout_has(so, ids->ids[i]) ?
		    0 : READ_WRITE, ids->ids[i]);
	return at;
}

static uint8_t *
put_groups(uint8_t *at, const struct ids *ids)
{
	size_t	 i;

	for (i = 0; i < ids->n; i++)
		at = put_entry(at, TAG_GROUP, READ_WRITE, ids->ids[i]);
	return at;
}

int
peeracl_encode(const struct conf *conf, const struct idmap *im,
    const struct shutout *so, uint8_t **buf, size_t *len)
{
	struct ids	 users = { NULL, 0 }, groups = { NULL, 0 };
	uint8_t		*at;
	int		 saved, ret = -1;

	*buf = NULL;
	if (ids_collect(&users, conf, PEER_USER, im->nobody_uid, so) == -1 ||
	    ids_collect(&groups, conf, PEER_GROUP, im->nobody_gid, so) == -1)
		goto out;
	*len = HEADER + ENTRY * (FIXED + users.n + groups.n);
	if (*len > PEERACL_MAX) {
		errno = E2BIG;
		goto out;
	}
	if ((*buf = malloc(*len)) == NULL)
		goto out;
	at = put(*buf, ACL_VERSION, HEADER);
	at = put_entry(at, TAG_OWNER, READ_WRITE, NO_ID);
	at = put_users(at, &users, so);
	at = put_entry(at, TAG_OWNING_GROUP, 0, NO_ID);
	at = put_groups(at, &groups);
	at = put_entry(at, TAG_MASK, READ_WRITE, NO_ID);
	(void)put_entry(at, TAG_OTHER, 0, NO_ID);
	ret = 0;

out:
	saved = errno;
	free(users.ids);
	free(groups.ids);
	errno = saved;
	return ret;
}

int
peeracl_set(const char *path, const struct conf *conf, const struct idmap *im,
    const struct shutout *so)
{
	uint8_t	*buf;
	size_t	 len;
	int	 saved, ret;

	if (peeracl_encode(conf, im, so, &buf, &len) == -1)
		return -1;
#ifdef __linux__
	ret = lsetxattr(path, "system.posix_acl_access", buf, len, 0);
#else
	(void)path;
	errno = ENOTSUP;
	ret = -1;
#endif
	saved = errno;
	free(buf);
	errno = saved;
	return ret;
}

/*
 * archives.c: what the fuzzers of archives share; see archives.h.
 *
 * Runs in the fuzzers.  Nothing here touches a file.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "archives.h"
#include "common/channel.h"

#define RECORD		512	/* of tar, and its header's fields */
#define CHECKSUM	148
#define CHECKSUM_LEN	8
#define MAGIC		257

void
channel_init(struct channel *p, int fd)
{
	p->fd = fd;
}

int
channel_put_subtotal(struct channel *p, const char *name, uint64_t members,
    uint64_t bytes)
{
	(void)p;
	(void)name;
	(void)members;
	(void)bytes;
	return 0;
}

int
channel_put_where(struct channel *p, const struct channel_where *w,
    const char *name)
{
	(void)p;
	(void)w;
	(void)name;
	return 0;
}

int
channel_put_tally(struct channel *p, enum channel_type type,
    const struct tally *t)
{
	(void)p;
	(void)type;
	(void)t;
	return 0;
}

int
channel_flush(struct channel *p)
{
	(void)p;
	return 0;
}

bool
channel_is_stopped(struct channel *p)
{
	(void)p;
	return false;
}

int
channel_ask_owner(struct channel *p, enum channel_owner kind, uint32_t id,
    char *name)
{
	(void)p;
	(void)kind;
	(void)id;
	name[0] = '\0';
	return 0;
}

int
channel_ask_id(struct channel *p, enum channel_owner kind, const char *name,
    bool *known, uint32_t *id)
{
	(void)p;
	(void)kind;
	(void)name;
	(void)id;
	*known = false;
	return 0;
}

void
archives_repair(uint8_t *p, size_t len)
{
	char		 text[CHECKSUM_LEN + 1];
	unsigned int	 sum, i;

	for (; len >= RECORD; p += RECORD, len -= RECORD) {
		if (memcmp(p + MAGIC, "ustar", 5) != 0)
			continue;
		memset(p + CHECKSUM, ' ', CHECKSUM_LEN);
		for (sum = i = 0; i < RECORD; i++)
			sum += p[i];
		(void)snprintf(text, sizeof(text), "%06o", sum & 0777777);
		memcpy(p + CHECKSUM, text, 7);
	}
}

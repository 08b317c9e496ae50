/*
 * reference.c: texts that stand for commands: fdb_command_encode(),
 * fdb_command_decode().
 *
 * Runs in any process.  Reads the boot id, once.
 *
 * A text says on which machine, by which user and by which process it was made,
 * and has 128 random bits.  Only the whole text, as it is kept here, names a
 * command; its parts tell why another one does not.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "client/command.h"
#include "client/reference.h"

#define PREFIX		"fdb-command:1:"
#define BOOT_ID		"/proc/sys/kernel/random/boot_id"
#define PLACE_MAX	64	/* bytes, with the NUL */
#define NONCE_LEN	32	/* hexadecimal digits */

_Static_assert(sizeof(PREFIX) + PLACE_MAX + 2 * 12 + NONCE_LEN <
    FDB_REFERENCE_MAX, "room for any reference");

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static struct fdb_command *encoded;	/* those that have a text */
static char		 place[PLACE_MAX];

bool
reference_drop(struct fdb_command *c)
{
	struct fdb_command	**p;
	bool			  last;

	pthread_mutex_lock(&lock);
	last = --c->refs == 0;
	for (p = &encoded; last && *p != NULL; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	return last;
}

/* Keep what may be in a text: it has no blanks and no colons. */
static void
clean(char *s)
{
	char	*out = s;

	for (; *s != '\0'; s++)
		if ((*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') ||
		    (*s >= 'A' && *s <= 'Z') || *s == '-' || *s == '.')
			*out++ = *s;
	*out = '\0';
}

/* With the lock held: find out which machine this is, and which start of it. */
static const char *
find_place(void)
{
	ssize_t	 n = 0;
	int	 fd, saved = errno;

	if (place[0] != '\0')
		return place;
	if ((fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC)) != -1)
		n = read(fd, place, sizeof(place) - 1);
	fd_close(&fd);
	place[n > 0 ? n : 0] = '\0';
	if (n <= 0 && gethostname(place, sizeof(place) - 1) == -1)
		place[0] = '\0';
	place[sizeof(place) - 1] = '\0';
	clean(place);
	if (place[0] == '\0')
		(void)strlcpy(place, "here", sizeof(place));
	errno = saved;
	return place;
}

int
fdb_command_encode(struct fdb_command *c, char *reference)
{
	uint32_t	 r[4];

	if (c->owner != getpid()) {
		errno = EXDEV;
		return -1;
	}
	pthread_mutex_lock(&lock);
	if (c->text[0] == '\0') {
		arc4random_buf(r, sizeof(r));
		(void)snprintf(c->text, sizeof(c->text),
		    PREFIX "%s:%ju:%jd:%08x%08x%08x%08x", find_place(),
		    (uintmax_t)geteuid(), (intmax_t)c->owner, r[0], r[1],
		    r[2], r[3]);
		c->next = encoded;
		encoded = c;
	}
	memcpy(reference, c->text, FDB_REFERENCE_MAX);
	pthread_mutex_unlock(&lock);
	return 0;
}

/* Compare without telling by the time how much is right. */
static bool
is_same(const char *a, const char *b)
{
	unsigned char	 diff = 0;
	size_t		 i;

	for (i = 0; i < FDB_REFERENCE_MAX; i++)
		diff |= (unsigned char)(a[i] ^ b[i]);
	return diff == 0;
}

/* A decimal number that ends with a colon.  0, or -1. */
static int
get_number(const char **s, uintmax_t *n)
{
	const char	*p = *s;

	for (*n = 0; *p >= '0' && *p <= '9' && p - *s < 11; p++)
		*n = *n * 10 + (uintmax_t)(*p - '0');
	if (p == *s || *p != ':')
		return -1;
	*s = p + 1;
	return 0;
}

/* With the lock held: why does this text name no command?  An errno value. */
static int
explain(const char *s)
{
	const char	*here = find_place();
	uintmax_t	 uid, pid;
	size_t		 len;

	if (strncmp(s, PREFIX, sizeof(PREFIX) - 1) != 0)
		return EINVAL;
	s += sizeof(PREFIX) - 1;
	if ((len = strcspn(s, ":")) == 0 || s[len] != ':')
		return EINVAL;
	if (len != strlen(here) || strncmp(s, here, len) != 0)
		here = NULL;
	s += len + 1;
	if (get_number(&s, &uid) == -1 || get_number(&s, &pid) == -1 ||
	    strlen(s) != NONCE_LEN ||
	    strspn(s, "0123456789abcdef") != NONCE_LEN)
		return EINVAL;
	if (here == NULL)
		return EREMOTE;
	if (uid != geteuid())
		return EPERM;
	return pid == (uintmax_t)getpid() ? ESTALE : EXDEV;
}

int
fdb_command_decode(struct fdb_command **cp, const char *reference)
{
	struct fdb_command	*c;
	char			 text[FDB_REFERENCE_MAX];
	int			 error = 0;

	*cp = NULL;
	memset(text, 0, sizeof(text));
	if (strlcpy(text, reference, sizeof(text)) >= sizeof(text)) {
		errno = EINVAL;
		return -1;
	}
	pthread_mutex_lock(&lock);
	for (c = encoded; c != NULL; c = c->next)
		if (c->owner == getpid() && is_same(c->text, text))
			break;
	if (c != NULL)
		c->refs++;
	else
		error = explain(text);
	pthread_mutex_unlock(&lock);
	*cp = c;
	if (c != NULL)
		return 0;
	errno = error;
	return -1;
}

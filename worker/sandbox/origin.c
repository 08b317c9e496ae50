/*
 * origin.c: find a manifest; see sandbox/origin.h.
 *
 * Runs in the worker, confined.  Touches the descriptors of the file and of the
 * spool.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/fdio.h"
#include "sandbox/manifest.h"
#include "sandbox/origin.h"
#include "sandbox/reader.h"

static enum origin
origin_fail(struct reporter *rep, const char *name, const char *why)
{
	(void)reporter_reportf(rep, REPORT_FATAL, "", "%s: %s", name, why);
	return ORIGIN_FAILED;
}

static enum origin
origin_spool_fail(struct reporter *rep, const char *name,
    const struct options *o)
{
	if (errno == ENOMEM)
		(void)reporter_no_memory(rep);
	else if (errno == EFBIG)
		return origin_fail(rep, name, o->command->restores ?
		    "the manifest in this archive is too long for it; "
		    "--max-manifest raises this limit" :
		    "the manifest in this archive is too long for it");
	else
		(void)reporter_reportf(rep, REPORT_FATAL, "", "the temporary "
		    "file cannot be used: %s", strerror(errno));
	return ORIGIN_FAILED;
}

/* Copy the contents of a member.  1; 0: they cannot be read; -1 with errno. */
static int
copy_member(struct reader *r, const struct options *o, struct spool *s)
{
	const void	*p;
	uint64_t	 offset;
	size_t		 len;
	int		 n;

	while ((n = reader_data(r, &p, &len, &offset)) == 1) {
		s->max = spool_bound(o->max_manifest, reader_consumed(r));
		if (spool_write(s, p, len) == -1)
			return -1;
	}
	return n == 0 ? 1 : 0;
}

static enum origin
read_archive(struct reader *r, const char *name, const struct options *o,
    struct spool *s, struct reporter *rep)
{
	enum origin	 found = ORIGIN_NONE;
	struct entry	 e;
	int		 n;

	while ((n = reader_next(r, &e)) == 1) {
		/* What another member follows is none. */
		if (found == ORIGIN_MEMBER && spool_reset(s) == -1)
			return origin_spool_fail(rep, name, o);
		found = ORIGIN_NONE;
		if (!S_ISREG(e.mode) || e.hardlink[0] != '\0' || e.sparse ||
		    strcmp(e.name, MANIFEST_NAME) != 0)
			continue;
		if ((n = copy_member(r, o, s)) == -1)
			return origin_spool_fail(rep, name, o);
		if (n == 0)
			break;
		found = ORIGIN_MEMBER;
	}
	if (n == 0 && found != ORIGIN_FAILED && reader_finish(r) == 0)
		return found;
	return origin_fail(rep, name, reader_error(r));
}

enum origin
origin_find(int fd, const char *name, const struct options *o,
    struct spool *s, struct reporter *rep)
{
	char		 begin[sizeof(MANIFEST_MTREE)] = "";
	struct reader	*r;
	enum origin	 found;

	if ((fdio_pread(fd, begin, sizeof(begin) - 1, 0) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1) && errno != ESPIPE)
		return origin_fail(rep, name, strerror(errno));
	if (memcmp(begin, MANIFEST_MTREE, strlen(MANIFEST_MTREE)) == 0)
		return ORIGIN_FILE;
	if ((r = reader_new(fd)) == NULL) {
		(void)reporter_no_memory(rep);
		return ORIGIN_FAILED;
	}
	found = read_archive(r, name, o, s, rep);
	reader_free(r);
	return found;
}

/*
 * idmap.c: the overflow ids; see idmap.h.
 *
 * Runs in the supervisor, at its start.  Reads four files in /proc.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/idmap.h"

int
idmap_parse(const char *map, const char *overflow, uint32_t *id)
{
	uint64_t	 count, total = 0;
	int		 n;

	*id = UINT32_MAX;
	while (map[0] != '\0') {
		n = 0;
		if (sscanf(map, "%*u %*u %" SCNu64 "%n", &count, &n) != 1 ||
		    n == 0 || count > UINT32_MAX || map[n] != '\n')
			return -1;
		map += n + 1;
		total += count;
	}
	/* UINT32_MAX itself is no id. */
	if (total >= UINT32_MAX)
		return 0;
	return sscanf(overflow, "%" SCNu32, id) == 1 ? 0 : -1;
}

#ifdef __linux__

/* Read a short file of /proc as a string.  0, or -1 with errno. */
static int
read_file(const char *path, char *buf, size_t size)
{
	size_t	 len = 0;
	ssize_t	 n = 0;
	int	 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	while (len < size - 1 &&
	    (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	fd_close(&fd);
	buf[len] = '\0';
	return n == -1 ? -1 : 0;
}

static int
read_one(const char *map, const char *overflow, uint32_t *id)
{
	/* The kernel takes 340 lines. */
	char	 lines[32768], number[32];

	*id = UINT32_MAX;
	if (read_file(map, lines, sizeof(lines)) == -1) {
		/* A kernel without user namespaces. */
		if (errno == ENOENT)
			return 0;
		log_warn("%s", map);
		return -1;
	}
	if (read_file(overflow, number, sizeof(number)) == -1) {
		log_warn("%s", overflow);
		return -1;
	}
	if (idmap_parse(lines, number, id) == 0)
		return 0;
	log_warnx("%s: cannot be understood", map);
	return -1;
}

int
idmap_read(struct idmap *im)
{
	if (read_one("/proc/self/uid_map", "/proc/sys/kernel/overflowuid",
	    &im->nobody_uid) == -1)
		return -1;
	return read_one("/proc/self/gid_map", "/proc/sys/kernel/overflowgid",
	    &im->nobody_gid);
}

#else

int
idmap_read(struct idmap *im)
{
	im->nobody_uid = im->nobody_gid = UINT32_MAX;
	return 0;
}

#endif

/*
 * setup.c: the SETUP message, to an opener and in it; see setup.h.
 *
 * The role travels in a memory file of its own, since its rules may be many:
 * the message has a descriptor for it.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fdmsg.h"
#include "pathname.h"
#include "setup.h"

/* Bytes that an encoded role may have. */
#define ROLE_BYTES_MAX	(64U << 20)

/* Flags of a SETUP. */
#define SETUP_PRIVATE		0x01
#define SETUP_OPTIONAL		0x02
#define SETUP_READ_SEARCH	0x04
#define SETUP_HAS_EMPTY		0x08
#define SETUP_FLAGS		0x0f

void
setup_init(struct setup *su)
{
	memset(su, 0, sizeof(*su));
	su->sock = su->empty_dir = -1;
}

void
setup_clear(struct setup *su)
{
	size_t	 i;

	fdmsg_close_fds(&su->sock, 1);
	fdmsg_close_fds(&su->empty_dir, 1);
	for (i = 0; i < su->nroots; i++) {
		fdmsg_close_fds(&su->roots[i].fd, 1);
		free(su->roots[i].path);
	}
	free(su->roots);
	role_free(su->role);
	setup_init(su);
}

/* A memory file with the encoded role, to be closed by the caller, or -1. */
static int
role_to_file(const struct role *role)
{
	size_t		 size = role_encoded_size(role);
	struct wire_out	 w;
	void		*p = MAP_FAILED;
	int		 fd = -1, saved;

	if (size == 0 || size > ROLE_BYTES_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if ((fd = memfd_create("fdbroker-role", MFD_CLOEXEC |
	    MFD_ALLOW_SEALING)) == -1 || ftruncate(fd, (off_t)size) == -1)
		goto fail;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto fail;
	wire_out_init(&w, p, size);
	role_encode(&w, role);
	munmap(p, size);
	if (wire_put_end(&w) == -1)
		goto fail;
#ifdef F_ADD_SEALS
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_WRITE) == -1)
		goto fail;
#endif
	return fd;

fail:
	saved = errno;
	if (fd != -1)
		close(fd);
	errno = saved;
	return -1;
}

static struct role *
role_from_file(int fd)
{
	struct role	*role = NULL;
	struct wire_in	 in;
	struct stat	 st;
	void		*p;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (st.st_size <= 0 || st.st_size > ROLE_BYTES_MAX) {
		errno = EPROTO;
		return NULL;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	wire_in_init(&in, p, (size_t)st.st_size);
	if ((role = role_decode(&in)) != NULL && wire_get_end(&in) == -1) {
		role_free(role);
		role = NULL;
		errno = EPROTO;
	}
	munmap(p, (size_t)st.st_size);
	return role;
}

static void
setup_put(struct wire_out *w, const struct setup *su)
{
	uint8_t	 flags = 0;
	size_t	 i;

	if (su->private)
		flags |= SETUP_PRIVATE;
	if (su->optional)
		flags |= SETUP_OPTIONAL;
	if (su->read_search)
		flags |= SETUP_READ_SEARCH;
	if (su->empty_dir != -1)
		flags |= SETUP_HAS_EMPTY;
	wire_put_u8(w, flags);
	proto_put_info(w, &su->info);
	wire_put_u32(w, su->uid);
	wire_put_u32(w, su->gid);
	wire_put_u16(w, (uint16_t)su->ngids);
	for (i = 0; i < su->ngids; i++)
		wire_put_u32(w, su->gids[i]);
	wire_put_u32(w, su->nofile);
	wire_put_u16(w, (uint16_t)su->nroots);
	for (i = 0; i < su->nroots; i++) {
		wire_put_u8(w, su->roots[i].clone);
		wire_put_str(w, su->roots[i].path);
	}
}

int
setup_send(int channel, const struct setup *su)
{
	static uint8_t		 buf[PROTO_MAX];
	int			 fds[FDMSG_MAXFD], role_fd, ret = -1;
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 n = 0, i, len;

	if (su->nroots > SETUP_ROOTS_MAX || su->ngids > SETUP_GROUPS_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if ((role_fd = role_to_file(su->role)) == -1)
		return -1;
	fds[n++] = su->sock;
	fds[n++] = role_fd;
	if (su->empty_dir != -1)
		fds[n++] = su->empty_dir;
	for (i = 0; i < su->nroots; i++)
		fds[n++] = su->roots[i].fd;
	memset(&h, 0, sizeof(h));
	h.type = PROTO_SETUP;
	h.items = 1;
	h.fds = (uint16_t)n;
	proto_begin(&w, buf, sizeof(buf));
	setup_put(&w, su);
	if ((len = proto_finish(&w, &h)) != 0)
		ret = fdmsg_send(channel, buf, len, fds, n);
	fdmsg_close_fds(&role_fd, 1);
	return ret;
}

/* The roots' names; their descriptors follow from number `first' on. */
static int
setup_get_roots(struct wire_in *in, struct setup *su, struct fdmsg *m,
    size_t first)
{
	char	 path[PROTO_PATH_MAX];
	size_t	 i, n = wire_get_u16(in);
	uint8_t	 clone;

	if (in->failed || n > SETUP_ROOTS_MAX || first + n != m->nfds) {
		errno = EPROTO;
		return -1;
	}
	if ((su->roots = calloc(n + 1, sizeof(*su->roots))) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		clone = wire_get_u8(in);
		wire_get_str(in, path, sizeof(path));
		if (clone > 1 || !pathname_is_absolute(path))
			wire_get_fail(in);
		su->roots[i].clone = clone == 1;
		su->roots[i].path = strdup(path);
		su->roots[i].fd = fdmsg_take(m, first + i);
		su->nroots++;
		if (su->roots[i].path == NULL)
			return -1;
	}
	return 0;
}

static int
setup_get(struct wire_in *in, struct setup *su, struct fdmsg *m)
{
	uint8_t	 flags = wire_get_u8(in);
	size_t	 i, n = 2;

	if (flags & ~SETUP_FLAGS)
		wire_get_fail(in);
	su->private = (flags & SETUP_PRIVATE) != 0;
	su->optional = (flags & SETUP_OPTIONAL) != 0;
	su->read_search = (flags & SETUP_READ_SEARCH) != 0;
	proto_get_info(in, &su->info);
	su->uid = wire_get_u32(in);
	su->gid = wire_get_u32(in);
	su->ngids = wire_get_u16(in);
	if (su->ngids > SETUP_GROUPS_MAX) {
		su->ngids = 0;
		wire_get_fail(in);
	}
	for (i = 0; i < su->ngids; i++)
		su->gids[i] = wire_get_u32(in);
	su->nofile = wire_get_u32(in);
	su->sock = fdmsg_take(m, 0);
	if (flags & SETUP_HAS_EMPTY)
		su->empty_dir = fdmsg_take(m, n++);
	if (setup_get_roots(in, su, m, n) == -1 || wire_get_end(in) == -1)
		return -1;
	return (su->role = role_from_file(m->fds[1])) != NULL ? 0 : -1;
}

int
setup_recv(int channel, struct setup *su)
{
	static uint8_t		 buf[PROTO_MAX];
	struct pollfd		 pfd = { .fd = channel, .events = POLLIN };
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*what;
	ssize_t			 len;
	int			 ret;

	setup_init(su);
	while (poll(&pfd, 1, -1) == -1)
		if (errno != EINTR)
			return -1;
	len = fdmsg_recv(channel, buf, sizeof(buf), FDMSG_MAXFD, &m);
	if (len == -1)
		return -1;
	ret = proto_parse(buf, (size_t)len, m.nfds, &h, &in, &what);
	if (ret == 0 && h.type != PROTO_SETUP) {
		errno = EPROTO;
		ret = -1;
	}
	if (ret == 0)
		ret = setup_get(&in, su, &m);
	fdmsg_close(&m);
	if (ret == -1) {
		int saved = errno;

		setup_clear(su);
		errno = saved;
	}
	return ret;
}

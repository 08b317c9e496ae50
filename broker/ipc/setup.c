/*
 * setup.c: encode and decode SETUP and POLICY; see setup.h.
 *
 * Runs in the supervisor and the controller, which send, and in the opener,
 * which receives.  A role may be larger than a message, so it travels in a
 * memory file whose descriptor the message has.
 */

#include "config.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "ipc/event.h"
#include "ipc/memfile.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/role_wire.h"

/* The most bytes that an encoded role may have. */
#define ROLE_BYTES_MAX	(64U << 20)

/*
 * Descriptors of a SETUP: both ends of the session, the connection, the role,
 * and the empty directory, if there is one.
 */
#define SETUP_FDS		5

/* Flags of a SETUP. */
#define SETUP_PRIVATE		0x01
#define SETUP_OPTIONAL		0x02
#define SETUP_HAS_EMPTY		0x04
#define SETUP_FLAGS		0x07

void
setup_init(struct setup *su)
{
	memset(su, 0, sizeof(*su));
	su->sock = su->client = su->conn = su->empty_dir = -1;
}

void
setup_clear(struct setup *su)
{
	fd_close(&su->sock);
	fd_close(&su->client);
	fd_close(&su->conn);
	fd_close(&su->empty_dir);
	role_free(su->role);
	setup_init(su);
}

/* A memory file with the encoded role, to be closed by the caller, or -1. */
int
setup_role_file(const struct role *role, bool peers, size_t *len)
{
	struct wire_out	 w;
	void		*buf;
	int		 fd = -1;

	*len = role_encoded_size(role) +
	    (peers ? role_encoded_peers_size(role) : 0);
	if (*len == 0 || *len > ROLE_BYTES_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if ((buf = malloc(*len)) == NULL)
		return -1;
	wire_out_init(&w, buf, *len);
	role_encode(&w, role);
	if (peers)
		role_encode_peers(&w, role);
	if (wire_put_end(&w) == 0)
		fd = memfile_create("fdbroker-role", buf, *len);
	free(buf);
	return fd;
}

/* Decode the whole file: a role and, if wanted, its peers. */
static struct role *
role_get(struct wire_in *in, bool peers)
{
	struct role	*role;
	int		 saved;

	if ((role = role_decode(in)) == NULL)
		return NULL;
	if (peers && role_decode_peers(in, role) == -1)
		goto fail;
	/* An opener gets a role as it is for its peer. */
	if (wire_get_end(in) == 0 && (peers || ownrole_vars(role) == 0))
		return role;
	errno = EPROTO;

fail:
	saved = errno;
	role_free(role);
	errno = saved;
	return NULL;
}

/* The caller knows the size: a confined opener may not fstat(2) the file. */
struct role *
setup_role_from_file(int fd, uint64_t size, bool peers)
{
	struct role	*role;
	struct wire_in	 in;
	void		*p;

	if (size == 0 || size > ROLE_BYTES_MAX) {
		errno = EPROTO;
		return NULL;
	}
	if ((p = memfile_map(fd, (size_t)size)) == NULL)
		return NULL;
	wire_in_init(&in, p, (size_t)size);
	role = role_get(&in, peers);
	munmap(p, (size_t)size);
	return role;
}

static void
setup_put(struct wire_out *w, const struct setup *su, size_t role_len)
{
	uint8_t	 flags = 0;
	size_t	 i;

	if (su->private)
		flags |= SETUP_PRIVATE;
	if (su->optional)
		flags |= SETUP_OPTIONAL;
	if (su->empty_dir != -1)
		flags |= SETUP_HAS_EMPTY;
	wire_put_u8(w, flags);
	wire_put_u64(w, role_len);
	proto_put_info(w, &su->info);
	wire_put_u32(w, su->uid);
	wire_put_u32(w, su->gid);
	wire_put_u32(w, su->caps);
	wire_put_u32(w, su->peer_uid);
	wire_put_u32(w, su->peer_gid);
	wire_put_u16(w, (uint16_t)su->ngids);
	for (i = 0; i < su->ngids; i++)
		wire_put_u32(w, su->gids[i]);
	wire_put_u32(w, su->opens);
	wire_put_u8(w, su->audit);
	wire_put_u32(w, su->nofile);
}

int
setup_send(int channel, const struct setup *su)
{
	static uint8_t	 buf[PROTO_MAX];
	struct message	 m;
	size_t		 n = 0, role_len;
	int		 fds[SETUP_FDS], role_fd, ret;

	if (su->ngids > SETUP_GROUPS_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if ((role_fd = setup_role_file(su->role, false, &role_len)) == -1)
		return -1;
	fds[n++] = su->sock;
	fds[n++] = su->client;
	fds[n++] = su->conn;
	fds[n++] = role_fd;
	if (su->empty_dir != -1)
		fds[n++] = su->empty_dir;
	message_begin(&m, IPC_SETUP, buf, sizeof(buf));
	setup_put(&m.w, su, role_len);
	ret = message_send(channel, &m, fds, n);
	fd_close(&role_fd);
	return ret;
}

int
setup_send_policy(int channel, const struct role *role, uint64_t generation,
    uint8_t audit)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;
	size_t		 role_len;
	int		 fd, ret;

	if ((fd = setup_role_file(role, false, &role_len)) == -1)
		return -1;
	message_begin(&m, IPC_POLICY, buf, sizeof(buf));
	wire_put_u64(&m.w, generation);
	wire_put_u64(&m.w, role_len);
	wire_put_u8(&m.w, audit);
	ret = message_send(channel, &m, &fd, 1);
	fd_close(&fd);
	return ret;
}

struct role *
setup_get_policy(struct wire_in *in, int fd, uint64_t *generation,
    uint8_t *audit)
{
	uint64_t	 size;

	*generation = wire_get_u64(in);
	size = wire_get_u64(in);
	*audit = wire_get_u8(in);
	if (*audit > AUDITMODE_LOSSLESS)
		wire_get_fail(in);
	if (wire_get_end(in) == -1)
		return NULL;
	return setup_role_from_file(fd, size, false);
}

static int
setup_get(struct wire_in *in, struct setup *su, struct fdmsg *m)
{
	uint8_t	 flags = wire_get_u8(in);
	uint64_t role_size = wire_get_u64(in);
	size_t	 i;

	if (flags & ~SETUP_FLAGS)
		wire_get_fail(in);
	su->private = (flags & SETUP_PRIVATE) != 0;
	su->optional = (flags & SETUP_OPTIONAL) != 0;
	proto_get_info(in, &su->info);
	su->uid = wire_get_u32(in);
	su->gid = wire_get_u32(in);
	su->caps = wire_get_u32(in);
	su->peer_uid = wire_get_u32(in);
	su->peer_gid = wire_get_u32(in);
	su->ngids = wire_get_u16(in);
	if (su->ngids > SETUP_GROUPS_MAX) {
		su->ngids = 0;
		wire_get_fail(in);
	}
	for (i = 0; i < su->ngids; i++)
		su->gids[i] = wire_get_u32(in);
	su->opens = wire_get_u32(in);
	su->audit = wire_get_u8(in);
	if (su->audit > AUDITMODE_LOSSLESS)
		wire_get_fail(in);
	su->nofile = wire_get_u32(in);
	su->sock = fdmsg_take(m, 0);
	su->client = fdmsg_take(m, 1);
	su->conn = fdmsg_take(m, 2);
	if (flags & SETUP_HAS_EMPTY)
		su->empty_dir = fdmsg_take(m, 4);
	if (m->nfds != (flags & SETUP_HAS_EMPTY ? SETUP_FDS : SETUP_FDS - 1))
		wire_get_fail(in);
	if (wire_get_end(in) == -1)
		return -1;
	su->role = setup_role_from_file(m->fds[3], role_size, false);
	return su->role != NULL ? 0 : -1;
}

int
setup_recv(int channel, struct setup *su)
{
	static uint8_t	 buf[PROTO_MAX];
	struct wire_in	 in;
	struct fdmsg	 m;
	int		 ret, saved;

	setup_init(su);
	if (ipc_await(channel, buf, sizeof(buf), SETUP_FDS, IPC_SETUP, &in,
	    &m) == -1)
		return -1;
	ret = setup_get(&in, su, &m);
	fdmsg_close(&m);
	if (ret == -1) {
		saved = errno;
		setup_clear(su);
		errno = saved;
	}
	return ret;
}

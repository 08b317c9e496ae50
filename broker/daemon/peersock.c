/*
 * peersock.c: reach a peer through the socket that it bound in peer/; see
 * peersock.h.
 *
 * Runs in the supervisor, as root.  It opens a name of 32 hexadecimal digits
 * in peer/ and connects to that very inode, if the peer owns it: a peer can
 * neither send the answer to another user's socket nor replace the socket
 * between the check and the connect.  It reads nothing from any socket.
 */

#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "daemon/peersock.h"

/* A refusal is one short message. */
#define REFUSE_BYTES	65536

int
peersock_open(const struct rundir *rd, const struct admit *a)
{
	char	 name[DGRAM_NAME_LEN + 1];

	admit_name_to_hex(name, a->name);
	return openat(rd->peer, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int
peersock_connect(struct dgram *d, const struct rundir *rd, int peer, uid_t uid,
    uint32_t bytes)
{
	const char	*base;

	/* The kernel doubles the number to allow for its own overhead. */
	if (dgram_set_sndbuf(d, (int)(bytes / 2)) == -1 ||
	    dgram_bind_random(d, rd->session, 0600) == -1 ||
	    dgram_connect_inode(d, peer, uid) == -1)
		return -1;
	base = strrchr(d->path, '/') + 1;
	if (fchownat(rd->session_fd, base, uid, (gid_t)-1,
	    AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	/* Anybody could send here until the socket was connected. */
	dgram_drain(d);
	return 0;
}

int
peersock_refuse(const struct rundir *rd, int peer, uid_t uid, int error,
    const char *why)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;
	struct dgram	 d;
	int		 ret = -1;

	message_begin(&m, PROTO_REFUSED, buf, sizeof(buf));
	wire_put_u32(&m.w, (uint32_t)error);
	wire_put_str(&m.w, why);
	dgram_init(&d);
	if (peersock_connect(&d, rd, peer, uid, REFUSE_BYTES) == 0)
		ret = message_send(d.fd, &m, NULL, 0);
	dgram_close(&d);
	return ret;
}

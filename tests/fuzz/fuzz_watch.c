/*
 * fuzz_watch.c: libFuzzer on what watches and narrower policies bring.
 *
 * The first byte of the input says what the rest is: the text of a LIMIT, as an
 * opener parses it; or bytes of WATCHED messages, which the library receives.
 */

#include "config.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "client/fdbroker.h"
#include "opener/policytext.h"
#include "policy/decide.h"
#include "policy/role.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A policy that narrows denies first, and has nothing but rules. */
static void
fuzz_text(const uint8_t *data, size_t size)
{
	char		 why[PROTO_TEXT_MAX], *text;
	struct role	*role;

	if ((text = malloc(size + 1)) == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	role = policytext_limit(text, why);
	if (role == NULL ? why[0] == '\0' : role->options != 0 ||
	    role->nrules < 2 || role->rules[0].action != POLICY_DENY ||
	    role->also != NULL)
		abort();
	if (role != NULL)
		(void)policy_decide(role, POLICY_OP_READ, "/a/b");
	role_free(role);
	free(text);
}

/* The library and an opener that says what the input says. */
static struct fdb_session *
attach(int *sock)
{
	struct fdb_session_info	 info;
	struct fdb_session	*s;
	struct message		 m;
	uint8_t			 buf[MESSAGE_SHORT];
	int			 conn[2], pair[2];

	memset(&info, 0, sizeof(info));
	info.window = 8;
	info.batch = FDB_BATCH_MAX;
	info.bytes = PROTO_MAX;
	info.tokens = 16;
	if (dgram_pair_seq(conn) == -1 || dgram_pair_seq(pair) == -1)
		abort();
	message_begin(&m, PROTO_WELCOME, buf, sizeof(buf));
	proto_put_info(&m.w, &info);
	if (message_send(conn[0], &m, &pair[1], 1) == -1 ||
	    fdb_attach(&s, conn[1], 0, NULL) == -1)
		abort();
	close(conn[0]);
	close(pair[1]);
	*sock = pair[0];
	return s;
}

/* Each message: flags, a descriptor or none, a length, and its items. */
static void
fuzz_messages(const uint8_t *data, size_t size)
{
	struct fdb_result	 r;
	struct fdb_session	*s;
	struct message		 m;
	uint8_t			 buf[PROTO_HEADER + 256];
	size_t			 len;
	int			 null, sock;

	s = attach(&sock);
	if ((null = open("/dev/null", O_RDONLY)) == -1 ||
	    fdb_watch(s, "/a", FDB_READ, 0, 1) == -1 ||
	    fdb_watch(s, "/b", FDB_READ, 0, 2) == -1)
		abort();
	(void)fdb_flush(s);
	while (size >= 3) {
		len = data[2] < size - 3 ? data[2] : size - 3;
		message_begin(&m, PROTO_WATCHED, buf, sizeof(buf));
		m.h.id = 1 + (data[0] & 3) / 2;
		m.h.flags = data[0] & PROTO_MORE;
		wire_put_bytes(&m.w, data + 3, len);
		if (message_send(sock, &m, &null, data[1] & 1) == -1)
			break;
		data += 3 + len;
		size -= 3 + len;
		if (fdb_next(s, &r) == 1 && r.fd != -1)
			close(r.fd);
	}
	fdb_disconnect(s);
	close(sock);
	close(null);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 4096)
		return 0;
	if (data[0] % 2 == 0)
		fuzz_text(data + 1, size - 1);
	else
		fuzz_messages(data + 1, size - 1);
	return 0;
}

/*
 * fuzz_serve.c: libFuzzer on an opener's session: requests, credit, narrower
 * policies and changes of files, in any order; with threads, if the input wants
 * them, that open files.
 *
 * The input is a list of steps; see take_step().  The session is one of a small
 * tree in $TMPDIR.  What the opener sends must have the form of a message, and
 * a session that has ended must leave no descriptor.
 */

#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/proto.h"
#include "opener/open_ahead.h"
#include "opener/parallel.h"
#include "opener/serve.h"
#include "opener/state.h"
#include "opener/walk.h"
#include "opener/watch.h"
#include "opener/watch_look.h"
#include "policy/role.h"
#include "policy/tables.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The input that is left. */
struct steps {
	const uint8_t	*data;
	size_t		 left;
};

static struct state	 state;
static struct serve	 sv;
static struct parallel	*threads;	/* of every session that has some */
static int		 sock;		/* the worker's end */
static char		 dir[PROTO_PATH_MAX / 2];	/* of the tree */
static uint8_t		 buf[PROTO_MAX];

static const char *const names[] = {
	"file", "denied", "sub/file", "link", "none", "sub", "sub/none/x",
	"up", "../x", "sub//file", ""
};
#define NNAMES	(sizeof(names) / sizeof(names[0]))

static uint8_t
next(struct steps *st)
{
	if (st->left == 0)
		return 0;
	st->left--;
	return *st->data++;
}

/* A name in the tree, absolute. */
static const char *
next_path(struct steps *st)
{
	static char	 path[PROTO_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", dir,
	    names[next(st) % NNAMES]);
	return path;
}

static void
be_silent(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
}

/* What has to be there, and what a step may have changed. */
static void
make_tree(void)
{
	static const char *const	 files[] = {
		"file", "denied", "sub/file"
	};
	size_t				 i;
	int				 fd;

	if (chdir(dir) == -1)
		abort();
	(void)unlink("none");
	(void)mkdir("sub", 0700);
	(void)symlink("sub/file", "link");
	(void)symlink("..", "up");
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		/* A link may stand there by now. */
		(void)unlink(files[i]);
		fd = open(files[i], O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd == -1)
			abort();
		close(fd);
	}
}

static struct role *
make_role(bool permit)
{
	char		 path[PROTO_PATH_MAX];
	const char	*why;
	struct role	*role;

	(void)snprintf(path, sizeof(path), "%s/denied", dir);
	if ((role = role_new("fuzz", "conf", 1)) == NULL ||
	    role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ, dir, NULL,
	    "conf", 2, &why) == -1 || (!permit && role_add_rule(role,
	    POLICY_DENY, POLICY_OP_ALL, path, "label", "conf", 3,
	    &why) == -1))
		abort();
	return role;
}

static void
begin(bool follow, bool parallel)
{
	struct state_calls	 calls = { .arg = NULL };
	struct setup		 su;
	struct fdmsg		 m;
	char			 path[PROTO_PATH_MAX];
	int			 conn[2], pair[2];

	if (dgram_pair_seq(conn) == -1 || dgram_pair(pair) == -1)
		abort();
	setup_init(&su);
	su.sock = pair[1];
	su.role = make_role(false);
	if (follow)
		su.role->options |= POLICY_FOLLOW;
	su.info.window = 8;
	su.info.batch = FDB_BATCH_MAX;
	su.info.bytes = PROTO_MAX;
	su.info.tokens = 16;
	if (state_init(&state, &su, &calls) == -1 ||
	    state_open_roots(&state, false, path) == -1)
		abort();
	setup_clear(&su);
	if (parallel)
		state.parallel = threads;
	serve_init(&sv, &state, conn[1]);
	if (serve_welcome(&sv, pair[0]) == -1)
		abort();
	close(pair[0]);
	if (fdmsg_recv(conn[0], buf, sizeof(buf), 1, &m) <= 0)
		abort();
	sock = fdmsg_take(&m, 0);
	close(conn[0]);
}

/* Receive all that the opener has sent. */
static void
receive(void)
{
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	while ((n = fdmsg_recv(sock, buf, sizeof(buf), FDMSG_MAXFD,
	    &m)) > 0) {
		if (proto_parse(buf, (size_t)n, m.nfds, &h, &in, &why) == -1)
			abort();
		fdmsg_close(&m);
	}
}

/* Send a message, and let the opener serve it.  False: the session is over. */
static bool
call(struct wire_out *w, struct proto_header *h)
{
	size_t	 len;

	if ((len = proto_finish(w, h)) == 0)
		return true;
	receive();
	if (fdmsg_send(sock, buf, len, NULL, 0) == -1)
		abort();
	return serve_one(&sv) != -1;
}

static void
put_limit(struct wire_out *w, struct steps *st)
{
	static const char *const	 kinds[] = {
		"permit read", "deny", "permit", "deny label \"x\" read"
	};
	char				 text[PROTO_PATH_MAX + 64];
	const char			*kind;
	size_t				 n = 0;
	unsigned int			 i = next(st);

	if (i < 128) {
		kind = kinds[i % 4];
		(void)snprintf(text, sizeof(text), "%s \"%s\"\n", kind,
		    next_path(st));
	} else {
		for (i &= 63; i > 0; i--)
			text[n++] = (char)next(st);
		text[n] = '\0';
	}
	wire_put_str(w, text);
}

/* The items of a request of this type. */
static void
put_items(struct wire_out *w, unsigned int type, struct steps *st)
{
	switch (type) {
	case PROTO_WATCH:
		wire_put_u8(w, next(st));
		wire_put_u8(w, next(st));
		wire_put_str(w, next_path(st) + 1);
		break;
	case PROTO_CREDIT:
		wire_put_u32(w, next(st));
		wire_put_u32(w, next(st));
		break;
	case PROTO_LIMIT:
		put_limit(w, st);
		break;
	case PROTO_OPEN:
		wire_put_u32(w, next(st) & 3);
		wire_put_u8(w, next(st));
		wire_put_str(w, next_path(st) + 1);
		break;
	case PROTO_STAT:
	case PROTO_LIST:
		wire_put_u32(w, next(st) & 3);
		wire_put_str(w, next_path(st) + 1);
		break;
	case PROTO_FORGET:
		wire_put_u32(w, next(st) & 3);
		break;
	}
}

static bool
take_request(struct steps *st, unsigned int kind)
{
	static const uint16_t	 types[] = {
		PROTO_WATCH, PROTO_CREDIT, PROTO_CANCEL, PROTO_LIMIT,
		PROTO_OPEN, PROTO_STAT, PROTO_LIST, PROTO_FORGET
	};
	struct proto_header	 h;
	struct wire_out		 w;
	uint8_t			 id = next(st);
	uint16_t		 i;

	memset(&h, 0, sizeof(h));
	h.type = types[kind % 8];
	h.id = 1 + id % 4;
	h.items = h.type == PROTO_CANCEL ? 0 : 1;
	/* Enough for threads. */
	if (h.type == PROTO_OPEN && id >= 128)
		h.items = 3 * OPEN_AHEAD_PIECE;
	proto_begin(&w, buf, sizeof(buf));
	for (i = 0; i < h.items; i++)
		put_items(&w, h.type, st);
	return call(&w, &h);
}

/* A message of any type, with any bytes. */
static bool
take_bytes(struct steps *st)
{
	struct proto_header	 h;
	struct wire_out		 w;
	unsigned int		 n;

	memset(&h, 0, sizeof(h));
	h.type = next(st);
	h.id = next(st) % 8;
	h.items = next(st);
	h.flags = next(st) & PROTO_MORE;
	proto_begin(&w, buf, sizeof(buf));
	for (n = next(st); n > 0; n--)
		wire_put_u8(&w, next(st));
	return call(&w, &h);
}

/* Let the opener look and send, as its loop does, without the waiting. */
static bool
turn(void)
{
	short	 events = 0;
	int	 fd;

	if (state.watches != NULL) {
		state.watches->changed = true;
		state.watches->due = state.watches->retry = 0;
	}
	(void)walk_poll(&state, &events);
	(void)watch_poll(&state, &events, &fd);
	return walk_slice(&state) != -1 && watch_slice(&state) != -1;
}

static void
change_file(struct steps *st)
{
	const char	*path = next_path(st);

	if (strstr(path, "/../") != NULL)
		return;
	/* The opener has changed it. */
	if (chdir(dir) == -1)
		abort();
	switch (next(st) % 4) {
	case 0:
		(void)unlink(path);
		break;
	case 1:
		make_tree();
		break;
	case 2:
		(void)rename("file", "none");
		break;
	case 3:
		(void)rename(path, "sub/file");
		break;
	}
}

/* Every watch that is not refused holds one place. */
static void
check_places(void)
{
	const struct watch	*w = state.watches != NULL ?
				    state.watches->list : NULL;
	size_t			 n = 0, places = 0;

	for (; w != NULL; w = w->next) {
		n++;
		places += w->holds_place;
	}
	if (n > FDB_WATCH_MAX || places != state.tokens.reserved)
		abort();
}

/* False: the session is over. */
static bool
take_step(struct steps *st)
{
	unsigned int	 kind = next(st) % 16;

	if (kind < 8)
		return take_request(st, kind);
	switch (kind) {
	case 8:
		return take_bytes(st);
	case 9:
		receive();
		return true;
	case 10:
		change_file(st);
		return true;
	case 11:
		state_set_role(&state, make_role(next(st) & 1),
		    state.info.generation + 1, state.audit);
		return true;
	default:
		return turn();
	}
}

static int
lowest_fd(void)
{
	int	 fd = dup(STDIN_FILENO);

	if (fd == -1)
		abort();
	close(fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool	 made;
	const char	*tmp = getenv("TMPDIR");
	struct steps	 st = { data, size };
	uint8_t		 flags;
	int		 fd;

	if (!made) {
		(void)snprintf(dir, sizeof(dir), "%s/fuzz_serve.XXXXXX",
		    tmp != NULL ? tmp : "/tmp");
		if (mkdtemp(dir) == NULL)
			abort();
		log_set_sink(be_silent, NULL);
		if ((threads = parallel_new()) == NULL ||
		    parallel_start(threads) == -1)
			abort();
		made = true;
	}
	make_tree();
	fd = lowest_fd();
	flags = next(&st);
	begin(flags & 1, flags & 2);
	while (st.left > 0 && take_step(&st))
		check_places();
	receive();
	serve_free(&sv);
	state_free(&state);
	close(sock);
	if (lowest_fd() != fd)
		abort();
	return 0;
}

/*
 * walking.c: ask an opener for a walk; see tests/unit/walking.h.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "opener/walk.h"
#include "opener/walk_run.h"
#include "tests/unit/util.h"
#include "tests/unit/walking.h"

struct client		 client;
struct place		 place;
struct lines		 got;
const char *const	 walking_all[] = { "+tree", NULL };
bool			 walking_waits;

void
walking_slice(void)
{
	if (walking_waits && client.state.walks != NULL) {
		client_threads(&client);
		client.state.walks->window.on = true;
	}
	assert_int_equal(walk_slice(&client.state), 0);
}

void
walking_ask(const struct how *h)
{
	struct walkwire_start	 st;
	size_t			 i;

	memset(&st, 0, sizeof(st));
	st.base = h->base;
	st.flags = h->flags;
	st.bytes = h->bytes != 0 ? h->bytes : 1 << 20;
	st.fds = h->fds != 0 ? h->fds : 512;
	st.since = h->since;
	st.since_nsec = h->since_nsec;
	(void)strlcpy(st.name, h->name, sizeof(st.name));
	client_begin(&client, PROTO_WALK);
	walkwire_put_start(&client.out, &st);
	client.h.items++;
	for (i = 0; i < PATTERNS_MAX && h->exclude[i] != NULL; i++) {
		walkwire_put_text(&client.out, WALKWIRE_EXCLUDE,
		    h->exclude[i]);
		client.h.items++;
	}
	for (i = 0; i < PATTERNS_MAX && h->present[i] != NULL; i++) {
		walkwire_put_text(&client.out, WALKWIRE_IF_PRESENT,
		    h->present[i]);
		client.h.items++;
	}
	assert_int_equal(client_call(&client), 1);
}

void
walking_grant(uint32_t id, uint32_t bytes, uint32_t fds)
{
	client_begin(&client, PROTO_CREDIT);
	client.h.id = id;
	client.h.items = 1;
	wire_put_u32(&client.out, bytes);
	wire_put_u32(&client.out, fds);
	assert_int_equal(client_call(&client), 1);
}

size_t
walking_receive(uint32_t id)
{
	const char	*what;
	ssize_t		 len;

	len = fdmsg_recv(client.sock, client.inbuf, sizeof(client.inbuf),
	    FDMSG_MAXFD, &client.msg);
	if (len == -1 && errno == EAGAIN)
		return 0;
	assert_true(len > 0);
	if (proto_parse(client.inbuf, (size_t)len, client.msg.nfds,
	    &client.reply, &client.in, &what) == -1)
		fail_msg("%s", what);
	assert_int_equal(client.reply.type, PROTO_WALK_REPLY);
	assert_int_equal(client.reply.id, id);
	return (size_t)len;
}

static const char *const	skips[] = {
	"none", "excluded", "tagged", "onefs", "pseudo"
};

static void
note_entry(struct place *p, const struct walkwire_record *r, int fd,
    struct lines *l)
{
	size_t	 end = p->depth > 0 ? p->ends[p->depth - 1] : 0;
	struct stat	 st;

	p->path[end] = '\0';
	if (p->depth > 0 && end + 1 + strlen(r->name) < sizeof(p->path)) {
		p->path[end] = '/';
		(void)strlcpy(p->path + end + 1, r->name,
		    sizeof(p->path) - end - 1);
	}
	p->entries++;
	p->opened += fd != -1;
	if (fd != -1) {
		assert_return_code(fstat(fd, &st), errno);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_ino, r->st.ino);
	}
	if (l != NULL)
		lines_add(l, "%s %o %s %s %u", p->path,
		    (unsigned int)r->st.mode, r->link,
		    fd != -1 ? "open" : r->flags & FDB_ENTRY_UNCHANGED ?
		    "unchanged" : r->flags & FDB_ENTRY_ENTERED ? "entered" :
		    "-", r->status.error);
	if (r->flags & FDB_ENTRY_ENTERED)
		p->ends[p->depth++] = strlen(p->path);
}

static void
note(struct place *p, const struct walkwire_record *r, int fd,
    struct lines *l)
{
	size_t	 end = p->depth > 0 ? p->ends[p->depth - 1] : 0;

	switch (r->kind) {
	case WALKWIRE_ENTRY:
		note_entry(p, r, fd, l);
		break;
	case WALKWIRE_XATTR:
		p->xattr_bytes += r->nbytes;
		if (l != NULL)
			lines_add(l, "xattr %s %s %u %u+%u %u", p->path,
			    r->name, r->total, r->offset, r->nbytes,
			    r->status.error);
		break;
	case WALKWIRE_LEAVE:
		assert_true(p->depth > 0);
		p->path[p->ends[p->depth - 1]] = '\0';
		p->depth--;
		p->hidden += r->hidden;
		if (l != NULL && r->status.error != 0)
			lines_add(l, "leave %s %u", p->path, r->status.error);
		break;
	case WALKWIRE_SKIPPED:
		p->path[end] = '\0';
		if (l != NULL)
			lines_add(l, "skip %s/%s %s", p->path, r->name,
			    skips[r->skip]);
		break;
	case WALKWIRE_END:
		break;
	}
}

bool
walking_take(struct place *p, struct lines *l, int *error)
{
	struct walkwire_record	 r;
	size_t			 fds = 0;
	uint16_t		 i;
	bool			 over = false;

	for (i = 0; i < client.reply.items; i++) {
		assert_false(over);
		walkwire_get_record(&client.in, &r);
		assert_false(client.in.failed);
		note(p, &r, r.flags & FDB_ENTRY_FD ? client.msg.fds[fds++] :
		    -1, l);
		over = r.kind == WALKWIRE_END;
		*error = (int)r.status.error;
	}
	assert_int_equal(wire_get_end(&client.in), 0);
	assert_int_equal(fds, client.msg.nfds);
	assert_int_equal(over, !(client.reply.flags & PROTO_MORE));
	fdmsg_close(&client.msg);
	return over;
}

int
walking_walk(const struct how *h, struct place *p, struct lines *l)
{
	uint32_t	 id;
	size_t		 len, idle = 0;
	short		 events;
	int		 error = -1;

	memset(p, 0, offsetof(struct place, ends));
	p->depth = p->entries = p->opened = p->hidden = p->xattr_bytes = 0;
	walking_ask(h);
	id = client.h.id;
	for (;;) {
		events = 0;
		if (walk_poll(&client.state, &events) == 0)
			walking_slice();
		else if (idle++ > 10)
			fail_msg("the walk stands still");
		while ((len = walking_receive(id)) > 0) {
			idle = 0;
			if (walking_take(p, l, &error)) {
				assert_int_equal(walk_poll(&client.state,
				    &events), -1);
				client.reply.id = id;
				return error;
			}
			walking_grant(id, (uint32_t)len, client.reply.fds);
			if (h->between != NULL)
				h->between();
		}
		/* It waits for the socket, which is empty now. */
		if (events & POLLOUT)
			walking_slice();
	}
}

void
walking_plant(void)
{
	static const char *const dirs[] = {
		"tree", "tree/src", "tree/src/obj", "tree/cache", "tree/tmp",
		"tree/fake"
	}, *const files[] = {
		"tree/src/main.c", "tree/src/main.o", "tree/src/obj/deep.o",
		"tree/cache/data", "tree/tmp/.nobackup", "tree/tmp/x",
		"tree/fake/CACHEDIR.TAG", "tree/fake/data"
	};
	size_t	 i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_return_code(mkdir(util_path(dirs[i]), 0755), errno);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		util_write_file(util_path(files[i]), "text");
	util_write_file(util_path("tree/cache/CACHEDIR.TAG"),
	    "Signature: 8a477f597d28d172789f06886806bc55\n# more");
	assert_return_code(symlink("src", util_path("tree/link")), errno);
}

int
walking_tree(struct how *h)
{
	static char	 name[512];

	lines_free(&got);
	(void)strlcpy(name, client_path("tree"), sizeof(name));
	if (h->name == NULL)
		h->name = name;
	return walking_walk(h, &place, &got);
}

void
walking_remove(void)
{
	char	 command[600];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'",
	    util_path("tree"));
	assert_int_equal(system(command), 0);
}

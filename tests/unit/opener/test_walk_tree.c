/*
 * test_walk_tree.c: WALK in the opener: it shows exactly what LIST and OPEN
 * show, and does what each of its flags says.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/xattr.h>

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

#include "base/fd.h"
#include "base/walkwire.h"
#include "opener/walk.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define PATTERNS_MAX	8
#define ROUNDS		60

static struct client	 client;

/* What was seen: lines, which are sorted before they are compared. */
struct lines {
	char	**list;
	size_t	  n, size;
};

static void	lines_add(struct lines *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
lines_add(struct lines *l, const char *fmt, ...)
{
	va_list	 ap;

	if (l->n == l->size) {
		l->size = l->size * 2 + 64;
		l->list = reallocarray(l->list, l->size, sizeof(*l->list));
		assert_non_null(l->list);
	}
	va_start(ap, fmt);
	assert_true(vasprintf(&l->list[l->n++], fmt, ap) >= 0);
	va_end(ap);
}

static void
lines_free(struct lines *l)
{
	while (l->n > 0)
		free(l->list[--l->n]);
	free(l->list);
	memset(l, 0, sizeof(*l));
}

static int
line_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
lines_sort(struct lines *l)
{
	if (l->n > 0)
		qsort(l->list, l->n, sizeof(*l->list), line_compare);
}

static bool
lines_have(const struct lines *l, const char *line)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->list[i], line) == 0)
			return true;
	return false;
}

static void
lines_print(const char *what, const struct lines *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		print_message("# %s: %s\n", what, l->list[i]);
}

static void
lines_expect(const struct lines *l, const char *line)
{
	if (lines_have(l, line))
		return;
	lines_print("got", l);
	fail_msg("no \"%s\"", line);
}

/* How to walk. */
struct how {
	const char	*name;
	uint32_t	 base, flags;
	uint32_t	 bytes, fds;
	int64_t		 since;
	uint32_t	 since_nsec;
	const char	*exclude[PATTERNS_MAX];
	const char	*present[PATTERNS_MAX];
	/* Called between two messages. */
	void		(*between)(void);
};

static void
ask(const struct how *h)
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

static void
grant(uint32_t id, uint32_t bytes, uint32_t fds)
{
	client_begin(&client, PROTO_CREDIT);
	client.h.id = id;
	client.h.items = 1;
	wire_put_u32(&client.out, bytes);
	wire_put_u32(&client.out, fds);
	assert_int_equal(client_call(&client), 1);
}

/*
 * Receive one message of the walk and check it.  Its length; 0: there is none.
 */
static size_t
receive(uint32_t id)
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

/* Where a walk is, as its records say. */
struct place {
	char	 path[65536];
	size_t	 ends[32768];		/* of the directories entered */
	size_t	 depth;
	struct walkwire_record	 last;	/* the last ENTRY */
	size_t	 entries, opened, hidden, xattr_bytes;
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

/* Take the records of a message.  True: the walk is over, and *error. */
static bool
take(struct place *p, struct lines *l, int *error)
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

/* Walk to the end.  Its errno value, or 0. */
static int
walk(const struct how *h, struct place *p, struct lines *l)
{
	uint32_t	 id;
	size_t		 len, idle = 0;
	short		 events;
	int		 error = -1;

	memset(p, 0, offsetof(struct place, ends));
	p->depth = p->entries = p->opened = p->hidden = p->xattr_bytes = 0;
	ask(h);
	id = client.h.id;
	for (;;) {
		events = 0;
		if (walk_poll(&client.state, &events) == 0)
			assert_int_equal(walk_slice(&client.state), 0);
		else if (idle++ > 10)
			fail_msg("the walk stands still");
		while ((len = receive(id)) > 0) {
			idle = 0;
			if (take(p, l, &error)) {
				assert_int_equal(walk_poll(&client.state,
				    &events), -1);
				client.reply.id = id;
				return error;
			}
			grant(id, (uint32_t)len, client.reply.fds);
			if (h->between != NULL)
				h->between();
		}
		/* It waits for the socket, which is empty now. */
		if (events & POLLOUT)
			assert_int_equal(walk_slice(&client.state), 0);
	}
}

/*
 * The model: what LIST and OPEN say.
 */

static void
model_dir(uint32_t base, const char *name, const char *path, struct lines *l)
{
	struct answer	*list = NULL, a;
	size_t		 n = 0, i;
	uint32_t	 token;
	char		*sub;
	int		 error;

	if ((error = client_list(&client, base, name)) != 0) {
		lines_add(l, "leave %s %d", path, error);
		return;
	}
	for (;;) {
		while (client_next(&client, &a)) {
			list = reallocarray(list, n + 1, sizeof(*list));
			assert_non_null(list);
			list[n++] = a;
		}
		if (client.eof)
			break;
		assert_int_equal(client_list(&client, client.token, ""), 0);
	}
	token = client.token;
	for (i = 0; i < n; i++) {
		assert_true(asprintf(&sub, "%s/%s", path, list[i].name) > 0);
		error = (int)list[i].status.error;
		a.fd = -1;
		if (S_ISREG(list[i].st.mode))
			error = client_open(&client, token, list[i].name, &a);
		lines_add(l, "%s %o %s %s %d", sub,
		    (unsigned int)list[i].st.mode, list[i].link,
		    a.fd != -1 ? "open" : S_ISDIR(list[i].st.mode) ?
		    "entered" : "-", error);
		fd_close(&a.fd);
		if (S_ISDIR(list[i].st.mode))
			model_dir(token, list[i].name, sub, l);
		free(sub);
	}
	free(list);
	client_begin(&client, PROTO_FORGET);
	client_token(&client, token);
	client.h.id = client.reply.id;
	assert_int_equal(client_call(&client), 1);
}

/*
 * Random trees.
 */

static const char *const	names[] = { "a", "b", "ab", "a.b", "c" };
#define NNAMES	(sizeof(names) / sizeof(names[0]))

static void
random_tree(const char *dir, unsigned int depth)
{
	char		 path[512];
	size_t		 i;

	for (i = 0; i < NNAMES; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		switch (util_random(depth < 4 ? 8 : 5)) {
		case 0:
			break;
		case 1:
			assert_return_code(symlink("a/b", path), errno);
			break;
		case 2:
			assert_return_code(mkfifo(path, 0600), errno);
			break;
		case 3:
		case 4:
			util_write_file(path, path);
			break;
		default:
			assert_return_code(mkdir(path, 0700), errno);
			random_tree(path, depth + 1);
		}
	}
}

static struct role *
random_role(void)
{
	static const char *const parts[] = {
		"a", "b", "ab", "c", "*", "a*", "**", "*.b", "[ab]", "?"
	};
	struct role	*role;
	const char	*why;
	char		 pattern[1024];
	unsigned int	 rules = 1 + util_random(6), n;
	uint32_t	 ops;

	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	(void)snprintf(pattern, sizeof(pattern), "%s/tree", util_dir());
	/* One root, whatever else is permitted. */
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
	    pattern, NULL, "/etc/test.conf", 1, &why), 0);
	if (util_random(3) == 0)
		assert_int_equal(role_add_rule(role, POLICY_DENY,
		    POLICY_OP_READ, pattern, NULL, "/etc/test.conf", 1,
		    &why), 0);
	while (rules-- > 0) {
		(void)snprintf(pattern, sizeof(pattern), "%s/tree",
		    util_dir());
		for (n = 1 + util_random(3); n > 0; n--) {
			(void)strlcat(pattern, "/", sizeof(pattern));
			(void)strlcat(pattern, parts[util_random(sizeof(parts)
			    / sizeof(parts[0]))], sizeof(pattern));
		}
		ops = util_random(2) == 0 ? POLICY_OP_READ : POLICY_OP_ALL;
		if (util_random(3) == 0)
			assert_int_equal(role_add_rule(role, POLICY_PERMIT,
			    POLICY_OP_READ, pattern, NULL, "/etc/test.conf",
			    2, &why), 0);
		else
			assert_int_equal(role_add_rule(role, POLICY_DENY, ops,
			    pattern, NULL, "/etc/test.conf", 2, &why), 0);
	}
	return role;
}

static void
compare(struct lines *model, struct lines *got)
{
	size_t	 i;

	lines_sort(model);
	lines_sort(got);
	for (i = 0; i < model->n && i < got->n; i++)
		if (strcmp(model->list[i], got->list[i]) != 0)
			break;
	if (i == model->n && i == got->n)
		return;
	lines_print("LIST+OPEN", model);
	lines_print("WALK", got);
	fail_msg("line %zu differs", i);
}

/* Also what lies deeper than a path can be long. */
static void
remove_tree(void)
{
	char	 command[600];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'",
	    util_path("tree"));
	assert_int_equal(system(command), 0);
}

static struct place	 place;

static void
models(bool clone)
{
	struct lines	 model, got;
	struct how	 h;
	char		 name[512];
	int		 round, i;
	size_t		 total = 0;

	memset(&model, 0, sizeof(model));
	memset(&got, 0, sizeof(got));
	memset(&h, 0, sizeof(h));
	(void)strlcpy(name, client_path("tree"), sizeof(name));
	h.name = name;
	for (round = 0; round < ROUNDS; round++) {
		assert_return_code(mkdir(util_path("tree"), 0700), errno);
		random_tree(util_path("tree"), 0);
		client_start(&client, random_role(), clone);
		client.state.role->options |= util_random(4) == 0 ?
		    POLICY_REGULAR_ONLY | POLICY_SINGLE_LINK : 0;
		/* Small messages and credit stop it in many places. */
		h.bytes = util_random(2) == 0 ? 8192 : 0;
		h.fds = util_random(2) == 0 ? 1 : 0;
		if (client_list(&client, 0, name) == 0) {
			model_dir(0, name, "", &model);
			i = walk(&h, &place, &got);
			assert_int_equal(i, 0);
			/* The start itself. */
			assert_true(got.n > 0);
			free(got.list[0]);
			got.list[0] = got.list[--got.n];
			total += got.n;
			compare(&model, &got);
		}
		client_end(&client);
		lines_free(&model);
		lines_free(&got);
		remove_tree();
		(void)strlcpy(name, client_path("tree"), sizeof(name));
	}
	print_message("# %zu objects\n", total);
}

static void
test_models(void **state)
{
	(void)state;
	models(false);
}

static void
test_models_clone(void **state)
{
	(void)state;
	util_need(FEATURE_CLONES);
	models(true);
}

/*
 * A tree for the flags.
 */

static const char *const	all[] = { "+tree", NULL };

static void
make_tree(void)
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

static struct lines	 got;

static int
walk_tree(struct how *h)
{
	static char	 name[512];

	lines_free(&got);
	(void)strlcpy(name, client_path("tree"), sizeof(name));
	if (h->name == NULL)
		h->name = name;
	return walk(h, &place, &got);
}

static void
test_exclude(void **state)
{
	struct how	 h = { .exclude = { "*.o", "/cache", "obj/",
			    "main.c/", "/main.c" } };

	(void)state;
	make_tree();
	client_start(&client, client_role(all), false);
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "skip /src/main.o excluded");
	lines_expect(&got, "skip /src/obj excluded");
	lines_expect(&got, "skip /cache excluded");
	lines_expect(&got, "/src/main.c 100644  open 0");
	lines_expect(&got, "/link 120777 src - 0");
	assert_int_equal(place.entries, 10);

	/* Patterns that nobody can use. */
	memset(&h, 0, sizeof(h));
	h.exclude[0] = "[";
	assert_int_equal(walk_tree(&h), EINVAL);
	h.exclude[0] = "/";
	assert_int_equal(walk_tree(&h), EINVAL);
	h.exclude[0] = "a//b";
	assert_int_equal(walk_tree(&h), EINVAL);
	h.exclude[0] = NULL;
	h.present[0] = "a/b";
	assert_int_equal(walk_tree(&h), EINVAL);
	h.present[0] = "..";
	assert_int_equal(walk_tree(&h), EINVAL);
	client_end(&client);
	lines_free(&got);
}

static void
test_tags(void **state)
{
	struct how	 h = { .flags = FDB_WALK_CACHEDIR,
			    .present = { ".nobackup" } };
	static const char *const rules[] = {
		"+tree", "-tree/cache/CACHEDIR.TAG", "-tree/tmp/.nobackup",
		NULL
	};

	(void)state;
	make_tree();
	client_start(&client, client_role(all), false);
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "/cache/CACHEDIR.TAG 100644  open 0");
	lines_expect(&got, "skip /cache/ tagged");
	lines_expect(&got, "/tmp/.nobackup 100644  open 0");
	lines_expect(&got, "skip /tmp/ tagged");
	lines_expect(&got, "/fake/data 100644  open 0");
	assert_false(lines_have(&got, "/cache/data 100644  open 0"));
	assert_false(lines_have(&got, "/tmp/x 100644  open 0"));
	client_end(&client);

	/* A tag that the policy hides shows nothing about itself. */
	client_start(&client, client_role(rules), false);
	h.name = NULL;
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "/cache/data 100644  open 0");
	lines_expect(&got, "/tmp/x 100644  open 0");
	assert_int_equal(place.hidden, 2);
	client_end(&client);
	lines_free(&got);
}

static void
test_since(void **state)
{
	static const struct timespec	 old[2] = { { 1000, 5 }, { 1000, 5 } };
	struct how	 h = { .flags = FDB_WALK_SINCE, .since = 1000 };
	struct stat	 st;

	(void)state;
	make_tree();
	client_start(&client, client_role(all), false);
	assert_return_code(utimensat(AT_FDCWD, util_path("tree/src/main.c"),
	    old, 0), errno);
	/* The time of the status change still is new. */
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  open 0");
	assert_return_code(stat(util_path("tree/src/main.c"), &st), errno);
	h.since = st.st_ctim.tv_sec;
	h.since_nsec = (uint32_t)st.st_ctim.tv_nsec;
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  open 0");
	h.since = st.st_ctim.tv_sec + 3600;
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  unchanged 0");
	assert_int_equal(place.opened, 0);
	client_end(&client);
	lines_free(&got);
}

static void
test_no_open(void **state)
{
	static const char *const rules[] = { "+tree", "-tree/src/main.o",
	    NULL };
	struct how	 h = { .flags = FDB_WALK_NO_OPEN, .fds = 1 };

	(void)state;
	make_tree();
	client_start(&client, client_role(rules), false);
	assert_int_equal(walk_tree(&h), 0);
	assert_int_equal(place.opened, 0);
	assert_int_equal(place.hidden, 1);
	lines_expect(&got, "/src/main.c 100644  - 0");
	/* The object is judged as for an open. */
	client.state.role->options |= POLICY_OWNED_BY_PEER;
	client.state.peer_uid = 12345;
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  - 13");
	client_end(&client);
	lines_free(&got);
}

static void
test_starts(void **state)
{
	static const char *const rules[] = { "+tree", "-tree/tmp", NULL };
	static char	 paths[8][512];
	static const char *const starts[] = {
		"tree/src/main.c", "tree/link", "tree/tmp", "tree/none",
		"tree/link/main.c", "tree/src", "../x", "elsewhere"
	};
	static const int errors[] = {
		0, 0, EACCES, ENOENT, ELOOP, 0, EINVAL, EACCES
	};
	static const size_t entries[] = { 1, 1, 0, 0, 0, 5, 0, 0 };
	struct how	 h = { .flags = FDB_WALK_XATTR };
	size_t		 i;

	(void)state;
	make_tree();
	client_start(&client, client_role(rules), false);
	for (i = 0; i < 8; i++) {
		(void)strlcpy(paths[i], i == 6 ? starts[i] :
		    client_path(starts[i]), sizeof(paths[i]));
		h.name = paths[i];
		if (walk_tree(&h) != errors[i] || place.entries != entries[i])
			fail_msg("%s: %zu entries", starts[i], place.entries);
	}
	/* The directory of a token itself, and a name in it. */
	assert_int_equal(client_list(&client, 0, paths[5]), 0);
	h.base = client.token;
	h.name = "";
	assert_int_equal(walk_tree(&h), 0);
	assert_int_equal(place.entries, 5);
	h.name = "obj";
	assert_int_equal(walk_tree(&h), 0);
	assert_int_equal(place.entries, 2);
	h.base = 77;
	assert_int_equal(walk_tree(&h), EBADF);
	client_end(&client);
	lines_free(&got);
}

/* More names, and a longer value, than are asked for at once. */
static void
set_many_xattrs(void)
{
	char	 name[80], value[1500];
	int	 i;

	for (i = 0; i < 30; i++) {
		(void)snprintf(name, sizeof(name), "user.%050d", i);
		assert_return_code(setxattr(util_path("tree/src"), name, "",
		    0, 0), errno);
	}
	memset(value, 'y', sizeof(value));
	assert_return_code(setxattr(util_path("tree/src/main.c"), "user.long",
	    value, sizeof(value), 0), errno);
}

static void
expect_xattrs(bool has_big)
{
	char	 line[128];
	int	 i;

	for (i = 0; i < 30; i++) {
		(void)snprintf(line, sizeof(line),
		    "xattr /src user.%050d 0 0+0 0", i);
		lines_expect(&got, line);
	}
	lines_expect(&got, "xattr /src/main.c user.one 5 0+5 0");
	assert_int_equal(place.xattr_bytes, 5 + 1500 + (has_big ? 65536 : 0));
}

/* Attributes, also a large one, and of what has no descriptor. */
static void
test_xattrs(void **state)
{
	static char	 big[65536];
	struct how	 h = { .flags = FDB_WALK_XATTR, .bytes = 8192 };
	bool		 has_big;

	(void)state;
	make_tree();
	if (setxattr(util_path("tree/src/main.c"), "user.one", "value", 5,
	    0) == -1 && errno == ENOTSUP) {
		util_skip("needs extended attributes");
		return;
	}
	memset(big, 'x', sizeof(big));
	has_big = setxattr(util_path("tree/src/main.o"), "user.big", big,
	    sizeof(big), 0) == 0;
	assert_return_code(setxattr(util_path("tree/src"), "user.dir", "", 0,
	    0), errno);
	set_many_xattrs();
	client_start(&client, client_role(all), false);
	assert_int_equal(walk_tree(&h), 0);
	lines_expect(&got, "xattr /src user.dir 0 0+0 0");
	expect_xattrs(has_big);
	/* The same by name. */
	h.flags |= FDB_WALK_NO_OPEN;
	assert_int_equal(walk_tree(&h), 0);
	expect_xattrs(has_big);
	client_end(&client);
	assert_return_code(chdir("/"), errno);
	lines_free(&got);
}

/* Without credit nothing is sent, and other requests are answered. */
static void
test_credit(void **state)
{
	struct how	 h = { .bytes = 1, .fds = 1 };
	struct answer	 a;
	uint32_t	 id;
	short		 events = 0;
	int		 error = 0;

	(void)state;
	make_tree();
	client_start(&client, client_role(all), false);
	lines_free(&got);
	h.name = strdup(client_path("tree"));
	ask(&h);
	id = client.h.id;
	assert_int_equal(walk_slice(&client.state), 0);
	assert_int_equal(walk_poll(&client.state, &events), -1);
	assert_int_equal(events, 0);
	assert_int_equal(receive(id), 0);
	client.reply.id = id;
	assert_int_equal(client_open(&client, 0,
	    client_path("tree/src/main.c"), &a), 0);
	fd_close(&a.fd);
	/* Bytes, and one descriptor: it stops before the second file. */
	grant(id, 1 << 20, 0);
	while (walk_poll(&client.state, &events) == 0)
		assert_int_equal(walk_slice(&client.state), 0);
	assert_true(receive(id) > 0);
	assert_int_equal(client.msg.nfds, 1);
	fdmsg_close(&client.msg);
	assert_int_equal(receive(id), 0);
	/* It ends at once when it is cancelled, whatever the credit. */
	client_begin(&client, PROTO_CANCEL);
	client.h.id = id;
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(walk_poll(&client.state, &events), 0);
	assert_int_equal(walk_slice(&client.state), 0);
	assert_true(receive(id) > 0);
	memset(&place, 0, sizeof(place));
	assert_true(take(&place, &got, &error));
	assert_int_equal(error, ECANCELED);
	/* What is said about a walk that is over is ignored. */
	grant(id, 1, 1);
	client_begin(&client, PROTO_CANCEL);
	client.h.id = id;
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(walk_poll(&client.state, &events), -1);
	client_end(&client);
	free((char *)(uintptr_t)h.name);
	lines_free(&got);
}

/* What breaks the protocol ends the session. */
static void
test_misuse(void **state)
{
	struct how	 h = { .bytes = 1 };
	int		 i, k;

	(void)state;
	make_tree();
	for (i = 0; i < 6; i++) {
		client_start(&client, client_role(all), false);
		h.name = "x";
		if (i != 3 && i != 5)
			ask(&h);
		switch (i) {
		case 0:		/* more credit than 32 bits hold */
			client_begin(&client, PROTO_CREDIT);
			client.h.id = 1;
			client.h.items = 1;
			wire_put_u32(&client.out, UINT32_MAX);
			wire_put_u32(&client.out, 0);
			break;
		case 1:		/* the id of a walk that is running */
			client_begin(&client, PROTO_WALK);
			client.h.id = 1;
			client.h.items = 1;
			walkwire_put_text(&client.out, WALKWIRE_EXCLUDE, "a");
			break;
		case 2:		/* more walks than the window has */
			for (k = 1; k < 8; k++) {
				client.reply.id = (uint32_t)k;
				ask(&h);
			}
			client.reply.id = 9;
			client_begin(&client, PROTO_WALK);
			client.h.items = 1;
			wire_put_bytes(&client.out, "\0\0\0\0\0\0\0\0\0\0\0"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 30);
			break;
		case 3:		/* unknown flags */
			client_begin(&client, PROTO_WALK);
			client.h.items = 1;
			wire_put_bytes(&client.out, "\0\0\0\0\377\377\377\377"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
			    30);
			break;
		case 4:		/* a CREDIT that is cut off */
			client_begin(&client, PROTO_CREDIT);
			client.h.items = 1;
			wire_put_u32(&client.out, 1);
			break;
		case 5:		/* an unknown kind of text */
			client_begin(&client, PROTO_WALK);
			client.h.items = 2;
			wire_put_bytes(&client.out, "\0\0\0\0\0\0\0\0"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			    "\3\0\0", 33);
			break;
		}
		assert_int_equal(client_call(&client), -1);
		client_expect_ended(&client, "cannot be decoded");
		client_end(&client);
	}
}

/* A request in many messages. */
static void
test_many_patterns(void **state)
{
	struct walkwire_start	 st;
	char			 text[4000];
	size_t			 total = 0;
	int			 error = 0, i;
	bool			 last = false;

	(void)state;
	make_tree();
	lines_free(&got);
	for (i = 0; i < 2; i++, total = 0, last = false) {
		client_start(&client, client_role(all), false);
		memset(&st, 0, sizeof(st));
		st.bytes = 1 << 20;
		st.fds = 100;
		(void)strlcpy(st.name, client_path("tree"), sizeof(st.name));
		memset(text, 'x', sizeof(text) - 1);
		text[250] = '/';	/* a component has 255 bytes */
		text[251] = '*';
		text[sizeof(text) - 1] = '\0';
		client_begin(&client, PROTO_WALK);
		walkwire_put_start(&client.out, &st);
		client.h.items = 1;
		while (!last) {
			/* A megabyte, or one pattern more. */
			last = total + 2 * sizeof(text) > FDB_WALK_PATTERNS_MAX;
			if (i == 1 && last)
				walkwire_put_text(&client.out,
				    WALKWIRE_EXCLUDE, text);
			walkwire_put_text(&client.out, WALKWIRE_EXCLUDE, last &&
			    i == 0 ? "*.o" : text);
			client.h.items = (uint16_t)(client.h.items + 1 +
			    (i == 1 && last));
			total += sizeof(text) - 1;
			client.h.flags = last ? 0 : PROTO_MORE;
			assert_int_equal(client_call(&client), 1);
			client_begin(&client, PROTO_WALK);
		}
		while (receive(1) == 0)
			assert_int_equal(walk_slice(&client.state), 0);
		memset(&place, 0, sizeof(place));
		assert_true(take(&place, &got, &error));
		assert_int_equal(error, i == 0 ? 0 : E2BIG);
		client_end(&client);
	}
	lines_expect(&got, "skip /src/main.o excluded");
	lines_free(&got);
}

/*
 * A reload in the middle: what it denies is left, and what it permits follows.
 */
static void
deny_src(void)
{
	static const char *const rules[] = {
		"+tree", "-tree/src", "-tree/tmp", NULL
	};

	if (client.state.info.generation == 9)
		return;
	state_set_role(&client.state, client_role(rules), 9,
	    client.state.audit);
}

static void
test_reload(void **state)
{
	struct how	 h = { .fds = 1, .between = deny_src };

	(void)state;
	make_tree();
	client_start(&client, client_role(all), false);
	/* It stops at each file, and the first files are in one of these. */
	assert_int_equal(walk_tree(&h), 0);
	assert_false(lines_have(&got, "/tmp/x 100644  open 0"));
	lines_expect(&got, "/fake/data 100644  open 0");
	client_end(&client);

	/* The start itself is denied in the middle. */
	client_start(&client, client_role(all), false);
	h.name = strdup(client_path("tree/src"));
	assert_int_equal(walk_tree(&h), EACCES);
	lines_expect(&got, "leave  13");
	client_end(&client);
	free((char *)(uintptr_t)h.name);
	lines_free(&got);
}

/* Deeper than a path can be long, and than directories can be open. */
static void
test_deep(void **state)
{
	struct how	 h = { .flags = 0 };
	int		 dir, next, i;

	(void)state;
	assert_return_code(mkdir(util_path("tree"), 0755), errno);
	dir = open(util_path("tree"), O_RDONLY | O_DIRECTORY);
	for (i = 0; i < 3000; i++) {
		assert_return_code(mkdirat(dir, "deep", 0755), errno);
		next = openat(dir, "last", O_WRONLY | O_CREAT, 0644);
		assert_true(next >= 0);
		close(next);
		next = openat(dir, "deep", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(dir);
		dir = next;
	}
	close(dir);
	client_start(&client, client_role(all), false);
	assert_int_equal(walk_tree(&h), 0);
	assert_int_equal(place.entries, 6001);
	assert_int_equal(place.opened, 3000);
	for (i = 0; i < (int)got.n; i++)
		if (strncmp(got.list[i], "leave", 5) == 0)
			fail_msg("left with an error");
	client_end(&client);
	remove_tree();
	lines_free(&got);
}

/* The directory that a walk is in is moved, deep beneath it. */
static void
test_moved(void **state)
{
	static char	 from[512], to[512];
	struct how	 h = { .bytes = 8192, .fds = 1 };
	uint32_t	 id;
	size_t		 len;
	int		 dir, next, i, error = 0;
	bool		 moved = false;

	(void)state;
	lines_free(&got);
	assert_return_code(mkdir(util_path("tree"), 0755), errno);
	dir = open(util_path("tree"), O_RDONLY | O_DIRECTORY);
	for (i = 0; i < 100; i++) {
		assert_return_code(mkdirat(dir, "d", 0755), errno);
		next = openat(dir, "d", O_RDONLY | O_DIRECTORY);
		close(dir);
		dir = next;
	}
	close(openat(dir, "file", O_WRONLY | O_CREAT, 0644));
	close(openat(dir, "other", O_WRONLY | O_CREAT, 0644));
	close(dir);
	client_start(&client, client_role(all), false);
	h.name = strdup(client_path("tree"));
	(void)strlcpy(from, util_path("tree/d/d"), sizeof(from));
	(void)strlcpy(to, util_path("tree/d/e"), sizeof(to));
	memset(&place, 0, sizeof(place));
	ask(&h);
	id = client.h.id;
	for (;;) {
		assert_int_equal(walk_slice(&client.state), 0);
		if ((len = receive(id)) == 0)
			continue;
		i = client.reply.fds;
		if (take(&place, &got, &error))
			break;
		grant(id, (uint32_t)len, (uint32_t)i);
		if (place.opened > 0 && !moved) {
			moved = true;
			assert_return_code(rename(from, to), errno);
			assert_return_code(mkdir(from, 0755), errno);
		}
	}
	assert_true(moved);
	assert_int_equal(error, 0);
	/* The levels that are open are left well, those above are not found. */
	assert_int_equal(place.opened, 2);
	lines_expect(&got, "leave /d/d 116");
	client_end(&client);
	free((char *)(uintptr_t)h.name);
	lines_free(&got);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_models),
		UTIL_TEST(test_models_clone),
		UTIL_TEST(test_exclude),
		UTIL_TEST(test_tags),
		UTIL_TEST(test_since),
		UTIL_TEST(test_no_open),
		UTIL_TEST(test_starts),
		UTIL_TEST(test_xattrs),
		UTIL_TEST(test_credit),
		UTIL_TEST(test_misuse),
		UTIL_TEST(test_many_patterns),
		UTIL_TEST(test_reload),
		UTIL_TEST(test_deep),
		UTIL_TEST(test_moved)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_put_ahead.c: a request for changes that threads help with is answered as
 * any other, and leaves the same behind.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/changewire.h"
#include "base/fd.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/lines.h"
#include "tests/unit/util.h"

#define ROUNDS	200
#define ITEMS	60
#define DIRS	7		/* more than are held at a time */
#define TOKENS	40

/* One without threads, and one with; each has a tree of its own. */
static struct side {
	const char	*tree;
	struct client	 client;
	struct lines	 lines;		/* answers, and what is there */
	unsigned int	 filled;	/* files so far */
} sides[2] = { { .tree = "alone" }, { .tree = "helped" } };

static struct changewire_item	 items[ITEMS];
static char			 names[ITEMS][2][32];
/* The numbers of files without a name, at the beginning of a request. */
static uint32_t			 pending[TOKENS];
static size_t			 npending;

static void
permit(struct role *role, enum policy_action action, uint32_t ops,
    const char *name)
{
	const char	*why;

	assert_int_equal(role_add_rule(role, action, ops, util_path(name),
	    NULL, "test.conf", 1, &why), 0);
}

static const char *
in_tree(const struct side *s, const char *name)
{
	static char	 paths[4][PROTO_PATH_MAX];
	static int	 i;
	char		*p = paths[i++ % 4];

	(void)snprintf(p, PROTO_PATH_MAX, "%s/%s", s->tree, name);
	return p;
}

static void
begin(struct side *s, bool threads)
{
	struct role	*role = role_new("test", "test.conf", 1);
	char		 dir[8];
	int		 i;

	assert_int_equal(mkdir(util_path(s->tree), 0755), 0);
	for (i = 0; i < DIRS; i++) {
		(void)snprintf(dir, sizeof(dir), "d%d", i);
		assert_int_equal(mkdir(util_path(in_tree(s, dir)), 0755), 0);
	}
	permit(role, POLICY_PERMIT, POLICY_OP_LIST | POLICY_OP_CREATE |
	    POLICY_OPS_RESTORING, s->tree);
	permit(role, POLICY_DENY, POLICY_OP_ALL, in_tree(s, "d0/f3"));
	permit(role, POLICY_DENY, POLICY_OP_REPLACE | POLICY_OP_REMOVE,
	    in_tree(s, "d1"));
	client_make(&s->client, role, false);
	s->client.state.info.tokens = TOKENS;
	tokens_free(&s->client.state.tokens);
	assert_int_equal(tokens_init(&s->client.state.tokens, TOKENS), 0);
	pendfile_free(&s->client.state.pending);
	assert_int_equal(pendfile_init(&s->client.state.pending, TOKENS), 0);
	client_attach(&s->client);
	s->client.state.own_uid = geteuid();
	if (threads)
		client_threads(&s->client);
	s->lines.n = 0;
	s->filled = 0;
}

static enum changewire_kind
random_kind(void)
{
	static const enum changewire_kind	 others[] = {
		CHANGEWIRE_ABANDON, CHANGEWIRE_MKDIR, CHANGEWIRE_SYMLINK,
		CHANGEWIRE_LINK, CHANGEWIRE_SETMETA, CHANGEWIRE_REMOVE,
		CHANGEWIRE_PRESET
	};
	uint32_t				 n = util_random(100);

	return n < 47 ? CHANGEWIRE_CREATE : n < 96 ? CHANGEWIRE_COMMIT :
	    others[util_random(sizeof(others) / sizeof(others[0]))];
}

/* Nearly always, one that was not taken yet. */
static uint32_t
random_pending(void)
{
	uint32_t	 n;
	size_t		 i;

	if (npending == 0 || util_random(40) == 0)
		return util_random(TOKENS + 2);
	i = util_random((uint32_t)npending);
	n = pending[i];
	if (util_random(40) > 0)
		pending[i] = pending[--npending];
	return n;
}

/*
 * Item i of a request, about two names; those of the side are put in later.
 * Half of them are new names, of which the request has some twice.
 */
static void
random_item(size_t i, uint32_t round)
{
	struct changewire_item	*it = &items[i];
	int			 k;

	memset(it, 0, sizeof(*it));
	it->kind = random_kind();
	if (it->kind == CHANGEWIRE_COMMIT && npending == 0)
		it->kind = CHANGEWIRE_CREATE;
	it->name = it->text = "";
	for (k = 0; k < 2; k++)
		(void)snprintf(names[i][k], sizeof(names[i][k]), "d%u/f%u",
		    util_random(20) > 0 ? util_random(DIRS) : DIRS,
		    6 * round + util_random(12));
	it->over = (enum fdb_over)util_random(3);
	if (it->kind == CHANGEWIRE_COMMIT || it->kind == CHANGEWIRE_ABANDON ||
	    it->kind == CHANGEWIRE_PRESET)
		it->pending = random_pending();
	if (it->kind == CHANGEWIRE_CREATE)
		it->mode = 0600 | util_random(0100);
	if (it->kind == CHANGEWIRE_MKDIR || it->kind == CHANGEWIRE_SETMETA)
		names[i][0][2] = '\0';
	if (it->kind == CHANGEWIRE_COMMIT) {
		it->meta.set = FDB_META_MTIME |
		    (util_random(2) ? FDB_META_MODE : 0);
		it->meta.mode = 0400 | util_random(010000);
		it->meta.mtime = 1000000000 + util_random(100);
	}
}

static void
send_items(struct side *s)
{
	struct changewire_item	 it;
	char			 name[PROTO_PATH_MAX], text[PROTO_PATH_MAX];
	size_t			 i;

	client_begin(&s->client, PROTO_CHANGE);
	for (i = 0; i < ITEMS; i++) {
		it = items[i];
		(void)strlcpy(name, client_path(in_tree(s, names[i][0])),
		    sizeof(name));
		(void)strlcpy(text, client_path(in_tree(s, names[i][1])),
		    sizeof(text));
		if (it.kind != CHANGEWIRE_ABANDON)
			it.name = name;
		if (it.kind == CHANGEWIRE_SYMLINK)
			it.text = "f1";
		else if (it.kind == CHANGEWIRE_LINK)
			it.text = text;
		changewire_put_item(&s->client.out, &it, NULL);
		s->client.h.items++;
	}
	assert_int_equal(client_call(&s->client), 1);
}

/* Each file has contents of its own. */
static void
fill(struct side *s, int fd)
{
	char	 text[16];
	int	 len;

	len = snprintf(text, sizeof(text), "%u", s->filled++);
	assert_int_equal(write(fd, text, (size_t)len), len);
	close(fd);
}

static void
note_pending(struct pendfiles *p)
{
	uint32_t	 i;

	npending = 0;
	for (i = 0; i < p->begun; i++)
		if (p->slots[i].fd != -1)
			pending[npending++] = i + 1;
}

static void
take_answers(struct side *s)
{
	struct client			*c = &s->client;
	struct changewire_result	 r;
	const char			*why;
	ssize_t				 len;
	size_t				 i, fds = 0;

	len = fdmsg_recv(c->sock, c->inbuf, sizeof(c->inbuf), FDMSG_MAXFD,
	    &c->msg);
	assert_true(len > 0);
	assert_int_equal(proto_parse(c->inbuf, (size_t)len, c->msg.nfds,
	    &c->reply, &c->in, &why), 0);
	assert_int_equal(c->reply.items, ITEMS);
	for (i = 0; i < ITEMS; i++) {
		changewire_get_result(&c->in, &r);
		lines_add(&s->lines, "%d %u %u %s %u %d %u %o", r.kind,
		    r.status.error, r.status.reason, r.status.where,
		    r.refused, r.made, r.number, r.st.mode);
		if (r.kind == CHANGEWIRE_CREATE && r.status.error == 0)
			fill(s, fdmsg_take(&c->msg, fds++));
	}
	assert_int_equal(fds, c->msg.nfds);
	c->msg.nfds = 0;
	assert_int_equal(wire_get_end(&c->in), 0);
	lines_add(&s->lines, "%zu %zu %zu", c->state.pending.used,
	    c->state.tokens.reserved, c->state.tokens.used);
	lines_add(&s->lines, "%llu %llu", (unsigned long long)c->state.names,
	    (unsigned long long)c->state.opened);
}

static struct side	*looked_at;

static int
look(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	char	 text[17] = "";
	int	 fd;

	(void)flag;
	(void)ftw;
	if (S_ISREG(st->st_mode)) {
		assert_true((fd = open(path, O_RDONLY)) != -1);
		assert_true(read(fd, text, sizeof(text) - 1) != -1);
		close(fd);
	}
	lines_add(&looked_at->lines, "%s %o %u %ld %s",
	    path + strlen(util_path(looked_at->tree)), st->st_mode,
	    (unsigned int)st->st_nlink, S_ISREG(st->st_mode) ?
	    (long)st->st_mtime : 0L, text);
	return 0;
}

static void
compare(const char *what, size_t round)
{
	size_t	 i, n = sides[0].lines.n;

	assert_int_equal(n, sides[1].lines.n);
	for (i = 0; i < n; i++)
		if (strcmp(sides[0].lines.list[i],
		    sides[1].lines.list[i]) != 0)
			fail_msg("round %zu, %s %zu: \"%s\", and with threads "
			    "\"%s\"", round, what, i, sides[0].lines.list[i],
			    sides[1].lines.list[i]);
}

/* Random requests are answered alike, and make the same tree. */
static void
test_alike(void **state)
{
	size_t	 i, k, fds;

	(void)state;
	fds = util_count_fds();
	begin(&sides[0], false);
	begin(&sides[1], true);
	npending = 0;
	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < ITEMS; k++)
			random_item(k, (uint32_t)i);
		for (k = 0; k < 2; k++) {
			lines_free(&sides[k].lines);
			send_items(&sides[k]);
			take_answers(&sides[k]);
		}
		compare("item", i);
		note_pending(&sides[0].client.state.pending);
	}
	for (k = 0; k < 2; k++) {
		lines_free(&sides[k].lines);
		looked_at = &sides[k];
		assert_int_equal(nftw(util_path(sides[k].tree), look, 8,
		    FTW_PHYS), 0);
		lines_sort(&sides[k].lines);
		client_end(&sides[k].client);
	}
	compare("object", i);
	assert_true(sides[0].lines.n > ROUNDS);
	for (k = 0; k < 2; k++)
		lines_free(&sides[k].lines);
	assert_int_equal(util_count_fds(), fds);
}

/* Make files with few descriptors.  How many were made. */
static size_t
create_with_few(struct side *s)
{
	struct changewire_result	 r;
	struct client			*c = &s->client;
	size_t				 i, n = 0;
	const char			*why;
	ssize_t				 len;

	for (i = 0; i < ITEMS; i++) {
		memset(&items[i], 0, sizeof(items[i]));
		items[i].kind = CHANGEWIRE_CREATE;
		items[i].mode = 0600;
		items[i].text = "";
		(void)snprintf(names[i][0], sizeof(names[i][0]), "d0/g%zu", i);
	}
	util_limit_fds(20);
	send_items(s);
	util_unlimit_fds();
	len = fdmsg_recv(c->sock, c->inbuf, sizeof(c->inbuf), FDMSG_MAXFD,
	    &c->msg);
	assert_true(len > 0);
	assert_int_equal(proto_parse(c->inbuf, (size_t)len, c->msg.nfds,
	    &c->reply, &c->in, &why), 0);
	for (i = 0; i < ITEMS; i++) {
		changewire_get_result(&c->in, &r);
		if (r.status.error != 0) {
			assert_int_equal(r.status.error, EMFILE);
			continue;
		}
		/* None after one that was not. */
		assert_int_equal(n, i);
		n++;
	}
	assert_int_equal(c->msg.nfds, n);
	fdmsg_close(&c->msg);
	pendfile_free(&c->state.pending);
	assert_int_equal(pendfile_init(&c->state.pending, TOKENS), 0);
	c->state.tokens.reserved = 0;
	return n;
}

/* If there are too few descriptors, the first files are made. */
static void
test_few_descriptors(void **state)
{
	size_t	 alone, i, fds;

	(void)state;
	fds = util_count_fds();
	begin(&sides[0], false);
	alone = create_with_few(&sides[0]);
	assert_true(alone > 0 && alone < ITEMS);
	client_threads(&sides[0].client);
	for (i = 0; i < 100; i++)
		assert_int_equal(create_with_few(&sides[0]), alone);
	client_end(&sides[0].client);
	assert_int_equal(util_count_fds(), fds);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_alike),
		UTIL_TEST(test_few_descriptors)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

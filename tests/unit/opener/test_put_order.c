/*
 * test_put_order.c: what put_ahead.c gives to threads, and when.  In place of
 * the threads there is one that does a job when the test says so: as late as it
 * can, when the main thread waits for it, or not at all.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/changewire.h"
#include "base/fd.h"
#include "opener/makeat.h"
#include "opener/parallel.h"
#include "opener/parent.h"
#include "opener/put_ahead.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define ITEMS	18
#define FILES	9		/* enough for threads */
#define DIRS	6		/* more than are held at a time */

struct parallel {
	unsigned int	 given, done;
	bool		 begun;		/* each job, when it is given up */
	/* Is called after files were named. */
	void		(*look)(void);
};

/* The names of this test are in this directory. */
#define TREE	"tree"

static struct parallel		 fake;
static struct parallel_job	 nowhere;	/* follows those taken back */
static struct client		 client;
static struct changewire_item	 items[ITEMS];
static char			 names[ITEMS][PROTO_PATH_MAX];
static struct put_ahead		 ahead;
static struct parent_cache	 cache;

/* The directory of a name is held open, and it is the right one. */
static void
check_dir(const struct put_ahead_item *x)
{
	char		 path[PROTO_PATH_MAX];
	struct stat	 held, there;

	(void)snprintf(path, sizeof(path), "/%s", x->it->name);
	*strrchr(path, '/') = '\0';
	assert_return_code(fstat(x->at.dirfd, &held), errno);
	assert_return_code(stat(path, &there), errno);
	assert_int_equal(held.st_ino, there.st_ino);
}

/* No file is named twice in one job: its descriptor is closed by then. */
static void
check_once(const struct put_ahead_item *x)
{
	const struct put_ahead_item	*y;

	for (y = x->next; y != NULL; y = y->next)
		assert_ptr_not_equal(x->file, y->file);
}

static void
do_job(struct parallel_job *j)
{
	/* It is the first member. */
	struct put_ahead_part		*part = (void *)j;
	const struct put_ahead_item	*x;
	bool				 names_files = false;

	for (x = part->first; x != NULL; x = x->next) {
		check_dir(x);
		if (x->it->kind != CHANGEWIRE_COMMIT)
			continue;
		check_once(x);
		names_files = true;
	}
	j->run(j);
	j->done = true;
	fake.done++;
	if (names_files && fake.look != NULL)
		fake.look();
}

struct parallel *
parallel_new(void)
{
	return &fake;
}

void
parallel_free(struct parallel *p)
{
	(void)p;
}

uint64_t
parallel_sleeps(void)
{
	return 0;
}

int
parallel_start(struct parallel *p)
{
	(void)p;
	return 0;
}

void
parallel_give(struct parallel *p, struct parallel_job *j, bool wake)
{
	(void)wake;
	j->done = false;
	j->next = NULL;
	p->given++;
}

void
parallel_wait(struct parallel *p, struct parallel_job *j)
{
	(void)p;
	/* Nobody would ever do it. */
	assert_ptr_not_equal(j->next, &nowhere);
	if (!j->done)
		do_job(j);
}

bool
parallel_take_back(struct parallel *p, struct parallel_job *j)
{
	if (!j->done && !p->begun) {
		j->next = &nowhere;
		return true;
	}
	parallel_wait(p, j);
	return false;
}

static const char *
in_tree(const char *name)
{
	static char	 path[PROTO_PATH_MAX];

	(void)snprintf(path, sizeof(path), TREE "/%s", name);
	return path;
}

static void
add_file(void)
{
	struct pendfile	 f;

	pendfile_begin(&f, client.state.requests);
	f.fd = open(util_path(in_tree("d0")), O_TMPFILE | O_WRONLY |
	    O_CLOEXEC, 0600);
	if (f.fd == -1)
		skip();
	assert_return_code(resolve_fstat(f.fd, &f.st), errno);
	assert_int_not_equal(pendfile_add(&client.state.pending, &f), 0);
	client.state.tokens.reserved++;
}

static struct role *
make_role(uint32_t ops)
{
	struct role	*role = role_new("test", "test.conf", 1);
	const char	*why;

	assert_int_equal(role_add_rule(role, POLICY_PERMIT, ops,
	    util_path(TREE), NULL, "test.conf", 1, &why), 0);
	return role;
}

/* A session with some files that have no name yet, and directories. */
static void
begin(void)
{
	char	 dir[8];
	int	 i, fd;

	assert_return_code(mkdir(util_path(TREE), 0755), errno);
	for (i = 0; i < DIRS; i++) {
		(void)snprintf(dir, sizeof(dir), "d%d", i);
		assert_return_code(mkdir(util_path(in_tree(dir)), 0755), errno);
	}
	client_make(&client, make_role(POLICY_OP_CREATE |
	    POLICY_OPS_RESTORING), false);
	tokens_free(&client.state.tokens);
	pendfile_free(&client.state.pending);
	assert_int_equal(tokens_init(&client.state.tokens, 2 * ITEMS), 0);
	assert_int_equal(pendfile_init(&client.state.pending, 2 * ITEMS), 0);
	client_attach(&client);
	memset(&fake, 0, sizeof(fake));
	client.state.parallel = &fake;
	fd = open(util_path(in_tree("d0")), O_PATH | O_CLOEXEC);
	client.state.way = makeat_find_way(fd, true);
	fd_close(&fd);
	for (i = 0; i < FILES; i++)
		add_file();
	client.state.requests++;
}

/* Item i: make a file, or name one. */
static void
item(size_t i, enum changewire_kind kind, const char *name, uint32_t pending)
{
	struct changewire_item	*it = &items[i];

	memset(it, 0, sizeof(*it));
	it->kind = kind;
	(void)strlcpy(names[i], client_path(in_tree(name)),
	    sizeof(names[i]));
	it->name = names[i];
	it->text = "";
	it->mode = kind == CHANGEWIRE_CREATE ? 0600 : 0;
	it->pending = pending;
}

/* The first items name the files d0/n0, d0/n1, ... */
static void
name_all(void)
{
	char	 name[16];
	size_t	 i;

	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "d0/n%zu", i);
		item(i, CHANGEWIRE_COMMIT, name, (uint32_t)i + 1);
	}
}

/* Send the first n items; errors[i] is what became of each. */
static void
request(size_t n, uint32_t *errors)
{
	struct changewire_result	 r;
	const char			*why;
	ssize_t				 len;
	size_t				 i;

	client_begin(&client, PROTO_CHANGE);
	for (i = 0; i < n; i++) {
		changewire_put_item(&client.out, &items[i], NULL);
		client.h.items++;
	}
	assert_int_equal(client_call(&client), 1);
	len = fdmsg_recv(client.sock, client.inbuf, sizeof(client.inbuf),
	    FDMSG_MAXFD, &client.msg);
	assert_true(len > 0);
	assert_int_equal(proto_parse(client.inbuf, (size_t)len,
	    client.msg.nfds, &client.reply, &client.in, &why), 0);
	assert_int_equal(client.reply.items, n);
	for (i = 0; i < n; i++) {
		changewire_get_result(&client.in, &r);
		errors[i] = r.status.error;
	}
	fdmsg_close(&client.msg);
}

static bool
is_named(const char *name)
{
	return access(util_path(in_tree(name)), F_OK) == 0;
}

static void
make_file(const char *name)
{
	int	 fd;

	fd = open(util_path(in_tree(name)), O_WRONLY | O_CREAT | O_EXCL,
	    0600);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, "old", 3), 3);
	close(fd);
}

static void
look_at_order(void)
{
	struct stat	 st;
	char		 name[16];
	size_t		 i;

	fake.look = NULL;
	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "d0/n%zu", i);
		assert_int_equal(is_named(name), i <= 3);
	}
	assert_return_code(stat(util_path(in_tree("d0/n3")), &st), errno);
	assert_int_equal(st.st_size, 3);
}

/* After a file that could not be named at once, a thread names no other. */
static void
test_naming_stops(void **state)
{
	uint32_t	 errors[ITEMS];
	size_t		 i;

	(void)state;
	begin();
	make_file("d0/n3");
	name_all();
	items[3].over = FDB_OVER_REPLACE;
	fake.look = look_at_order;
	request(FILES, errors);
	assert_null(fake.look);
	for (i = 0; i < FILES; i++) {
		assert_int_equal(errors[i], 0);
		assert_true(is_named(strrchr(names[i], '/') - 2));
	}
	assert_int_equal(client.state.pending.used, 0);
	assert_int_equal(client.state.tokens.reserved, 0);
	client_end(&client);
}

/* A file that a request names twice is in no job twice. */
static void
test_named_twice(void **state)
{
	uint32_t	 errors[ITEMS];
	size_t		 i;

	(void)state;
	begin();
	name_all();
	items[5].pending = items[2].pending;
	request(FILES, errors);
	for (i = 0; i < FILES; i++) {
		assert_int_equal(errors[i], i == 5 ? EBADF : 0);
		assert_int_equal(is_named(strrchr(names[i], '/') - 2),
		    i != 5);
	}
	assert_int_equal(client.state.pending.used, 1);
	client_end(&client);
}

/* Directories stay open until the jobs in them are done. */
static void
test_directories_stay(void **state)
{
	uint32_t	 errors[ITEMS];
	char		 name[16];
	size_t		 i;

	(void)state;
	begin();
	for (i = 0; i < ITEMS; i++) {
		(void)snprintf(name, sizeof(name), "d%zu/n%zu", i / 2 % DIRS,
		    i);
		if (i % 2 == 0)
			item(i, CHANGEWIRE_COMMIT, name, (uint32_t)i / 2 + 1);
		else
			item(i, CHANGEWIRE_CREATE, name, 0);
	}
	request(ITEMS, errors);
	assert_true(fake.done > 2 && fake.done == fake.given);
	for (i = 0; i < ITEMS; i++) {
		assert_int_equal(errors[i], 0);
		(void)snprintf(name, sizeof(name), "d%zu/n%zu", i / 2 % DIRS,
		    i);
		assert_int_equal(is_named(name), i % 2 == 0);
	}
	client_end(&client);
}

/* Name all files, and make as many others, up to where the jobs are given. */
static void
plan_all(void)
{
	char	 name[16];
	size_t	 i;

	name_all();
	for (i = FILES; i < ITEMS; i++) {
		(void)snprintf(name, sizeof(name), "d0/n%zu", i);
		item(i, CHANGEWIRE_CREATE, name, 0);
	}
	parent_begin(&cache);
	assert_true(put_ahead_begin(&ahead, &client.state, ITEMS));
	put_ahead_plan(&ahead, &cache, items, 0, ITEMS);
	assert_int_equal(ahead.planned, ITEMS);
	assert_true(fake.given >= 2);
	assert_int_equal(fake.done, 0);
}

/* Nothing was named, and nothing was made. */
static void
expect_nothing(size_t fds)
{
	put_ahead_end(&ahead, &cache);
	parent_forget(&cache);
	assert_false(is_named("d0/n0"));
	assert_int_equal(client.state.pending.used, FILES);
	assert_int_equal(client.state.tokens.reserved, FILES);
	assert_int_equal(util_count_fds(), fds);
	client_end(&client);
}

/* If the session ends, jobs are not begun any more. */
static void
test_end(void **state)
{
	size_t	 fds;

	(void)state;
	begin();
	fds = util_count_fds();
	plan_all();
	expect_nothing(fds);
	assert_int_equal(fake.done, 0);
}

/* If they have begun, what they did counts, and files made are closed. */
static void
test_end_begun(void **state)
{
	size_t	 fds;

	(void)state;
	begin();
	fds = util_count_fds();
	plan_all();
	fake.begun = true;
	put_ahead_end(&ahead, &cache);
	parent_forget(&cache);
	assert_int_equal(fake.done, fake.given);
	assert_true(is_named("d0/n0") && is_named("d0/n8"));
	assert_int_equal(client.state.pending.used, 0);
	assert_int_equal(client.state.tokens.reserved, 0);
	assert_int_equal(util_count_fds(), fds - FILES);
	client_end(&client);
}

/*
 * If the policy changes, the new one judges all that was not begun, and the
 * files that were made and not handed out.
 */
static void
test_new_policy(void **state)
{
	struct job	 j;
	size_t		 fds, i;

	(void)state;
	begin();
	fds = util_count_fds();
	plan_all();
	do_job(&ahead.parts[1].job);
	assert_true(ahead.items[FILES].done);
	state_set_role(&client.state, make_role(POLICY_OP_READ), 2, 0);
	memset(&j, 0, sizeof(j));
	j.s = &client.state;
	j.cache = &cache;
	for (i = 0; i < ITEMS; i++) {
		j.it = &items[i];
		assert_false(put_ahead_take(&ahead, &j, i));
	}
	assert_int_equal(fake.done, 1);
	expect_nothing(fds);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_naming_stops),
		UTIL_TEST(test_named_twice),
		UTIL_TEST(test_directories_stay),
		UTIL_TEST(test_end),
		UTIL_TEST(test_end_begun),
		UTIL_TEST(test_new_policy)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

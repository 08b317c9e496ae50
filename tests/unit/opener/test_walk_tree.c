/*
 * test_walk_tree.c: WALK in the opener: it shows exactly what LIST and OPEN
 * show, also where directories are deep, are moved or get denied meanwhile.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "opener/walk.h"
#include "opener/walk_run.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/util.h"
#include "tests/unit/walking.h"

#define ROUNDS		60

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
compare(struct lines *model, struct lines *walked)
{
	size_t	 i;

	lines_sort(model);
	lines_sort(walked);
	for (i = 0; i < model->n && i < walked->n; i++)
		if (strcmp(model->list[i], walked->list[i]) != 0)
			break;
	if (i == model->n && i == walked->n)
		return;
	lines_print("LIST+OPEN", model);
	lines_print("WALK", walked);
	fail_msg("line %zu differs", i);
}

static void
models(bool clone)
{
	struct lines	 model;
	struct how	 h;
	char		 name[512];
	int		 round, i;
	size_t		 total = 0;

	memset(&model, 0, sizeof(model));
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
			i = walking_walk(&h, &place, &got);
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
		walking_remove();
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
	walking_plant();
	client_start(&client, client_role(walking_all), false);
	/* It stops at each file, and the first files are in one of these. */
	assert_int_equal(walking_tree(&h), 0);
	assert_false(lines_have(&got, "/tmp/x 100644  open 0"));
	lines_expect(&got, "/fake/data 100644  open 0");
	client_end(&client);

	/* The start itself is denied in the middle. */
	client_start(&client, client_role(walking_all), false);
	h.name = strdup(client_path("tree/src"));
	assert_int_equal(walking_tree(&h), EACCES);
	lines_expect(&got, "leave  13");
	client_end(&client);
	free((char *)(uintptr_t)h.name);
	lines_free(&got);
}

#define LONG_FILES	12
#define LONG_VALUES	46

/*
 * Files with attributes, so many that messages end among them.  False: they
 * cannot have any.
 */
static bool
plant_long(void)
{
	char	 name[32], attribute[80];
	int	 i, k;

	assert_return_code(mkdir(util_path("tree"), 0755), errno);
	for (i = 0; i < LONG_FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/long%d", i);
		util_write_file(util_path(name), "text");
		for (k = 0; k < LONG_VALUES; k++) {
			(void)snprintf(attribute, sizeof(attribute),
			    "user.%050d", k);
			if (setxattr(util_path(name), attribute, "value", 5,
			    0) == -1)
				return false;
		}
	}
	return true;
}

static size_t	 opened_before;

static void
deny_long(void)
{
	static const char *const rules[] = { "+tree", "-tree/long*", NULL };

	if (client.state.info.generation == 9 || client.state.walks == NULL ||
	    !client.state.walks->xattr.active)
		return;
	opened_before = place.opened;
	state_set_role(&client.state, client_role(rules), 9,
	    client.state.audit);
}

/*
 * A reload while the attributes of a file are sent: they are sent to their end,
 * and then the new policy is asked, not the old one, which is gone.
 */
static void
test_reload_xattrs(void **state)
{
	struct how	 h = { .flags = FDB_WALK_XATTR, .bytes = 9200,
			    .between = deny_long };

	(void)state;
	if (!plant_long()) {
		util_skip("needs extended attributes");
		return;
	}
	client_start(&client, client_role(walking_all), false);
	assert_int_equal(walking_tree(&h), 0);
	assert_int_equal(client.state.info.generation, 9);
	assert_true(opened_before > 0 && opened_before < LONG_FILES);
	assert_int_equal(place.opened, opened_before);
	assert_int_equal(place.xattr_bytes, opened_before * LONG_VALUES * 5);
	client_end(&client);
	lines_free(&got);
}

static void
cancel_and_deny(void)
{
	static const char *const rules[] = { "-tree", NULL };

	if (client.state.info.generation == 9)
		return;
	client_begin(&client, PROTO_CANCEL);
	client.h.id = client.reply.id;
	assert_int_equal(client_call(&client), 1);
	state_set_role(&client.state, client_role(rules), 9,
	    client.state.audit);
}

/* A walk is cancelled and denied at a time: nothing follows its end. */
static void
test_cancel_reload(void **state)
{
	struct how	 h = { .fds = 1, .between = cancel_and_deny };

	(void)state;
	walking_plant();
	client_start(&client, client_role(walking_all), false);
	assert_int_equal(walking_tree(&h), ECANCELED);
	client_end(&client);
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
	client_start(&client, client_role(walking_all), false);
	assert_int_equal(walking_tree(&h), 0);
	assert_int_equal(place.entries, 6001);
	assert_int_equal(place.opened, 3000);
	for (i = 0; i < (int)got.n; i++)
		if (strncmp(got.list[i], "leave", 5) == 0)
			fail_msg("left with an error");
	client_end(&client);
	walking_remove();
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
	client_start(&client, client_role(walking_all), false);
	h.name = strdup(client_path("tree"));
	(void)strlcpy(from, util_path("tree/d/d"), sizeof(from));
	(void)strlcpy(to, util_path("tree/d/e"), sizeof(to));
	memset(&place, 0, sizeof(place));
	walking_ask(&h);
	id = client.h.id;
	for (;;) {
		walking_slice();
		if ((len = walking_receive(id)) == 0)
			continue;
		i = client.reply.fds;
		if (walking_take(&place, &got, &error))
			break;
		walking_grant(id, (uint32_t)len, (uint32_t)i);
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
		UTIL_TEST(test_reload),
		UTIL_TEST(test_reload_xattrs),
		UTIL_TEST(test_cancel_reload),
		UTIL_TEST(test_deep),
		UTIL_TEST(test_moved)
	};

	walking_waits = WALKING_WAITS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * conffake.c: read configurations in tests; see conffake.h.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/idset.h"
#include "base/log.h"
#include "conf/load.h"
#include "conffake.h"

char	conffake_logged[65536];
int	conffake_numbers_error;
uint32_t conffake_more_users;
size_t	conffake_listed;

static void
note(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	assert_true(strlcat(conffake_logged, text, sizeof(conffake_logged)) <
	    sizeof(conffake_logged));
	assert_true(strlcat(conffake_logged, "\n", sizeof(conffake_logged)) <
	    sizeof(conffake_logged));
}

static int
fake_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	const struct conffake_file	*f;

	for (f = arg; f->name != NULL; f++) {
		if (strcmp(f->name, path) != 0)
			continue;
		*len = f->len != 0 ? f->len : strlen(f->text);
		assert_non_null(*text = malloc(*len + 1));
		memcpy(*text, f->text, *len);
		return 0;
	}
	(void)strlcpy(why, "no such file", CONFSYS_WHY_MAX);
	return -1;
}

/* A name that ends with ".d" is a directory of the files beneath it. */
static int
fake_list(void *arg, const char *path, char ***names, char *why)
{
	const struct conffake_file	*f;
	size_t			 n = 0, len = strlen(path);

	(void)arg;
	if (len < 2 || strcmp(path + len - 2, ".d") != 0)
		return 0;
	if (strcmp(path, "/etc/shared.d") == 0) {
		(void)strlcpy(why, "group or others may write it",
		    CONFSYS_WHY_MAX);
		return -1;
	}
	assert_non_null(*names = calloc(16, sizeof(**names)));
	for (f = arg; f->name != NULL; f++) {
		if (strncmp(f->name, path, len) == 0 && f->name[len] == '/')
			assert_non_null((*names)[n++] =
			    strdup(f->name + len + 1));
	}
	return 1;
}

static int
fake_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	static const struct {
		const char	*name;
		uint32_t	 uid, gid;
	} users[] = {
		{ PRIVSEP_USER, 90, 91 }, { "root", 0, 0 },
		{ "toor", 0, 7 }, { "ann", 1000, 1001 },
	};
	size_t	 i;

	(void)arg;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		if (strcmp(users[i].name, name) == 0) {
			*uid = users[i].uid;
			*gid = users[i].gid;
			return 0;
		}
	}
	errno = strcmp(name, "broken") == 0 ? EIO : ENOENT;
	return -1;
}

static int
fake_group(void *arg, const char *name, uint32_t *gid)
{
	(void)arg;
	if (strcmp(name, "staff") != 0) {
		errno = ENOENT;
		return -1;
	}
	*gid = 50;
	return 0;
}

static int
fake_numbers(void *arg, bool groups, struct idset *set)
{
	uint32_t	 users[] = { 0, 90, 1000, conffake_more_users };
	uint32_t	 numbers[] = { 0, 7, 50, 91, 1001 };

	(void)arg;
	conffake_listed++;
	errno = conffake_numbers_error;
	if (errno != 0)
		return -1;
	return groups ? idset_make(set, numbers, 5) : idset_make(set, users,
	    4);
}

static int
fake_root(void *arg, const char *path, char link[PATH_MAX],
    char real[PATH_MAX])
{
	(void)arg;
	if (strncmp(path, "/missing", 8) == 0) {
		errno = ENOENT;
		return -1;
	}
	if (strncmp(path, "/bin", 4) == 0) {
		(void)strlcpy(link, "/bin", PATH_MAX);
		(void)snprintf(real, PATH_MAX, "/usr%s", path);
		return 0;
	}
	if (strcmp(path, "/top") == 0) {
		(void)strlcpy(link, "/top", PATH_MAX);
		(void)strlcpy(real, "/", PATH_MAX);
		return 0;
	}
	if (strcmp(path, "/dangling") == 0) {
		(void)strlcpy(link, "/dangling", PATH_MAX);
		real[0] = '\0';
		return 0;
	}
	return 1;
}

/* Whatever is called "file..." is a file. */
static bool
fake_is_directory(void *arg, const char *path)
{
	(void)arg;
	return strncmp(strrchr(path, '/'), "/file", 5) != 0;
}

/* No audit can be written beneath /missing. */
static int
fake_audit(void *arg, const char *path, char *why)
{
	(void)arg;
	if (strncmp(path, "/missing/", 9) != 0)
		return 0;
	(void)strlcpy(why, "/missing is missing", CONFSYS_WHY_MAX);
	return -1;
}

struct confsys
conffake_sys(const struct conffake_file *files)
{
	struct confsys	 sys = {
		.read = fake_read, .list = fake_list, .user = fake_user,
		.group = fake_group, .numbers = fake_numbers, .root = fake_root,
		.is_directory = fake_is_directory, .audit = fake_audit,
		.arg = NULL
	};

	/* Nothing writes what it points to. */
	memcpy(&sys.arg, &files, sizeof(sys.arg));
	return sys;
}

struct conf *
conffake_load_files(const struct conffake_file *files,
    const struct conf_macro *macros)
{
	struct confsys	 sys = conffake_sys(files);

	conffake_logged[0] = '\0';
	return conf_load_from(&sys, CONFFAKE_NAME, macros);
}

struct conf *
conffake_load(const char *text)
{
	struct conffake_file	 files[2] = { { CONFFAKE_NAME, text, 0 } };

	return conffake_load_files(files, NULL);
}

struct conf *
conffake_good(const char *text)
{
	struct conf	*conf;

	if ((conf = conffake_load(text)) == NULL)
		fail_msg("%s", conffake_logged);
	assert_string_equal(conffake_logged, "");
	return conf;
}

void
conffake_bad(const char *text, const char *expected)
{
	char		 line[1024];
	const char	*p = conffake_logged, *nl;
	size_t		 n;

	if (conffake_load(text) != NULL)
		fail_msg("accepted:\n%s", text);
	for (; *expected != '\0'; expected += n + (expected[n] == '\n')) {
		n = strcspn(expected, "\n");
		(void)snprintf(line, sizeof(line), CONFFAKE_NAME ":%.*s",
		    (int)n, expected);
		if ((nl = strchr(p, '\n')) == NULL ||
		    strlen(line) != (size_t)(nl - p) ||
		    memcmp(p, line, strlen(line)) != 0)
			fail_msg("expected: %s\nfound: %s\n%s", line, p, text);
		p = nl + 1;
	}
	if (*p != '\0')
		fail_msg("also: %s\n%s", p, text);
}

int
conffake_setup(void **state)
{
	(void)state;
	log_set_sink(note, NULL);
	return 0;
}

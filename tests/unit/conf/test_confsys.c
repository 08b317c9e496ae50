/*
 * test_confsys.c: confsys_real, the real system as a configuration needs it,
 * with files in a directory of the test.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "conf/sys.h"
#include "policy/role.h"

/* The lines that were logged. */
static char	logged[4096];

static void
note(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	assert_true(strlcat(logged, text, sizeof(logged)) < sizeof(logged));
	assert_true(strlcat(logged, "\n", sizeof(logged)) < sizeof(logged));
}

static char	dir[64];

static int
dir_make(void **state)
{
	(void)state;
	(void)strlcpy(dir, "/tmp/test_conf.XXXXXX", sizeof(dir));
	log_set_sink(note, NULL);
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
dir_remove(void **state)
{
	static const char	*const names[] = { "file", "link", "nowhere",
				    "sub/file", "sub", "fifo", "d/b.conf",
				    "d/a.conf", "d/.c.conf", "d/c.conf~",
				    "d/.conf", "d" };
	char			 path[128];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)remove(path);
	}
	return rmdir(dir);
}

static const char *
in_dir(const char *name)
{
	static char	 path[128];

	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, name) <
	    (int)sizeof(path));
	return path;
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	const char	*path = in_dir(name);
	int		 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* The reason why a file is not read, or "". */
static const char *
read_why(const char *name)
{
	static char	 why[CONFSYS_WHY_MAX];
	char		*text;
	size_t		 len;

	why[0] = '\0';
	if (confsys_real.read(NULL, in_dir(name), &text, &len, why) == 0)
		free(text);
	return why;
}

static void
test_secrecy(void **state)
{
	(void)state;
	write_file("file", "user \"ann\"\n", 0644);
	assert_string_equal(read_why("file"), "");
	write_file("file", "", 0600);
	assert_string_equal(read_why("file"), "");
	write_file("file", "x", 0620);
	assert_non_null(strstr(read_why("file"), "group or others"));
	write_file("file", "x", 0602);
	assert_non_null(strstr(read_why("file"), "group or others"));
	write_file("file", "x", 0600);
	assert_string_equal(read_why("missing"), "No such file or directory");
	assert_string_equal(read_why("."), "it is not a regular file");
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_string_equal(read_why("fifo"), "it is not a regular file");
	assert_int_equal(truncate(in_dir("file"), CONFSYS_FILE_MAX + 1), 0);
	assert_non_null(strstr(read_why("file"), "larger than"));
	if (getuid() != 0)
		return;
	write_file("file", "x", 0600);
	assert_int_equal(chown(in_dir("file"), 12345, 0), 0);
	assert_string_equal(read_why("file"),
	    "it is owned by uid 12345, not by root");
	assert_int_equal(chown(in_dir("file"), 0, 0), 0);
}

/* Files that end with ".conf", sorted; and only if others may not write. */
static void
test_list(void **state)
{
	char	 path[128], why[CONFSYS_WHY_MAX], **names;
	int	 i;

	(void)state;
	(void)strlcpy(path, in_dir("d"), sizeof(path));
	assert_int_equal(confsys_real.list(NULL, path, &names, why), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(confsys_real.list(NULL, path, &names, why), 1);
	assert_null(names[0]);
	free(names);
	write_file("d/b.conf", "b = \"2\"\n", 0644);
	write_file("d/a.conf", "b = \"1\"\n", 0644);
	write_file("d/.c.conf", "frob\n", 0666);
	write_file("d/c.conf~", "frob\n", 0666);
	write_file("d/.conf", "frob\n", 0666);
	assert_int_equal(confsys_real.list(NULL, in_dir("d/b.conf"), &names,
	    why), 0);
	assert_int_equal(confsys_real.list(NULL, path, &names, why), 1);
	assert_string_equal(names[0], "a.conf");
	assert_string_equal(names[1], "b.conf");
	assert_null(names[2]);
	for (i = 0; i < 2; i++)
		free(names[i]);
	free(names);
	assert_int_equal(chmod(path, 0775), 0);
	assert_int_equal(confsys_real.list(NULL, path, &names, why), -1);
	assert_string_equal(why, "group or others may write it; run chmod "
	    "go-w on it");
	assert_int_equal(chmod(path, 0755), 0);
}

static void
test_real_roots(void **state)
{
	char	 path[128], link[PATH_MAX], real[PATH_MAX];

	(void)state;
	(void)strlcpy(path, in_dir("sub"), sizeof(path));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(confsys_real.root(NULL, "/", link, real), 1);
	assert_int_equal(confsys_real.root(NULL, path, link, real), 1);
	assert_int_equal(symlink("sub", in_dir("link")), 0);
	assert_int_equal(symlink("none", in_dir("nowhere")), 0);
	write_file("sub/file", "x", 0600);
	assert_int_equal(confsys_real.root(NULL, in_dir("sub/file"), link,
	    real), 1);
	assert_int_equal(confsys_real.root(NULL, in_dir("link"), link, real),
	    0);
	assert_string_equal(link, in_dir("link"));
	assert_string_equal(real, path);
	assert_int_equal(confsys_real.root(NULL, in_dir("link/file"), link,
	    real), 0);
	assert_string_equal(link, in_dir("link"));
	assert_string_equal(real, in_dir("sub/file"));
	assert_int_equal(confsys_real.root(NULL, in_dir("nowhere"), link,
	    real), 0);
	assert_string_equal(real, "");
	errno = 0;
	assert_int_equal(confsys_real.root(NULL, in_dir("none"), link, real),
	    -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(confsys_real.root(NULL, in_dir("sub/file/x"), link,
	    real), -1);
	assert_int_equal(errno, ENOTDIR);
}

static void
test_real_accounts(void **state)
{
	uint32_t	 uid = 1, gid = 1;

	(void)state;
	assert_int_equal(confsys_real.user(NULL, "root", &uid, &gid), 0);
	assert_int_equal(uid, 0);
	uid = 1;
	assert_int_equal(confsys_real.user(NULL, "0", &uid, &gid), 0);
	assert_int_equal(uid, 0);
	gid = 1;
	assert_int_equal(confsys_real.group(NULL, "0", &gid), 0);
	assert_int_equal(gid, 0);
	errno = 0;
	assert_int_equal(confsys_real.user(NULL, "no such", &uid, &gid), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(confsys_real.group(NULL, "no such", &gid), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(confsys_real.user(NULL, "", &uid, &gid), -1);
	assert_int_equal(confsys_real.user(NULL, "4294967295", &uid, &gid),
	    -1);
}

/* A whole configuration, and an included file that others may write. */
static void
test_real_load(void **state)
{
	char		 expected[256];
	struct conf	*conf;

	(void)state;
	write_file("file", "user \"daemon\"\nrole \"r\" {\n\tpeer user "
	    "\"root\"\n\tpermit read \"/\"\n}\n", 0644);
	logged[0] = '\0';
	assert_non_null(conf = conf_load(in_dir("file"), NULL));
	assert_int_not_equal(conf->uid, 0);
	conf_free(conf);

	write_file("sub/file", "a = \"b\"\n", 0666);
	write_file("file", "include \"sub/file\"\nuser \"daemon\"\n", 0644);
	assert_null(conf_load(in_dir("file"), NULL));
	(void)snprintf(expected, sizeof(expected), "%s/file:1: cannot include "
	    "\"%s/sub/file\": group or others may write it; run chmod go-w "
	    "on it\n", dir, dir);
	assert_string_equal(logged, expected);

	/* A directory is read in the order of its names, each file checked. */
	write_file("file", "include \"d\"\nuser \"daemon\"\nrole \"r\" {\n"
	    "peer user $b\npermit read \"/\"\n}\n", 0644);
	assert_non_null(conf = conf_load(in_dir("file"), NULL));
	assert_int_equal(conf->roles[0]->peers[0].id, 2);
	conf_free(conf);
	write_file("d/b.conf", "b = \"2\"\n", 0664);
	logged[0] = '\0';
	assert_null(conf_load(in_dir("file"), NULL));
	assert_non_null(strstr(logged, "/file:1: cannot include "));
	assert_non_null(strstr(logged, "/d/b.conf\": group or others may "
	    "write it"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrecy),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_real_roots),
		cmocka_unit_test(test_real_accounts),
		cmocka_unit_test(test_real_load),
	};

	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}

/*
 * nss.c: a module of the name service that misbehaves, for names.t, which
 * compiles it with -DNSS=NAME, -DSTATE="FILE" and -DCODE="LIBRARY".
 *
 * The numbers of users say what their lookup does before it succeeds; so do the
 * names "user-N".  All are in group 64299 but the last, whose group is what the
 * file says.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST	64201
#define SLEEPS	64201
#define MAPS	64202
#define ASKS	64203
#define HANGS	64204
#define CRASHES	64205
#define MANY	64206	/* it is in 100 groups, of which 64299 is the last */
#define MOVES	64207
#define LAST	64207
#define GROUP	64299

#define PASTE2(a, b, c)	a ## b ## c
#define PASTE(a, b, c)	PASTE2(a, b, c)
#define FUNCTION(name)	PASTE(_nss_, NSS, name)

enum nss_status	 FUNCTION(_getpwuid_r)(uid_t, struct passwd *, char *, size_t,
		    int *);
enum nss_status	 FUNCTION(_getpwnam_r)(const char *, struct passwd *, char *,
		    size_t, int *);
enum nss_status	 FUNCTION(_getgrnam_r)(const char *, struct group *, char *,
		    size_t, int *);
enum nss_status	 FUNCTION(_getgrgid_r)(gid_t, struct group *, char *, size_t,
		    int *);
enum nss_status	 FUNCTION(_initgroups_dyn)(const char *, gid_t, long *, long *,
		    gid_t **, long, int *);

/* 0, or -1 if what the lookup needs is not allowed. */
static int
behave(uid_t uid)
{
	const struct timespec	 blink = { .tv_nsec = 30000000 };
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	void			*code;
	int			 fd, ret;

	switch (uid) {
	case SLEEPS:
		return nanosleep(&blink, NULL);
	case MAPS:
		if ((code = dlopen(CODE, RTLD_NOW)) == NULL)
			return -1;
		return dlclose(code);
	case ASKS:
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd == -1)
			return errno == EAFNOSUPPORT ? 0 : -1;
		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		sin.sin_port = htons(9);
		ret = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
		close(fd);
		return ret == 0 || errno == ENETUNREACH ? 0 : -1;
	case HANGS:
		for (;;)
			(void)nanosleep(&blink, NULL);
	case CRASHES:
		(void)raise(SIGSEGV);
		_exit(1);
	}
	return 0;
}

static enum nss_status
fill(uid_t uid, struct passwd *pw, char *buf, size_t size, int *error)
{
	if (behave(uid) == -1) {
		*error = EPERM;
		return NSS_STATUS_UNAVAIL;
	}
	if (snprintf(buf, size, "user-%u", uid) >= (int)size) {
		*error = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	memset(pw, 0, sizeof(*pw));
	pw->pw_name = buf;
	pw->pw_passwd = pw->pw_gecos = pw->pw_dir = pw->pw_shell = buf;
	pw->pw_uid = uid;
	pw->pw_gid = uid;
	return NSS_STATUS_SUCCESS;
}

enum nss_status
FUNCTION(_getpwuid_r)(uid_t uid, struct passwd *pw, char *buf, size_t size,
    int *error)
{
	if (uid < FIRST || uid > LAST)
		return NSS_STATUS_NOTFOUND;
	return fill(uid, pw, buf, size, error);
}

/* The number of a user by its name, or 0. */
static uid_t
number_of(const char *name)
{
	unsigned long	 n;

	if (strncmp(name, "user-", 5) != 0)
		return 0;
	n = strtoul(name + 5, NULL, 10);
	return n >= FIRST && n <= LAST ? (uid_t)n : 0;
}

enum nss_status
FUNCTION(_getpwnam_r)(const char *name, struct passwd *pw, char *buf,
    size_t size, int *error)
{
	uid_t	 uid = number_of(name);

	if (uid == 0)
		return NSS_STATUS_NOTFOUND;
	return fill(uid, pw, buf, size, error);
}

/* Every group has its number for a name. */
enum nss_status
FUNCTION(_getgrnam_r)(const char *name, struct group *gr, char *buf,
    size_t size, int *error)
{
	(void)name;
	(void)gr;
	(void)buf;
	(void)size;
	(void)error;
	return NSS_STATUS_NOTFOUND;
}

enum nss_status
FUNCTION(_getgrgid_r)(gid_t gid, struct group *gr, char *buf, size_t size,
    int *error)
{
	(void)gid;
	(void)gr;
	(void)buf;
	(void)size;
	(void)error;
	return NSS_STATUS_NOTFOUND;
}

/* The group in the file. */
static gid_t
moved(void)
{
	char	 text[32] = "";
	FILE	*f;

	if ((f = fopen(STATE, "re")) == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	(void)fclose(f);
	return (gid_t)strtoul(text, NULL, 10);
}

static int
add(gid_t gid, long *start, long *size, gid_t **groups)
{
	gid_t	*more;

	if (*start == *size) {
		more = realloc(*groups, (size_t)*size * 2 * sizeof(*more));
		if (more == NULL)
			return -1;
		*groups = more;
		*size *= 2;
	}
	(*groups)[(*start)++] = gid;
	return 0;
}

enum nss_status
FUNCTION(_initgroups_dyn)(const char *name, gid_t group, long *start,
    long *size, gid_t **groups, long limit, int *error)
{
	uid_t	 uid = number_of(name);
	gid_t	 gid;

	(void)group;
	(void)limit;
	if (uid == 0)
		return NSS_STATUS_NOTFOUND;
	*error = ENOMEM;
	for (gid = GROUP - 99; uid == MANY && gid < GROUP; gid++)
		if (add(gid, start, size, groups) == -1)
			return NSS_STATUS_TRYAGAIN;
	if (add(uid == MOVES ? moved() : GROUP, start, size, groups) == -1)
		return NSS_STATUS_TRYAGAIN;
	return NSS_STATUS_SUCCESS;
}

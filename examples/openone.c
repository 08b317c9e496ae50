/*
 * openone.c: print one file that the broker opens.
 *
 * usage: openone role path
 *
 * The process gives up its rights before it opens anything.  If the broker
 * refuses, it prints the rule and the number of the refusal, which
 * "fdbrokerctl explain" takes.
 *
 *	cc openone.c $(pkg-config --cflags --libs fdbroker) -o openone
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <fdbroker.h>

static void
explain(const struct fdb_session *s)
{
	const struct fdb_refusal	*why = fdb_session_refusal(s);

	fprintf(stderr, "openone: %s\n", fdb_session_error(s));
	if (why != NULL && why->id != 0)
		fprintf(stderr, "openone: see: fdbrokerctl explain %x\n",
		    (unsigned int)why->id);
}

static int
copy(int from, int to)
{
	char	 buf[8192];
	ssize_t	 n, done, written;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += written)
			if ((written = write(to, buf + done,
			    (size_t)(n - done))) == -1)
				return -1;
	return n == 0 ? 0 : -1;
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	char			 why[FDB_WHY_MAX];
	int			 fd;

	if (argc != 3) {
		fprintf(stderr, "usage: openone role path\n");
		return 1;
	}
	if (fdb_connect(&s, FDB_SOCKET_PATH, argv[1], 5000, why) == -1) {
		fprintf(stderr, "openone: %s\n", why);
		return 1;
	}
	if (fdb_confine_session(s, NULL) == -1) {
		perror("openone: fdb_confine_session");
		return 1;
	}
	if ((fd = fdb_open(s, argv[2], O_RDONLY)) == -1) {
		explain(s);
		return 1;
	}
	if (copy(fd, STDOUT_FILENO) == -1) {
		perror("openone: copy");
		return 1;
	}
	close(fd);
	fdb_disconnect(s);
	return 0;
}

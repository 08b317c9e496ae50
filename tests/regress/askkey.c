/*
 * askkey.c: connect to a local stream socket, and print what comes; for
 * private.t.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	char			 buf[256];
	ssize_t			 n;
	int			 sock;

	if (argc != 2)
		return 2;
	(void)strlcpy(sun.sun_path, argv[1], sizeof(sun.sun_path));
	if ((sock = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    connect(sock, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(1, "%s", argv[1]);
	while ((n = read(sock, buf, sizeof(buf))) > 0)
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			return 1;
	return n == -1;
}

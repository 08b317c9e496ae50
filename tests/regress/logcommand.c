/*
 * logcommand.c: hand a log to a command in one of the four arrangements of
 * fdb_command(3).
 *
 * usage: logcommand object | thread file
 *        logcommand process | remote file command [argument ...]
 *        logcommand serve
 *
 * The command writes the same lines to its log wherever it runs.  process and
 * remote start a program, `logcommand serve' or what leads to one, with a
 * channel as its standard input and output: a socket, or two pipes.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "client/fdbroker.h"

#define LINES		50000
#define WAIT_MS		60000

static pthread_t	 writer;
static bool		 writing;
static int		 log_fd;

static void *
write_log(void *arg)
{
	FILE	*f = fdopen(log_fd, "a");
	int	 i;

	(void)arg;
	if (f == NULL)
		err(1, "fdopen");
	for (i = 0; i < LINES; i++)
		(void)fprintf(f, "line %d\n", i);
	if (fclose(f) != 0)
		warn("log");
	return NULL;
}

static int
take_log(void *arg, int fd)
{
	(void)arg;
	log_fd = fd;
	writing = true;
	errno = pthread_create(&writer, NULL, write_log, NULL);
	return errno == 0 ? 0 : -1;
}

static void
end_log(void)
{
	if (writing)
		(void)pthread_join(writer, NULL);
}

/* Start the helper, which has these as its standard input and output. */
static pid_t
start(int in, int out, char **argv)
{
	pid_t	 pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid != 0) {
		close(in);
		if (out != in)
			close(out);
		return pid;
	}
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		err(1, "dup2");
	(void)execvp(argv[0], argv);
	err(1, "%s", argv[0]);
}

static pid_t
start_process(struct fdb_command **c, char **argv)
{
	pid_t	 pid;
	int	 fds[2];

	if (dgram_pair_stream(fds) == -1)
		err(1, "socketpair");
	pid = start(fds[1], fds[1], argv);
	if (fdb_command_process(c, fds[0]) == -1)
		err(1, "fdb_command_process");
	return pid;
}

static pid_t
start_remote(struct fdb_command **c, char **argv)
{
	pid_t	 pid;
	int	 to[2], from[2];

	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		err(1, "pipe");
	pid = start(to[0], from[1], argv);
	if (fdb_command_remote(c, from[0], to[1]) == -1)
		err(1, "fdb_command_remote");
	return pid;
}

int
main(int argc, char *argv[])
{
	struct fdb_command	*c = NULL;
	pid_t			 pid = -1;
	int			 fd, status = 0;

	(void)signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		if (fdb_command_serve(STDIN_FILENO, STDOUT_FILENO, take_log,
		    NULL) == -1)
			err(1, "fdb_command_serve");
		end_log();
		return 0;
	}
	if (argc < 3)
		errx(2, "usage: logcommand arrangement file [command ...]");
	if (strcmp(argv[1], "object") == 0)
		status = fdb_command_object(&c, take_log, NULL);
	else if (strcmp(argv[1], "thread") == 0)
		status = fdb_command_thread(&c, take_log, NULL);
	else if (argc > 3 && strcmp(argv[1], "process") == 0)
		pid = start_process(&c, argv + 3);
	else if (argc > 3 && strcmp(argv[1], "remote") == 0)
		pid = start_remote(&c, argv + 3);
	if (status == -1 || c == NULL)
		errx(2, "no such arrangement: %s", argv[1]);
	fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd == -1)
		err(1, "%s", argv[2]);
	if (fdb_command_send(c, fd, FDB_WRITE, WAIT_MS) == -1)
		err(1, "fdb_command_send");
	if (fdb_command_finish(c, WAIT_MS) == -1)
		err(1, "fdb_command_finish");
	fdb_command_free(c);
	end_log();
	if (pid != -1 && waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	return status == 0 ? 0 : 1;
}

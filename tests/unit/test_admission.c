/*
 * test_admission.c: the supervisor's side of a session.
 *
 * This program is also the opener: started under that name it fills its
 * channel and stops.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "admission.h"
#include "dgram.h"
#include "ipc.h"
#include "log.h"
#include "setup.h"
#include "util.h"

/* More than are taken in a row, by far. */
#define FLOOD	500

static struct rundir	 rd;
static struct admission	 ad;
static struct conf	 conf;
static struct audit	 audit;
static struct role	*role;
static struct dgram	 worker;
static unsigned int	 heard;

static int
opener_main(void)
{
	static struct setup	 su;
	int			 channel = SETUP_CHANNEL_FD, size = 4 << 20, i;

	if (setup_recv(channel, &su) == -1 || setsockopt(channel, SOL_SOCKET,
	    SO_SNDBUFFORCE, &size, sizeof(size)) == -1)
		return 1;
	for (i = 0; i < FLOOD; i++)
		ipc_sink(&channel, LOG_WARNING, "flood");
	(void)raise(SIGSTOP);
	return 0;
}

static void
count_sink(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	if (strcmp(text, "flood") == 0)
		heard++;
}

/* A daemon without a listener, and a worker's socket. */
static void
begin(void)
{
	const char	*what;
	size_t		 i;

	assert_return_code(mkdir(util_path("run"), 0755), errno);
	assert_int_equal(rundir_open(&rd, util_path("run")), 0);
	assert_non_null(role = role_new("r", "test.conf", 1));
	assert_int_equal(role_add_peer(role, PEER_USER, 0, "root"), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
	    util_dir(), NULL, "test.conf", 2, &what), 0);
	memset(&conf, 0, sizeof(conf));
	conf.uid = conf.gid = UTIL_NOBODY;
	for (i = 0; i < POLICY_LIMITS; i++)
		conf.limits[i] = policy_limit_row(i)->of_daemon;
	conf.roles = &role;
	conf.nroles = 1;
	audit_init(&audit);
	memset(&ad, 0, sizeof(ad));
	admission_init(&ad);
	ad.rundir = &rd;
	ad.conf = &conf;
	ad.generation = 1;
	ad.opener_path = "/proc/self/exe";
	ad.audit = &audit;
	assert_non_null(ad.base = event_base_new());
	assert_int_equal(admission_start(&ad), 0);
	dgram_init(&worker);
	assert_return_code(dgram_bind_random(&worker, util_path("run/peer"),
	    0600), errno);
	heard = 0;
	log_set_sink(count_sink, NULL);
}

static void
end(void)
{
	admission_stop(&ad);
	event_base_free(ad.base);
	dgram_close(&worker);
	audit_close(&audit);
	rundir_clean(&rd);
	rundir_close(&rd);
	role_free(role);
	log_set_sink(NULL, NULL);
}

static void
wish(uint32_t uid)
{
	struct admit	 a;

	memset(&a, 0, sizeof(a));
	assert_int_equal(admit_name_from_hex(a.name,
	    strrchr(worker.path, '/') + 1), 0);
	a.pid = getpid();
	a.uid = uid;
	(void)strlcpy(a.role, "r", sizeof(a.role));
	admission_request(&ad, &a);
}

static struct session *
ask(void)
{
	struct session	*s;

	wish(0);
	assert_non_null(s = LIST_FIRST(&ad.sessions));
	return s;
}

static void
ended(struct session *s)
{
	pid_t	 pid = s->opener;
	int	 status;

	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(admission_reap(&ad, pid, status));
}

/*
 * What one opener says is taken in turns, so that others are heard; and when
 * it is gone, the rest of it.
 */
static void
test_flood(void **state)
{
	struct session	*s;
	pid_t		 pid;
	int		 status;

	(void)state;
	util_need(FEATURE_MEMFD);
	util_need_root();
	begin();
	s = ask();
	pid = s->opener;
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	(void)event_base_loop(ad.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_in_range(heard, 1, FLOOD / 4);
	(void)event_base_loop(ad.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_in_range(heard, 2, FLOOD / 2);
	ended(s);
	assert_int_equal(heard, FLOOD);
	assert_true(LIST_EMPTY(&ad.sessions));
	end();
}

/*
 * When a session that was told to end is killed is put off neither by being
 * told again nor by who asks for a session meanwhile.
 */
static void
test_not_put_off(void **state)
{
	struct session	*s;
	struct timeval	 due, now;
	int64_t		 by;

	(void)state;
	util_need(FEATURE_MEMFD);
	util_need_root();
	begin();
	role->limits[LIMIT_SESSIONS] = 1;
	s = ask();
	assert_false(evtimer_pending(ad.ev_waiting, NULL));
	admission_end(&ad, s, ECANCELED, "test");
	assert_true(evtimer_pending(ad.ev_waiting, &due));
	s->end_by -= 1000;
	by = s->end_by;
	admission_end(&ad, s, ECANCELED, "test");
	assert_true(s->end_by == by);
	wish(0);
	assert_int_equal(ad.nwaiting, 1);
	assert_true(evtimer_pending(ad.ev_waiting, &now));
	assert_true(timercmp(&due, &now, ==));
	ad.nwaiting = 0;
	ended(s);
	end();
}

/* One user does not take all the places to wait. */
static void
test_waiting(void **state)
{
	struct session	*s;
	size_t		 i;

	(void)state;
	util_need(FEATURE_MEMFD);
	util_need_root();
	begin();
	role->limits[LIMIT_SESSIONS] = 1;
	assert_int_equal(role_add_peer(role, PEER_USER, UTIL_NOBODY, "n"), 0);
	s = ask();
	for (i = 0; i < ADMISSION_WAITING; i++)
		wish(0);
	assert_int_equal(ad.nwaiting, ADMISSION_WAITING / 2);
	assert_true(ad.refused == ADMISSION_WAITING / 2);
	for (i = 0; i < ADMISSION_WAITING; i++)
		wish(UTIL_NOBODY);
	assert_int_equal(ad.nwaiting, ADMISSION_WAITING);
	ad.nwaiting = 0;
	ended(s);
	end();
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_flood),
		UTIL_TEST(test_not_put_off),
		UTIL_TEST(test_waiting)
	};

	if (argc > 0 && strcmp(argv[0], "fdbroker-opener") == 0)
		return opener_main();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

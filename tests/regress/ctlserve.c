/*
 * ctlserve.c: a control socket without a daemon, for ctl.t.
 *
 *	ctlserve PATH [refuse]
 *
 * Answers with the state that tests/unit/ctlfake.c makes up, or refuses every
 * request.
 */

#include "config.h"

#include <stdio.h>

#include "tests/unit/ctlfake.h"

int
main(int argc, char *argv[])
{
	if (argc < 2) {
		(void)fprintf(stderr, "usage: ctlserve PATH [refuse]\n");
		return 2;
	}
	ctlfake_serve(argv[1], argc > 2 ? FAKE_ERROR : FAKE_GOOD);
	return 1;
}

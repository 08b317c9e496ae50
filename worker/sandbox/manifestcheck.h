/*
 * manifestcheck.h: is a manifest complete and well-formed?
 *
 * The head says that the manifest is ours, and the last line has the number of
 * lines about members.  All who read a manifest give each of its lines, so that
 * none takes one for complete that was cut off or edited.
 */

#ifndef MANIFESTCHECK_H
#define MANIFESTCHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/manifest.h"

struct manifestcheck {
	struct manifest_head	 head;		/* after the second line */
	uint64_t		 lines;		/* up to the first bad one */
	uint64_t		 members;	/* lines about them */
	bool			 ended;
	const char		*why;		/* what is wrong, or NULL */
};

/* No line was read. */
void	 manifestcheck_init(struct manifestcheck *);

/*
 * Each of these returns 0, or -1 once, where it finds the first thing that is
 * wrong; c->why says what.
 */

/* The next line, without its newline. */
int	 manifestcheck_line(struct manifestcheck *, const char *line);
/* The next line is no text, or is too long. */
int	 manifestcheck_no_text(struct manifestcheck *);
/* No line follows. */
int	 manifestcheck_finish(struct manifestcheck *);

#endif /* MANIFESTCHECK_H */

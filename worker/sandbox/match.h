/*
 * match.h: compare the members of an archive with the lines of its manifest.
 *
 * Both sides give lines about files, in the same order as long as nothing is
 * missing.  A line waits in memory until the other side gives a line about the
 * same name, so only lines that are out of place need memory.
 */

#ifndef MATCH_H
#define MATCH_H

struct match;

/*
 * These are called with the decoded name of each difference.  They return 0,
 * or -1 to give up.
 */
struct match_report {
	int	 (*missing)(void *, const char *name);
	int	 (*unexpected)(void *, const char *name);
	int	 (*differs)(void *, const char *name, const char *how);
	void	*arg;
};

struct match	*match_new(const struct match_report *);
void		 match_free(struct match *);

/*
 * Give the next line of one side, without its newline.  Lines that are not
 * about a file are ignored.  0, or -1: ENOMEM, or a report gave up.
 */
int		 match_archived(struct match *, const char *line);
int		 match_recorded(struct match *, const char *line);

/* Both sides ended: report the lines that still wait.  0, or -1 as above. */
int		 match_finish(struct match *);

#endif /* MATCH_H */

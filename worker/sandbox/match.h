/*
 * match.h: compare the lines of what is in an archive with those of its
 * manifest.
 *
 * Both come in the same order as long as nothing is missing; lines that find
 * no partner at once wait for it, so memory is needed for what is out of
 * place and no more.
 */

#ifndef MATCH_H
#define MATCH_H

struct match;

/* Told of what was found, with the decoded name.  0, or -1 to give up. */
struct match_report {
	int	 (*missing)(void *, const char *name);
	int	 (*unexpected)(void *, const char *name);
	int	 (*differs)(void *, const char *name, const char *how);
	void	*arg;
};

struct match	*match_new(const struct match_report *);
void		 match_free(struct match *);

/*
 * Give the next line of one side, without its newline.  0, or -1: ENOMEM, or
 * of the report.  What is no line about a file is ignored.
 */
int		 match_archived(struct match *, const char *line);
int		 match_recorded(struct match *, const char *line);

/* All was given: report what found no partner.  0, or -1 as above. */
int		 match_finish(struct match *);

#endif /* MATCH_H */

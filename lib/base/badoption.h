/*
 * badoption.h: say what is wrong with an option that getopt(3) refused.
 *
 * getopt(3) itself writes a line without the program's name.
 */

#ifndef BADOPTION_H
#define BADOPTION_H

struct option;

/*
 * Log what is wrong, as in "monitor: unknown option: -x"; command is NULL for
 * an option of the program itself.  getopt(3) or getopt_long(3) has returned
 * `result'; opterr was 0, and a ':' came before the letters, so that a missing
 * argument is told apart.  options is the table of getopt_long(3), or NULL.
 */
void	 badoption_log(const char *command, char *const argv[], int result,
	    const struct option *options);

#endif /* BADOPTION_H */

/*
 * command.h: the commands of fdbrokerctl(8) that ask a running daemon.
 */

#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "ctl/ctl.h"

/* Print the result of a command as JSON: the daemon's text, or "done". */
void	 command_print_json(const struct ctl *, const char *text);

/*
 * Each runs one command.  The arguments are those after its name; the table in
 * main.c says how many.  A failure was logged.
 */
enum ctl_status	 command_explain(const struct ctl *, int, char **);
enum ctl_status	 command_kill(const struct ctl *, int, char **);
enum ctl_status	 command_log(const struct ctl *, int, char **);
enum ctl_status	 command_reopen(const struct ctl *, int, char **);
enum ctl_status	 command_suggest(const struct ctl *, int, char **);

#endif /* CTL_COMMAND_H */

/*
 * show.h: the command "show": the daemon's state as tables or JSON.
 */

#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "ctl/ctl.h"
#include "ipc/control.h"

/* What may follow the word, or what it needs. */
enum show_kind {
	SHOW_STATE,
	SHOW_ALL,		/* the state; -a may follow */
	SHOW_ROLE,		/* a role follows, and -u before it may */
	SHOW_CONFIG		/* the configuration */
};

/*
 * One of the words after "show".  run() returns 0, or -1: no memory; it is NULL
 * for what does not come from the state.
 */
struct show {
	const char	*name;
	int		(*run)(const struct ctl *,
			    const struct control_state *);
	enum show_kind	 kind;
};

/* In the order of strcmp(3); the last has no name. */
extern const struct show shows[];

#endif /* CTL_SHOW_H */

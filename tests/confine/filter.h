/*
 * filter.h: what a filter of system calls lets through, found by following
 * every way through its program.
 */

#ifndef FILTER_H
#define FILTER_H

#include <sys/types.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "confine/confine.h"

#define FILTER_CONDS	16
#define FILTER_PATHS	64
#define FILTER_TEXT	160

/* (word & mask) == value is true, or is not. */
struct filter_cond {
	uint32_t	 word;		/* its offset in struct seccomp_data */
	uint32_t	 mask;
	uint32_t	 value;
	bool		 is;
};

/* One way through, of the system call `number'. */
struct filter_path {
	uint32_t		 number;
	uint32_t		 action;	/* SECCOMP_RET_* */
	struct filter_cond	 conds[FILTER_CONDS];
	size_t			 nconds;
};

struct filter {
	struct sock_filter	*prog;
	size_t			 len;
	uint32_t		 other;		/* SECCOMP_RET_* of the rest */
};

/* The names of enum confine_who; as one, or -1. */
extern const char *const	 filter_who[CONFINE_NWHO];
int	 filter_who_from(const char *);

/* The filter of a kind of process.  Failures end the program. */
void	 filter_make(struct filter *, enum confine_who);
void	 filter_free(struct filter *);

/* What it says to one call. */
uint32_t filter_run(const struct filter *, const struct seccomp_data *);

/*
 * All ways for a number that neither kill nor end as other calls do,
 * FILTER_PATHS at the most; how many.
 */
size_t	 filter_paths(const struct filter *, uint32_t arch, uint32_t number,
	    struct filter_path *);

/* Is it this way that a call takes? */
bool	 filter_path_takes(const struct filter_path *,
	    const struct seccomp_data *);

/* Change the arguments of a call to such as take the way. */
void	 filter_path_example(const struct filter_path *,
	    struct seccomp_data *);

/* "fcntl arg1=F_GETFL", "newfstatat -> EPERM". */
void	 filter_path_describe(const struct filter_path *, uint32_t arch,
	    char text[FILTER_TEXT]);

#endif /* FILTER_H */

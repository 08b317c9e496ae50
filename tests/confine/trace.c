/*
 * trace.c: compare what strace(1) saw with the filters; see trace.h.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confine/seccomp_calls.h"
#include "filter.h"
#include "trace.h"

/* A line of a list. */
struct entry {
	enum confine_who	 who;
	struct filter_path	 path;
	char			 text[FILTER_TEXT];
	bool			 used;
	bool			 excused;
};

/* Something that changes which filters a process has. */
struct change {
	long		 pid;
	size_t		 line;
	long		 child;		/* that it forked; 0: it got a filter */
	unsigned int	 filter;	/* bit of enum confine_who */
};

static struct {
	struct filter	 filters[CONFINE_NWHO];
	struct entry	*entries;
	size_t		 nentries;
	struct change	*changes;
	size_t		 nchanges;
	int		 faults;
} tr;

static void *
grow(void *p, size_t n, size_t size)
{
	/* In steps, since it is asked for each element. */
	if (n % 256 == 0 && (p = reallocarray(p, n + 256, size)) == NULL)
		err(1, "memory");
	return p;
}

static void
load_filters(void)
{
	static struct filter_path	 paths[FILTER_PATHS];
	struct entry			*e;
	uint32_t			 number;
	size_t				 i, n;
	int				 who;

	for (who = 0; who < CONFINE_NWHO; who++) {
		filter_make(&tr.filters[who], (enum confine_who)who);
		for (number = 0; number < 1024; number++) {
			n = filter_paths(&tr.filters[who],
			    seccomp_arch_native(), number, paths);
			for (i = 0; i < n; i++) {
				tr.entries = grow(tr.entries, tr.nentries,
				    sizeof(*tr.entries));
				e = &tr.entries[tr.nentries++];
				memset(e, 0, sizeof(*e));
				e->who = (enum confine_who)who;
				e->path = paths[i];
				filter_path_describe(&e->path,
				    seccomp_arch_native(), e->text);
			}
		}
	}
}

static void
add_change(long pid, size_t line, long child, unsigned int filter)
{
	struct change	*c;

	tr.changes = grow(tr.changes, tr.nchanges, sizeof(*tr.changes));
	c = &tr.changes[tr.nchanges++];
	c->pid = pid;
	c->line = line;
	c->child = child;
	c->filter = filter;
}

/* The filters of a process at a line: its own, and what it was born with. */
static unsigned int
filters_of(long pid, size_t line)
{
	const struct change	*c;
	unsigned int		 bits = 0;

	for (c = tr.changes; c < &tr.changes[tr.nchanges]; c++) {
		if (c->child == 0 && c->pid == pid && c->line < line)
			bits |= c->filter;
		else if (c->child == pid)
			bits |= filters_of(c->pid, c->line);
	}
	return bits;
}

/*
 * The kind of process whose filter has a length, or -1.  Those that are born
 * with the supervisor's are openers of the daemon.
 */
static int
who_of_length(size_t len, unsigned int has)
{
	bool	 born = (has & (1U << CONFINE_SUPERVISOR)) != 0;
	int	 i, found = -1;

	for (i = 0; i < CONFINE_NWHO; i++) {
		if (tr.filters[i].len != len || born !=
		    (i == CONFINE_OPENER || i == CONFINE_WRITER ||
		    i == CONFINE_RESTORER || i == CONFINE_SETID_RESTORER))
			continue;
		if (found != -1)
			errx(1, "%s and %s: filters of the same length",
			    filter_who[found], filter_who[i]);
		found = i;
	}
	return found;
}

/* "PID text", with the rest of the line in *text.  0 if it is none. */
static long
line_pid(char *line, char **text)
{
	long	 pid = strtol(line, text, 10);

	if (*text == line)
		return 0;
	*text += strspn(*text, " ");
	(*text)[strcspn(*text, "\n")] = '\0';
	return pid;
}

/* Does a call begin here, of that name; or is it resumed? */
static bool
is_call(const char *text, const char *name)
{
	size_t	 len = strlen(name);

	return strncmp(text, name, len) == 0 && text[len] == '(';
}

static bool
is_fork(const char *text)
{
	return is_call(text, "clone") || is_call(text, "clone3") ||
	    is_call(text, "fork") || is_call(text, "vfork");
}

/* The value that a call returned, 0 if it did not yet. */
static long
returned(const char *text)
{
	const char	*p = strrchr(text, '=');

	return p != NULL && p[1] == ' ' ? strtol(p + 2, NULL, 0) : 0;
}

/* First pass: who forked whom and when, and who got which filter. */
static void
note_change(long pid, size_t line, const char *text)
{
	static struct change	 begun[64];
	const char		*p;
	size_t			 i;
	long			 child;
	int			 who;

	if (is_call(text, "seccomp") &&
	    (p = strstr(text, "{len=")) != NULL) {
		who = who_of_length(strtoul(p + 5, NULL, 10),
		    filters_of(pid, line));
		if (who != -1)
			add_change(pid, line, 0, 1U << who);
	} else if (is_fork(text)) {
		if (strstr(text, "<unfinished") == NULL) {
			if ((child = returned(text)) > 0)
				add_change(pid, line, child, 0);
			return;
		}
		for (i = 0; i < 64 && begun[i].pid != 0; i++)
			;
		if (i == 64)
			errx(1, "too many forks at once");
		begun[i].pid = pid;
		begun[i].line = line;
	} else if (strncmp(text, "<... ", 5) == 0 &&
	    (strncmp(text + 5, "clone", 5) == 0 ||
	    strncmp(text + 5, "vfork", 5) == 0)) {
		for (i = 0; i < 64 && begun[i].pid != pid; i++)
			;
		if (i == 64)
			return;
		begun[i].pid = 0;
		if ((child = returned(text)) > 0)
			add_change(pid, begun[i].line, child, 0);
	}
}

/* "name(0x1, 0x2" as the kernel sees it.  False if it is no call. */
static bool
parse_call(const char *text, struct seccomp_data *d)
{
	char	 name[64];
	size_t	 len = strcspn(text, "("), i;
	char	*end;

	if (len == 0 || len >= sizeof(name) || text[len] != '(')
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	memset(d, 0, sizeof(*d));
	d->arch = seccomp_arch_native();
	if ((d->nr = seccomp_syscall_resolve_name(name)) < 0)
		return false;
	text += len + 1;
	for (i = 0; i < 6; i++) {
		d->args[i] = strtoull(text, &end, 0);
		if (end == text || *end != ',')
			break;
		text = end + 1;
	}
	return true;
}

static void
count_call(const struct seccomp_data *d, unsigned int bits, const char *text)
{
	struct entry	*e;
	unsigned int	 passed = 0;
	int		 who;

	for (e = tr.entries; e < &tr.entries[tr.nentries]; e++) {
		if (!(bits & (1U << e->who)) ||
		    e->path.number != (uint32_t)d->nr ||
		    !filter_path_takes(&e->path, d))
			continue;
		e->used = true;
		passed |= 1U << e->who;
	}
	for (who = 0; who < CONFINE_NWHO; who++) {
		if ((bits & ~passed) & (1U << who)) {
			(void)printf("%s: killed by: %s\n", filter_who[who],
			    text);
			tr.faults++;
		}
	}
}

static void
read_trace(const char *path)
{
	struct seccomp_data	 d;
	char			*line = NULL, *text;
	size_t			 size = 0, n;
	unsigned int		 bits;
	FILE			*f;
	long			 pid;
	int			 pass;

	if ((f = fopen(path, "re")) == NULL)
		err(1, "%s", path);
	tr.nchanges = 0;
	for (pass = 0; pass < 2; pass++) {
		rewind(f);
		for (n = 1; getline(&line, &size, f) > 0; n++) {
			if ((pid = line_pid(line, &text)) == 0)
				continue;
			if (pass == 0)
				note_change(pid, n, text);
			else if ((bits = filters_of(pid, n)) != 0 &&
			    parse_call(text, &d))
				count_call(&d, bits, text);
		}
	}
	free(line);
	if (ferror(f) || fclose(f) != 0)
		err(1, "%s", path);
}

/* Does a word mean this kind of process? */
static bool
means(const char *word, enum confine_who who)
{
	return strcmp(word, "any") == 0 ||
	    strcmp(word, filter_who[who]) == 0 ||
	    (strcmp(word, "openers") == 0 && ((who >= CONFINE_OPENER &&
	    who <= CONFINE_PRIVATE_SETID) || who == CONFINE_SUPERVISOR));
}

/* Mark the lines of a kind of process; false if it has none like that. */
static bool
excuse_for(const char *who, const char *text)
{
	struct entry	*e;
	bool		 found = false;

	for (e = tr.entries; e < &tr.entries[tr.nentries]; e++) {
		if ((strcmp(e->text, text) == 0 || strcmp(text, "*") == 0) &&
		    means(who, e->who))
			e->excused = found = true;
	}
	return found;
}

static void
excuse(const char *path, char *line)
{
	char	*text, *who;

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return;
	if ((text = strstr(line, ": ")) == NULL)
		errx(1, "%s: %s", path, line);
	*text = '\0';
	text += 2;
	while ((who = strsep(&line, " ")) != NULL) {
		if (excuse_for(who, text))
			continue;
		(void)printf("%s: on no list: %s: %s\n", path, who, text);
		tr.faults++;
	}
}

static void
read_excuses(const char *path)
{
	char	*line = NULL;
	size_t	 size = 0;
	FILE	*f;

	if ((f = fopen(path, "re")) == NULL)
		err(1, "%s", path);
	while (getline(&line, &size, f) > 0)
		excuse(path, line);
	free(line);
	if (ferror(f) || fclose(f) != 0)
		err(1, "%s", path);
}

int
trace_check(const char *unseen, char *const *traces)
{
	const struct entry	*e;
	size_t			 i;

	load_filters();
	read_excuses(unseen);
	for (; *traces != NULL; traces++)
		read_trace(*traces);
	for (e = tr.entries; e < &tr.entries[tr.nentries]; e++) {
		if (e->used || e->excused)
			continue;
		(void)printf("%s: never made: %s\n", filter_who[e->who],
		    e->text);
		tr.faults++;
	}
	for (i = 0; i < CONFINE_NWHO; i++)
		filter_free(&tr.filters[i]);
	free(tr.entries);
	free(tr.changes);
	return tr.faults == 0 ? 0 : 1;
}

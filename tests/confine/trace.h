/*
 * trace.h: which lines of a filter the calls of a traced run have used.
 *
 * The traces are of `strace -f -qq -e 'raw=!seccomp'', of all the processes of
 * a run from their start.  A process is known by the filter that it loads, of
 * which each kind has another length, but for the daemon's openers, which are
 * known by the supervisor's; a child has the filters that its parent
 * had.  Each call counts for all the filters that it passed.
 */

#ifndef TRACE_H
#define TRACE_H

/*
 * Print each line of each filter that no call has used and that the file
 * `unseen' does not name, each line of that file which is on no list, and each
 * call that killed.  0 if there are none, or 1.
 *
 * In the file, a line is "PROCESS ...: LINE", or "any: LINE" for all kinds of
 * processes that have it, or "PROCESS ...: *" for all lines of a process; what
 * begins with # is a comment.
 */
int	 trace_check(const char *unseen, char *const *traces);

#endif /* TRACE_H */

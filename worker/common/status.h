/*
 * status.h: the exit statuses of fdbackup, in one table: name, number, and what
 * fdbackup(1) says of it.  tests/regress/lib.sh makes variables of the rows,
 * and tests/regress/honest.t compares the manual with them.
 */

#ifndef STATUS_H
#define STATUS_H

#define STATUS_TABLE(ROW)						\
	ROW(COMPLETE, 0, "The command succeeded completely.")		\
	ROW(FATAL, 1, "The command failed: create made no archive, or "	\
	    "the archive cannot be read.")				\
	ROW(USAGE, 2, "The command line is wrong, or the paths on it "	\
	    "cannot be used. Nothing was created.")			\
	ROW(UNREADABLE, 3, "The archive is complete, but a file or "	\
	    "directory could not be read or stored. extract: a member "	\
	    "was not restored.")					\
	ROW(CHANGED, 4, "The archive is complete, but a file or "	\
	    "directory changed or disappeared while the archive was "	\
	    "made. extract: all members were restored, but some "	\
	    "without part of their metadata.")				\
	ROW(DENIED, 5, "The archive is complete, but the policy of "	\
	    "the role kept something out of it that was asked for. "	\
	    "extract: the policy denied a member, or part of its "	\
	    "metadata.")						\
	ROW(DIFFERENT, 6, "extract found damaged members, or drill or "	\
	    "verify found differences or no manifest, or diff found "	\
	    "differences. "						\
	    "The archive could be read to its end.")

#define STATUS_CONSTANT(name, number, text)	STATUS_##name = number,

enum status {
	STATUS_TABLE(STATUS_CONSTANT)
	STATUS_MAX
};

#endif /* STATUS_H */

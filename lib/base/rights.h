/*
 * rights.h: what an opener keeps, one bit each: rights beneath a root, which
 * the kernel enforces, and capabilities.
 *
 * The table of operations in broker/policy says which of them an operation
 * needs; lib/confine gives up everything else.
 */

#ifndef RIGHTS_H
#define RIGHTS_H

/* Supplementary groups of an opener: more do not fit its setup message. */
#define RIGHTS_GROUPS_MAX	8192

/* Beneath a root. */
#define RIGHTS_READ		0x01	/* read files, list directories */
#define RIGHTS_WRITE		0x02	/* write to files that exist */
#define RIGHTS_CREATE		0x04	/* create regular files */
#define RIGHTS_IOCTL		0x08	/* ioctl(2) on devices */
#define RIGHTS_LIST		0x10	/* list directories, read no file */
#define RIGHTS_MKDIR		0x20	/* make directories */
#define RIGHTS_SYMLINK		0x40	/* make symbolic links */
#define RIGHTS_LINK		0x80	/* give files other names */
#define RIGHTS_REPLACE		0x100	/* replace what is no directory */
#define RIGHTS_REMOVE		0x200	/* remove files and directories */
#define RIGHTS_FIFO		0x400	/* make FIFOs */
#define RIGHTS_MKNOD		0x800	/* make devices and sockets */

/* Capabilities. */
#define RIGHTS_CAP_DAC_READ_SEARCH	0x01
#define RIGHTS_CAP_DAC_OVERRIDE		0x02
#define RIGHTS_CAP_CHOWN		0x04
#define RIGHTS_CAP_FOWNER		0x08
#define RIGHTS_CAP_FSETID		0x10
#define RIGHTS_CAP_MKNOD		0x20
#define RIGHTS_CAP_SETFCAP		0x40

#endif /* RIGHTS_H */

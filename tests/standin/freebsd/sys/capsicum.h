/*
 * capsicum.h: Capsicum as cap_enter(2), cap_getmode(2), cap_rights_limit(2),
 * cap_rights_init(3), cap_fcntls_limit(2) and rights(4) document it.  The
 * values are our own; which right includes which is as documented.
 */

#ifndef STANDIN_FREEBSD_CAPSICUM_H
#define STANDIN_FREEBSD_CAPSICUM_H

#include <stdint.h>

typedef struct {
	uint64_t	 bits;
} cap_rights_t;

#define CAP_READ	(1ULL << 0)
#define CAP_WRITE	(1ULL << 1)
#define CAP_SEEK	(1ULL << 2)
#define CAP_MMAP	(1ULL << 3)
#define CAP_CREATE	(1ULL << 4)
#define CAP_FSYNC	(1ULL << 5)
#define CAP_FTRUNCATE	(1ULL << 6)
#define CAP_LOOKUP	(1ULL << 7)
#define CAP_FCNTL	(1ULL << 8)
#define CAP_FSTAT	(1ULL << 9)
#define CAP_EVENT	(1ULL << 10)
#define CAP_IOCTL	(1ULL << 11)
#define CAP_MKDIRAT	(1ULL << 12)
#define CAP_SYMLINKAT	(1ULL << 13)
#define CAP_LINKAT_SOURCE	(1ULL << 14)
#define CAP_LINKAT_TARGET	(1ULL << 15)
#define CAP_UNLINKAT	(1ULL << 16)
#define CAP_RENAMEAT_SOURCE	(1ULL << 17)
#define CAP_RENAMEAT_TARGET	(1ULL << 18)
#define CAP_FCHMOD	(1ULL << 19)
#define CAP_FCHOWN	(1ULL << 20)
#define CAP_FUTIMES	(1ULL << 21)
#define CAP_MKFIFOAT	(1ULL << 22)
#define CAP_EXTATTR_SET	(1ULL << 23)
#define CAP_MKNODAT	(1ULL << 24)
#define CAP_FLOCK	(1ULL << 25)
#define CAP_MMAP_R	(CAP_MMAP | CAP_SEEK | CAP_READ)
#define CAP_MMAP_W	(CAP_MMAP | CAP_SEEK | CAP_WRITE)

#define CAP_FCNTL_GETFL	0x01U
#define CAP_FCNTL_SETFL	0x02U

/* These are macros there, too; the list ends in 0. */
#define cap_rights_init(...)	standin_rights_init(__VA_ARGS__, 0ULL)
#define cap_rights_set(...)	standin_rights_set(__VA_ARGS__, 0ULL)

cap_rights_t	*standin_rights_init(cap_rights_t *, ...);
cap_rights_t	*standin_rights_set(cap_rights_t *, ...);

int	 cap_rights_limit(int fd, const cap_rights_t *rights);
int	 cap_fcntls_limit(int fd, uint32_t fcntlrights);
int	 cap_enter(void);
int	 cap_getmode(unsigned int *modep);

/* What cap_getmode() reports after cap_enter(). */
extern unsigned int standin_cap_mode;

#endif /* STANDIN_FREEBSD_CAPSICUM_H */

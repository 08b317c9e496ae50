/*
 * procctl.h: what we use of FreeBSD's, as procctl(2) documents it.
 */

#ifndef STANDIN_FREEBSD_PROCCTL_H
#define STANDIN_FREEBSD_PROCCTL_H

#include <sys/types.h>
#include <sys/wait.h>

#define PROC_TRACE_CTL			7
#define PROC_TRACE_CTL_ENABLE		1
#define PROC_TRACE_CTL_DISABLE		2
#define PROC_TRACE_CTL_DISABLE_EXEC	3

#define PROC_NO_NEW_PRIVS_CTL		19
#define PROC_NO_NEW_PRIVS_ENABLE	1

int	 procctl(idtype_t idtype, id_t id, int cmd, void *data);

#endif /* STANDIN_FREEBSD_PROCCTL_H */

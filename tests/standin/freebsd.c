/*
 * freebsd.c: stand-ins of Capsicum and procctl(2); see standin.h.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/capsicum.h>
#include <sys/procctl.h>
#include <sys/wait.h>

#include <capsicum_helpers.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tests/standin/standin.h"

unsigned int	 standin_cap_mode = 1;

static const char *const right_names[] = {
	"READ", "WRITE", "SEEK", "MMAP", "CREATE", "FSYNC", "FTRUNCATE",
	"LOOKUP", "FCNTL", "FSTAT", "EVENT", "IOCTL", "MKDIRAT", "SYMLINKAT",
	"LINKAT_SOURCE", "LINKAT_TARGET", "UNLINKAT", "RENAMEAT_SOURCE",
	"RENAMEAT_TARGET", "FCHMOD", "FCHOWN", "FUTIMES", "MKFIFOAT",
	"EXTATTR_SET", "MKNODAT", "FLOCK"
};

static void
add_rights(cap_rights_t *rights, va_list ap)
{
	uint64_t	 right;

	while ((right = va_arg(ap, unsigned long long)) != 0)
		rights->bits |= right;
}

cap_rights_t *
standin_rights_init(cap_rights_t *rights, ...)
{
	va_list	 ap;

	rights->bits = 0;
	va_start(ap, rights);
	add_rights(rights, ap);
	va_end(ap);
	return rights;
}

cap_rights_t *
standin_rights_set(cap_rights_t *rights, ...)
{
	va_list	 ap;

	va_start(ap, rights);
	add_rights(rights, ap);
	va_end(ap);
	return rights;
}

int
cap_rights_limit(int fd, const cap_rights_t *rights)
{
	char	 text[256] = "";
	size_t	 i;

	for (i = 0; i < sizeof(right_names) / sizeof(right_names[0]); i++) {
		if (!(rights->bits & (1ULL << i)))
			continue;
		(void)strlcat(text, " ", sizeof(text));
		(void)strlcat(text, right_names[i], sizeof(text));
	}
	return standin_call("cap_rights_limit(%d,%s)", fd, text);
}

int
cap_fcntls_limit(int fd, uint32_t fcntlrights)
{
	return standin_call("cap_fcntls_limit(%d,%s%s)", fd,
	    fcntlrights & CAP_FCNTL_GETFL ? " GETFL" : "",
	    fcntlrights & CAP_FCNTL_SETFL ? " SETFL" : "");
}

int
cap_enter(void)
{
	return standin_call("cap_enter()");
}

int
cap_getmode(unsigned int *modep)
{
	*modep = standin_cap_mode;
	return standin_call("cap_getmode()");
}

int
caph_limit_stdio(void)
{
	return standin_call("caph_limit_stdio()");
}

int
procctl(idtype_t idtype, id_t id, int cmd, void *data)
{
	const char	*what = "another command";
	int		 how;

	memcpy(&how, data, sizeof(how));
	if (cmd == PROC_TRACE_CTL && how == PROC_TRACE_CTL_DISABLE)
		what = "no trace";
	else if (cmd == PROC_NO_NEW_PRIVS_CTL &&
	    how == PROC_NO_NEW_PRIVS_ENABLE)
		what = "no new privileges";
	return standin_call("procctl(%s, %s)", idtype == P_PID &&
	    id == (id_t)getpid() ? "self" : "another", what);
}

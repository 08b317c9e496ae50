/*
 * policytext.h: read the text of a policy, the statements of a role, in an
 * opener: that of a program which starts its own opener, or one that narrows
 * the policy of a session.
 */

#ifndef POLICYTEXT_H
#define POLICYTEXT_H

#include "base/proto.h"

struct role;

/*
 * Read the policy of a private opener, with the rights of its user: rules,
 * options and limits.  A text that begins with "/" is the path of the file that
 * has the statements.  A role, which the caller frees; or NULL with errno
 * EINVAL or ENOMEM, and why, of PROTO_TEXT_MAX bytes, the first fault with its
 * line.
 */
struct role	*policytext_private(const char *text, char *why);

/*
 * Read rules that narrow a policy, in a confined opener: they come from a
 * client.  Nothing but memory is touched.
 */
struct role	*policytext_limit(const char *text, char *why);

#endif /* POLICYTEXT_H */

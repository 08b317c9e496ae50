/*
 * env.h: the environment, which the processes of ours have no use for once
 * they have begun.
 */

#ifndef ENV_H
#define ENV_H

/*
 * Overwrite what the environment says, also where others could read it from
 * memory, and have none from here on.  What getenv(3) has returned is "".
 */
void	 env_forget(void);

#endif /* ENV_H */

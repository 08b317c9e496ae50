/*
 * env.h: forget the environment, which our processes need at their start only.
 */

#ifndef ENV_H
#define ENV_H

/*
 * Overwrite the environment in memory, where others could read it
 * (/proc/PID/environ), and have none from here on.  A string that getenv(3)
 * returned before becomes "".
 */
void	 env_forget(void);

#endif /* ENV_H */

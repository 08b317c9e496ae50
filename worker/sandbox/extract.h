/*
 * extract.h: the command extract: restore what an archive has.
 */

#ifndef EXTRACT_H
#define EXTRACT_H

struct work;

int	 extract_prepare(struct work *);
int	 extract_start(struct work *);
int	 extract_run(struct work *);
void	 extract_release(struct work *);

#endif /* EXTRACT_H */

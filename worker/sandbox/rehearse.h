/*
 * rehearse.h: make libraries load what they need before confinement.
 */

#ifndef REHEARSE_H
#define REHEARSE_H

#include <stdbool.h>

/*
 * Write a small archive with names of all kinds, and for reading, read it back.
 * Libraries load some things when they first need them, above all character
 * sets; this way they do so while files can still be opened.  An archive to be
 * read may be compressed with zstd.  0, or -1 with errno; 0: libarchive cannot
 * do what we need.
 */
int	 rehearse_writing(bool compressed);
int	 rehearse_reading(void);

/*
 * Set a locale in which libarchive keeps names as they are.  For writing this
 * is a UTF-8 locale, so that libarchive marks names that are not UTF-8.  For
 * reading it is "C", in which libarchive converts nothing: in a UTF-8 locale it
 * composes characters, which changes names.
 */
void	 rehearse_locale(bool writing);

/*
 * Sort enough for qsort(3) to find out how much memory there is, which it
 * remembers: glibc asks the kernel for it once.
 */
void	 rehearse_sorting(void);

#endif /* REHEARSE_H */

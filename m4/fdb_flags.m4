# Flags are taken only if compiler and linker accept them without a warning.

# FDB_TRY_FLAG(VARIABLE, COMPILE-FLAG, LINK-FLAG)
# Appends the flag that is not empty to VARIABLE if a program builds with it.
# Either may be a shell expression.
AC_DEFUN([FDB_TRY_FLAG], [
	AS_VAR_PUSHDEF([fdb_ok], [fdb_cv_flag_$2_$3])
	AC_CACHE_CHECK([whether $CC takes $2$3], [fdb_ok], [
		fdb_save_CFLAGS=$CFLAGS
		fdb_save_LDFLAGS=$LDFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		LDFLAGS="$LDFLAGS $3"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]],
		    [[puts("")]])],
		    [AS_VAR_SET([fdb_ok], [yes])],
		    [AS_VAR_SET([fdb_ok], [no])])
		CFLAGS=$fdb_save_CFLAGS
		LDFLAGS=$fdb_save_LDFLAGS
	])
	AS_VAR_IF([fdb_ok], [yes], [AS_VAR_APPEND([$1], [" $2$3"])])
	AS_VAR_POPDEF([fdb_ok])
])

# FDB_CFLAGS(VARIABLE, FLAGS), FDB_LDFLAGS(VARIABLE, FLAGS): each of a list of
# words.
AC_DEFUN([FDB_CFLAGS], [
	for fdb_flag in $2; do
		FDB_TRY_FLAG([$1], [$fdb_flag])
	done
])
AC_DEFUN([FDB_LDFLAGS], [
	for fdb_flag in $2; do
		FDB_TRY_FLAG([$1], [], [$fdb_flag])
	done
])

# FDB_LIBRARY(PREFIX, PKG-CONFIG MODULE, DEBIAN PACKAGE)
# Collects what is missing in fdb_missing (with the reason) and
# fdb_missing_debian, so that one run of configure names all of it.
AC_DEFUN([FDB_LIBRARY], [
	PKG_CHECK_MODULES([$1], [$2], [], [
		AS_VAR_APPEND([fdb_missing], ["
    $2 (Debian package $3)"])
		AS_VAR_APPEND([fdb_missing_debian], [" $3"])
	])
])

# FDB_VERSION_SCRIPT
# Does the linker take a version script for a shared library?  Defines the
# conditional HAVE_VERSION_SCRIPT.
AC_DEFUN([FDB_VERSION_SCRIPT], [
	AC_CACHE_CHECK([whether the linker takes a version script],
	    [fdb_cv_version_script], [
		fdb_save_CFLAGS=$CFLAGS
		fdb_save_LDFLAGS=$LDFLAGS
		echo 'FDB_1.0 { global: exported; local: *; };' >conftest.sym
		CFLAGS="$CFLAGS -fPIC"
		LDFLAGS="$LDFLAGS -shared -Wl,--version-script=conftest.sym"
		AC_LINK_IFELSE([AC_LANG_SOURCE([[
		    int exported(void);
		    int exported(void) { return 0; }]])],
		    [fdb_cv_version_script=yes], [fdb_cv_version_script=no])
		CFLAGS=$fdb_save_CFLAGS
		LDFLAGS=$fdb_save_LDFLAGS
		rm -f conftest.sym
	])
	AM_CONDITIONAL([HAVE_VERSION_SCRIPT],
	    [test "$fdb_cv_version_script" = yes])
])

# FDB_STATIC(PREFIX, NAME, PROLOGUE, BODY, CHOICES)
# Sets PREFIX_PROGRAM_LIBS, for programs that are installed, to the first choice
# of libraries with which a program links that is made of PROLOGUE and BODY, and
# adds NAME to fdb_static; to PREFIX_LIBS if none does, or with
# --disable-static-libs.  A comma separates the libraries of one choice.
AC_DEFUN([FDB_STATIC], [
	$1_PROGRAM_LIBS=$$1_LIBS
	AS_IF([test "$enable_static_libs" != no], [
		AC_CACHE_CHECK([for a static $2], [fdb_cv_program_$2], [
			fdb_cv_program_$2=no
			fdb_save_CFLAGS=$CFLAGS
			fdb_save_LDFLAGS=$LDFLAGS
			fdb_save_LIBS=$LIBS
			CFLAGS="$CFLAGS $PIE_CFLAGS $$1_CFLAGS"
			LDFLAGS="$LDFLAGS $HARDEN_LDFLAGS $PIE_LDFLAGS"
			LDFLAGS="$LDFLAGS $GC_LDFLAGS"
			for fdb_libs in $5; do
				LIBS=`echo "$fdb_libs" | tr , ' '`
				AC_LINK_IFELSE([AC_LANG_PROGRAM([$3], [$4])],
				    [fdb_cv_program_$2=$LIBS; break])
			done
			CFLAGS=$fdb_save_CFLAGS
			LDFLAGS=$fdb_save_LDFLAGS
			LIBS=$fdb_save_LIBS
		])
		AS_IF([test "$fdb_cv_program_$2" != no], [
			$1_PROGRAM_LIBS=$fdb_cv_program_$2
			AS_VAR_APPEND([fdb_static], [" $2"])
		])
	])
	AC_SUBST([$1_PROGRAM_LIBS])
])

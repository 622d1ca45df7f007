// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat2: faccessat with flags: links themselves, effective ids, a descriptor itself
#include "../harness/access.h"

static long exists(const char *path) { return syscall(SYS_faccessat2, AT_FDCWD, path, F_OK, 0); }
static long exists_itself(const char *path) { return syscall(SYS_faccessat2, AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW); }
static long call(const char *path, int mode) { return syscall(SYS_faccessat2, AT_FDCWD, path, mode, 0); }
static long effective(const char *path, int mode) { return syscall(SYS_faccessat2, AT_FDCWD, path, mode, AT_EACCESS); }
static long at(int fd, const char *path) { return syscall(SYS_faccessat2, fd, path, F_OK, 0); }
static long at_empty(int fd, const char *path) { return syscall(SYS_faccessat2, fd, path, R_OK, AT_EMPTY_PATH); }
static long bit_on_file(unsigned long f) { return syscall(SYS_faccessat2, AT_FDCWD, "file", R_OK, f); }

CASE(walk) { observe_walk_looking(exists); }
CASE(walk_nofollow) { observe_walk_looking(exists_itself); }
CASE(path_pointers) { observe_path_pointers(exists); }
CASE(dirfds) { observe_dirfds_looking(at); }
CASE(dirfds_empty_path) { observe_dirfds_looking(at_empty); }
CASE(each_flag) { observe_flag_bits_looking(bit_on_file, 32); }
CASE(modes) { observe_access_modes(call); }
CASE(modes_effective) { observe_access_modes(effective); }
CASE(classes, "root") { observe_access_classes(call); }
CASE(classes_effective, "root") { observe_access_classes(effective); }

CASE(links_themselves) {
	put_link("nowhere", "l");
	static const int modes[] = {F_OK, R_OK, W_OK, X_OK, 7};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		OBSERVE_RET(name("mode %d", modes[i]), syscall(SYS_faccessat2, AT_FDCWD, "l", modes[i], AT_SYMLINK_NOFOLLOW));
}

CASE(effective_and_real, "root") {
	put_file("f", "", 0600);
	IN_CHILD(NULL) {
		REQUIRE_OK(setresuid(65534, 0, 0));
		OBSERVE_RET("effective root, by real", call("f", R_OK));
		OBSERVE_RET("effective root, by effective", effective("f", R_OK));
	}
	IN_CHILD(NULL) {
		REQUIRE_OK(setresuid(0, 65534, 0));
		OBSERVE_RET("effective nobody, by real", call("f", R_OK));
		OBSERVE_RET("effective nobody, by effective", effective("f", R_OK));
	}
}

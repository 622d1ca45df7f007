// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// name_to_handle_at: which paths and file systems have no handles?
#include "../harness/handles.h"

CASE(no_handles) {
	put_link("loop", "loop");
	put_link("none", "dangling");
	OBSERVE("loop, followed", "%s", strchr(handle_text(AT_FDCWD, "loop", AT_SYMLINK_FOLLOW), ' ') ? "a handle" : errno_name(errno));
	OBSERVE("dangling, followed", "%s", strchr(handle_text(AT_FDCWD, "dangling", AT_SYMLINK_FOLLOW), ' ') ? "a handle" : errno_name(errno));
	OBSERVE("through a loop", "%s", strchr(handle_text(AT_FDCWD, "loop/f", 0), ' ') ? "a handle" : errno_name(errno));
	OBSERVE("/proc", "%s", handle_text(AT_FDCWD, "/proc/self/status", 0));
	OBSERVE("/dev/pts", "%s", handle_text(AT_FDCWD, "/dev/pts", 0));
}

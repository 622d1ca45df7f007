// SPDX-License-Identifier: Apache-2.0
// What the stub copies into the window when a system call comes in.
#pragma once

#define CAP_PATH 1  // a NUL-terminated path
#define CAP_FIXED 2 // size bytes
#define CAP_BUF 3   // as many bytes as argument lenarg says

struct capture {
	unsigned char n;
	struct {
		unsigned char arg, kind, lenarg;
		unsigned short size;
	} c[3];
};

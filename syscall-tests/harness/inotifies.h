// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of inotify: events as text.
#ifndef DITTO_HARNESS_INOTIFIES_H
#define DITTO_HARNESS_INOTIFIES_H

#include <sys/sendfile.h>

#include "files.h"
#include "ready.h"

#include <sys/inotify.h>

static inline const char *event_bits(uint32_t mask) {
	static char text[256];
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
		{IN_ACCESS, "access"}, {IN_MODIFY, "modify"}, {IN_ATTRIB, "attrib"}, {IN_CLOSE_WRITE, "close_write"},
		{IN_CLOSE_NOWRITE, "close_nowrite"}, {IN_OPEN, "open"}, {IN_MOVED_FROM, "moved_from"}, {IN_MOVED_TO, "moved_to"},
		{IN_CREATE, "create"}, {IN_DELETE, "delete"}, {IN_DELETE_SELF, "delete_self"}, {IN_MOVE_SELF, "move_self"},
		{IN_UNMOUNT, "unmount"}, {IN_Q_OVERFLOW, "overflow"}, {IN_IGNORED, "ignored"}, {IN_ISDIR, "isdir"},
	};
	text[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (mask & bits[i].bit) {
			strcat(strcat(text, text[0] ? "+" : ""), bits[i].name);
			mask &= ~bits[i].bit;
		}
	if (mask)
		sprintf(text + strlen(text), "+%#x", mask);
	return text;
}

// The events that wait, as "1:open(f) 2:modify"; a cookie shows as #1 where it is the first that was seen, and so on. fd
// is non-blocking.
static inline const char *events(int fd) {
	static char text[8192];
	static uint32_t cookies[16];
	static int known;
	char buf[8192] __attribute__((aligned(8)));
	text[0] = 0;
	for (;;) {
		ssize_t n = read(fd, buf, sizeof buf);
		if (n < 0) {
			if (errno != EAGAIN)
				sprintf(text + strlen(text), " %s", errno_name(errno));
			return text[0] ? text + 1 : "none";
		}
		for (char *p = buf; p < buf + n;) {
			struct inotify_event *e = (void *)p;
			sprintf(text + strlen(text), " %d:%s", e->wd, event_bits(e->mask));
			if (e->len)
				sprintf(text + strlen(text), "(%s)", e->name);
			if (e->cookie) {
				int i = 0;
				while (i < known && cookies[i] != e->cookie)
					i++;
				if (i == known && known < 16)
					cookies[known++] = e->cookie;
				sprintf(text + strlen(text), "#%d", i + 1);
			}
			p += sizeof *e + e->len;
		}
	}
}

// An inotify descriptor that does not block.
static inline int make_inotify(void) { return REQUIRE_OK(syscall(SYS_inotify_init1, IN_NONBLOCK)); }

static inline int watch(int fd, const char *path, uint32_t mask) {
	return REQUIRE_OK(syscall(SYS_inotify_add_watch, fd, path, mask));
}

#endif

// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of fanotify: groups, marks, and the events of one as text, in which files go by the names that the case
// gave them.
#ifndef DITTO_HARNESS_FANOTIFIES_H
#define DITTO_HARNESS_FANOTIFIES_H

#include "handles.h"

#include <linux/fanotify.h>

#ifndef FAN_REPORT_FD_ERROR
#define FAN_REPORT_FD_ERROR 0x2000
#endif
#ifndef FAN_REPORT_MNT
#define FAN_REPORT_MNT 0x4000
#endif

static inline int group_of(unsigned flags, unsigned events) { return syscall(SYS_fanotify_init, flags, events); }
static inline int make_group(unsigned flags) { return REQUIRE_OK(group_of(flags | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC)); }

static inline long mark(int group, unsigned flags, uint64_t mask, const char *path) {
	return syscall(SYS_fanotify_mark, group, flags, mask, AT_FDCWD, path);
}

// Files that events may name by their handles.
static struct {
	char name[32];
	struct handle h;
} known_files[32];
static int known_count;

static inline void know(const char *path) {
	snprintf(known_files[known_count].name, sizeof known_files[0].name, "%s", path);
	REQUIRE_OK(to_handle(AT_FDCWD, path, &known_files[known_count].h, AT_HANDLE_FID));
	known_count++;
}

static inline const char *known_name(const struct file_handle *h) {
	for (int i = known_count - 1; i >= 0; i--)
		if (h->handle_bytes == known_files[i].h.bytes && h->handle_type == known_files[i].h.type &&
		    !memcmp(h->f_handle, known_files[i].h.id, h->handle_bytes))
			return known_files[i].name;
	return "?";
}

static inline const char *mask_text(uint64_t mask) {
	static const struct {
		uint64_t bit;
		const char *name;
	} bits[] = {{FAN_ACCESS, "access"},	     {FAN_MODIFY, "modify"},	   {FAN_ATTRIB, "attrib"},	     {FAN_CLOSE_WRITE, "close-write"},
		    {FAN_CLOSE_NOWRITE, "close"}, {FAN_OPEN, "open"},		   {FAN_MOVED_FROM, "from"},	     {FAN_MOVED_TO, "to"},
		    {FAN_CREATE, "create"},	     {FAN_DELETE, "delete"},	   {FAN_DELETE_SELF, "delete-self"}, {FAN_MOVE_SELF, "move-self"},
		    {FAN_OPEN_EXEC, "exec"},	     {FAN_Q_OVERFLOW, "overflow"}, {FAN_RENAME, "rename"},	     {FAN_ONDIR, "dir"},
		  {FAN_OPEN_PERM, "may-open"},	     {FAN_ACCESS_PERM, "may-read"}, {FAN_OPEN_EXEC_PERM, "may-run"}};
	static char text[256];
	text[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (mask & bits[i].bit) {
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? "+" : "", bits[i].name);
			mask &= ~bits[i].bit;
		}
	if (mask)
		snprintf(text + strlen(text), sizeof text - strlen(text), "+%#llx", (unsigned long long)mask);
	return text;
}

static inline const char *who_text(int pid) { return pid == getpid() ? "" : pid == 0 ? " by 0" : " by another"; }

// One record behind the head of an event.
static inline void info_text(const struct fanotify_event_info_header *i, char *out, size_t room) {
	if (i->info_type == 4) {
		int pidfd = ((const struct fanotify_event_info_pidfd *)i)->pidfd;
		snprintf(out, room, " pidfd%s", pidfd >= 0 ? "" : name(" %d", pidfd));
		if (pidfd >= 0)
			close(pidfd);
		return;
	}
	const struct fanotify_event_info_fid *f = (const void *)i;
	const struct file_handle *h = (const void *)f->handle;
	struct statfs st;
	REQUIRE_OK(statfs(".", &st));
	bool named = i->info_type != FAN_EVENT_INFO_TYPE_FID && i->info_type != FAN_EVENT_INFO_TYPE_DFID;
	snprintf(out, room, " %d:%s%s%s%s", i->info_type, known_name(h), named ? "/" : "", named ? (const char *)h->f_handle + h->handle_bytes : "",
		 memcmp(&f->fsid, &st.f_fsid, sizeof f->fsid) ? " elsewhere" : "");
	unsigned want = (sizeof *f + sizeof *h + h->handle_bytes + (named ? strlen((const char *)h->f_handle + h->handle_bytes) + 1 : 0) + 3) & ~3;
	if (i->len != want)
		snprintf(out + strlen(out), room - strlen(out), " %u bytes", i->len);
}

// All events that wait in a group.
static inline const char *events_of(int group) {
	static char out[8192];
	static char buf[65536] __attribute__((aligned(8)));
	out[0] = 0;
	ssize_t n;
	while ((n = read(group, buf, sizeof buf)) > 0)
		for (struct fanotify_event_metadata *e = (void *)buf; FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
			size_t at = strlen(out);
			at += snprintf(out + at, sizeof out - at, "%s%s", at ? "; " : "", mask_text(e->mask));
			if (e->fd >= 0) {
				const char *path = link_text(name("/proc/self/fd/%d", e->fd));
				at += snprintf(out + at, sizeof out - at, " %s", strrchr(path, '/') + 1);
				close(e->fd);
			} else if (e->fd != FAN_NOFD)
				at += snprintf(out + at, sizeof out - at, " fd %s", errno_name(-e->fd));
			at += snprintf(out + at, sizeof out - at, "%s", who_text(e->pid));
			if (e->vers != FANOTIFY_METADATA_VERSION || e->metadata_len != 24 || e->reserved)
				at += snprintf(out + at, sizeof out - at, " malformed");
			for (size_t off = e->metadata_len; off + 4 <= e->event_len;) {
				const struct fanotify_event_info_header *i = (const void *)((char *)e + off);
				info_text(i, out + strlen(out), sizeof out - strlen(out));
				if (i->len < 4)
					break;
				off += i->len;
			}
		}
	if (n < 0 && errno != EAGAIN)
		snprintf(out + strlen(out), sizeof out - strlen(out), "; %s", errno_name(errno));
	return out;
}

#define FSTEP(text, call)                                                                                              \
	do {                                                                                                           \
		REQUIRE_OK(call);                                                                                      \
		OBSERVE(text, "%s", events_of(fd));                                                                    \
	} while (0)

#endif

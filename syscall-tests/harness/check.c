// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Checks and observations: each is one record, written with one write to the report pipe, so that records of several
// processes never mix and what a case had seen survives its crash.
#include "internal.h"

#include <stdarg.h>

int report_fd = -1;

// A record is a letter, JSON, and a newline: C "text", O ["name","value"], S "reason", E.
static void record(char kind, const char *a, const char *b) {
	char buf[PIPE_BUF];
	size_t n = 0;
	buf[n++] = kind;
	if (b)
		buf[n++] = '[';
	if (a)
		n += json_string(buf + n, 1500, a);
	if (b) {
		buf[n++] = ',';
		n += json_string(buf + n, 2400, b);
		buf[n++] = ']';
	}
	buf[n++] = '\n';
	int saved = errno;
	while (write(report_fd, buf, n) < 0 && errno == EINTR)
		;
	errno = saved;
}

size_t json_string(char *out, size_t size, const char *s) {
	size_t n = 0;
	out[n++] = '"';
	for (; *s && n + 8 < size; s++) {
		unsigned char c = *s;
		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = c;
		} else if (c < 0x20 || c >= 0x7f) {
			n += sprintf(out + n, "\\u%04x", c);
		} else {
			out[n++] = c;
		}
	}
	out[n++] = '"';
	return n;
}

static const char *base(const char *file) {
	const char *slash = strrchr(file, '/');
	return slash ? slash + 1 : file;
}

void harness_fail(const char *file, int line, const char *fmt, ...) {
	char text[1200], msg[1400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(msg, sizeof msg, "%s:%d: %s", base(file), line, text);
	record('C', msg, NULL);
}

bool harness_eq(const char *file, int line, const char *what, long long got, long long want) {
	if (got == want)
		return true;
	harness_fail(file, line, "%s is %lld (%#llx), want %lld (%#llx)", what, got, got, want, want);
	return false;
}

bool harness_streq(const char *file, int line, const char *what, const char *got, const char *want) {
	if (got && want && strcmp(got, want) == 0)
		return true;
	harness_fail(file, line, "%s is \"%s\", want \"%s\"", what, got ? got : "(null)", want ? want : "(null)");
	return false;
}

bool harness_err(const char *file, int line, const char *what, long long got, int got_errno, int want_errno) {
	if (got == -1 && got_errno == want_errno)
		return true;
	if (got == -1)
		harness_fail(file, line, "%s fails with %s, want %s", what, errno_name(got_errno), errno_name(want_errno));
	else
		harness_fail(file, line, "%s returns %lld, want %s", what, got, errno_name(want_errno));
	return false;
}

bool harness_ok(const char *file, int line, const char *what, long long got, int got_errno) {
	if (got != -1)
		return true;
	harness_fail(file, line, "%s fails with %s", what, errno_name(got_errno));
	return false;
}

void harness_end(void) {
	record('E', NULL, NULL);
	_exit(0);
}

void SKIP(const char *fmt, ...) {
	char text[1200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	record('S', text, NULL);
	harness_end();
}

void OBSERVE(const char *n, const char *fmt, ...) {
	char text[8192];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	record('O', n, text);
}

void harness_observe_ret(const char *n, long long r, int err, bool show) {
	if (r == -1 && err != 0)
		OBSERVE(n, "-1 %s", errno_name(err));
	else if (show)
		OBSERVE(n, "%lld", r);
	else
		OBSERVE(n, "ok");
}

void OBSERVE_STATUS(const char *n, int st) { OBSERVE(n, "%s", status_text(st)); }

void OBSERVE_BYTES(const char *n, const void *p, size_t size) {
	char hex[2049];
	size_t i;
	hex[0] = 0;
	for (i = 0; i < size && i < 1024; i++)
		sprintf(hex + 2 * i, "%02x", ((const unsigned char *)p)[i]);
	OBSERVE(n, "%s", hex);
}

const char *name(const char *fmt, ...) {
	static _Thread_local char ring[8][256];
	static _Thread_local int next;
	char *s = ring[next++ % 8];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s, sizeof ring[0], fmt, ap);
	va_end(ap);
	return s;
}

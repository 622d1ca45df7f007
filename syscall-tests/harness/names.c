// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Normal forms: errno, signal, wait status, pid and address as words that are the same in every run.
#include "internal.h"

const char *errno_name(int e) {
	const char *n = e ? strerrorname_np(e) : "0";
	if (!n)
		return name("E%d", e);
	// glibc's name for the pairs that are one number.
	if (e == EAGAIN)
		return "EAGAIN";
	if (e == EOPNOTSUPP)
		return "EOPNOTSUPP";
	return n;
}

const char *sig_name(int sig) {
	const char *abbrev = sig < 32 ? sigabbrev_np(sig) : NULL;
	return abbrev ? name("SIG%s", abbrev) : name("SIG%d", sig);
}

const char *status_text(int st) {
	if (WIFEXITED(st))
		return name("exit %d", WEXITSTATUS(st));
	if (WIFSIGNALED(st))
		return name("signal %s%s", sig_name(WTERMSIG(st)), WCOREDUMP(st) ? " core" : "");
	if (WIFSTOPPED(st))
		return name("stopped %s%s", sig_name(WSTOPSIG(st)), st >> 16 ? name(" event %d", st >> 16) : "");
	if (WIFCONTINUED(st))
		return "continued";
	return name("status %#x", st);
}

const char *pid_name(pid_t pid) {
	if (pid <= 0)
		return pid == 0 ? "0" : pid == -1 ? "-1" : "negative";
	if (pid == getpid())
		return "self";
	if (pid == case_pid)
		return "case";
	if (pid == getppid())
		return "parent";
	return "other";
}

const char *addr_name(const void *p, const void *base) {
	intptr_t d = (const char *)p - (const char *)base;
	if (!p)
		return "NULL";
	if (d < -(1 << 24) || d > (1 << 24))
		return "elsewhere";
	return d < 0 ? name("base-%#lx", (long)-d) : name("base+%#lx", (long)d);
}

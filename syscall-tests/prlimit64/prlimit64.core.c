// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// RLIMIT_CORE: who leaves a core file, where, how large, and what is in it (core(5))?
#include "../harness/cores.h"
#include "../harness/creds.h"
#include "../harness/memory.h"

#include <sys/prctl.h>
#include <sys/ucontext.h>

// Runs a child that may leave a core file of so many bytes and raises sig; says how it ended, and whether there is one.
static void dies(const char *what, unsigned long limit, int sig) {
	int st;
	struct stat s;
	unlink("core");
	IN_CHILD(&st) {
		core_limit(limit);
		raise(sig);
	}
	OBSERVE(name("%s: end", what), "%s", core_status(st));
	bool there = stat("core", &s) == 0;
	OBSERVE(name("%s: file", what), "%s", there ? name("mode %o links %d, empty: %d, within the limit: %d", s.st_mode, (int)s.st_nlink,
								s.st_size == 0, (unsigned long)s.st_blocks * 512 <= limit + 4096)
							  : "none");
}

CASE(core_by_limit) {
	static const unsigned long limits[] = {0, 1, 4095, 4096, 100000, 1 << 20, RLIM_INFINITY};
	cores_here();
	for (int i = 0; i < COUNT(limits); i++)
		dies(name("%ld", (long)limits[i]), limits[i], SIGABRT);
}

CASE(core_by_signal) {
	cores_here();
	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGSTOP && sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU)
			dies(sig_name(sig), RLIM_INFINITY, sig);
	dies("real-time", RLIM_INFINITY, 40);
}

CASE(core_limit_is_inherited) {
	int st;
	cores_here();
	core_limit(RLIM_INFINITY);
	IN_CHILD(&st) raise(SIGQUIT);
	OBSERVE("child", "%s", core_status(st));
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "ulimit -Sc; kill -SEGV $$", NULL);
		_exit(127);
	}
	OBSERVE("program", "%s", core_status(st));
}

// The child's own report, through shared memory: a core file's reader must not have to trust it.
static volatile struct report {
	pid_t pid, ppid, pgrp, sid, tids[8];
	void *stack, *heap, *text;
} *report;

static char marked[64] = "a marked string in the data";

static void prepare(void) {
	report = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(report != MAP_FAILED);
	cores_here();
}

static __attribute__((noinline)) void fault(char *heap) {
	volatile long here = 0x1122334455667788;
	report->stack = (void *)&here;
	report->heap = strcpy(heap, "a marked string in the heap");
	report->pid = getpid(), report->ppid = getppid(), report->pgrp = getpgrp(), report->sid = getsid(0);
	sig_block(SIGUSR2);
	*(volatile int *)0x1234 = 1;
}

CASE(core_tells_of_the_process) {
	int st;
	size_t n;
	prepare();
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		prctl(PR_SET_NAME, "faulty name");
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, 9));
		fault(malloc(100));
	}
	OBSERVE("end", "%s", core_status(st));
	struct core c = core_read("core");
	prpsinfo_t *ps = core_note(&c, NT_PRPSINFO, 0, &n);
	REQUIRE(ps && n == sizeof *ps);
	OBSERVE("prpsinfo", "%d %c %d %d, uid and gid: %d, name %s", ps->pr_state, ps->pr_sname, ps->pr_zomb, ps->pr_nice,
		ps->pr_uid == getuid() && ps->pr_gid == getgid(), ps->pr_fname);
	CHECK_EQ(ps->pr_pid, report->pid);
	CHECK_EQ(ps->pr_ppid, report->ppid);
	CHECK_EQ(ps->pr_pgrp, report->pgrp);
	CHECK_EQ(ps->pr_sid, report->sid);
	OBSERVE("arguments", "%s", strstr(ps->pr_psargs, " run ") || strlen(ps->pr_psargs) == 79 ? "there" : ps->pr_psargs);
	siginfo_t *si = core_note(&c, NT_SIGINFO, 0, &n);
	REQUIRE(si && n == sizeof *si);
	OBSERVE("siginfo", "%s %d %p", sig_name(si->si_signo), si->si_code, si->si_addr);
	Elf64_auxv_t *aux = core_note(&c, NT_AUXV, 0, &n);
	REQUIRE(aux);
	bool entry = false;
	for (size_t i = 0; i < n / sizeof *aux; i++)
		entry |= aux[i].a_type == AT_ENTRY && aux[i].a_un.a_val != 0;
	OBSERVE("auxv", "entry %d, null at the end %d", entry, aux[n / sizeof *aux - 1].a_type == AT_NULL);
}

CASE(core_has_registers_and_memory) {
	int st;
	size_t n;
	prepare();
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		strcpy(marked, "changed in the child");
		fault(malloc(100));
	}
	struct core c = core_read("core");
	prstatus_t *s = core_note(&c, NT_PRSTATUS, 0, &n);
	REQUIRE(s && n == sizeof *s);
	OBSERVE("prstatus", "%s %s, pending %lx, blocked %lx, fp valid %d", sig_name(s->pr_info.si_signo), sig_name(s->pr_cursig),
		s->pr_sigpend, s->pr_sighold, s->pr_fpvalid);
	CHECK_EQ(s->pr_pid, report->pid);
	struct user_regs_struct *r = (void *)s->pr_reg;
	OBSERVE("segments", "%llx %llx %llx %llx", r->cs, r->ss, r->ds, r->es);
	OBSERVE("orig_rax", "%lld", (long long)r->orig_rax);
	CHECK(r->rip - (unsigned long)fault < 400);
	CHECK((unsigned long)report->stack - r->rsp < 4096 || r->rsp - (unsigned long)report->stack < 128);
	OBSERVE("fs base", "%s", r->fs_base == (unsigned long)pthread_self() ? "the thread's" : "another");
	OBSERVE("data", "%s", (char *)core_at(&c, marked));
	OBSERVE("heap", "%s", (char *)core_at(&c, report->heap));
	OBSERVE("stack", "%lx", *(long *)core_at(&c, report->stack));
	OBSERVE("shared memory", "%s", core_at(&c, (void *)report) ? "there" : "missing");
	OBSERVE("fpregset", "%s", core_note(&c, NT_FPREGSET, 0, &n) ? name("%zu", n) : "none");
	char *x = core_note(&c, NT_X86_XSTATE, 0, &n);
	OBSERVE("xstate", "%s", x ? name("%zu, features %lx", n, *(unsigned long *)(x + 464)) : "none");
	// Of the program's text its first page, the ELF header, is enough.
	extern char __ehdr_start[];
	OBSERVE("ELF header", "%d", core_at(&c, __ehdr_start) && memcmp(core_at(&c, __ehdr_start), ELFMAG, SELFMAG) == 0);
	OBSERVE("text", "%s", core_at(&c, (void *)fault) ? "there" : "missing");
	long *files = core_note(&c, NT_FILE, 0, &n);
	REQUIRE(files);
	char *names = (char *)(files + 2 + 3 * files[0]), exe[300] = "";
	REQUIRE_OK(readlink("/proc/self/exe", exe, sizeof exe - 1));
	OBSERVE("page size of files", "%ld", files[1]);
	bool found = false;
	for (long i = 0; i < files[0]; i++, names += strlen(names) + 1)
		found |= strcmp(names, exe) == 0 && (unsigned long)fault - files[2 + 3 * i] < files[3 + 3 * i] - files[2 + 3 * i];
	OBSERVE("the program's text among the files", "%d", found);
}

static struct gate blocked;
static void *reader(void *arg) {
	char b;
	report->tids[(long)arg] = tid_self();
	read(blocked.r, &b, 1);
	return arg;
}

// Each thread is there with its own registers, the one that died first.
CASE(core_of_threads) {
	int st, seen = 0;
	prepare();
	blocked = gate_open();
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		for (long i = 1; i < 5; i++)
			thread_start(reader, (void *)i);
		for (int i = 1; i < 5; i++) {
			while (!report->tids[i])
				sched_yield();
			CHECK(wait_blocked(getpid(), report->tids[i]));
		}
		report->tids[0] = getpid();
		raise(SIGILL);
	}
	OBSERVE("end", "%s", core_status(st));
	struct core c = core_read("core");
	int n = 0;
	for (prstatus_t *s; (s = core_note(&c, NT_PRSTATUS, n, NULL)); n++) {
		struct user_regs_struct *r = (void *)s->pr_reg;
		if (n == 0)
			CHECK_EQ(s->pr_pid, report->tids[0]);
		for (int i = 0; i < 5; i++)
			if (report->tids[i] == s->pr_pid) {
				seen |= 1 << i;
				if (i)
					CHECK(r->orig_rax == SYS_read && r->rdi == (unsigned)blocked.r);
			}
		CHECK_EQ(s->pr_cursig, SIGILL);
	}
	OBSERVE("threads", "%d, seen %x", n, seen);
	OBSERVE("process notes", "%d", core_note(&c, NT_PRPSINFO, 0, NULL) && !core_note(&c, NT_PRPSINFO, 1, NULL));
}

static void *dies_here(void *arg) {
	report->tids[1] = tid_self();
	raise(SIGTRAP);
	return arg;
}

CASE(core_of_another_thread_than_the_first) {
	int st;
	prepare();
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		report->tids[0] = getpid();
		thread_join(thread_start(dies_here, NULL));
	}
	OBSERVE("end", "%s", core_status(st));
	struct core c = core_read("core");
	prstatus_t *s = core_note(&c, NT_PRSTATUS, 0, NULL);
	REQUIRE(s);
	CHECK_EQ(s->pr_pid, report->tids[1]);
	s = core_note(&c, NT_PRSTATUS, 1, NULL);
	REQUIRE(s);
	CHECK_EQ(s->pr_pid, report->tids[0]);
}

CASE(core_needs_a_dumpable_process) {
	int st;
	cores_here();
	for (int v = 0; v < 2; v++) {
		unlink("core");
		IN_CHILD(&st) {
			core_limit(RLIM_INFINITY);
			REQUIRE_OK(prctl(PR_SET_DUMPABLE, v));
			raise(SIGSEGV);
		}
		OBSERVE(name("dumpable %d", v), "%s, file %d", core_status(st), access("core", F_OK) == 0);
	}
	unlink("core");
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		REQUIRE_OK(prctl(PR_SET_DUMPABLE, 0));
		execl("/bin/sh", "sh", "-c", "kill -SEGV $$", NULL);
	}
	OBSERVE("after exec", "%s, file %d", core_status(st), access("core", F_OK) == 0);
}

CASE(core_of_one_that_changed_its_user, "root") {
	int st;
	cores_here();
	REQUIRE_OK(chmod(".", 0777));
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		become_nobody();
		raise(SIGSEGV);
	}
	OBSERVE("changed", "%s, file %d", core_status(st), access("core", F_OK) == 0);
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		become_nobody();
		REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
		raise(SIGSEGV);
	}
	struct stat s = {0};
	stat("core", &s);
	OBSERVE("and made dumpable again", "%s, owner %d %d, mode %o", core_status(st), s.st_uid, s.st_gid, s.st_mode);
}

// What is in the file's place.
CASE(core_in_a_taken_place) {
	struct stat s;
	cores_here();
	int fd = make_file("core", "old");
	REQUIRE_OK(link("core", "other"));
	int st;
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		raise(SIGABRT);
	}
	REQUIRE_OK(fstat(fd, &s));
	OBSERVE("over a file", "%s; the old one has %ld bytes and %d link", core_status(st), (long)s.st_size, (int)s.st_nlink);
	REQUIRE_OK(unlink("core"));
	REQUIRE_OK(symlink("elsewhere", "core"));
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		raise(SIGABRT);
	}
	REQUIRE_OK(lstat("core", &s));
	OBSERVE("over a link", "%s; %o; its target %d", core_status(st), s.st_mode, access("elsewhere", F_OK) == 0);
	REQUIRE_OK(unlink("core"));
	REQUIRE_OK(mkdir("core", 0755));
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		raise(SIGABRT);
	}
	OBSERVE("over a directory", "%s", core_status(st));
	REQUIRE_OK(rmdir("core"));
	REQUIRE_OK(mkfifo("core", 0600));
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		raise(SIGABRT);
	}
	REQUIRE_OK(lstat("core", &s));
	OBSERVE("over a fifo", "%s; %o", core_status(st), s.st_mode);
}

CASE(core_where_it_can_not_be) {
	int st;
	struct stat s;
	cores_here();
	static const int masks[] = {0077, 0177, 0277, 0377, 0777};
	for (int i = 0; i < COUNT(masks); i++) {
		IN_CHILD(&st) {
			core_limit(RLIM_INFINITY);
			umask(masks[i]);
			raise(SIGABRT);
		}
		OBSERVE(name("umask %o", masks[i]), "%s; %s", core_status(st),
			lstat("core", &s) == 0 ? name("mode %o, empty %d", s.st_mode, s.st_size == 0) : "no file");
		unlink("core");
	}
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		REQUIRE_OK(mkdir("gone", 0755));
		REQUIRE_OK(chdir("gone"));
		REQUIRE_OK(rmdir("../gone"));
		raise(SIGABRT);
	}
	OBSERVE("in a directory that is gone", "%s", core_status(st));
	IN_CHILD(&st) {
		core_limit(RLIM_INFINITY);
		struct rlimit l = {100, 100};
		REQUIRE_OK(setrlimit(RLIMIT_FSIZE, &l));
		raise(SIGABRT);
	}
	OBSERVE("beyond RLIMIT_FSIZE", "%s; at most the limit %d", core_status(st), stat("core", &s) == 0 && s.st_size <= 100);
}

// /proc/PID/coredump_filter.
static long filter(const char *value) {
	int fd = REQUIRE_OK(open("/proc/self/coredump_filter", O_WRONLY));
	long r = write(fd, value, strlen(value));
	int e = errno;
	close(fd);
	errno = e;
	return r;
}

CASE(filter_values) {
	OBSERVE("at first", "%s", read_file("/proc/self/coredump_filter"));
	static const char *const values[] = {"0x7f", "3", "010", "0xfff", "0", " 5", "5 ", "5\n", "x", "", "-1", "0x1ffffffff", "0X21", "7x"};
	for (int i = 0; i < COUNT(values); i++) {
		OBSERVE_RET(name("write '%s'", values[i]), filter(values[i]));
		OBSERVE(name("after '%s'", values[i]), "%s", read_file("/proc/self/coredump_filter"));
	}
	filter("0x15");
	IN_CHILD(NULL) {
		OBSERVE("child", "%s", read_file("/proc/self/coredump_filter"));
		filter("0x3");
	}
	OBSERVE("parent after the child's change", "%s", read_file("/proc/self/coredump_filter"));
	IN_CHILD(NULL) {
		execl("/bin/sh", "sh", "-c", "test $(cat /proc/$$/coredump_filter) = 00000015", NULL);
		_exit(127);
	}
}

CASE(filter_chooses_mappings) {
	int st, fd = make_file("f", "content");
	cores_here();
	REQUIRE_OK(ftruncate(fd, 8192));
	char *anonymous = anon(2), *untouched = pages(256, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *together = shared(2);
	char *file = pages(2, PROT_READ, MAP_PRIVATE, fd), *written = pages(2, RW, MAP_PRIVATE, fd), *shared_file = pages(2, RW, MAP_SHARED, fd);
	char *hidden = anon(2), *excluded = anon(2), *again = anon(2);
	*anonymous = 'a', *together = 's', *written = 'w', *hidden = 'h', *excluded = 'e', *again = 'g';
	REQUIRE_OK(mprotect(hidden, 8192, PROT_NONE));
	REQUIRE_OK(madvise(excluded, 8192, MADV_DONTDUMP));
	REQUIRE_OK(madvise(again, 8192, MADV_DONTDUMP));
	REQUIRE_OK(madvise(again, 8192, MADV_DODUMP));
	const struct {
		const char *name;
		char *p;
	} at[] = {{"anonymous", anonymous}, {"untouched", untouched}, {"shared", together}, {"private file", file}, {"written file", written},
		  {"shared file", shared_file}, {"without access", hidden}, {"MADV_DONTDUMP", excluded}, {"MADV_DODUMP", again}};
	static const char *const filters[] = {"0x33", "0", "1", "2", "4", "8", "0x10", "0xf", "0x1ff"};
	for (int f = 0; f < COUNT(filters); f++) {
		IN_CHILD(&st) {
			core_limit(RLIM_INFINITY);
			filter(filters[f]);
			raise(SIGABRT);
		}
		struct core c = core_read("core");
		for (int i = 0; i < COUNT(at); i++) {
			Elf64_Phdr *p = core_segment(&c, at[i].p);
			char *b = core_at(&c, at[i].p);
			OBSERVE(name("%s: %s", filters[f], at[i].name), "%s, flags %x, first byte %02x", p ? p->p_filesz ? "there" : "left out" : "no segment",
				p ? p->p_flags : 0, b ? *b : 0xff);
		}
		munmap(c.data, c.size);
	}
}

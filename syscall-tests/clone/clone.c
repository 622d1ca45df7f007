// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone: which flags belong together, what is shared with each of them, where do the ids go, and who is the parent? Pid
// namespaces: whose numbers are whose, what init may and must, and what ends with it?
#include "../harness/networks.h"
#include "../harness/signals.h"

#include <sys/resource.h>

static char stack[4][65536] __attribute__((aligned(16)));

// The call itself, as fork is: the child goes on here, on a copy of the stack.
static long raw(unsigned long flags, pid_t *ptid, pid_t *ctid, unsigned long tls) {
	return syscall(SYS_clone, flags, 0, ptid, ctid, tls);
}

CASE(flags_that_do_not_fit) {
	static const struct {
		const char *name;
		unsigned long flags;
	} tries[] = {
		{"SIGHAND without VM", CLONE_SIGHAND},
		{"THREAD without SIGHAND", CLONE_THREAD},
		{"THREAD with VM only", CLONE_THREAD | CLONE_VM},
		{"PIDFD with PARENT_SETTID", CLONE_PIDFD | CLONE_PARENT_SETTID},
		{"PIDFD with DETACHED", CLONE_PIDFD | CLONE_DETACHED},
		{"NEWNS with FS", CLONE_NEWNS | CLONE_FS},
		{"NEWUSER with FS", CLONE_NEWUSER | CLONE_FS},
		{"NEWPID with THREAD", CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM},
		{"NEWIPC with SYSVSEM", CLONE_NEWIPC | CLONE_SYSVSEM},
	};
	for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
		pid_t tid = 0;
		long r = syscall(SYS_clone, tries[i].flags | SIGCHLD, stack[0] + 65536, &tid, &tid, 0);
		if (r == 0)
			_exit(0);
		OBSERVE(tries[i].name, "%s", r < 0 ? errno_name(errno) : "child");
		if (r > 0)
			wait_for((pid_t)r);
	}
	CHECK_ERR(raw(CLONE_SIGHAND | SIGCHLD, NULL, NULL, 0), EINVAL);
	CHECK_ERR(raw(CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL, 0), EINVAL);
}

CASE(exit_signal) {
	static const unsigned long sigs[] = {0, SIGCHLD, SIGUSR1, 34, 64, 65, 255, SIGKILL};
	log_on(SIGUSR1, SA_RESTART, 0);
	log_on(34, SA_RESTART, 0);
	log_on(64, SA_RESTART, 0);
	log_on(SIGCHLD, SA_RESTART, 0);
	for (int i = 0; i < 7; i++) {
		sig_logged = 0;
		long r = raw(sigs[i], NULL, NULL, 0);
		if (r == 0)
			_exit(5);
		OBSERVE(name("signal %lu", sigs[i]), "%s", r < 0 ? errno_name(errno) : "child");
		if (r < 0)
			continue;
		OBSERVE_STATUS(name("status %lu", sigs[i]), wait_for((pid_t)r));
		OBSERVE(name("got %lu", sigs[i]), "%s", sig_logged ? name("%s code %d status %d", sig_name(sig_log[0].si_signo), sig_log[0].si_code, sig_log[0].si_status) : "none");
	}
}

CASE(where_the_ids_go) {
	pid_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long pid = raw(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &shared[0], &shared[1], 0);
	if (pid == 0)
		_exit(shared[1] == getpid() ? 0 : 1);
	CHECK_EQ(shared[0], pid);
	OBSERVE_STATUS("child sees its id", wait_for((pid_t)pid));
	CHECK_EQ(shared[1], pid);
	// Pointers that fault: the parent's is told by nobody, the child's neither.
	for (int i = 0; i < 2; i++) {
		pid = raw((i ? CLONE_CHILD_SETTID : CLONE_PARENT_SETTID) | SIGCHLD, bad_ptr(), bad_ptr(), 0);
		if (pid == 0)
			_exit(0);
		OBSERVE(i ? "bad child pointer" : "bad parent pointer", "%s", pid < 0 ? errno_name(errno) : status_text(wait_for((pid_t)pid)));
	}
}

CASE(pidfd) {
	int fd = -1;
	long pid = raw(CLONE_PIDFD | SIGCHLD, (pid_t *)&fd, NULL, 0);
	REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(3);
	OBSERVE("descriptor", "%d flags %#x", fd, fcntl(fd, F_GETFD));
	siginfo_t i;
	CHECK_OK(waitid(P_PIDFD, fd, &i, WEXITED));
	CHECK_EQ(i.si_pid, pid);
	errno = 0;
	pid = raw(CLONE_PIDFD | SIGCHLD, bad_ptr(), NULL, 0);
	if (pid == 0)
		_exit(0);
	OBSERVE("bad pointer", "%s", pid < 0 ? errno_name(errno) : "child");
	OBSERVE_RET("no descriptor left over", fcntl(fd + 1, F_GETFD));
}

CASE(parent_is_the_callers) {
	REQUIRE_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid_t me = getpid(), *sibling = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = harness_fork();
	if (child == 0) {
		long r = raw(CLONE_PARENT | SIGUSR1, NULL, NULL, 0); // the signal is ours, not that one
		if (r == 0)
			_exit(getppid() == me ? 7 : 8);
		*sibling = (pid_t)r;
		_exit(waitpid((pid_t)r, NULL, __WALL) < 0 ? errno == ECHILD ? 1 : 2 : 3);
	}
	OBSERVE_STATUS("not the cloner's child", wait_for(child));
	OBSERVE_STATUS("but ours", wait_for(*sibling));
}

struct shared {
	int fd, dirfd;
	struct gate up;
	volatile int value;
	volatile pid_t ppid, tgid, tid;
};

static int changes(void *arg) {
	struct shared *s = arg;
	s->value = 42;
	close(s->fd);
	umask(0123);
	if (chdir("/") < 0)
		return 9;
	struct ksigaction ign = {SIG_IGN};
	ksigaction(SIGUSR2, &ign, NULL);
	s->ppid = getppid();
	return 0;
}

// What the child does to memory, descriptors, working directory, umask and handlers, by flag.
CASE(what_is_shared) {
	static const struct {
		const char *name;
		int flags;
	} tries[] = {{"nothing", 0}, {"VM", CLONE_VM}, {"FILES", CLONE_FILES}, {"FS", CLONE_FS}, {"VM SIGHAND", CLONE_VM | CLONE_SIGHAND},
		     {"VM FILES FS", CLONE_VM | CLONE_FILES | CLONE_FS}, {"VM VFORK", CLONE_VM | CLONE_VFORK}, {"IO", CLONE_IO}};
	struct shared s;
	char cwd[256], now[256];
	REQUIRE(getcwd(cwd, sizeof cwd));
	for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
		s.value = 1;
		s.fd = (int)REQUIRE_OK(dup(0));
		umask(022);
		REQUIRE_OK(chdir(cwd));
		struct ksigaction dfl = {SIG_DFL}, sa;
		ksigaction(SIGUSR2, &dfl, NULL);
		int pid = clone(changes, stack[0] + sizeof stack[0], tries[i].flags | SIGCHLD, &s);
		REQUIRE(pid > 0);
		OBSERVE_STATUS(name("%s: child", tries[i].name), wait_for(pid));
		ksigaction(SIGUSR2, NULL, &sa);
		mode_t mask = umask(022);
		REQUIRE(getcwd(now, sizeof now));
		OBSERVE(tries[i].name, "memory %d descriptor %s umask %#o cwd %s handler %s", s.value, fcntl(s.fd, F_GETFD) < 0 ? "closed" : "open", mask,
			strcmp(now, cwd) ? "moved" : "same", sa.handler == SIG_IGN ? "ignored" : "default");
		close(s.fd);
	}
}

static volatile pid_t futex_word;

static int ends_at_once(void *arg) {
	(void)arg;
	return 0;
}

static void wait_cleared(void) {
	for (;;) {
		pid_t v = futex_word;
		if (v == 0)
			return;
		syscall(SYS_futex, &futex_word, 0 /* FUTEX_WAIT */, v, NULL, NULL, 0);
	}
}

CASE(child_cleartid_wakes) {
	futex_word = 1;
	int pid = clone(ends_at_once, stack[0] + sizeof stack[0], CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &futex_word);
	REQUIRE(pid > 0);
	wait_cleared();
	CHECK_EQ(futex_word, 0);
	OBSERVE_STATUS("child", wait_for(pid));
	// Without shared memory the word of the parent stays.
	futex_word = 1;
	pid = clone(ends_at_once, stack[0] + sizeof stack[0], CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &futex_word);
	wait_for(pid);
	OBSERVE("copied memory", "%d", futex_word);
}

static int thread_body(void *arg) {
	struct shared *s = arg;
	s->tgid = (pid_t)syscall(SYS_getpid);
	s->tid = (pid_t)syscall(SYS_gettid);
	s->ppid = (pid_t)syscall(SYS_getppid);
	syscall(SYS_exit, 0);
	return 0;
}

CASE(thread) {
	static struct shared s;
	pid_t parent_tid = 0;
	futex_word = 1;
	int tid = clone(thread_body, stack[0] + sizeof stack[0],
			CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, &s,
			&parent_tid, NULL, &futex_word);
	REQUIRE(tid > 0);
	wait_cleared();
	CHECK_EQ(parent_tid, tid);
	CHECK_EQ(s.tgid, getpid());
	CHECK_EQ(s.tid, tid);
	CHECK_EQ(s.ppid, getppid());
	OBSERVE_RET("not a child", waitpid(tid, NULL, __WALL));
}

static int reads_tls(void *arg) {
	unsigned long v;
	__asm__ volatile("mov %%fs:0,%0" : "=r"(v));
	*(volatile unsigned long *)arg = v;
	syscall(SYS_exit, 0);
	return 0;
}

CASE(settls) {
	static unsigned long block[64], seen;
	block[0] = 0xabcdef;
	// No libc in the child: its thread pointer is ours.
	futex_word = 1;
	int pid = clone(reads_tls, stack[0] + sizeof stack[0], CLONE_VM | CLONE_SETTLS | CLONE_CHILD_CLEARTID | SIGCHLD, &seen, NULL, block, &futex_word);
	REQUIRE(pid > 0);
	wait_for(pid);
	OBSERVE("fs:0 in the child", "%#lx", seen);
	CHECK_EQ(seen, 0xabcdef);
	long r = syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, 0x8000000000000000UL);
	if (r == 0)
		syscall(SYS_exit, 0);
	OBSERVE("non-canonical", "%s", r < 0 ? errno_name(errno) : status_text(wait_for((pid_t)r)));
}

static int crashes(void *arg) {
	(void)arg;
	*(volatile char *)0x10 = 1;
	return 0;
}

// A child that shares memory and dies of a signal takes only itself along.
CASE(death_with_shared_memory) {
	int pid = clone(crashes, stack[0] + sizeof stack[0], CLONE_VM | SIGCHLD, NULL);
	OBSERVE_STATUS("child", wait_for(pid));
	pid = clone(crashes, stack[0] + sizeof stack[0], CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	OBSERVE_STATUS("vfork child", wait_for(pid));
}

CASE(limit_of_processes, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_NPROC, &(struct rlimit){1, 1}));
		REQUIRE_OK(syscall(SYS_setresuid, 54324, 54324, 54324));
		CHECK_ERR(raw(SIGCHLD, NULL, NULL, 0), EAGAIN);
	}
}

// A child in a pid namespace of its own, by the raw call: 0 in the child.
static pid_t new_init(unsigned long more) { return (pid_t)REQUIRE_OK(raw(CLONE_NEWPID | more | SIGCHLD, NULL, NULL, 0)); }

static const char *nspid(pid_t pid, const char *field) {
	static char line[128];
	const char *status = read_file(name("/proc/%d/status", pid));
	REQUIRE(status);
	const char *at = strstr(status, name("\n%s:\t", field));
	REQUIRE(at);
	at += strlen(field) + 3;
	snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

static int fields(const char *line) {
	int n = 1;
	for (; *line; line++)
		n += *line == '\t';
	return n;
}

CASE(init_of_a_pid_namespace, "root cap:21") {
	pid_t *tids = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct gate go = gate_open();
	int depth = fields(nspid(getpid(), "NSpid"));
	long child = REQUIRE_OK(raw(CLONE_NEWPID | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &tids[0], &tids[1], 0));
	if (child == 0) {
		OBSERVE("pid", "%ld", syscall(SYS_getpid));
		OBSERVE("tid", "%ld", syscall(SYS_gettid));
		OBSERVE("ppid", "%ld", syscall(SYS_getppid));
		OBSERVE("pgid", "%ld", syscall(SYS_getpgid, 0));
		OBSERVE("sid", "%ld", syscall(SYS_getsid, 0));
		OBSERVE("SETTID", "%d", tids[1]);
		OBSERVE_RET("setsid", setsid());
		OBSERVE("pgid of the session", "%ld", syscall(SYS_getpgid, 0));
		OBSERVE_RET("kill 1", kill(1, 0));
		OBSERVE_RET("kill 2", kill(2, 0));
		OBSERVE_RET("kill all", kill(-1, SIGTERM));
		OBSERVE_RET("a thread of another namespace", syscall(SYS_tgkill, 2, 2, 0));
		OBSERVE_RET("wait without children", wait(NULL));
		pid_t second = harness_fork();
		if (second == 0) {
			OBSERVE("second", "%d of %d", getpid(), getppid());
			_exit(3);
		}
		OBSERVE("second's number", "%d", second);
		siginfo_t si;
		REQUIRE_OK(waitid(P_PID, second, &si, WEXITED | WNOWAIT));
		OBSERVE("waitid", "%d %d", si.si_pid, si.si_status);
		OBSERVE("its end", "%s", status_text(wait_for(second)));
		gate_wait(&go);
		_exit(7);
	}
	CHECK_EQ(tids[0], child);
	CHECK(child != 1);
	CHECK_EQ(fields(nspid((pid_t)child, "NSpid")), depth + 1);
	OBSERVE("last number", "%s", strrchr(nspid((pid_t)child, "NSpid"), '\t'));
	CHECK_OK(kill((pid_t)child, 0));
	gate_signal(&go);
	siginfo_t si;
	REQUIRE_OK(waitid(P_PID, (id_t)child, &si, WEXITED));
	CHECK_EQ(si.si_pid, child);
	OBSERVE("end", "%d", si.si_status);
}

CASE(init_ends_its_namespace, "root cap:21") {
	int alive[2];
	REQUIRE_OK(pipe(alive));
	struct gate ready = gate_open();
	pid_t child = new_init(0);
	if (child == 0) {
		for (int i = 0; i < 3; i++)
			if (harness_fork() == 0) {
				harness_fork(); // a grandchild, and the child's own session
				setsid();
				sig_block(SIGTERM);
				gate_signal(&ready);
				for (;;)
					pause();
			}
		for (int i = 0; i < 6; i++)
			gate_wait(&ready);
		_exit(9);
	}
	close(alive[1]);
	OBSERVE_STATUS("init", wait_for(child));
	char c;
	OBSERVE_RET("all ends of the pipe are closed", read(alive[0], &c, 1));
}

CASE(orphans_go_to_the_nearest_init, "root cap:21") {
	struct gate orphan = gate_open(), told = gate_open();
	REQUIRE_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid_t child = new_init(0);
	if (child == 0) {
		pid_t middle = harness_fork();
		if (middle == 0) {
			if (harness_fork() == 0) {
				gate_wait(&orphan);
				OBSERVE("parent of the orphan", "%d", getppid());
				gate_signal(&told);
				_exit(5);
			}
			_exit(0);
		}
		wait_for(middle);
		gate_signal(&orphan);
		gate_wait(&told);
		int st;
		pid_t got = (pid_t)REQUIRE_OK(waitpid(-1, &st, 0));
		OBSERVE("init reaps", "%d %s", got, status_text(st));
		_exit(0);
	}
	OBSERVE_STATUS("init", wait_for(child));
	OBSERVE_RET("no children left", waitpid(-1, NULL, WNOHANG));
}

CASE(signals_to_init, "root cap:21") {
	static const struct {
		const char *name;
		int sig;
	} from_outside[] = {{"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"KILL", SIGKILL}};
	for (int i = 0; i < 3; i++) {
		struct gate ready = gate_open(), go = gate_open();
		pid_t child = new_init(0);
		if (child == 0) {
			OBSERVE_RET(name("KILL to itself, %s", from_outside[i].name), kill(1, SIGKILL));
			OBSERVE_RET(name("STOP to itself, %s", from_outside[i].name), kill(1, SIGSTOP));
			OBSERVE_RET(name("TERM to itself, %s", from_outside[i].name), kill(getpid(), SIGTERM));
			if (harness_fork() == 0) {
				OBSERVE_RET(name("KILL by a child, %s", from_outside[i].name), kill(1, SIGKILL));
				_exit(0);
			}
			wait(NULL);
			gate_signal(&ready);
			gate_wait(&go);
			_exit(4);
		}
		gate_wait(&ready);
		OBSERVE_RET(name("%s from outside", from_outside[i].name), kill(child, from_outside[i].sig));
		gate_signal(&go);
		OBSERVE_STATUS(name("end by %s", from_outside[i].name), wait_for(child));
	}
}

CASE(senders_across_namespaces, "root cap:21") {
	struct gate ready = gate_open(), go = gate_open(), sent = gate_open();
	pid_t child = new_init(0);
	if (child == 0) {
		sig_catch(SIGUSR1, 0);
		pid_t inner = harness_fork();
		if (inner == 0) {
			kill(getppid(), SIGUSR1);
			_exit(0);
		}
		wait_for(inner);
		OBSERVE("from the child", "pid %d uid %u code %d", sig_info[SIGUSR1].si_pid, sig_info[SIGUSR1].si_uid, sig_info[SIGUSR1].si_code);
		gate_signal(&ready);
		gate_wait(&sent);
		OBSERVE("from outside", "pid %d uid %u code %d, %d in all", sig_info[SIGUSR1].si_pid, sig_info[SIGUSR1].si_uid, sig_info[SIGUSR1].si_code, sig_count[SIGUSR1]);
		gate_signal(&go);
		_exit(0);
	}
	gate_wait(&ready);
	OBSERVE_RET("kill", kill(child, SIGUSR1));
	gate_signal(&sent);
	gate_wait(&go);
	OBSERVE_STATUS("init", wait_for(child));
}

// unshare gives the namespace to children only, and after its init's end nobody comes in.
CASE(unshared_for_children, "root cap:21") {
	IN_CHILD(NULL) {
		pid_t me = getpid();
		REQUIRE_OK(unshare(CLONE_NEWPID));
		CHECK_EQ(getpid(), me);
		OBSERVE_OK("pid_for_children before the first", open("/proc/self/ns/pid_for_children", O_RDONLY));
		OBSERVE_RET("unshare again", unshare(CLONE_NEWPID));
		OBSERVE_RET("thread", raw(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, NULL, NULL, 0));
		struct gate go = gate_open();
		pid_t init = harness_fork();
		if (init == 0) {
			gate_wait(&go);
			_exit(0);
		}
		OBSERVE_OK("pid_for_children", open("/proc/self/ns/pid_for_children", O_RDONLY));
		pid_t second = harness_fork();
		if (second == 0)
			_exit(getpid() == 2 && getppid() == 0 ? 2 : 1);
		OBSERVE_STATUS("second", wait_for(second));
		gate_signal(&go);
		OBSERVE_STATUS("init", wait_for(init));
		OBSERVE_OK("after init's end", fork());
		OBSERVE_RET("raw", raw(SIGCHLD, NULL, NULL, 0));
	}
}

CASE(namespace_without_privilege, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(raw(CLONE_NEWPID | SIGCHLD, NULL, NULL, 0), EPERM);
		long child = raw(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD, NULL, NULL, 0);
		if (child == 0) {
			OBSERVE("pid", "%d", getpid());
			OBSERVE("uid", "%d", getuid());
			OBSERVE_RET("sethostname", sethostname("x", 1));
			_exit(0);
		}
		OBSERVE_STATUS("child", child < 0 ? -1 : wait_for((pid_t)child));
	}
}

// Namespaces in namespaces, as deep as it goes: each sees the next one's init as its number 2.
static int nest(int level) {
	long child = raw(CLONE_NEWPID | SIGCHLD, NULL, NULL, 0);
	if (child < 0)
		return errno;
	if (child == 0) {
		if (getpid() != 1 || getppid() != 0)
			_exit(99);
		_exit(level == 40 ? 98 : nest(level + 1));
	}
	int st = wait_for((pid_t)child);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 97;
}

CASE(pid_namespaces_nest, "root cap:21") {
	IN_CHILD(NULL) OBSERVE("end of the deepest", "%s", errno_name(nest(0)));
}

CASE(network_namespace, "root cap:21") {
	struct namespaces mine = namespaces_of(getpid());
	int l = in_listener(AF_INET, 1);
	long child = raw(CLONE_NEWNET | SIGCHLD, NULL, NULL, 0);
	if (child == 0) {
		OBSERVE("changed", "%s", ns_changed(mine));
		OBSERVE("lo", "%#lx", device_flags("lo"));
		CHECK_OK(device_up("lo"));
		OBSERVE_RET("connect to the outer namespace", in_connect(in_socket(AF_INET, SOCK_STREAM), AF_INET, in_port(l)));
		_exit(0);
	}
	OBSERVE_STATUS("end", wait_for((pid_t)child));
	CHECK_STR(ns_changed(mine), "none");
	OBSERVE_RET("a thread's", raw(CLONE_NEWNET | CLONE_THREAD, NULL, NULL, 0));
}

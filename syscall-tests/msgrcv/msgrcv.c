// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgrcv: which message a type selects, sizes, every flag, copies, receivers that wait, bad memory, permissions.
#include "../harness/sysv.h"

static int queue(void) { return REQUIRE_OK(msgget_(IPC_PRIVATE, 0600)); }
static void removed(int id) { REQUIRE_OK(msgctl_(id, IPC_RMID, NULL)); }

static const char *receive(int id, size_t size, long type, int flags) {
	struct message m = {.type = -7, .text = "untouched"};
	errno = 0;
	long n = msgrcv_(id, &m, size, type, flags);
	int e = errno;
	return name("%ld %s type %ld text %.9s", n, errno_name(e), m.type, m.text);
}

static void fill(int id) {
	static const int types[] = {3, 1, 2, 3, 1, 5};
	for (int i = 0; i < 6; i++) {
		struct message *m = msg(types[i], name("%d of %d", i, types[i]));
		REQUIRE_OK(msgsnd_(id, m, strlen(m->text) + 1, 0));
	}
}

CASE(types) {
	static const long types[] = {0, 1, 2, 3, 4, 5, -1, -2, -3, -4, -9, 0x7fffffffffffffff, -0x7fffffffffffffff, -0x7fffffffffffffff - 1};
	for (int i = 0; i < 14; i++)
		for (int except = 0; except < 2; except++) {
			int id = queue();
			fill(id);
			for (int n = 0; n < 7; n++)
				OBSERVE(name("%d. of type %ld%s", n, types[i], except ? " MSG_EXCEPT" : ""), "%s",
					receive(id, 100, types[i], IPC_NOWAIT | (except ? MSG_EXCEPT : 0)));
			removed(id);
		}
}

CASE(sizes) {
	int id = queue();
	fill(id);
	OBSERVE("too small", "%s", receive(id, 3, 0, 0));
	OBSERVE("nothing taken", "%s", msg_text(id));
	OBSERVE("cut", "%s", receive(id, 3, 0, MSG_NOERROR));
	OBSERVE("taken", "%s", msg_text(id));
	OBSERVE("none at all", "%s", receive(id, 0, 0, MSG_NOERROR));
	OBSERVE("exact", "%s", receive(id, 7, 0, 0));
	OBSERVE("huge", "%s", receive(id, 0x7fffffffffffffff, 0, 0));
	OBSERVE("negative", "%s", receive(id, -1, 0, 0));
	removed(id);
}

CASE(copies) {
	int id = queue();
	fill(id);
	for (int n = -1; n < 8; n++)
		OBSERVE(name("number %d", n), "%s", receive(id, 100, n, MSG_COPY | IPC_NOWAIT));
	OBSERVE("still there", "%s", msg_text(id));
	OBSERVE("without IPC_NOWAIT", "%s", receive(id, 100, 0, MSG_COPY));
	OBSERVE("with MSG_EXCEPT", "%s", receive(id, 100, 0, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT));
	OBSERVE("too small", "%s", receive(id, 3, 0, MSG_COPY | IPC_NOWAIT));
	OBSERVE("too small, MSG_NOERROR", "%s", receive(id, 3, 0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR));
	OBSERVE_RET("no buffer", msgrcv_(id, NULL, 100, 0, MSG_COPY | IPC_NOWAIT));
	removed(id);
}

CASE(errors) {
	int id = queue();
	struct message m;
	CHECK_ERR(msgrcv_(-1, &m, 1, 0, IPC_NOWAIT), EINVAL);
	CHECK_ERR(msgrcv_(0x7ffffff, &m, 1, 0, IPC_NOWAIT), EINVAL);
	CHECK_ERR(msgrcv_(id, &m, 1, 0, IPC_NOWAIT), ENOMSG);
	CHECK_ERR(msgrcv_(id, bad_ptr(), 1, 0, IPC_NOWAIT), ENOMSG);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		REQUIRE_OK(msgsnd_(id, msg(1, "x"), 1, 0));
		CHECK_ERR(msgrcv_(id, b->p, 1, 0, 0), EFAULT);
		CHECK_ERR(msgrcv_(id, b->p, 1, 0, IPC_NOWAIT), ENOMSG); // it is lost
	}
	for (int bit = 0; bit < 32; bit++) {
		if (bit != 14)
			REQUIRE_OK(msgsnd_(id, msg(1, "x"), 1, 0));
		OBSERVE(name("flag %d", bit), "%s", receive(id, 10, 0, 1u << bit));
	}
	removed(id);
	CHECK_ERR(msgrcv_(id, &m, 1, 0, IPC_NOWAIT), EINVAL);
}

static pid_t receiver(int id, size_t size, long type, int flags, int out) {
	pid_t pid = harness_fork();
	if (pid == 0) {
		const char *s = receive(id, size, type, flags);
		if (write(out, s, 100) != 100)
			_exit(1);
		_exit(0);
	}
	REQUIRE(wait_blocked(pid, pid));
	return pid;
}

static const char *got(int fd) {
	static char s[100];
	REQUIRE(read(fd, s, 100) == 100);
	return s;
}

CASE(waiting) {
	int id = queue(), p[2];
	REQUIRE_OK(pipe(p));
	pid_t a = receiver(id, 100, 2, 0, p[1]), b = receiver(id, 100, 0, 0, p[1]), c = receiver(id, 100, -3, 0, p[1]),
	      d = receiver(id, 100, 2, MSG_EXCEPT, p[1]);
	REQUIRE_OK(msgsnd_(id, msg(9, "nine"), 5, 0));
	OBSERVE("any", "%s", got(p[0]));
	wait_for(b);
	REQUIRE_OK(msgsnd_(id, msg(2, "two"), 4, 0));
	OBSERVE("equal", "%s", got(p[0]));
	wait_for(a);
	REQUIRE_OK(msgsnd_(id, msg(3, "three"), 6, 0));
	OBSERVE("at most", "%s", got(p[0]));
	wait_for(c);
	REQUIRE_OK(msgsnd_(id, msg(2, "again"), 6, 0));
	REQUIRE_OK(msgsnd_(id, msg(4, "four"), 5, 0));
	OBSERVE("other", "%s", got(p[0]));
	struct msqid_ds ds;
	REQUIRE_OK(msgctl_(id, IPC_STAT, &ds));
	OBSERVE("left", "%lu, last received by the one that waited %d", ds.msg_qnum, ds.msg_lrpid == d);
	wait_for(d);
	int q[2];
	REQUIRE_OK(pipe(q));
	a = receiver(id, 2, 7, 0, p[1]);
	b = receiver(id, 2, 7, MSG_NOERROR, q[1]);
	REQUIRE_OK(msgsnd_(id, msg(7, "long"), 5, 0));
	wait_for(a);
	OBSERVE("no room", "%s", got(p[0]));
	wait_for(b);
	OBSERVE("cut", "%s", got(q[0]));
	removed(id);
}

CASE(ends_of_waiting) {
	for (int how = 0; how < 4; how++) {
		static const char *const hows[] = {"removed", "signal", "signal with SA_RESTART", "no permission any more"};
		int id = queue(), p[2];
		REQUIRE_OK(pipe(p));
		sig_catch(SIGUSR1, how == 2 ? SA_RESTART : 0);
		pid_t a = harness_fork();
		if (a == 0) {
			if (how == 3)
				become_nobody();
			const char *s = receive(id, 100, 0, 0);
			if (write(p[1], s, 100) != 100)
				_exit(1);
			_exit(0);
		}
		struct msqid_ds d;
		REQUIRE_OK(msgctl_(id, IPC_STAT, &d));
		d.msg_perm.mode = 0;
		if (how == 3) {
			wait_for(a);
			OBSERVE(hows[how], "%s", got(p[0]));
			removed(id);
			continue;
		}
		REQUIRE(wait_blocked(a, a));
		if (how == 0)
			removed(id);
		else
			kill(a, SIGUSR1);
		OBSERVE(hows[how], "%s", got(p[0]));
		wait_for(a);
		if (how)
			removed(id);
	}
}

static void receive_as(const char *who, int mode) {
	int id = queue();
	struct msqid_ds d = {.msg_perm = {.uid = 1000, .gid = 1000, .mode = mode}, .msg_qbytes = 100};
	REQUIRE_OK(msgctl_(id, IPC_SET, &d));
	REQUIRE_OK(msgsnd_(id, msg(1, "x"), 1, 0));
	IN_CHILD(NULL) {
		become(who);
		OBSERVE(name("%s, mode %o", who, mode), "%s", receive(id, 1, 0, IPC_NOWAIT));
	}
	removed(id);
}

CASE(permissions, "root") { for_each_access(receive_as); }

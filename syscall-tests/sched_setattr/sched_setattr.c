// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setattr: sizes, dirty tails, flags, and which values go with which policy?
#include "../harness/sched.h"

CASE(sizes) {
	static const unsigned sizes[] = {0, 1, 47, 48, 52, 56, 64, 4096, 4097, 0xffffffff};
	static unsigned buf[2048];
	for (int i = 0; i < 10; i++) {
		memset(buf, 0, sizeof buf);
		buf[0] = sizes[i];
		OBSERVE_RET(name("size %u", sizes[i]), setattr(0, (void *)buf, 0));
		OBSERVE(name("size field after %u", sizes[i]), "%u", buf[0]);
	}
	memset(buf, 0, sizeof buf);
	buf[0] = 64;
	buf[15] = 1;
	OBSERVE_RET("dirty tail", setattr(0, (void *)buf, 0));
	OBSERVE("size it wants", "%u", buf[0]);
}

CASE(arguments) {
	struct kattr a = {.size = sizeof a};
	OBSERVE_RET("pid -1", setattr(-1, &a, 0));
	OBSERVE_RET("dead", setattr(dead_pid(), &a, 0));
	OBSERVE_RET("flags argument", setattr(0, &a, 1));
	OBSERVE_RET("NULL", setattr(0, NULL, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, setattr(0, b->p, 0));
	OBSERVE_RET("straddling", setattr(0, (void *)((char *)guard_copy(&a, sizeof a) + 16), 0));
	OBSERVE_RET("at the end", setattr(0, guard_copy(&a, sizeof a), 0));
	for (int bit = 0; bit < 12; bit++) {
		struct kattr f = {.size = 48, .flags = 1u << bit};
		IN_CHILD(NULL) OBSERVE_RET(name("flag bit %d", bit), setattr(0, &f, 0));
	}
	a.flags = 1ULL << 40;
	OBSERVE_RET("flag bit 40", setattr(0, &a, 0));
	CHECK_ERR(setattr(0, NULL, 0), EINVAL);
}

CASE(policies_and_values, "root") {
	static const int nices[] = {-21, -20, 0, 19, 20};
	for (int p = 0; p < 6; p++) {
		for (int i = 0; i < 5; i++)
			IN_CHILD(NULL) {
				struct kattr a = {.size = 48, .policy = policies[p].policy, .nice = nices[i]};
				OBSERVE_RET(name("%s nice %d", policies[p].name, nices[i]), setattr(0, &a, 0));
				OBSERVE(name("%s after nice %d", policies[p].name, nices[i]), "%s", sched_text());
			}
		for (unsigned prio = 1; prio <= 100; prio += 49)
			IN_CHILD(NULL) {
				struct kattr a = {.size = 48, .policy = policies[p].policy, .priority = prio};
				OBSERVE_RET(name("%s priority %u", policies[p].name, prio), setattr(0, &a, 0));
			}
	}
}

CASE(keeping_policy_or_parameters, "root") {
	IN_CHILD(NULL) {
		struct kattr a = {.size = 48, .policy = SCHED_RR, .priority = 12};
		REQUIRE_OK(setattr(0, &a, 0));
		a = (struct kattr){.size = 48, .flags = 8, .priority = 13}; // SCHED_FLAG_KEEP_POLICY
		OBSERVE_RET("keep policy", setattr(0, &a, 0));
		OBSERVE("then", "%s", sched_text());
		a = (struct kattr){.size = 48, .flags = 16, .policy = SCHED_RR}; // SCHED_FLAG_KEEP_PARAMS
		OBSERVE_RET("keep parameters", setattr(0, &a, 0));
		OBSERVE("and then", "%s", sched_text());
		a = (struct kattr){.size = 48, .flags = 24 | 1};
		OBSERVE_RET("keep both, reset on fork", setattr(0, &a, 0));
		OBSERVE("at last", "%s", sched_text());
	}
}

CASE(without_privilege, "root") {
	pid_t other = sleeper();
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_NICE, &(struct rlimit){0, 0}));
		REQUIRE_OK(setrlimit(RLIMIT_RTPRIO, &(struct rlimit){0, 0}));
		become_nobody();
		struct kattr a = {.size = 48, .nice = 5};
		OBSERVE_RET("nicer", setattr(0, &a, 0));
		a.nice = 3;
		OBSERVE_RET("less nice", setattr(0, &a, 0));
		OBSERVE_RET("other's", setattr(other, &a, 0));
		a = (struct kattr){.size = 48, .policy = SCHED_FIFO, .priority = 1};
		OBSERVE_RET("real time", setattr(0, &a, 0));
	}
	end_child(other);
}

// SCHED_DEADLINE needs a privilege that a container has not; what is nonsense is nonsense for everybody.
CASE(deadline, "root") {
	static const uint64_t v[][3] = {{0, 0, 0}, {1000, 100000, 0}, {10000000, 30000000, 30000000}, {10000000, 30000000, 0}, {10000000, 30000000, 20000000},
		{30000001, 30000000, 0}, {1024, 1024, 0}, {10000000, 1ull << 63, 0}, {10000000, 30000000, 1ull << 63}, {10000000, 5000000000, 0}};
	for (int i = 0; i < 10; i++)
		IN_CHILD(NULL) {
			struct kattr a = {.size = 48, .policy = 6, .runtime = v[i][0], .deadline = v[i][1], .period = v[i][2]};
			become_nobody();
			OBSERVE_RET(name("%lu %lu %lu", v[i][0], v[i][1], v[i][2]), setattr(0, &a, 0));
			a.priority = 1;
			OBSERVE_RET(name("%lu %lu %lu with a priority", v[i][0], v[i][1], v[i][2]), setattr(0, &a, 0));
		}
}

CASE(clamps) {
	for (unsigned flag = 0x20; flag <= 0x40; flag *= 2)
		for (unsigned size = 48; size <= 56; size += 8) {
			struct kattr a = {.size = size, .flags = flag, .util_min = 10, .util_max = 100};
			long r = setattr(0, &a, 0);
			// A kernel without CONFIG_UCLAMP_TASK says so, to who has a struct that could say what.
			OBSERVE(name("flag %#x size %u", flag, size), "%s", r == 0 || errno == EOPNOTSUPP ? "understood" : errno_name(errno));
		}
	struct kattr a = {.size = 56, .policy = 7};
	OBSERVE("extensible", "%s", setattr(0, &a, 0) == 0 || errno == EINVAL ? "if there is a scheduler" : errno_name(errno));
}

// Bounds of the processor's speed need a structure that has them, which counts before the process.
CASE(util_clamp_in_a_short_structure) {
	struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; } a = {.size = 48, .flags = 0x20};
	OBSERVE_RET("no such process", syscall(SYS_sched_setattr, 99999999, &a, 0));
	OBSERVE_RET("self", syscall(SYS_sched_setattr, 0, &a, 0));
}

// They count behind all that may forbid the change.
CASE(clamps_without_privilege, "root") {
	struct kattr mine;
	REQUIRE_OK(syscall(SYS_sched_getattr, 0, &mine, sizeof mine, 0));
	IN_CHILD(NULL) {
		become_nobody();
		struct kattr a = {.size = 56, .flags = 0x60, .nice = mine.nice - 1, .util_min = 10, .util_max = 100};
		OBSERVE_RET("nicer to itself", setattr(0, &a, 0));
		a.nice = mine.nice;
		a.policy = SCHED_FIFO;
		OBSERVE_RET("no priority", setattr(0, &a, 0));
		a.priority = 1;
		OBSERVE_RET("SCHED_FIFO", setattr(0, &a, 0));
		a.policy = SCHED_OTHER;
		OBSERVE_RET("a priority", setattr(0, &a, 0));
		a.priority = 0;
		long r = setattr(0, &a, 0);
		OBSERVE("nothing else", "%s", r == 0 || errno == EOPNOTSUPP ? "understood" : errno_name(errno));
		r = setattr(getppid(), &a, 0);
		OBSERVE("someone else's", "%s", r == 0 ? "ok" : errno_name(errno));
	}
}

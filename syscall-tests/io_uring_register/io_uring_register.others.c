// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_uring_register: processors of the workers, busy polling, messages between rings, and receive queues of the network's.
#include "../harness/urings.h"

static long reg(struct ring *r, unsigned op, void *arg, unsigned n) { return syscall(SYS_io_uring_register, r->fd, op, arg, n); }

enum { NAPI = 27, DROP_NAPI = 28, SEND_MSG = 31, ZCRX = 32 };

CASE(processors_of_the_workers, "kernel>=5.14") {
	struct ring r = ring_new(4);
	cpu_set_t mine, none = {0};
	REQUIRE_OK(sched_getaffinity(0, sizeof mine, &mine));
	OBSERVE_RET("nothing", reg(&r, IORING_REGISTER_IOWQ_AFF, NULL, sizeof mine));
	OBSERVE_RET("no length", reg(&r, IORING_REGISTER_IOWQ_AFF, &mine, 0));
	OBSERVE_RET("bad pointer", reg(&r, IORING_REGISTER_IOWQ_AFF, bad_ptr(), 8));
	OBSERVE_RET("its own", reg(&r, IORING_REGISTER_IOWQ_AFF, &mine, sizeof mine));
	OBSERVE_RET("none at all", reg(&r, IORING_REGISTER_IOWQ_AFF, &none, sizeof none));
	memset(&none, 0xff, sizeof none);
	OBSERVE_RET("all that can be", reg(&r, IORING_REGISTER_IOWQ_AFF, &none, sizeof none));
	OBSERVE_RET("undo with an argument", reg(&r, IORING_UNREGISTER_IOWQ_AFF, &mine, 0));
	OBSERVE_RET("undo with a number", reg(&r, IORING_UNREGISTER_IOWQ_AFF, NULL, 1));
	OBSERVE_RET("undo", reg(&r, IORING_UNREGISTER_IOWQ_AFF, NULL, 0));
	OBSERVE_RET("undo again", reg(&r, IORING_UNREGISTER_IOWQ_AFF, NULL, 0));
	ring_sqe(&r, IORING_OP_NOP, -1, 1)->flags = IOSQE_ASYNC;
	OBSERVE("a request for a worker", "%s", ring_do(&r));
}

struct napi { // struct io_uring_napi
	uint32_t busy_us;
	uint8_t prefer, op, pad[2];
	uint32_t param, resv;
};

CASE(busy_polling, "kernel>=6.13") {
	static const struct {
		const char *what;
		struct napi n;
	} steps[] = {
		{"padding", {.pad = {0, 1}}}, {"reserved", {.resv = 1}}, {"unknown operation", {.op = 9}}, {"unknown way", {.param = 9}},
		{"an id before all", {.op = 1, .param = 1 << 20}}, {"set", {.busy_us = 50, .prefer = 1}}, {"set again", {.busy_us = 70, .prefer = 7}},
		{"too long", {.busy_us = 1000000}}, {"an id while they are found", {.op = 1, .param = 1 << 20}}, {"ids are given", {.busy_us = 30, .param = 1}},
		{"an id that is none", {.op = 1, .param = 1}}, {"an id", {.op = 1, .param = 1 << 20}}, {"the id again", {.op = 1, .param = 1 << 20}},
		{"another", {.op = 1, .param = 1 << 21}}, {"without it", {.op = 2, .param = 1 << 20}}, {"without it again", {.op = 2, .param = 1 << 20}},
		{"ids are given anew", {.busy_us = 40, .param = 1}}, {"without the other", {.op = 2, .param = 1 << 21}},
	};
	struct ring r = ring_new(4);
	struct napi n = {0};
	OBSERVE_RET("nothing", reg(&r, NAPI, NULL, 1));
	OBSERVE_RET("two", reg(&r, NAPI, &n, 2));
	OBSERVE_RET("bad pointer", reg(&r, NAPI, bad_ptr(), 1));
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		n = steps[i].n;
		OBSERVE_RET(steps[i].what, reg(&r, NAPI, &n, 1));
		OBSERVE(name("%s: before", steps[i].what), "%u us, prefer %u, op %u, way %u", n.busy_us, n.prefer, n.op, n.param);
	}
	OBSERVE_RET("undo, two", reg(&r, DROP_NAPI, &n, 2));
	OBSERVE_RET("undo, bad pointer", reg(&r, DROP_NAPI, bad_ptr(), 1));
	OBSERVE_RET("undo", reg(&r, DROP_NAPI, &n, 1));
	OBSERVE("at last", "%u us, prefer %u, way %u", n.busy_us, n.prefer, n.param);
	OBSERVE_RET("undo without asking", reg(&r, DROP_NAPI, NULL, 1));
	OBSERVE_RET("undo again", reg(&r, DROP_NAPI, &n, 1));
	OBSERVE("nothing is left", "%u us, prefer %u, way %u", n.busy_us, n.prefer, n.param);
}

// A message can be sent to a ring without having one.
CASE(messages_to_rings, "kernel>=6.13") {
	struct ring r = ring_new(4), off = ring_with(4, (struct io_uring_params){.flags = IORING_SETUP_R_DISABLED});
	struct io_uring_sqe s = {.opcode = 40, .fd = r.fd, .len = 17, .off = 99}; // IORING_OP_MSG_RING
	OBSERVE_RET("by a ring", reg(&r, SEND_MSG, &s, 1));
	OBSERVE_RET("nothing", syscall(SYS_io_uring_register, -1, SEND_MSG, NULL, 1));
	OBSERVE_RET("two", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 2));
	OBSERVE_RET("bad pointer", syscall(SYS_io_uring_register, -1, SEND_MSG, bad_ptr(), 1));
	OBSERVE_RET("another command", syscall(SYS_io_uring_register, -1, IORING_REGISTER_PROBE, &s, 1));
	s.flags = IOSQE_ASYNC;
	OBSERVE_RET("a flag", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.flags = 0, s.opcode = IORING_OP_NOP;
	OBSERVE_RET("another operation", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.opcode = 40, s.addr = 1;
	OBSERVE_RET("a descriptor", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.addr = 0, s.buf_index = 1;
	OBSERVE_RET("an index", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.buf_index = 0, s.rw_flags = 8;
	OBSERVE_RET("an unknown flag", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.rw_flags = 0, s.fd = 999;
	OBSERVE_RET("no descriptor", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.fd = 0;
	OBSERVE_RET("no ring", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.fd = off.fd;
	OBSERVE_RET("a ring that does not run", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	s.fd = r.fd;
	OBSERVE("nothing yet", "%s", ring_all(&r));
	OBSERVE_RET("a message", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	OBSERVE("came", "%s", ring_wait(&r));
	s.rw_flags = 2, s.file_index = 5; // IORING_MSG_RING_FLAGS_PASS
	OBSERVE_RET("with flags", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	OBSERVE("came with flags", "%s", ring_wait(&r));
	s.rw_flags = 1, s.file_index = 0; // IORING_MSG_RING_CQE_SKIP
	OBSERVE_RET("quietly", syscall(SYS_io_uring_register, -1, SEND_MSG, &s, 1));
	OBSERVE("came quietly", "%s", ring_all(&r));
}

CASE(receive_queues, "root cap:12 kernel>=6.15") {
	struct ring r = ring_new(4);
	struct { uint32_t ifindex, rxq, entries, flags; uint64_t area, region; uint32_t offsets[8]; uint32_t id, resv2; uint64_t resv[3]; } a = {.ifindex = 1};
	OBSERVE_RET("of a plain ring", reg(&r, ZCRX, &a, 1));
	OBSERVE_RET("nothing", reg(&r, ZCRX, NULL, 1));
	struct ring d = ring_with(4, (struct io_uring_params){.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN});
	OBSERVE_RET("of small completions", reg(&d, ZCRX, &a, 1));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("by nobody", reg(&r, ZCRX, &a, 1));
	}
}

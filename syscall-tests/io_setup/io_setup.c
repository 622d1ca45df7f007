// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// io_setup: which arguments does it take, what does the ring look like, and who has the context?
#include "../harness/aios.h"

CASE(arguments) {
	aio_context_t ctx = 0;
	CHECK_ERR(syscall(SYS_io_setup, 0, &ctx), EINVAL);
	ctx = 1;
	CHECK_ERR(syscall(SYS_io_setup, 1, &ctx), EINVAL);
	CHECK_EQ(ctx, 1);
	ctx = 0;
	CHECK_ERR(syscall(SYS_io_setup, 1, NULL), EFAULT);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_io_setup, 1, b->p));
	// Where the name can't be written: nothing is left behind.
	CHECK_ERR(syscall(SYS_io_setup, 1, readonly_page()), EFAULT);
	CHECK(!strstr(read_file("/proc/self/maps"), "[aio]"));
}

CASE(limits) {
	static const unsigned sizes[] = {65537, 1 << 20, 4194304, 4194305, 1U << 31, (1U << 31) + 1, -1U};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		aio_context_t ctx = 0;
		OBSERVE_RET(name("%#x", sizes[i]), syscall(SYS_io_setup, sizes[i], &ctx));
		CHECK_EQ(ctx, 0);
	}
	OBSERVE("aio-max-nr", "%s", read_file("/proc/sys/fs/aio-max-nr"));
}

CASE(ring) {
	static const unsigned sizes[] = {1, 63, 64, 100, 1000, 4000};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct aio_ring *r = aio_ring_of(aio_new(sizes[i]));
		OBSERVE(name("for %u", sizes[i]), "id %u, nr %u, %u-%u, magic %#x, features %#x %#x, header %u", r->id, r->nr, r->head,
			r->tail, r->magic, r->compat, r->incompat, r->length);
		CHECK_EQ((uintptr_t)r % page_size(), 0);
	}
}

CASE(mapping) {
	aio_context_t ctx = aio_new(1);
	const char *maps = read_file("/proc/self/smaps"), *line = strstr(maps, name("%lx-%lx", ctx, ctx + page_size()));
	REQUIRE(line);
	CHECK(strstr(line, " rw-s 00000000 ") != NULL);
	CHECK(strstr(line, "/[aio] (deleted)\n") != NULL);
	const char *flags = strstr(line, "VmFlags:");
	REQUIRE(flags);
	OBSERVE("flags", "%.*s", (int)strcspn(flags, "\n"), flags);
}

// The ring is memory like any other: it can be protected, doubled by fork, and unmapped, after which nobody knows the context.
CASE(ring_goes_away) {
	aio_context_t ctx = aio_new(1);
	REQUIRE_OK(mprotect((void *)ctx, page_size(), PROT_NONE));
	OBSERVE_RET("no access", aio_drain(ctx));
	REQUIRE_OK(mprotect((void *)ctx, page_size(), PROT_READ));
	OBSERVE_RET("read only", aio_drain(ctx));
	REQUIRE_OK(munmap((void *)ctx, page_size()));
	CHECK_ERR(syscall(SYS_io_destroy, ctx), EINVAL);
}

CASE(ring_moves) {
	aio_context_t ctx = aio_new(1);
	char buf[4];
	int fd = make_file("f", "data");
	struct iocb cb = aio_rw(IOCB_CMD_PREAD, fd, buf, 4, 0);
	void *to = mmap(NULL, page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(to != MAP_FAILED);
	REQUIRE(mremap((void *)ctx, page_size(), page_size(), MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	CHECK_ERR(aio_drain(ctx), EINVAL);
	aio_context_t moved = (uintptr_t)to;
	OBSERVE("read", "%s", aio_result(moved, &cb));
	CHECK(mremap(to, page_size(), 2 * page_size(), MREMAP_MAYMOVE) == MAP_FAILED);
	OBSERVE("grow", "%s", errno_name(errno));
	CHECK(mremap(to, 0, page_size(), MREMAP_MAYMOVE) == MAP_FAILED);
	OBSERVE("double", "%s", errno_name(errno));
	CHECK_OK(syscall(SYS_io_destroy, moved));
	CHECK_ERR(syscall(SYS_io_destroy, moved), EINVAL);
}

// The id in the ring says where the kernel looks; it is the application's to spoil.
CASE(ids) {
	aio_context_t a = aio_new(1), b = aio_new(1), c = aio_new(1);
	OBSERVE("ids", "%u %u %u", aio_ring_of(a)->id, aio_ring_of(b)->id, aio_ring_of(c)->id);
	aio_ring_of(b)->id = aio_ring_of(c)->id;
	CHECK_ERR(aio_drain(b), EINVAL);
	aio_ring_of(b)->id = -1;
	CHECK_ERR(aio_drain(b), EINVAL);
	aio_ring_of(b)->id = 1;
	CHECK_EQ(aio_drain(b), 0);
	REQUIRE_OK(syscall(SYS_io_destroy, b));
	aio_context_t d = aio_new(1);
	OBSERVE("next", "%u", aio_ring_of(d)->id);
}

CASE(fork_does_not_inherit) {
	aio_context_t ctx = aio_new(1);
	IN_CHILD(NULL) {
		CHECK_EQ(aio_ring_of(ctx)->magic, 0xa10a10a1);
		CHECK_ERR(aio_drain(ctx), EINVAL);
		CHECK_ERR(syscall(SYS_io_destroy, ctx), EINVAL);
		aio_context_t own = aio_new(1);
		CHECK(own != ctx);
		CHECK_EQ(aio_ring_of(own)->id, 0);
	}
	CHECK_EQ(aio_drain(ctx), 0);
}

static void *drain(void *ctx) { return (void *)aio_drain((uintptr_t)ctx); }

CASE(threads_share) {
	aio_context_t ctx = aio_new(1);
	CHECK(thread_join(thread_start(drain, (void *)ctx)) == NULL);
	IN_CHILD(NULL) { // a process that shares the memory is as good
		pid_t p = vfork();
		if (p == 0)
			_exit(0);
		CHECK_EQ(wait_for(p), 0);
	}
}

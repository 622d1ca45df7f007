// SPDX-License-Identifier: Apache-2.0

// How a program travels from the driver to the executor: a header, the operations, the arena's first contents. The Go
// side is in tools/fuzz/prog/wire.go; both are little-endian with fields in this order and no padding.

#ifndef WIRE_H
#define WIRE_H

#include <stdint.h>

#define MAGIC 0x31667a64 // "dzf1"

// All of this lies above where the program's break may start, which is up to 1 GiB behind the program.
#define ARENA_AT 0x50000000ul // the memory that arguments point into, the same on both sides
#define ARENA_MAX 0x100000ul
#define PAGES_AT 0x60000000ul // pages that programs map, unmap and protect
#define PAGES 16
#define WINDOWS_AT 0x61000000ul // where the soak's mappings go, so that what lies behind one is the same on both sides
#define WINDOWS 6
#define WINDOW 0x40000ul
#define TOLD_AT 0x70000000ul // out of the way of what programs unmap

enum { ARG_VALUE, ARG_SLOT, ARG_ARENA, ARG_PAGES, ARG_SLOT_PLUS, ARG_MEMORY };

// What an operation is, beside a system call.
enum { OP_CALL, OP_DUMP, OP_POKE, OP_PEEK, OP_FORK };

// How a result is told.
enum { RET_VALUE, RET_OK, RET_PID, RET_SILENT };

// What in the arena can't be compared as it is.
enum { NORM_ZERO, NORM_STAT, NORM_STATX, NORM_DIRENTS, NORM_DIRENTS64, NORM_TIMES, NORM_PIDS, NORM_STATFS, NORM_TIMEVALS,
       NORM_SIGINFO, NORM_PORT, NORM_TIMEX, NORM_IPC };

enum { OP_ASYNC = 1, OP_NOT_DIRECTORY = 2 };
enum { PROG_SAME_FS = 1, PROG_TEMPLATE = 2, PROG_PREPARED = 4, PROG_SMALL = 8, PROG_OWN_MEMORY = 16,
       PROG_NO_LINKS = 32, PROG_OWN_BLOCKS = 64 };

struct arg {
	uint32_t kind, slot;
	int64_t value;
};

struct norm {
	uint32_t format, offset, length;
};

struct op {
	uint16_t nr;
	uint8_t what, thread, flags, ret, store, as, nargs, norms;
	uint16_t body; // of OP_FORK: how many of the operations that follow are the child's
	uint32_t index; // in the program as it was generated
	struct arg args[6];
	struct norm norm[6];
};

struct header {
	uint32_t magic, ops, data, arena, flags, directory;
};

_Static_assert(sizeof(struct op) == 184, "the Go side writes 184 bytes");

#endif

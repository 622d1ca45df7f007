// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// The main program of the C tests: `list` prints each case's id and needs, `run ID...` runs those cases one after the
// other, each in a child process with a time limit, and prints one JSON line a case.
#include "internal.h"

static struct harness_case *cases;

void harness_add(struct harness_case *c) {
	c->next = cases;
	cases = c;
}

// getpid.c, case basic: "getpid/c/basic".
static void case_id(const struct harness_case *c, char *out, size_t size) {
	const char *slash = strrchr(c->file, '/');
	const char *file = slash ? slash + 1 : c->file;
	snprintf(out, size, "%.*s/c/%s", (int)strcspn(file, "."), file, c->name);
}

static const struct harness_case *find(const char *id) {
	char buf[256];
	for (const struct harness_case *c = cases; c; c = c->next) {
		case_id(c, buf, sizeof buf);
		if (strcmp(buf, id) == 0)
			return c;
	}
	return NULL;
}

static int list(void) {
	char buf[256];
	for (const struct harness_case *c = cases; c; c = c->next) {
		case_id(c, buf, sizeof buf);
		printf("%s\t%s\n", buf, c->needs);
	}
	return 0;
}

int main(int argc, char **argv) {
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc < 3 || strcmp(argv[1], "run") != 0) {
		fprintf(stderr, "usage: %s list | run [--limit=MS] ID...\n", argv[0]);
		return 2;
	}
	int first = 2;
	if (strncmp(argv[2], "--limit=", 8) == 0) {
		limit_ms = atoi(argv[2] + 8);
		first++;
	}
	for (int i = first; i < argc; i++) {
		const struct harness_case *c = find(argv[i]);
		if (!c) {
			fprintf(stderr, "no such case: %s\n", argv[i]);
			return 2;
		}
		run_case(c, argv[i]);
	}
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What the files of the C harness share and cases don't see.
#ifndef DITTO_HARNESS_INTERNAL_H
#define DITTO_HARNESS_INTERNAL_H

#include "harness.h"
#include <limits.h>

// The report pipe stands at this number in every case, out of the way of the lowest free descriptors.
#define REPORT_FD 1000

extern int report_fd;
extern int limit_ms; // a case's time
extern pid_t case_pid; // the case's first process

size_t json_string(char *out, size_t size, const char *s);

// Why the needs of a case are not met here, or NULL; the text is static.
const char *unmet_need(const char *needs);

// Runs a case in a child, in a fresh directory, and prints its JSON line on stdout.
void run_case(const struct harness_case *c, const char *id);

#endif

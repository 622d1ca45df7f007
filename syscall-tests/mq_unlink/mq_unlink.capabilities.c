// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_unlink: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/mq.h"

static const char *the_name;
static void a_queue(void) {
	the_name = qname(1);
	mqunlink(the_name);
	REQUIRE_OK(mqopen(the_name, O_CREAT | O_RDWR, 0600, NULL));
}

CAPABILITY(roots_queue, a_queue(), mqunlink(the_name))

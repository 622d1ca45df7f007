// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_open: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"
#include "../harness/mq.h"

static const char *the_name;

DESCRIPTOR_LIMIT(mq_open, mqunlink(the_name = strdup(qname(1))), mqopen(the_name, O_CREAT | O_RDWR, 0600, NULL))

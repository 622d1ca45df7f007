// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_timedreceive: what ends a wait for a message?
#include "../harness/mq.h"
#include "../harness/waits.h"

static void a_queue(void) { wait_on[0] = wait_on[1] = queue(2, 16, 0); }

WAITS(message, a_queue(), mqreceive(wait_on[0], wait_buf, 16, NULL, NULL), mqsend(wait_on[1], "xyz", 3, 0, NULL))
WAITS(message_for_a_minute, a_queue(), mqreceive(wait_on[0], wait_buf, 16, NULL, in_ms(60000)), mqsend(wait_on[1], "xyz", 3, 0, NULL))

// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_timedsend: what ends a wait for room in a queue?
#include "../harness/mq.h"
#include "../harness/waits.h"

static void a_queue(void) { wait_on[0] = wait_on[1] = queue(2, 16, 0); }
static void a_full_queue(void) {
	a_queue();
	REQUIRE_OK(mqsend(wait_on[0], "a", 1, 0, NULL));
	REQUIRE_OK(mqsend(wait_on[0], "b", 1, 0, NULL));
}

WAITS(room, a_full_queue(), mqsend(wait_on[0], "xyz", 3, 0, NULL), mqreceive(wait_on[1], wait_buf, 16, NULL, NULL))
WAITS(room_for_a_minute, a_full_queue(), mqsend(wait_on[0], "xyz", 3, 0, in_ms(60000)), mqreceive(wait_on[1], wait_buf, 16, NULL, NULL))

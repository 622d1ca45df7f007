// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_unlink: which names are refused, and how long may one be?
#include "../harness/mq.h"

CASE(long_names) {
	static char text[5001];
	memset(text, 'n', 5000);
	static const int lengths[] = {1, 254, 255, 256, 4094, 4095, 4096, 5000};
	for (int i = 0; i < 8; i++)
		OBSERVE_RET(name("%d bytes", lengths[i]), mqunlink(text + 5000 - lengths[i]));
}

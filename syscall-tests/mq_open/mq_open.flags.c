// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_open: which of open's flags are taken, and what do they do to an opened queue?
#include "../harness/mq.h"

#include <sched.h>

CASE(each_flag_alone) {
	int q = REQUIRE_OK(mqopen(qname(0), O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	for (int bit = 2; bit < 32; bit++) {
		if (1u << bit == O_EXCL || 1u << bit == O_TRUNC)
			continue; // what they do has cases of its own
		long fd = OBSERVE_OK(name("flag %#x", 1u << bit), mqopen(qname(0), O_RDWR | 1u << bit, 0600, NULL));
		if (fd >= 0) {
			OBSERVE(name("flag %#x: of the file", 1u << bit), "%#x %#x", fcntl((int)fd, F_GETFL), fcntl((int)fd, F_GETFD));
			close((int)fd);
		}
	}
	OBSERVE_OK("O_TMPFILE", mqopen(qname(0), O_RDWR | O_TMPFILE, 0600, NULL));
	OBSERVE_OK("O_SYNC", mqopen(qname(0), O_RDWR | O_SYNC, 0600, NULL));
	close(q);
	REQUIRE_OK(mqunlink(qname(0)));
}

// Without privileges no more queues than the namespace's limit can be made.
CASE(more_queues_than_are_allowed, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(unshare(CLONE_NEWIPC));
		become_nobody();
		struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 1};
		long n = 0;
		for (; n < 2000; n++) {
			long fd = mqopen(qname(n), O_CREAT | O_RDWR, 0600, &a);
			if (fd < 0)
				break;
			close((int)fd);
		}
		OBSERVE("queues", "%ld, then %s", n, errno_name(errno));
	}
}

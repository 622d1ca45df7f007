// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// madvise: advice that needs a right, or a kernel that was built with it.
#include "../harness/memory.h"

// As nobody, so that no page is poisoned.
CASE(advice_of_pages_that_fail, "root") {
	char *p = anon(2);
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("hwpoison", madvise(p, PG, 100));
		OBSERVE_RET("soft offline", madvise(p, PG, 101));
		OBSERVE_RET("hwpoison of nothing", madvise(bad_ptr(), PG, 100));
	}
}

CASE(samepage) {
	char *p = lettered(anon(2), 2);
	OBSERVE_RET("mergeable", madvise(p, PG, 12));
	OBSERVE_RET("unmergeable", madvise(p, PG, 13));
	OBSERVE("bytes", "%s", peek_pages(p, 2));
}

// Less than a huge page.
CASE(collapse) {
	char *p = lettered(anon(2), 2);
	OBSERVE_RET("two pages", madvise(p, 2 * PG, 25));
	OBSERVE_RET("a page that is a hole", madvise(bad_ptr(), PG, 25));
	OBSERVE("bytes", "%s", peek_pages(p, 2));
}

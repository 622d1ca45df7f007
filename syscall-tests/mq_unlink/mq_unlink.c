// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_unlink: a queue without its name, a new one of the same name, and names that are none.
#include "../harness/mq.h"

CASE(the_queue_lives_on) {
	int q = REQUIRE_OK(mqopen(qname(1), O_CREAT | O_RDWR, 0600, NULL));
	REQUIRE_OK(mqsend(q, "old", 3, 0, NULL));
	CHECK_OK(mqunlink(qname(1)));
	CHECK_ERR(mqunlink(qname(1)), ENOENT);
	CHECK_ERR(mqopen(qname(1), O_RDWR, 0, NULL), ENOENT);
	int r = REQUIRE_OK(mqopen(qname(1), O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	OBSERVE("old", "%s", attr_text(q));
	OBSERVE("new", "%s", attr_text(r));
	REQUIRE_OK(mqunlink(qname(1)));
}

CASE(bad_names) {
	static const char *const bad[] = {"", "/", "/a", "a/b", ".", "..", "nothing-of-this-name"};
	for (int i = 0; i < 7; i++)
		OBSERVE_RET(name("\"%s\"", bad[i]), mqunlink(bad[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(mqunlink(b->p), EFAULT);
}

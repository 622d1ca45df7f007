// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fanotify_mark: how many marks may there be in a user namespace whose root has bounded them?
#include "../harness/fanotifies.h"
#include "../harness/namespaces.h"

CASE(as_many_as_the_user_namespace_allows, "kernel>=5.13") {
	DIRS("a", "b", "c");
	IN_CHILD(NULL) {
		unshare_user(0, 0);
		OBSERVE_RET("bound", put_text("/proc/sys/user/max_fanotify_marks", "2"));
		int g = make_group(FAN_REPORT_FID);
		OBSERVE_RET("first", mark(g, FAN_MARK_ADD, FAN_CREATE, "a"));
		OBSERVE_RET("second", mark(g, FAN_MARK_ADD, FAN_CREATE, "b"));
		OBSERVE_RET("third", mark(g, FAN_MARK_ADD, FAN_CREATE, "c"));
		OBSERVE_RET("more of the first", mark(g, FAN_MARK_ADD, FAN_DELETE, "a"));
		OBSERVE_RET("the first removed", mark(g, FAN_MARK_REMOVE, FAN_CREATE | FAN_DELETE, "a"));
		OBSERVE_RET("third, without the first", mark(g, FAN_MARK_ADD, FAN_CREATE, "c"));
	}
}

// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: PR_GET_TID_ADDRESS, which set_tid_address set.
#include "../harness/harness.h"

#include <sys/prctl.h>

CASE(tid_address) {
	static int word;
	int *got = NULL;
	syscall(SYS_set_tid_address, &word);
	OBSERVE_RET("get", syscall(SYS_prctl, PR_GET_TID_ADDRESS, &got, 0, 0, 0));
	OBSERVE("it is", "%s", got == &word ? "what was set" : "something else");
	OBSERVE_RET("bad pointer", syscall(SYS_prctl, PR_GET_TID_ADDRESS, bad_ptr(), 0, 0, 0));
	OBSERVE_RET("other arguments", syscall(SYS_prctl, PR_GET_TID_ADDRESS, &got, 1, 2, 3));
}

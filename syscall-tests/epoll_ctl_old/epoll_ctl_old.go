// SPDX-License-Identifier: Apache-2.0

// Package epoll_ctl_old tests from Go that epoll_ctl_old is no call: of the time before epoll was merged.
package epoll_ctl_old

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(214) })
}

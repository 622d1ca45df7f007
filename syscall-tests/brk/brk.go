// SPDX-License-Identifier: Apache-2.0

// Package brk tests brk from Go: does it answer the same to all threads, and leave what it refuses?
package brk

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("refusals_change_nothing", "", refusals)
	harness.Case("threads_agree", "", threads)
}

func brk(p uintptr) uintptr {
	r, _, _ := unix.Syscall(unix.SYS_BRK, p, 0, 0)
	return r
}

func refusals(t *harness.T) {
	now := brk(0)
	for _, p := range []uintptr{1, 4096, 1 << 47, 1 << 63, ^uintptr(0)} {
		t.Check(brk(p) == now, "brk(%#x) moved", p)
	}
	t.Check(brk(now+1) == now+1, "one byte more")
	t.Check(brk(now+1<<20) == now+1<<20, "a MiB more")
	t.Check(brk(now) == now, "back")
}

func threads(t *harness.T) {
	now := brk(0)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				t.Check(brk(0) == now, "a thread sees another break")
			}
		})
	}
	all.Wait()
}

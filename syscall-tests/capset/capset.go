// SPDX-License-Identifier: Apache-2.0

// Package capset tests capset from Go: each capability alone can be given up, and is gone.
package capset

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_one_can_be_given_up", "root", eachOne)
}

func eachOne(t *harness.T) {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var all [2]unix.CapUserData
	t.Must("capget", unix.Capget(&h, &all[0]))
	for c := range 41 {
		word, bit := c/32, uint32(1)<<(c%32)
		if all[word].Permitted&bit == 0 {
			continue
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
			d := all
			d[word].Permitted &^= bit
			d[word].Effective &^= bit
			t.Errno(fmt.Sprint("drop ", c), unix.Capset(&h, &d[0]), 0)
			var got [2]unix.CapUserData
			t.Errno("capget", unix.Capget(&h, &got[0]), 0)
			t.Equal(fmt.Sprint("without ", c), got, d)
			t.Errno(fmt.Sprint("raise ", c), unix.Capset(&h, &all[0]), unix.EPERM)
		}()
		<-done
	}
}

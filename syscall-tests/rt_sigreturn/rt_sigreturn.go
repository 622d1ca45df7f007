// SPDX-License-Identifier: Apache-2.0

// Package rt_sigreturn tests rt_sigreturn from Go: goroutines that compute and are preempted by signals all the while lose nothing.
package rt_sigreturn

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("computation_under_preemption", "", computationUnderPreemption)
}

func computationUnderPreemption(t *harness.T) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			select {
			case <-stop:
				return
			default:
				// To the process: whichever thread runs is interrupted. The runtime ignores it.
				unix.Kill(unix.Getpid(), unix.SIGURG)
			}
		}
	}()
	sum, product := 0.0, 1.0
	for i := 1; i <= 2000000; i++ {
		sum += 1 / float64(i)
		product *= 1 + 1e-9*float64(i%7)
	}
	close(stop)
	wg.Wait()
	t.Observe("results", "%.12f %.12f", sum, product)
}

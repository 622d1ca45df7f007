// SPDX-License-Identifier: Apache-2.0

// Package vfork tests vfork from Go: many short children, several at a time.
package vfork

import (
	"fmt"
	"os/exec"
	"sync"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("many_children", "", manyChildren)
}

func manyChildren(t *harness.T) {
	var wg sync.WaitGroup
	results := make([]string, 24)
	for i := range results {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results[i] = harness.Status(exec.Command("/bin/sh", "-c", fmt.Sprintf("exit %d", i)))
		}()
	}
	wg.Wait()
	t.Observe("ends", "%v", results)
	t.Observe("program that is not there", "%s", harness.Status(exec.Command("/nonexistent/program")))
}

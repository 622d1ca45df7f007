// SPDX-License-Identifier: Apache-2.0

package platform

import (
	"runtime"
	"sync/atomic"
)

// ready is how many goroutines could go on and have not yet: tasks that were
// woken, and who gave way to them. It is a hint: nobody waits for it to change.
var ready atomic.Int32

// Readied says that the caller has woken a task's goroutine. Any goroutine.
func Readied() { ready.Add(1) }

// Resumed says that the caller is that goroutine, and runs.
func Resumed() { ready.Add(-1) }

// GiveWay lets other goroutines run, if there are any that wait for that: it
// is for who would spin otherwise. To leave them to the runtime takes long: it
// wakes another thread of the host, which finds them after a sleep, for a
// goroutine just readied is expected to run where that was done.
// It tells whether it gave way.
func GiveWay() bool {
	if ready.Load() <= 0 {
		return false
	}
	ready.Add(1)
	runtime.Gosched()
	ready.Add(-1)
	return true
}

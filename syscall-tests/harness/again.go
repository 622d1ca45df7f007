// SPDX-License-Identifier: Apache-2.0

package harness

import "golang.org/x/sys/unix"

// Again makes a call until no signal interrupts it: one that Linux never restarts, like poll(2) even with a timeout of 0, may meet those by which the Go
// runtime preempts goroutines. It is not for cases about interruption.
func Again(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}

// Poll is poll(2), by Again.
func Poll(fds []unix.PollFd, ms int) (int, error) {
	return Again(func() (int, error) { return unix.Poll(fds, ms) })
}

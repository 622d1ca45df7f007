// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Absent checks from several threads at once that a number belongs to no call.
func (t *T) Absent(nr uintptr) {
	ends := Race(4, func(i int) error {
		for n := range uintptr(50) {
			arg := n<<(8*i) - 1
			if _, _, err := unix.Syscall6(nr, arg, arg, arg, arg, arg, arg); err != unix.ENOSYS {
				return fmt.Errorf("argument %#x: %w", arg, err)
			}
		}
		return nil
	})
	t.Equal("ends", ends, "0 x4")
}

// SPDX-License-Identifier: Apache-2.0

// Package modify_ldt tests modify_ldt from Go: the table is every thread's, and no other program's.
package modify_ldt

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_all_threads_and_no_other_program", "", ofAllThreads)
	harness.Child("modify_ldt.read", func([]string) int {
		n, _ := read()
		return n
	})
}

// set makes an entry a data segment.
func set(entry, base uint32) uint32 {
	d := [4]uint32{entry, base, 0xfff, 1 | 1<<6} // seg_32bit, useable
	r, _, _ := unix.Syscall(unix.SYS_MODIFY_LDT, 0x11, uintptr(unsafe.Pointer(&d)), unsafe.Sizeof(d))
	return uint32(r)
}

// read is the table's size as far as there are entries, and which are set.
func read() (n int, entries []uint64) {
	var b [64]byte
	r, _, _ := unix.Syscall(unix.SYS_MODIFY_LDT, 0, uintptr(unsafe.Pointer(&b)), uintptr(len(b)))
	for i := 0; i < int(r); i += 8 {
		entries = append(entries, binary.LittleEndian.Uint64(b[i:]))
	}
	return int(r), entries
}

func ofAllThreads(t *harness.T) {
	n, _ := read()
	t.Observe("at first", "%d", n)
	for i := range uint32(8) {
		done := make(chan uint32)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with it
			done <- set(i, 0x1000*i)
		}()
		t.Equal(fmt.Sprint("set ", i), <-done, uint32(0))
	}
	n, entries := read()
	t.Observe("afterwards", "%d %x", n, entries)
	t.Observe("in another program", "%s", harness.Status(harness.Command("modify_ldt.read")))
	n, again := read()
	t.Observe("still", "%d %v", n, len(again) == len(entries))
}

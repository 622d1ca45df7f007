// SPDX-License-Identifier: Apache-2.0

// Package rt_sigqueueinfo tests rt_sigqueueinfo from Go: which codes may be claimed to another process.
package rt_sigqueueinfo

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("codes_to_another", "", codesToAnother)
}

func codesToAnother(t *harness.T) {
	p := t.Sleeper(nil)
	for _, code := range []int32{-1, 0, -6, 1, -60} {
		var info [128]byte
		binary.LittleEndian.PutUint32(info[8:], uint32(code))
		_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGQUEUEINFO, uintptr(p.Process.Pid), 0, uintptr(unsafe.Pointer(&info)), 0, 0, 0)
		t.ObserveErr(fmt.Sprint("code ", code), errno)
	}
	var info [128]byte
	binary.LittleEndian.PutUint32(info[8:], ^uint32(0))
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGQUEUEINFO, uintptr(p.Process.Pid), uintptr(unix.SIGHUP), uintptr(unsafe.Pointer(&info)), 0, 0, 0)
	t.ObserveErr("a signal that ends it", errno)
	t.Observe("end", "%s", harness.Status(p))
}

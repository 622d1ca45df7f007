// SPDX-License-Identifier: Apache-2.0

// This file prints the structures of signals, and what poll found.

package strace

import (
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// sigaction prints the kernel's struct sigaction: handler, flags, restorer, mask.
func sigaction(_ *Call, b []byte) string {
	name, handler := "sa_handler", address(u64(b, 0))
	switch u64(b, 0) {
	case 0:
		handler = "SIG_DFL"
	case 1:
		handler = "SIG_IGN"
	default:
		if u64(b, 8)&0x4 != 0 { // SA_SIGINFO
			name = "sa_sigaction"
		}
	}
	s := "{" + name + "=" + handler + ", sa_mask=" + sigset(u64(b, 24)) + ", sa_flags=" + setSigaction.format(u64(b, 8))
	if u64(b, 8)&0x4000000 != 0 { // SA_RESTORER
		s += ", sa_restorer=" + address(u64(b, 16))
	}
	return s + "}"
}

// codes are the si_code values that any signal can have.
var codes = map[int32]string{0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ", -4: "SI_ASYNCIO", -6: "SI_TKILL"}

var childCodes = [...]string{1: "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"}

func siginfo(_ *Call, b []byte) string {
	signo, code := i32(b, 0), i32(b, 8)
	if signo == 0 {
		return "{}"
	}
	s := "{si_signo=" + signal(int(signo)) + ", si_code="
	if signo == int32(unix.SIGCHLD) && code > 0 && int(code) < len(childCodes) {
		status := fmt.Sprint(i32(b, 24))
		if code != 1 {
			status = signal(int(i32(b, 24)))
		}
		return s + fmt.Sprintf("%s, si_pid=%d, si_uid=%d, si_status=%s, si_utime=%d, si_stime=%d}", childCodes[code], i32(b, 16), u32(b, 20), status, i64(b, 32), i64(b, 40))
	}
	name := codes[code]
	if name == "" {
		name = fmt.Sprint(code)
	}
	if code == 0 || code == -1 || code == -6 {
		return s + fmt.Sprintf("%s, si_pid=%d, si_uid=%d}", name, i32(b, 16), u32(b, 20))
	}
	return s + name + ", ...}"
}

// polled is what poll found: "[{fd=3, revents=POLLIN}]".
func (c *Call) polled(a arg, v uint64) string {
	if c.ret <= 0 {
		return ""
	}
	var found []string
	n := c.length(a.count - 1)
	for i := uint64(0); i < n && i < maxText; i++ {
		var b [8]byte
		if _, err := c.mem.CopyIn(user.Addr(v+8*i), b[:]); err != nil {
			return ""
		}
		if revents := binary.LittleEndian.Uint16(b[6:]); revents != 0 {
			found = append(found, fmt.Sprintf("{fd=%d, revents=%s}", i32(b[:], 0), setPollEvents.format(uint64(revents))))
		}
	}
	return "[" + strings.Join(found, ", ") + "]"
}

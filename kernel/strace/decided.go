// SPDX-License-Identifier: Apache-2.0

// This file prints what a command decides: the third argument of fcntl and ioctl, and which arguments futex looks at.

package strace

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// Requests that x/sys does not have.
const (
	fionbio  = 0x5421
	fioasync = 0x5452
	fioclex  = 0x5451
	fionclex = 0x5450
)

// creates reports whether open flags make open look at its mode.
func creates(flags uint64) bool {
	const tmpfile = unix.O_TMPFILE &^ unix.O_DIRECTORY
	return flags&(unix.O_CREAT|tmpfile) != 0
}

// isDevice reports whether mknod looks at its device number.
func isDevice(mode uint64) bool {
	t := mode & unix.S_IFMT
	return t == unix.S_IFCHR || t == unix.S_IFBLK
}

// commandTakesNothing reports whether a command of fcntl or ioctl has no argument.
func commandTakesNothing(s *set, cmd uint32) bool {
	switch s {
	case &setFcntl:
		return slices.Contains([]uint32{unix.F_GETFD, unix.F_GETFL, unix.F_GETOWN, unix.F_GETSIG, unix.F_GETLEASE, unix.F_GETPIPE_SZ, unix.F_GET_SEALS}, cmd)
	case &setIoctl:
		return slices.Contains([]uint32{unix.TIOCNOTTY, unix.TIOCEXCL, unix.TIOCNXCL, fioclex, fionclex}, cmd)
	}
	return false
}

// decided prints an argument of kind arg. The command is the nearest argument of kind cmd before it.
func (c *Call) decided(i int, v uint64) string {
	cmd := i - 1
	if cmd < 0 || c.call.args[cmd].kind != kindCmd {
		return hex(v)
	}
	switch c.call.args[cmd].set {
	case &setFcntl:
		return c.fcntlArg(uint32(c.args[cmd]), v)
	case &setIoctl:
		return c.ioctlArg(uint32(c.args[cmd]), v, false)
	case &setPrctl:
		if uint32(c.args[cmd]) == unix.PR_SET_NAME {
			return c.text(user.Addr(v), 15)
		}
		if uint32(c.args[cmd]) == unix.PR_SET_PDEATHSIG {
			return signal(int(v))
		}
	}
	return hex(v)
}

func (c *Call) fcntlArg(cmd uint32, v uint64) string {
	switch cmd {
	case unix.F_DUPFD, unix.F_DUPFD_CLOEXEC, unix.F_SETOWN, unix.F_SETPIPE_SZ:
		return fmt.Sprint(int32(v))
	case unix.F_SETFD:
		return setFdFlags.format(uint64(uint32(v)))
	case unix.F_SETFL:
		return setOpen.format(uint64(uint32(v)))
	case unix.F_ADD_SEALS:
		return setSeals.format(uint64(uint32(v)))
	case unix.F_SETSIG:
		return signal(int(int32(v)))
	case unix.F_SETLK, unix.F_SETLKW, unix.F_GETLK, unix.F_OFD_SETLK, unix.F_OFD_SETLKW, unix.F_OFD_GETLK:
		return c.flock(user.Addr(v))
	}
	return hex(v)
}

func (c *Call) flock(addr user.Addr) string {
	var b [32]byte
	if _, err := c.mem.CopyIn(addr, b[:]); err != nil {
		return address(uint64(addr))
	}
	kind, whence := binary.LittleEndian.Uint16(b[:]), binary.LittleEndian.Uint16(b[2:])
	kinds := []string{"F_RDLCK", "F_WRLCK", "F_UNLCK"}
	name := fmt.Sprint(kind)
	if int(kind) < len(kinds) {
		name = kinds[kind]
	}
	return fmt.Sprintf("{l_type=%s, l_whence=%s, l_start=%d, l_len=%d}", name, setSeek.format(uint64(whence)), i64(b[:], 8), i64(b[:], 16))
}

// ioctlArg prints the argument of an ioctl. Those that come out are printed when the call is over.
func (c *Call) ioctlArg(cmd uint32, v uint64, after bool) string {
	addr := user.Addr(v)
	switch cmd {
	case unix.TIOCSWINSZ, unix.TIOCGWINSZ:
		if after == (cmd == unix.TIOCGWINSZ) {
			return c.memory(addr, 8, func(b []byte) string {
				u16 := binary.LittleEndian.Uint16
				return fmt.Sprintf("{ws_row=%d, ws_col=%d, ws_xpixel=%d, ws_ypixel=%d}", u16(b), u16(b[2:]), u16(b[4:]), u16(b[6:]))
			})
		}
	case unix.TIOCSPGRP, fionbio, fioasync:
		if !after {
			return c.memory(addr, 4, func(b []byte) string { return "[" + signed32(c, b) + "]" })
		}
	case unix.TIOCGPGRP, unix.TIOCINQ, unix.TIOCGPTN, unix.TIOCGSID:
		if after {
			return c.memory(addr, 4, func(b []byte) string { return "[" + signed32(c, b) + "]" })
		}
	}
	if after {
		return ""
	}
	return hex(v)
}

func (c *Call) memory(addr user.Addr, n int, f func([]byte) string) string {
	b := make([]byte, n)
	if _, err := c.mem.CopyIn(addr, b); err != nil {
		return address(uint64(addr))
	}
	return f(b)
}

// decidedResult prints the result of the calls whose command says what it is, as fcntl(F_GETFL).
func (c *Call) decidedResult() string {
	if len(c.call.args) < 2 || c.call.args[1].set != &setFcntl {
		return ""
	}
	switch uint32(c.args[1]) {
	case unix.F_GETFL:
		return fmt.Sprintf("%s (flags %s)", hex(uint64(c.ret)), setOpen.format(uint64(c.ret)))
	case unix.F_GETFD:
		if c.ret != 0 {
			return fmt.Sprintf("%s (flags %s)", hex(uint64(c.ret)), setFdFlags.format(uint64(c.ret)))
		}
	}
	return ""
}

// futexOp prints the operation with its private flag in the name, as the headers have it.
func futexOp(v uint64) string {
	text := setFutex.format(v)
	if name, more, found := strings.Cut(text, "|FUTEX_PRIVATE_FLAG"); found && strings.HasPrefix(name, "FUTEX_") {
		return name + "_PRIVATE" + more
	}
	return text
}

// futexArgs is how many arguments an operation of futex looks at.
func futexArgs(op uint64) int {
	const fd, wake, lockPI, unlockPI, trylockPI, wait = 2, 1, 6, 7, 8, 0
	switch op & 0x7f {
	case wake, fd:
		return 3
	case wait, lockPI:
		return 4
	case unlockPI, trylockPI:
		return 2
	}
	return 6
}

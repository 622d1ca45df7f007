// SPDX-License-Identifier: Apache-2.0

// System V IPC, of which x/sys/unix has shared memory only.

package harness

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sembuf is struct sembuf.
type Sembuf struct {
	Num     uint16
	Op, Flg int16
}

// Commands of System V IPC, and flags of its operations.
const (
	IPC_NOWAIT = 0x800
	SEM_UNDO   = 0x1000
	GETVAL     = 12
	GETALL     = 13
	GETNCNT    = 14
	SETVAL     = 16
	SETALL     = 17
)

// again makes a call until no signal of the Go runtime interrupts it.
func again(call func() unix.Errno) error {
	for {
		if e := call(); e != unix.EINTR {
			_, err := result(0, e)
			return err
		}
	}
}

func result(n uintptr, e unix.Errno) (int, error) {
	if e != 0 {
		return -1, e
	}
	return int(n), nil
}

// Semget is semget(2).
func Semget(key, n, flags int) (int, error) {
	r, _, e := unix.Syscall(unix.SYS_SEMGET, uintptr(key), uintptr(n), uintptr(flags))
	return result(r, e)
}

// Semctl is semctl(2) with a number.
func Semctl(id, num, cmd int, arg uintptr) (int, error) {
	r, _, e := unix.Syscall6(unix.SYS_SEMCTL, uintptr(id), uintptr(num), uintptr(cmd), arg, 0, 0)
	return result(r, e)
}

// SemctlAll is semctl(2) with GETALL or SETALL.
func SemctlAll(id, cmd int, values []uint16) (int, error) {
	r, _, e := unix.Syscall6(unix.SYS_SEMCTL, uintptr(id), 0, uintptr(cmd), uintptr(unsafe.Pointer(&values[0])), 0, 0)
	return result(r, e)
}

// Semtimedop is semtimedop(2), or semop(2) without a timeout.
func Semtimedop(id int, ops []Sembuf, timeout *unix.Timespec) error {
	return again(func() (e unix.Errno) {
		if timeout == nil {
			_, _, e = unix.Syscall(unix.SYS_SEMOP, uintptr(id), uintptr(unsafe.Pointer(&ops[0])), uintptr(len(ops)))
		} else {
			_, _, e = unix.Syscall6(unix.SYS_SEMTIMEDOP, uintptr(id), uintptr(unsafe.Pointer(&ops[0])), uintptr(len(ops)),
				uintptr(unsafe.Pointer(timeout)), 0, 0)
		}
		return e
	})
}

// Msgget is msgget(2).
func Msgget(key, flags int) (int, error) {
	r, _, e := unix.Syscall(unix.SYS_MSGGET, uintptr(key), uintptr(flags), 0)
	return result(r, e)
}

// Msgctl is msgctl(2); buf is the kernel's struct msqid64_ds in words, or nil.
func Msgctl(id, cmd int, buf *[15]uint64) (int, error) {
	r, _, e := unix.Syscall(unix.SYS_MSGCTL, uintptr(id), uintptr(cmd), uintptr(unsafe.Pointer(buf)))
	return result(r, e)
}

type message struct {
	typ  int64
	text [8192]byte
}

// Msgsnd is msgsnd(2).
func Msgsnd(id int, typ int64, text string, flags int) error {
	m := message{typ: typ}
	copy(m.text[:], text)
	return again(func() unix.Errno {
		_, _, e := unix.Syscall6(unix.SYS_MSGSND, uintptr(id), uintptr(unsafe.Pointer(&m)), uintptr(len(text)), uintptr(flags), 0, 0)
		return e
	})
}

// Msgrcv is msgrcv(2) with a buffer of size bytes.
func Msgrcv(id, size int, typ int64, flags int) (int64, string, error) {
	var m message
	var n uintptr
	err := again(func() (e unix.Errno) {
		n, _, e = unix.Syscall6(unix.SYS_MSGRCV, uintptr(id), uintptr(unsafe.Pointer(&m)), uintptr(size), uintptr(typ), uintptr(flags), 0)
		return e
	})
	if err != nil {
		return 0, "", err
	}
	return m.typ, string(m.text[:n]), nil
}

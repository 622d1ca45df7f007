// SPDX-License-Identifier: Apache-2.0

// POSIX message queues, which x/sys/unix has not.

package harness

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// MqAttr is struct mq_attr.
type MqAttr struct {
	Flags, MaxMsg, MsgSize, CurMsgs int64
	_                               [4]int64
}

// MqName is a name that nothing else has.
func MqName(n int) string { return fmt.Sprintf("ditto-go-%d-%d", unix.Getpid(), n) }

// MqOpen is mq_open(2); attr may be nil.
func MqOpen(name string, flags int, mode uint32, attr *MqAttr) (int, error) {
	p, err := unix.BytePtrFromString(name)
	if err != nil {
		return -1, err
	}
	r, _, e := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(p)), uintptr(flags), uintptr(mode), uintptr(unsafe.Pointer(attr)), 0, 0)
	return result(r, e)
}

// MqUnlink is mq_unlink(2).
func MqUnlink(name string) error {
	p, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	_, _, e := unix.Syscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(p)), 0, 0)
	_, err = result(0, e)
	return err
}

// MqSend is mq_timedsend(2).
func MqSend(q int, text string, priority uint, deadline *unix.Timespec) error {
	b := append([]byte(text), 0)
	return again(func() unix.Errno {
		_, _, e := unix.Syscall6(unix.SYS_MQ_TIMEDSEND, uintptr(q), uintptr(unsafe.Pointer(&b[0])), uintptr(len(text)),
			uintptr(priority), uintptr(unsafe.Pointer(deadline)), 0)
		return e
	})
}

// MqReceive is mq_timedreceive(2) with a buffer of size bytes.
func MqReceive(q, size int, deadline *unix.Timespec) (text string, priority uint32, err error) {
	b := make([]byte, size+1)
	var n uintptr
	err = again(func() (e unix.Errno) {
		n, _, e = unix.Syscall6(unix.SYS_MQ_TIMEDRECEIVE, uintptr(q), uintptr(unsafe.Pointer(&b[0])), uintptr(size),
			uintptr(unsafe.Pointer(&priority)), uintptr(unsafe.Pointer(deadline)), 0)
		return e
	})
	if err != nil {
		return "", 0, err
	}
	return string(b[:n]), priority, nil
}

// MqGetSetAttr is mq_getsetattr(2); set may be nil.
func MqGetSetAttr(q int, set *MqAttr) (old MqAttr, err error) {
	_, _, e := unix.Syscall(unix.SYS_MQ_GETSETATTR, uintptr(q), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(&old)))
	_, err = result(0, e)
	return old, err
}

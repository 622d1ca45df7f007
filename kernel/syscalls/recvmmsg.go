// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// The timeout is looked at only after a message came, as on Linux: who waits
// for one that never comes waits for ever (recvmmsg(2), BUGS).
//
//ditto:syscall recvmmsg full
func recvmmsg(t *task.Task, fd vfs.FD, vec user.Addr, count, flags uint32, timeout user.Addr) (int, error) {
	if flags&msgCmsgCompat != 0 {
		return 0, unix.EINVAL
	}
	o, err := getTimeout(t, timeout)
	if err != nil {
		return 0, err
	}
	f, s, err := socketAt(t, fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if err := s.takeError(); err != nil {
		return 0, err
	}
	n := 0
	for ; n < int(min(count, user.MaxIov)); n++ {
		if n > 0 && timeout != 0 && o.left() == 0 {
			break
		}
		msg := vec + user.Addr(n*mmsghdrSize)
		var size int
		size, err = recvOne(t, f, s, msg, flags&^unix.MSG_WAITFORONE)
		if err == nil {
			err = putUint32(t, msg+msghdrSize, uint32(size))
		}
		if err != nil {
			break
		}
		if flags&unix.MSG_WAITFORONE != 0 {
			flags |= unix.MSG_DONTWAIT
		}
	}
	if n == 0 {
		return 0, err
	}
	if err != nil && err != unix.EAGAIN {
		s.setError(err) // the next call tells it
	}
	if timeout != 0 {
		if err := putTimespec(t, timeout, max(o.left(), time.Duration(0))); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/poll"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// timeout is how long a call waits.
type timeout struct {
	deadline time.Time // zero: for ever
	poll     bool      // not at all
}

var forever timeout

// after is a timeout of d from now; 0 means not to wait.
func after(d time.Duration) timeout {
	if d == 0 {
		return timeout{poll: true}
	}
	return timeout{deadline: time.Now().Add(d)}
}

// left is the time that remains, never negative.
func (o timeout) left() time.Duration {
	if o.poll {
		return 0
	}
	return max(0, time.Until(o.deadline))
}

// getTimeout reads a struct timespec; a null pointer means for ever.
func getTimeout(t *task.Task, addr user.Addr) (timeout, error) {
	if addr == 0 {
		return forever, nil
	}
	ts, err := getTimespec(t, addr)
	if err != nil {
		return forever, err
	}
	if !validTimespec(ts) {
		return forever, unix.EINVAL
	}
	return after(duration(ts)), nil
}

// swapMask reads a signal mask and blocks its signals for the length of the
// call; a null pointer changes nothing.
func swapMask(t *task.Task, addr user.Addr, size uint64) error {
	if addr == 0 {
		return nil
	}
	if size != sigsetSize {
		return unix.EINVAL
	}
	set, err := get64(t, addr)
	if err != nil {
		return err
	}
	t.SwapMask(task.SigSet(set))
	return nil
}

// finishTimed ends a call with a mask and a timespec that is written back. It
// turns an interruption into restart.
func finishTimed(t *task.Task, n int, err error, o timeout, writeBack func(time.Duration) error) (int, error) {
	if err == abi.ERESTARTSYS {
		err = abi.ERESTARTNOHAND
	} else {
		t.RestoreMask()
	}
	if o != forever && t.Personality()&stickyTimeouts != 0 {
		if err == abi.ERESTARTNOHAND {
			err = unix.EINTR
		}
		return n, err
	}
	if o == forever || o.poll {
		return n, err
	}
	if writeBack(o.left()) != nil && err == abi.ERESTARTNOHAND {
		err = unix.EINTR
	}
	return n, err
}

const pollfdSize = 8

const stickyTimeouts = 0x4000000 // STICKY_TIMEOUTS of personality(2)

// doPoll is poll(2) but for what an interruption means.
func doPoll(t *task.Task, ufds user.Addr, nfds uint32, o timeout) (int, error) {
	if uint64(nfds) > t.RLimit(unix.RLIMIT_NOFILE) {
		return 0, unix.EINVAL
	}
	var small [8 * pollfdSize]byte
	var raw []byte
	if size := int(nfds) * pollfdSize; size <= len(small) {
		raw = small[:size]
	} else {
		raw = make([]byte, size)
	}
	if _, err := t.Memory().CopyIn(ufds, raw); err != nil {
		return 0, err
	}
	if ufds > user.TaskTop {
		return 0, unix.EFAULT // even for none
	}
	items := make([]poll.Item, nfds)
	defer dropItems(items)
	bad := 0
	for i := range items {
		p := raw[i*pollfdSize:]
		fd := vfs.FD(binary.LittleEndian.Uint32(p))
		if fd < 0 {
			continue
		}
		f, err := t.Files().Get(fd)
		if err != nil {
			items[i].Got = wait.Nval
			bad++
			continue
		}
		items[i].File, items[i].Want = f, wait.Mask(binary.LittleEndian.Uint16(p[4:]))
	}
	n, err := poll.Wait(t, items, o.deadline, !o.poll && bad == 0)
	n += bad
	for i := range items {
		binary.LittleEndian.PutUint16(raw[i*pollfdSize+6:], uint16(items[i].Got))
	}
	if _, fault := t.Memory().CopyOut(ufds, raw); fault != nil {
		return 0, fault
	}
	if n > 0 {
		return n, nil
	}
	return 0, err
}

func dropItems(items []poll.Item) {
	for i := range items {
		if f := items[i].File; f != nil {
			f.DecRef()
		}
	}
}

//ditto:syscall poll full
func poll_(t *task.Task, ufds user.Addr, nfds uint32, msecs int32) (int, error) {
	o := forever
	if msecs >= 0 {
		o = after(time.Duration(msecs) * time.Millisecond)
	}
	return pollRestartable(t, ufds, nfds, o)
}

func pollRestartable(t *task.Task, ufds user.Addr, nfds uint32, o timeout) (int, error) {
	n, err := doPoll(t, ufds, nfds, o)
	if err == abi.ERESTARTSYS {
		t.SetRestartBlock(func(t *task.Task) (uint64, error) {
			n, err := pollRestartable(t, ufds, nfds, o)
			return uint64(n), err
		})
		err = abi.ERESTART_RESTARTBLOCK
	}
	return n, err
}

//ditto:syscall ppoll full
func ppoll(t *task.Task, ufds user.Addr, nfds uint32, tsp, sigmask user.Addr, sigsetsize uint64) (int, error) {
	o, err := getTimeout(t, tsp)
	if err != nil {
		return 0, err
	}
	if err := swapMask(t, sigmask, sigsetsize); err != nil {
		return 0, err
	}
	n, err := doPoll(t, ufds, nfds, o)
	return finishTimed(t, n, err, o, func(d time.Duration) error {
		return putTimespec(t, tsp, d)
	})
}

// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"
	"math"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// epollEventSize is the size of struct epoll_event, which is packed.
const epollEventSize = 12

//ditto:syscall epoll_create full
func epollCreate(t *task.Task, size int32) (int, error) {
	if size <= 0 {
		return 0, unix.EINVAL
	}
	return epollCreate1(t, 0)
}

//ditto:syscall epoll_create1 full
func epollCreate1(t *task.Task, flags int32) (int, error) {
	if flags&^unix.EPOLL_CLOEXEC != 0 {
		return 0, unix.EINVAL
	}
	return install(t, anon.NewEpoll(), 0, flags&unix.EPOLL_CLOEXEC != 0)
}

//ditto:syscall epoll_ctl full
func epollCtl(t *task.Task, epfd vfs.FD, op int32, fd vfs.FD, event user.Addr) error {
	var ev anon.Event
	if op != unix.EPOLL_CTL_DEL {
		var b [epollEventSize]byte
		if _, err := t.Memory().CopyIn(event, b[:]); err != nil {
			return err
		}
		ev.Events = wait.Mask(binary.LittleEndian.Uint32(b[:]))
		ev.Data = binary.LittleEndian.Uint64(b[4:])
	}
	f, err := t.Files().Get(epfd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	target, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer target.DecRef()
	if target.Ops.Queue(target) == nil {
		return unix.EPERM
	}
	ep := anon.AsEpoll(f)
	if ep == nil {
		return unix.EINVAL
	}
	return ep.Control(t, op, target, fd, ev)
}

// epollRoom is where a wait's events go first: applications want room for a thousand of them as a rule, and get a few.
type epollRoom struct {
	evs   [256]anon.Event
	taken [256]anon.Taken
	out   [256 * epollEventSize]byte
}

var epollRooms = sync.Pool{New: func() any { return new(epollRoom) }}

// doEpollWait is epoll_wait(2) but for masks.
func doEpollWait(t *task.Task, epfd vfs.FD, events user.Addr, maxevents int32, o timeout) (int, error) {
	f, err := t.Files().Get(epfd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if maxevents <= 0 || maxevents > math.MaxInt32/epollEventSize {
		return 0, unix.EINVAL
	}
	if size := uint64(maxevents) * epollEventSize; size > user.TaskTop || uint64(events) > user.TaskTop-size {
		return 0, unix.EFAULT
	}
	ep := anon.AsEpoll(f)
	if ep == nil {
		return 0, unix.EINVAL
	}
	room := epollRooms.Get().(*epollRoom)
	defer epollRooms.Put(room)
	evs, taken := room.evs[:min(int(maxevents), len(room.evs))], room.taken[:]
	if int(maxevents) > len(evs) && ep.Len() > len(evs) {
		evs = make([]anon.Event, min(int(maxevents), ep.Len()))
		taken = make([]anon.Taken, len(evs))
	}
	n, err := ep.Wait(t, evs, taken, o.deadline, !o.poll)
	if n == 0 {
		return 0, err
	}
	defer clear(taken[:n]) // what is in the pool keeps no file
	out := room.out[:0]
	for _, e := range evs[:n] {
		out = binary.LittleEndian.AppendUint32(out, uint32(e.Events))
		out = binary.LittleEndian.AppendUint64(out, e.Data)
	}
	done, err := t.Memory().CopyOut(events, out)
	if err == nil {
		return n, nil
	}
	// What was stored counts, the rest stays.
	stored := done / epollEventSize
	ep.PutBack(taken[stored:n])
	if stored > 0 {
		return stored, nil
	}
	return 0, err
}

// endMasked ends a call that may have swapped the signal mask.
func endMasked(t *task.Task, n int, err error) (int, error) {
	if err != unix.EINTR {
		t.RestoreMask()
	}
	return n, err
}

func milliseconds(msecs int32) timeout {
	if msecs < 0 {
		return forever
	}
	return after(time.Duration(msecs) * time.Millisecond)
}

//ditto:syscall epoll_wait full
func epollWait(t *task.Task, epfd vfs.FD, events user.Addr, maxevents, msecs int32) (int, error) {
	return doEpollWait(t, epfd, events, maxevents, milliseconds(msecs))
}

//ditto:syscall epoll_pwait full
func epollPwait(t *task.Task, epfd vfs.FD, events user.Addr, maxevents, msecs int32, sigmask user.Addr, sigsetsize uint64) (int, error) {
	if err := swapMask(t, sigmask, sigsetsize); err != nil {
		return 0, err
	}
	n, err := doEpollWait(t, epfd, events, maxevents, milliseconds(msecs))
	return endMasked(t, n, err)
}

//ditto:syscall epoll_pwait2 full
func epollPwait2(t *task.Task, epfd vfs.FD, events user.Addr, maxevents int32, tsp, sigmask user.Addr, sigsetsize uint64) (int, error) {
	o, err := getTimeout(t, tsp)
	if err != nil {
		return 0, err
	}
	if err := swapMask(t, sigmask, sigsetsize); err != nil {
		return 0, err
	}
	n, err := doEpollWait(t, epfd, events, maxevents, o)
	return endMasked(t, n, err)
}

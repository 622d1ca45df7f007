// SPDX-License-Identifier: Apache-2.0

// This file is the hand-over of calls to a supervisor: the descriptor that
// SECCOMP_FILTER_FLAG_NEW_LISTENER makes (seccomp_unotify(2)).

package seccomp

import (
	"math/rand/v2"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

// State of a Notification.
type State uint8

const (
	stateInit    State = iota // nobody has picked it up
	stateSent                 // the supervisor knows of it
	stateReplied              // it has answered
)

// Listener is the queue of one filter.
//
// Lock order: mu, then queue's.
type Listener struct {
	waitKillable bool
	queue        wait.Queue // something to receive or to answer (poll, receive)

	mu       sync.Mutex
	closed   bool
	syncWake bool // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
	nextID   uint64
	calls    []*Notification
}

func newListener(waitKillable bool) *Listener {
	return &Listener{waitKillable: waitKillable, nextID: rand.Uint64()}
}

// Reply is what the supervisor says.
type Reply struct {
	Val      int64
	Error    int32 // a negative errno, or 0
	Continue bool  // let the kernel do the call
}

// AddFD is a descriptor to be installed in the process whose call it is.
type AddFD struct {
	Install func(target wait.Waker) (int32, error) // run by the target
	Send    bool                                   // and the descriptor is the call's result

	ret  int32
	err  error
	done bool
	wake wait.Waker
}

// Notification is one call that waits for an answer. Its fields are guarded by
// its listener's mu, but for those that never change.
type Notification struct {
	ID   uint64
	Data Data
	Task wait.Waker // whose call it is; package task's Task

	state  State
	reply  Reply
	addfds []*AddFD
}

func (l *Listener) open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closed
}

// Queue is notified when Poll may have changed.
func (l *Listener) Queue() *wait.Queue { return &l.queue }

// Post queues a call; nil if nobody listens any more.
func (l *Listener) Post(d *Data, who wait.Waker) *Notification {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	n := &Notification{ID: l.nextID, Data: *d, Task: who}
	l.nextID++
	l.calls = append(l.calls, n)
	l.queue.Notify(wait.Readable)
	return n
}

// Killable tells whether only death ends the wait for n's answer.
func (l *Listener) Killable(n *Notification) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waitKillable && n.state == stateSent
}

// Next is what the task of n has to do: a descriptor to install, or its
// reply if done is true; neither if it has to go on waiting.
func (l *Listener) Next(n *Notification) (fd *AddFD, reply Reply, done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(n.addfds) > 0 {
		fd = n.addfds[0]
		n.addfds = n.addfds[1:]
		return fd, Reply{}, false
	}
	return nil, n.reply, n.state == stateReplied
}

// Finish tells how the installation of fd went, to who asked for it.
func (l *Listener) Finish(n *Notification, fd *AddFD, ret int32, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if fd.Send {
		if err != nil {
			n.state = stateSent // the supervisor may try again
		} else {
			n.reply = Reply{Val: int64(ret)}
		}
	}
	fd.finish(ret, err)
}

func (a *AddFD) finish(ret int32, err error) {
	a.ret, a.err, a.done = ret, err, true
	a.wake.Wake()
}

// Remove takes n off the queue: it was answered, or its task waits no more.
func (l *Listener) Remove(n *Notification) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range l.calls {
		if c == n {
			l.calls = append(l.calls[:i], l.calls[i+1:]...)
			break
		}
	}
	for _, a := range n.addfds {
		a.finish(0, unix.ESRCH)
	}
	n.addfds = nil
}

// Receive is the first call that nobody has picked up yet, which it picks up;
// nil if there is none.
func (l *Listener) Receive() *Notification {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.calls {
		if n.state == stateInit {
			n.state = stateSent
			n.Task.Wake() // it may have to go on waiting another way
			l.queue.Notify(wait.Writable)
			return n
		}
	}
	return nil
}

// Unreceive undoes Receive, if the call still waits.
func (l *Listener) Unreceive(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.find(id); n != nil {
		n.state = stateInit
		n.Task.Wake()
		l.queue.Notify(wait.Readable)
	}
}

func (l *Listener) find(id uint64) *Notification {
	for _, n := range l.calls {
		if n.ID == id {
			return n
		}
	}
	return nil
}

// Send answers a call: ENOENT, EINPROGRESS.
func (l *Listener) Send(id uint64, r Reply) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.find(id)
	switch {
	case n == nil:
		return unix.ENOENT
	case n.state != stateSent:
		return unix.EINPROGRESS
	}
	n.state, n.reply = stateReplied, r
	n.Task.Wake()
	return nil
}

// Valid tells whether the call that was received still waits.
func (l *Listener) Valid(id uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.find(id)
	return n != nil && n.state == stateSent
}

// SetSyncWake is SECCOMP_IOCTL_NOTIF_SET_FLAGS. There is no other processor
// to be kept from here: it is only remembered.
func (l *Listener) SetSyncWake(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.syncWake = on
}

// Add asks the task of a call to install a descriptor: ENOENT, EINPROGRESS,
// EBUSY. The answer comes by Added, of which s is told.
func (l *Listener) Add(id uint64, a *AddFD, s wait.Waker) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.find(id)
	switch {
	case n == nil:
		return unix.ENOENT
	case n.state != stateSent:
		return unix.EINPROGRESS
	case a.Send && len(n.addfds) > 0:
		return unix.EBUSY
	}
	if a.Send {
		n.state = stateReplied
	}
	a.wake = s
	n.addfds = append(n.addfds, a)
	n.Task.Wake()
	return nil
}

// Added is how Add ended, once done is true.
func (l *Listener) Added(a *AddFD) (ret int32, done bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return a.ret, a.done, a.err
}

// Withdraw takes back an Add that was interrupted. It returns false if it was
// done already.
func (l *Listener) Withdraw(id uint64, a *AddFD) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.find(id)
	if a.done || n == nil {
		return !a.done
	}
	for i, other := range n.addfds {
		if other == a {
			n.addfds = append(n.addfds[:i], n.addfds[i+1:]...)
			if a.Send {
				n.state = stateSent
			}
			return true
		}
	}
	return true
}

// Close is the end of the descriptor: what waits is answered ENOSYS.
func (l *Listener) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, n := range l.calls {
		if n.state != stateReplied {
			n.state, n.reply = stateReplied, Reply{Error: -int32(unix.ENOSYS)}
			n.Task.Wake()
		}
	}
}

// Poll is what poll(2) says; hup if no task has the filter any more.
func (l *Listener) Poll(hup bool) wait.Mask {
	l.mu.Lock()
	defer l.mu.Unlock()
	var m wait.Mask
	for _, n := range l.calls {
		switch n.state {
		case stateInit:
			m |= wait.Readable
		case stateSent:
			m |= wait.Writable
		}
	}
	if hup {
		m |= wait.Hup
	}
	return m
}

// Orphaned tells whether no task has the filter any more.
func (f *Filter) Orphaned() bool { return f.users.Load() == 0 }

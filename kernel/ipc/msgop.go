// SPDX-License-Identifier: Apache-2.0

// This file is msgsnd(2) and msgrcv(2).

package ipc

import (
	"math"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// Flags of msgrcv.
const (
	MSG_NOERROR = 0o10000
	MSG_EXCEPT  = 0o20000
	MSG_COPY    = 0o40000
)

// selector says which message a msgrcv wants.
type selector struct {
	how int
	num int64
}

const (
	selectAny = iota
	selectEqual
	selectOther
	selectLowest // of those up to num
	selectNumber // the num-th
)

func newSelector(typ int64, flags uint32) selector {
	switch {
	case flags&MSG_COPY != 0:
		return selector{selectNumber, typ}
	case typ == 0:
		return selector{how: selectAny}
	case typ == math.MinInt64:
		return selector{selectLowest, math.MaxInt64}
	case typ < 0:
		return selector{selectLowest, -typ}
	case flags&MSG_EXCEPT != 0:
		return selector{selectOther, typ}
	}
	return selector{selectEqual, typ}
}

// takes tells whether a message by itself is one.
func (s selector) takes(m *Message) bool {
	switch s.how {
	case selectEqual:
		return m.Type == s.num
	case selectOther:
		return m.Type != s.num
	case selectLowest:
		return m.Type <= s.num
	}
	return true
}

// find is the place of the message that s wants, or -1.
func (s selector) find(msgs []*Message) int {
	best := -1
	for i, m := range msgs {
		switch {
		case s.how == selectNumber:
			if int64(i) == s.num {
				return i
			}
		case !s.takes(m):
		case s.how != selectLowest:
			return i
		case best < 0 || m.Type < msgs[best].Type:
			best = i
		}
	}
	return best
}

// Send is msgsnd(2): EACCES, EAGAIN, EIDRM, EINVAL, a restart code.
func (q *Queues) Send(c Caller, id int32, m *Message, flags uint32) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	o, err := q.table.byID(id)
	if err != nil {
		return err
	}
	if err := q.awaitRoom(c, o, len(m.Text), flags); err != nil {
		return err
	}
	o.lspid, o.stime = c.ProcessID(), now()
	if !o.handOver(m) {
		o.msgs = append(o.msgs, m)
		o.bytes += len(m.Text)
	}
	return nil
}

// awaitRoom waits until n more bytes fit. mu is held, but not while it sleeps.
func (q *Queues) awaitRoom(c Caller, o *MsgQueue, n int, flags uint32) error {
	var s *sender
	defer func() {
		if s != nil {
			o.senders = slices.DeleteFunc(o.senders, func(x *sender) bool { return x == s })
		}
	}()
	for {
		if err := o.check(c, mayWrite); err != nil {
			return err
		}
		if o.bytes+n <= o.maxBytes && len(o.msgs)+1 <= o.maxBytes {
			return nil
		}
		if flags&IPC_NOWAIT != 0 {
			return unix.EAGAIN
		}
		if s == nil {
			s = &sender{task: c}
			o.senders = append(o.senders, s)
		}
		q.mu.Unlock()
		err := c.Sleep(time.Time{})
		q.mu.Lock()
		switch {
		case s.gone:
			return unix.EIDRM
		case err != nil:
			return abi.ERESTARTNOHAND
		}
	}
}

// handOver gives the message to the first receiver that wants it. Those that
// want it and have no room for it learn so.
func (q *MsgQueue) handOver(m *Message) bool {
	for i := 0; i < len(q.receivers); {
		r := q.receivers[i]
		if !r.sel.takes(m) {
			i++
			continue
		}
		q.receivers = slices.Delete(q.receivers, i, i+1)
		if uint64(len(m.Text)) > r.most {
			r.finish(nil, unix.E2BIG)
			continue
		}
		q.lrpid, q.rtime = taskID(r), now()
		r.finish(m, nil)
		return true
	}
	return false
}

func taskID(r *receiver) int32 {
	if c, ok := r.task.(Caller); ok {
		return c.ProcessID()
	}
	return 0
}

// Receive is msgrcv(2), but for the copy to the caller: E2BIG, EACCES, EIDRM,
// EINVAL, ENOMSG, a restart code. most is the size of the caller's buffer.
func (q *Queues) Receive(c Caller, id int32, most uint64, typ int64, flags uint32) (*Message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	o, err := q.table.byID(id)
	if err != nil {
		return nil, err
	}
	r := &receiver{sel: newSelector(typ, flags), most: most, task: c}
	if flags&MSG_NOERROR != 0 {
		r.most = math.MaxInt32
	}
	for {
		if err := o.check(c, mayRead); err != nil {
			return nil, err
		}
		if i := r.sel.find(o.msgs); i >= 0 {
			return o.take(c, r, i, most, flags)
		}
		if flags&IPC_NOWAIT != 0 {
			return nil, unix.ENOMSG
		}
		if m, err := q.await(c, o, r); err != unix.EAGAIN {
			return m, err
		}
	}
}

// take takes the i-th message, or looks at it (MSG_COPY).
func (q *MsgQueue) take(c Caller, r *receiver, i int, most uint64, flags uint32) (*Message, error) {
	m := q.msgs[i]
	switch n := uint64(len(m.Text)); {
	case n > most && flags&MSG_NOERROR == 0:
		return nil, unix.E2BIG
	case flags&MSG_COPY != 0:
		if n > min(most, q.limits.MsgMax.Load()) {
			return nil, unix.EINVAL // copies are not cut
		}
		return m, nil
	}
	q.msgs = slices.Delete(q.msgs, i, i+1)
	q.bytes -= len(m.Text)
	q.lrpid, q.rtime = c.ProcessID(), now()
	q.wakeSenders()
	return m, nil
}

// await waits for who sends. EAGAIN: look again. mu is held, but not while it
// sleeps.
func (q *Queues) await(c Caller, o *MsgQueue, r *receiver) (*Message, error) {
	r.done = false
	o.receivers = append(o.receivers, r)
	for !r.done {
		q.mu.Unlock()
		err := c.Sleep(time.Time{})
		q.mu.Lock()
		if err != nil && !r.done {
			o.receivers = slices.DeleteFunc(o.receivers, func(x *receiver) bool { return x == r })
			return nil, abi.ERESTARTNOHAND
		}
	}
	return r.msg, r.err
}

// SPDX-License-Identifier: Apache-2.0

// This file is message queues: msgget(2) and msgctl(2).

package ipc

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Commands of msgctl.
const (
	MSG_STAT     = 11
	MSG_INFO     = 12
	MSG_STAT_ANY = 13
)

// Limits of messages (kernel.msgmax and its kin).
const (
	MSGMAX = 8192  // a message
	MSGMNB = 16384 // a queue
	MSGMNI = 32000
)

// Queues are the message queues of a namespace.
type Queues struct {
	mu    sync.Mutex
	table table[*MsgQueue]

	limits *Limits
}

// MsgQueue is one queue. Queues.mu guards it.
type MsgQueue struct {
	Perm
	limits              *Limits
	msgs                []*Message
	bytes, maxBytes     int
	stime, rtime, ctime int64
	lspid, lrpid        int32
	receivers           []*receiver // in the order of their coming
	senders             []*sender
}

func (q *MsgQueue) perm() *Perm { return &q.Perm }

// Message is one message; not changed any more.
type Message struct {
	Type int64
	Text []byte
}

// receiver is a msgrcv that waits. Who sends hands the message over.
type receiver struct {
	sel  selector
	most uint64 // bytes it takes; no end if it cuts what is longer
	task wait.Waker
	done bool
	msg  *Message
	err  error
}

func (r *receiver) finish(m *Message, err error) {
	r.done, r.msg, r.err = true, m, err
	r.task.Wake()
}

// sender is a msgsnd that waits for room: it looks again when it is woken.
type sender struct {
	task wait.Waker
	gone bool // the queue was removed
}

// Get is msgget(2).
func (q *Queues) Get(c Caller, key int32, flags uint32) (int32, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.table.get(c, key, flags, func(*MsgQueue) error { return nil }, func() (*MsgQueue, error) {
		o := &MsgQueue{Perm: q.table.newPerm(c, key, flags), limits: q.limits, maxBytes: int(q.limits.MsgMnb.Load()), ctime: now()}
		return o, q.table.add(o, int(q.limits.MsgMni.Load()))
	})
}

// QueueStat is struct msqid64_ds.
type QueueStat struct {
	Perm                 Perm
	STime, RTime, CTime  int64
	Bytes, Num, MaxBytes int
	LSPid, LRPid         int32
}

func (q *MsgQueue) stat() QueueStat {
	return QueueStat{q.Perm, q.stime, q.rtime, q.ctime, q.bytes, len(q.msgs), q.maxBytes, q.lspid, q.lrpid}
}

// Stat is IPC_STAT, MSG_STAT and MSG_STAT_ANY; the last two look by index,
// and answer the id.
func (q *Queues) Stat(c Caller, id int32, cmd int) (QueueStat, int32, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	find := q.table.byID
	if cmd != IPC_STAT {
		find = q.table.byIndex
	}
	o, err := find(id)
	if err != nil {
		return QueueStat{}, 0, err
	}
	if cmd != MSG_STAT_ANY {
		if err := o.check(c, mayRead); err != nil {
			return QueueStat{}, 0, err
		}
	}
	if cmd == IPC_STAT {
		return o.stat(), 0, nil
	}
	return o.stat(), o.ID, nil
}

// Info is what IPC_INFO and MSG_INFO tell of what is in use: queues, messages,
// their bytes, and the highest index.
func (q *Queues) Info() (queues, msgs, bytes, highest int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, o := range q.table.slots {
		msgs += len(o.msgs)
		bytes += o.bytes
	}
	return len(q.table.slots), msgs, bytes, q.table.highest()
}

// List is all queues, by index (/proc/sysvipc/msg).
func (q *Queues) List() []QueueStat {
	q.mu.Lock()
	defer q.mu.Unlock()
	var l []QueueStat
	for _, o := range q.table.list() {
		l = append(l, o.stat())
	}
	return l
}

// Set is IPC_SET. Who waits looks again: the room, or who may, has changed.
func (q *Queues) Set(c Caller, id int32, p SetPerm, maxBytes uint64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	o, err := q.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.owned(c); err != nil {
		return err
	}
	if uint64(maxBytes) > q.limits.MsgMnb.Load() && !c.Creds().CapableIn(o.user, unix.CAP_SYS_RESOURCE) {
		return unix.EPERM
	}
	if err := o.set(p); err != nil {
		return err
	}
	o.maxBytes = int(min(maxBytes, 1<<62))
	o.ctime = now()
	for _, r := range o.receivers {
		r.finish(nil, unix.EAGAIN)
	}
	o.receivers = nil
	o.wakeSenders()
	return nil
}

// Remove is IPC_RMID: who waits gets EIDRM.
func (q *Queues) Remove(c Caller, id int32) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	o, err := q.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.owned(c); err != nil {
		return err
	}
	q.table.remove(o)
	for _, r := range o.receivers {
		r.finish(nil, unix.EIDRM)
	}
	o.receivers = nil
	for _, s := range o.senders {
		s.gone = true
	}
	o.wakeSenders()
	return nil
}

func (q *MsgQueue) wakeSenders() {
	for _, s := range q.senders {
		s.task.Wake()
	}
}

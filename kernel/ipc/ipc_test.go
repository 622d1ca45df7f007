// SPDX-License-Identifier: Apache-2.0

package ipc

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// caller is a task without a kernel: it sleeps until it is woken or broken off.
type caller struct {
	creds *cred.Creds
	pid   int32
	wake  chan struct{}
	asks  chan struct{} // gets one for each sleep
	stop  chan struct{} // a signal
	limit uint64        // of everything
}

func newCaller(pid int32) *caller {
	return &caller{creds: cred.Root(), pid: pid, wake: make(chan struct{}, 1), asks: make(chan struct{}, 100), stop: make(chan struct{})}
}

func (c *caller) Creds() *cred.Creds { return c.creds }
func (c *caller) ProcessID() int32   { return c.pid }
func (c *caller) RLimit(int) uint64  { return c.limit }

func (c *caller) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *caller) Sleep(time.Time) error {
	c.asks <- struct{}{}
	select {
	case <-c.wake:
		return nil
	case <-c.stop:
		return abi.ERESTARTSYS
	}
}

func namespace() *Namespace { return NewNamespace(cred.InitialNS) }

func TestIDsAreUsedInTurn(t *testing.T) {
	n, c := namespace(), newCaller(1)
	var last int32
	for i := range 70 {
		id, err := n.Msg.Get(c, IPC_PRIVATE, 0)
		assert.NilError(t, err)
		want := int32(i)
		if i >= minCycle {
			want = 1<<indexShift + int32(i-minCycle)
		}
		assert.Equal(t, id, want)
		assert.NilError(t, n.Msg.Remove(c, id))
		last = id
	}
	_, _, err := n.Msg.Stat(c, last, IPC_STAT)
	assert.Equal(t, err, unix.EINVAL)
}

func TestKeys(t *testing.T) {
	n, c := namespace(), newCaller(1)
	get := func(flags uint32, nsems int32) (int32, error) { return n.Sem.Get(c, 5, nsems, flags) }
	_, err := get(0, 1)
	assert.Equal(t, err, unix.ENOENT)
	id, err := get(IPC_CREAT|0o600, 2)
	assert.NilError(t, err)
	same, err := get(IPC_CREAT, 0)
	assert.NilError(t, err)
	assert.Equal(t, same, id)
	_, err = get(0, 3)
	assert.Equal(t, err, unix.EINVAL)
	_, err = get(IPC_CREAT|IPC_EXCL, 2)
	assert.Equal(t, err, unix.EEXIST)
	assert.NilError(t, n.Sem.Remove(c, id))
	_, err = get(0, 1)
	assert.Equal(t, err, unix.ENOENT)
}

func TestPermissions(t *testing.T) {
	p := Perm{UID: 1, CUID: 2, GID: 3, CGID: 4, Mode: 0o421, user: cred.InitialNS}
	for _, c := range []struct {
		name   string
		creds  *cred.Creds
		want   uint32
		denied bool
	}{
		{"owner reads", cred.User(1, 9, nil), mayRead, false},
		{"owner writes", cred.User(1, 9, nil), mayWrite, true},
		{"creator reads", cred.User(2, 9, nil), mayRead, false},
		{"group writes", cred.User(8, 3, nil), mayWrite, false},
		{"creator's group, supplementary", cred.User(8, 9, []cred.GID{4}), mayWrite, false},
		{"group reads", cred.User(8, 3, nil), mayRead, true},
		{"other", cred.User(8, 9, nil), 0o111, false},
		{"other reads", cred.User(8, 9, nil), mayRead, true},
		{"root", cred.Root(), mayRead | mayWrite, false},
	} {
		caller := newCaller(1)
		caller.creds = c.creds
		if err := p.check(caller, c.want); (err != nil) != c.denied {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSemaphoresWaitAndUndo(t *testing.T) {
	n, a, b := namespace(), newCaller(10), newCaller(11)
	id, err := n.Sem.Get(a, IPC_PRIVATE, 2, 0o600)
	assert.NilError(t, err)
	undo := &Undo{}
	assert.NilError(t, n.Sem.Op(a, id, []SemOp{{0, 2, SEM_UNDO}, {1, 1, 0}}, undo, time.Time{}))
	done := make(chan error, 1)
	go func() { done <- n.Sem.Op(b, id, []SemOp{{0, 0, 0}, {1, -1, 0}}, nil, time.Time{}) }()
	<-b.asks
	got, err := n.Sem.Value(a, id, 0, GETZCNT)
	assert.NilError(t, err)
	assert.Equal(t, got, 1)
	undo.Exit(10) // takes the 2 back: b may go on
	assert.NilError(t, <-done)
	values, err := n.Sem.All(a, id)
	assert.NilError(t, err)
	assert.DeepEqual(t, values, []uint16{0, 0})
	pid, err := n.Sem.Value(a, id, 1, GETPID)
	assert.NilError(t, err)
	assert.Equal(t, pid, 11)

	go func() { done <- n.Sem.Op(b, id, []SemOp{{0, -1, 0}}, nil, time.Time{}) }()
	<-b.asks
	close(b.stop)
	assert.Equal(t, <-done, unix.EINTR)
	got, err = n.Sem.Value(a, id, 0, GETNCNT)
	assert.NilError(t, err)
	assert.Equal(t, got, 0)
}

func TestAllOperationsOrNone(t *testing.T) {
	n, c := namespace(), newCaller(1)
	id, err := n.Sem.Get(c, IPC_PRIVATE, 2, 0o600)
	assert.NilError(t, err)
	undo := &Undo{}
	err = n.Sem.Op(c, id, []SemOp{{0, 5, SEM_UNDO}, {1, -1, IPC_NOWAIT}}, undo, time.Time{})
	assert.Equal(t, err, unix.EAGAIN)
	err = n.Sem.Op(c, id, []SemOp{{0, 5, SEM_UNDO}, {1, 32767, 0}, {1, 1, 0}}, undo, time.Time{})
	assert.Equal(t, err, unix.ERANGE)
	undo.Exit(1)
	values, err := n.Sem.All(c, id)
	assert.NilError(t, err)
	assert.DeepEqual(t, values, []uint16{0, 0})
}

func TestMessagesBySelector(t *testing.T) {
	var msgs []*Message
	for _, typ := range []int64{3, 1, 2, 1} {
		msgs = append(msgs, &Message{Type: typ})
	}
	for _, c := range []struct {
		typ   int64
		flags uint32
		want  int
	}{
		{0, 0, 0}, {1, 0, 1}, {4, 0, -1}, {3, MSG_EXCEPT, 1}, {-2, 0, 1}, {-9, 0, 1}, {-1 << 63, 0, 1},
		{2, MSG_COPY, 2}, {4, MSG_COPY, -1}, {-1, MSG_COPY, -1},
	} {
		if got := newSelector(c.typ, c.flags).find(msgs); got != c.want {
			t.Errorf("type %d flags %#o: %d, want %d", c.typ, c.flags, got, c.want)
		}
	}
}

func TestMessageIsHandedToAWaiter(t *testing.T) {
	n, a, b := namespace(), newCaller(10), newCaller(11)
	id, err := n.Msg.Get(a, IPC_PRIVATE, 0o600)
	assert.NilError(t, err)
	got := make(chan *Message)
	go func() {
		m, err := n.Msg.Receive(b, id, 10, 7, 0)
		assert.Check(t, err)
		got <- m
	}()
	<-b.asks
	assert.NilError(t, n.Msg.Send(a, id, &Message{Type: 6, Text: []byte("no")}, 0))
	assert.NilError(t, n.Msg.Send(a, id, &Message{Type: 7, Text: []byte("yes")}, 0))
	assert.Equal(t, string((<-got).Text), "yes")
	s, _, err := n.Msg.Stat(a, id, IPC_STAT)
	assert.NilError(t, err)
	assert.Equal(t, s.Num, 1)
	assert.Equal(t, s.LRPid, int32(11))
}

func TestRemovalEndsWaits(t *testing.T) {
	n, a, b := namespace(), newCaller(10), newCaller(11)
	id, err := n.Msg.Get(a, IPC_PRIVATE, 0o600)
	assert.NilError(t, err)
	done := make(chan error)
	go func() { _, err := n.Msg.Receive(b, id, 10, 0, 0); done <- err }()
	<-b.asks
	assert.NilError(t, n.Msg.Remove(a, id))
	assert.Equal(t, <-done, unix.EIDRM)

	id, err = n.Msg.Get(a, IPC_PRIVATE, 0o600)
	assert.NilError(t, err)
	full := &Message{Type: 1, Text: make([]byte, MSGMAX)}
	assert.NilError(t, n.Msg.Send(a, id, full, 0))
	assert.NilError(t, n.Msg.Send(a, id, full, 0))
	assert.Equal(t, n.Msg.Send(a, id, full, IPC_NOWAIT), unix.EAGAIN)
	go func() { done <- n.Msg.Send(b, id, full, 0) }()
	<-b.asks
	assert.NilError(t, n.Msg.Remove(a, id))
	assert.Equal(t, <-done, unix.EIDRM)
}

func TestSegmentsGoWithTheirLastMapping(t *testing.T) {
	n, c := namespace(), newCaller(10)
	id, err := n.Shm.Get(c, 9, 5000, IPC_CREAT|0o600)
	assert.NilError(t, err)
	o, err := n.Shm.begin(c, id, mayRead)
	assert.NilError(t, err)
	o.Hold()
	n.Shm.end(o)
	assert.NilError(t, n.Shm.Remove(c, id))
	_, err = n.Shm.Get(c, 9, 0, 0)
	assert.Equal(t, err, unix.ENOENT)
	s, _, err := n.Shm.Stat(c, id, IPC_STAT)
	assert.NilError(t, err)
	assert.Equal(t, s.Attached, 1)
	assert.Equal(t, s.Perm.Mode, uint32(SHM_DEST|0o600))
	o.Drop()
	_, _, err = n.Shm.Stat(c, id, IPC_STAT)
	assert.Equal(t, err, unix.EINVAL)
	_, pages, _, _ := n.Shm.Info()
	assert.Equal(t, pages, uint64(0))
}

func TestLockedSegmentsArePinnedAndCharged(t *testing.T) {
	n, c := namespace(), newCaller(1)
	id, err := n.Shm.Get(c, IPC_PRIVATE, 3*abi.PageSize, 0o600)
	assert.NilError(t, err)
	user := newCaller(2)
	user.creds = cred.Root()
	user.creds.RUID, user.creds.EUID = 4711, 4711
	user.creds.Effective = 0
	n.Shm.mu.Lock()
	o, err := n.Shm.table.byID(id)
	assert.NilError(t, err)
	o.UID = 4711
	assert.NilError(t, o.pin()) // as where there is swap
	assert.Equal(t, len(o.lock.pinned), 3*abi.PageSize)
	assert.Equal(t, o.resident(), uint64(3*abi.PageSize))
	n.Shm.mu.Unlock()

	assert.ErrorIs(t, n.Shm.Lock(user, id, true, 3*abi.PageSize-1), unix.ENOMEM)
	assert.NilError(t, n.Shm.Lock(user, id, true, 3*abi.PageSize))
	assert.NilError(t, n.Shm.Lock(user, id, true, 3*abi.PageSize))
	assert.Equal(t, lockedPages.of[4711], uint64(3))
	assert.NilError(t, n.Shm.Remove(c, id))
	assert.Equal(t, len(lockedPages.of), 0)
	assert.Assert(t, o.lock.pinned == nil)
}

func TestHugePagesAreForThePrivileged(t *testing.T) {
	n, c := namespace(), newCaller(1)
	get := func(size uint64, flags uint32) error {
		_, err := n.Shm.Get(c, IPC_PRIVATE, size, SHM_HUGETLB|flags)
		return err
	}
	const log = 26
	assert.ErrorIs(t, get(1, 0), unix.ENOMEM)
	assert.ErrorIs(t, get(1, 30<<log), unix.ENOMEM)
	assert.ErrorIs(t, get(1, 22<<log), unix.EINVAL)
	c.creds.RUID, c.creds.EUID, c.creds.FSGID, c.creds.Groups, c.creds.Effective = 4711, 4711, 4711, nil, 0
	assert.ErrorIs(t, get(1, 0), unix.EPERM)
	c.limit = 2 << 20
	assert.ErrorIs(t, get(1, 0), unix.ENOMEM)
	assert.ErrorIs(t, get(2<<20+1, 0), unix.EPERM)
	assert.Equal(t, lockedPages.of[4711], uint64(0))
}

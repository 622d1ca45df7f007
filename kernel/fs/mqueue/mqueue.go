// SPDX-License-Identifier: Apache-2.0

// Package mqueue is POSIX message queues (mq_overview(7)): the queues of an
// ipc namespace by name, and the files that they are opened as.
//
// Lock order: Namespace.mu, Queue.mu, then the wait queues'.
package mqueue

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Limits (/proc/sys/fs/mqueue, linux/ipc_namespace.h).
const (
	queuesMax      = 256
	maxMsgDefault  = 10
	msgSizeDefault = 8192
	hardMaxMsg     = 65536
	hardMsgSize    = 16 << 20
	nameMax        = 255
	PrioMax        = 32768
)

var pseudo = vfs.NewPseudoFS("mqueue", magic)

// Namespace is the queues of one ipc namespace.
type Namespace struct {
	mu     sync.Mutex
	queues map[string]*Queue
	bytes  map[cred.UID]uint64 // of all queues of a user: RLIMIT_MSGQUEUE
	fs     *fileSystem
}

type namespaceKey struct{}

// Of is the namespace of a task.
func Of(t *task.Task) *Namespace {
	return of(t.IPC(), t.Creds())
}

// In is the queues of an ipc namespace as a file system that root made.
func In(ipc *task.IPCNS) vfs.FileSystem { return of(ipc, cred.Root()).fs }

func of(ipc *task.IPCNS, maker *cred.Creds) *Namespace {
	return ipc.Extra(namespaceKey{}, func() any { return newNamespace(maker) }).(*Namespace)
}

// Attr is what of struct mq_attr makes a queue.
type Attr struct{ MaxMsg, MsgSize int64 }

// Queue is one queue: an inode, which files share.
type Queue struct {
	*vfs.AnonInode
	ns               *Namespace
	attr             Attr
	owner            cred.UID   // whose bytes they are
	readers, writers wait.Queue // a message came; room came
	polls            wait.Queue

	// Namespace.mu guards these.
	named bool
	files int

	unlinked atomic.Bool

	mu        sync.Mutex
	msgs      []message // the first to be received first
	receivers []*waiter // while there is no message
	senders   []*waiter // while there is no room
	notify    *Notify
}

// waiter is a task that waits to receive a message, or to send one. The first is
// served first, among those of one priority.
type waiter struct {
	message  message
	priority int
	served   bool
}

type message struct {
	prio uint32
	text []byte
}

// Notify is who is told of the next message (mq_notify(3)). Tell is called
// with the sender, without locks.
type Notify struct {
	Pid  int32
	How  int32 // SIGEV_*
	Sig  int32 // of SIGEV_SIGNAL
	Tell func(sender *task.Task)
	// Removed, if set, is called when the process takes it back or closes the queue.
	Removed func()
}

// Open is mq_open(2): ENOENT, EEXIST, EACCES, EINVAL, ENOSPC, ENAMETOOLONG.
func (ns *Namespace) Open(t *task.Task, name string, flags, mode uint32, attr *Attr) (*vfs.File, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	q := ns.queues[name]
	switch {
	case q == nil && flags&unix.O_CREAT == 0:
		return nil, unix.ENOENT
	case q == nil:
		var err error
		if q, err = ns.create(t, name, mode, attr); err != nil {
			return nil, err
		}
	case flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL:
		return nil, unix.EEXIST
	case flags&unix.O_ACCMODE == unix.O_ACCMODE:
		return nil, unix.EINVAL
	default:
		want := [3]uint32{vfs.MayRead, vfs.MayWrite, vfs.MayRead | vfs.MayWrite}[flags&unix.O_ACCMODE]
		if err := vfs.Permission(t, q, want); err != nil {
			return nil, err
		}
	}
	if flags&unix.O_DIRECT != 0 {
		return nil, unix.EINVAL // a queue that was created stays
	}
	q.files++
	f := vfs.NewAnonFileInode("/"+name, &file{q: q}, q, flags)
	f.SetFlags(unix.O_CLOEXEC, flags) // Linux shows it here
	return f, nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return unix.ENOENT
	case name == "." || name == ".." || strings.Contains(name, "/"):
		return unix.EACCES
	case len(name) > nameMax:
		return unix.ENAMETOOLONG
	}
	return nil
}

func (ns *Namespace) create(t *task.Task, name string, mode uint32, attr *Attr) (*Queue, error) {
	c := t.Creds()
	mighty := c.Capable(unix.CAP_SYS_RESOURCE)
	if len(ns.queues) >= queuesMax && !mighty {
		return nil, unix.ENOSPC
	}
	a := Attr{maxMsgDefault, msgSizeDefault}
	if attr != nil {
		a = *attr
	}
	maxMsg, msgSize := int64(maxMsgDefault), int64(msgSizeDefault)
	if mighty {
		maxMsg, msgSize = hardMaxMsg, hardMsgSize
	}
	if a.MaxMsg <= 0 || a.MsgSize <= 0 || a.MaxMsg > maxMsg || a.MsgSize > msgSize {
		return nil, unix.EINVAL
	}
	if a.bytes()+ns.bytes[c.RUID] > t.RLimit(unix.RLIMIT_MSGQUEUE) {
		return nil, unix.EMFILE
	}
	ns.bytes[c.RUID] += a.bytes()
	q := &Queue{ns: ns, attr: a, owner: c.RUID, named: true, AnonInode: pseudo.NewInode(unix.S_IFREG|mode&0o7777&^t.FS().Umask(), c.FSUID, c.FSGID)}
	ns.queues[name] = q
	return q, nil
}

// bytes is what a queue counts against RLIMIT_MSGQUEUE: its messages, and 96
// bytes that Linux needs for each.
func (a *Attr) bytes() uint64 {
	const header, node, nodes = 48, 48, 32768
	return uint64(a.MaxMsg*a.MsgSize + a.MaxMsg*header + min(a.MaxMsg, nodes)*node)
}

// release gives the bytes back when nothing leads to the queue any more.
// Namespace.mu is held.
func (q *Queue) release() {
	if q.named || q.files > 0 {
		return
	}
	if q.ns.bytes[q.owner] -= q.attr.bytes(); q.ns.bytes[q.owner] == 0 {
		delete(q.ns.bytes, q.owner)
	}
}

// Unlink is mq_unlink(2): the queue lives on in the files that it is open as.
func (ns *Namespace) Unlink(t *task.Task, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	q := ns.queues[name]
	if q == nil {
		return unix.ENOENT
	}
	a, err := q.Attr(t)
	if err != nil {
		return err
	}
	if c := t.Creds(); c.FSUID != a.UID && !c.CapableFor(a.UID, a.GID, unix.CAP_FOWNER) {
		return unix.EPERM // the directory is sticky
	}
	ns.remove(name, q)
	return nil
}

// remove takes the name of a queue away. Namespace.mu is held.
func (ns *Namespace) remove(name string, q *Queue) {
	delete(ns.queues, name)
	q.named = false
	q.unlinked.Store(true)
	q.release()
}

// file is an open queue.
type file struct {
	vfs.BaseFile
	vfs.NoWrites
	vfs.PlainReads
	q *Queue
}

// Get is the queue that a file is, or nil.
func Get(f *vfs.File) *Queue {
	if m, ok := f.Ops.(*file); ok {
		return m.q
	}
	return nil
}

// Attr implements vfs.Inode.
func (q *Queue) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := q.AnonInode.Attr(ctx)
	a.Size = statusSize
	if q.ns != nil {
		a.Dev = q.ns.fs.dev
	}
	if q.unlinked.Load() {
		a.Nlink = 0
	}
	return a, err
}

// Attrs is what mq_getattr(3) tells.
func (q *Queue) Attrs() (a Attr, messages int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.attr, len(q.msgs)
}

// Send is mq_timedsend(2): EMSGSIZE, EAGAIN, ETIMEDOUT, a restart code. read
// fetches the text once its length is known to fit.
func (q *Queue) Send(t *task.Task, f *vfs.File, n uint64, prio uint32, deadline time.Time, read func() ([]byte, error)) error {
	if n > uint64(q.attr.MsgSize) {
		return unix.EMSGSIZE
	}
	text, err := read()
	if err != nil {
		return err
	}
	w := &waiter{message: message{prio, text}, priority: priorityOf(t)}
	tell, done := q.put(w, !f.NonBlock())
	switch {
	case !done && f.NonBlock():
		return unix.EAGAIN
	case !done:
		return q.await(t, w, &q.senders, &q.writers, deadline)
	case tell != nil:
		tell.Tell(t)
	}
	return nil
}

// priorityOf orders those that wait, as Linux's task_struct.prio does.
func priorityOf(t *task.Task) int {
	s := t.SchedParams()
	if s.Priority > 0 {
		return -int(s.Priority)
	}
	return 20 + int(s.Nice)
}

// enrol makes w wait in list. q.mu is held.
func enrol(list *[]*waiter, w *waiter) {
	at := slices.IndexFunc(*list, func(o *waiter) bool { return o.priority > w.priority })
	if at < 0 {
		at = len(*list)
	}
	*list = slices.Insert(*list, at, w)
}

// await waits until somebody served w. One that was served is so, whatever else
// happened meanwhile.
func (q *Queue) await(t *task.Task, w *waiter, list *[]*waiter, events *wait.Queue, deadline time.Time) error {
	err := wait.Until(t, events, wait.All, deadline, func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return w.served
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.served {
		return nil
	}
	*list = slices.DeleteFunc(*list, func(o *waiter) bool { return o == w })
	return err
}

// serve takes the first of list.
func serve(list *[]*waiter) *waiter {
	w := (*list)[0]
	*list = slices.Delete(*list, 0, 1)
	w.served = true
	return w
}

// put sends w's message: to who waits for one, or into the queue. Without room it
// returns false, and w waits if it may.
func (q *Queue) put(w *waiter, mayWait bool) (tell *Notify, done bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.receivers) > 0:
		serve(&q.receivers).message = w.message
		q.readers.Notify(wait.All)
		return nil, true
	case int64(len(q.msgs)) >= q.attr.MaxMsg:
		if mayWait {
			enrol(&q.senders, w)
		}
		return nil, false
	}
	if len(q.msgs) == 0 {
		tell, q.notify = q.notify, nil
	}
	q.insert(w.message)
	q.polls.Notify(wait.Readable)
	return tell, true
}

func (q *Queue) insert(m message) {
	at := slices.IndexFunc(q.msgs, func(o message) bool { return o.prio < m.prio })
	if at < 0 {
		at = len(q.msgs)
	}
	q.msgs = slices.Insert(q.msgs, at, m)
}

// Receive is mq_timedreceive(2), but for the copy: EMSGSIZE, EAGAIN,
// ETIMEDOUT, a restart code.
func (q *Queue) Receive(t *task.Task, f *vfs.File, size uint64, deadline time.Time) (text []byte, prio uint32, err error) {
	if size < uint64(q.attr.MsgSize) {
		return nil, 0, unix.EMSGSIZE
	}
	w := &waiter{priority: priorityOf(t)}
	if !q.take(w, !f.NonBlock()) {
		if f.NonBlock() {
			return nil, 0, unix.EAGAIN
		}
		if err := q.await(t, w, &q.receivers, &q.readers, deadline); err != nil {
			return nil, 0, err
		}
	}
	return w.message.text, w.message.prio, nil
}

// take takes the first message, and then the message of the sender that waits for
// its room. If there is none it returns false, and w waits if it may.
func (q *Queue) take(w *waiter, mayWait bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.msgs) == 0 {
		if mayWait {
			enrol(&q.receivers, w)
		}
		return false
	}
	w.message = q.msgs[0]
	q.msgs = slices.Delete(q.msgs, 0, 1)
	if len(q.senders) > 0 {
		q.insert(serve(&q.senders).message)
		q.writers.Notify(wait.All)
	} else {
		q.polls.Notify(wait.Writable)
	}
	return true
}

// SetNotify is mq_notify(2). EBUSY.
func (q *Queue) SetNotify(n *Notify) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.notify != nil {
		return unix.EBUSY
	}
	q.notify = n
	return nil
}

// EndNotify takes back what the process has asked for, if it has (remove_notification).
func (q *Queue) EndNotify(pid int32) {
	q.mu.Lock()
	n := q.notify
	if n == nil || n.Pid != pid {
		q.mu.Unlock()
		return
	}
	q.notify = nil
	q.mu.Unlock()
	if n.Removed != nil {
		n.Removed()
	}
}

// Poll implements vfs.FileOps.
func (f *file) Poll(*vfs.File) wait.Mask {
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	var m wait.Mask
	if len(q.msgs) > 0 {
		m |= wait.Readable
	}
	if int64(len(q.msgs)) < q.attr.MaxMsg {
		m |= wait.Writable
	}
	return m
}

// Queue implements vfs.FileOps.
func (f *file) Queue(*vfs.File) *wait.Queue { return &f.q.polls }

// Seekable implements vfs.FileOps.
func (f *file) Seekable() bool { return true }

// Seek implements vfs.FileOps.
func (f *file) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	switch {
	case whence == unix.SEEK_HOLE && off < 0: // of no file system: default_llseek looks at the end only
		return statusSize, nil
	case whence == unix.SEEK_DATA && off < 0:
		return 0, unix.EINVAL
	}
	return vfs.PlainSeek(off, whence, cur, statusSize)
}

// statusSize is FILENT_SIZE: what a queue's status is said to have.
const statusSize = 80

// Read implements vfs.FileOps: a line about the queue (mq_overview(7)).
func (f *file) Read(_ vfs.Ctx, _ *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	line := f.q.status()
	if *pos >= int64(len(line)) {
		return 0, nil
	}
	n, err := dst.CopyOut([]byte(line[*pos:])[:min(dst.Len(), len(line)-int(*pos))])
	*pos += int64(n)
	return n, err
}

func (q *Queue) status() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	bytes := 0
	var n Notify
	for _, m := range q.msgs {
		bytes += len(m.text)
	}
	if q.notify != nil {
		n = *q.notify
	}
	return fmt.Sprintf("QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", bytes, n.How, n.Sig, n.Pid)
}

// Release implements vfs.FileOps.
func (f *file) Release(*vfs.File) {
	f.q.ns.mu.Lock()
	defer f.q.ns.mu.Unlock()
	f.q.files--
	f.q.release()
}

// Flush implements vfs.FileOps: a process that closes the queue is not told
// of messages any more.
func (f *file) Flush(ctx vfs.Ctx, _ *vfs.File) error {
	if t, ok := ctx.(*task.Task); ok {
		f.q.EndNotify(t.ProcessID())
	}
	return nil
}

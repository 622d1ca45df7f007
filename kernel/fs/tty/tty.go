// SPDX-License-Identifier: Apache-2.0

// Package tty has terminals (termios(3), tty_ioctl(4)): the line discipline,
// job control, and what stands at the far end: the terminal of the host that
// ditto was started on, or the master of a pseudo-terminal.
//
// The host's terminal is in raw mode while the sandbox has it. Editing, echo,
// signal keys and flow control are all done here, so that job control works
// whatever the host's shell thinks of its own.
//
// Lock order: a terminal's lock (a pseudo-terminal's two sides share one), its
// wait queue. Signals are sent after the lock is dropped.
package tty

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

const (
	// writeChunk is how much of a write is processed in one piece.
	writeChunk = 2048
	// wakeupChars is the fill below which a terminal counts as writable.
	wakeupChars = 256
)

// driver is the far end of a terminal. Its methods are called with the
// terminal's lock and don't block.
type driver interface {
	// send passes bytes on, as many as there is room for.
	send(p []byte) int
	room() int
	// pending is how many bytes were taken but not passed on yet.
	pending() int
	// discard forgets them.
	discard()
	// inputRoom says that there is room for more input than there was.
	inputRoom()
}

// TTY is a terminal as applications see it.
type TTY struct {
	queue wait.Queue
	rdev  uint64

	mu          *sync.Mutex
	drv         driver
	d           *discipline
	size        Winsize
	scratch     []byte // for output processing
	opens       int
	exclusive   bool    // TIOCEXCL
	locked      Termios // what of the settings can't be changed (TIOCSLCKTRMIOS)
	hungUp      bool
	otherClosed bool  // the master is gone
	jobs        Jobs  // set once a session has the terminal
	due         []int // signals for the foreground group, sent when the lock is dropped
	dueHangUp   bool  // the session is to be told of a hang-up
	pty         *Pty  // nil for a terminal of the host
}

func newTTY(mu *sync.Mutex, t Termios, rdev uint64) *TTY {
	tty := &TTY{mu: mu, d: newDiscipline(t), rdev: rdev}
	tty.d.sig = func(signo int) { tty.signalLocked(signo) }
	tty.d.flow = func(stopped bool) {
		if !stopped {
			tty.queue.Notify(wait.Writable)
		}
		if tty.pty != nil {
			tty.pty.flowChanged(stopped)
		}
	}
	return tty
}

// Rdev is the device number.
func (t *TTY) Rdev() uint64 { return t.rdev }

// unlock drops the lock and then sends the signals that became due.
func (t *TTY) unlock() {
	due, jobs, hangUp := t.due, t.jobs, t.dueHangUp
	t.due, t.dueHangUp = nil, false
	t.mu.Unlock()
	for _, signo := range due {
		jobs.SignalForeground(t, signo)
	}
	if hangUp && jobs != nil {
		jobs.HangUpTerminal(t)
	}
}

// input takes bytes from the far end, as many as there is room for. With the lock.
func (t *TTY) input(p []byte) int {
	n := t.d.receive(p)
	t.flushEcho()
	if t.d.available(false) {
		t.queue.Notify(wait.Readable)
	}
	return n
}

// flushEcho sends echo that waits. With the lock.
func (t *TTY) flushEcho() {
	if len(t.d.echo) > 0 && !t.d.stopped {
		n := t.drv.send(t.d.echo)
		t.d.echo = t.d.echo[:copy(t.d.echo, t.d.echo[n:])]
		if len(t.d.echo) > bufSize {
			t.d.echo = t.d.echo[:bufSize] // nobody takes it: like Linux, lose it
		}
	}
}

// SetWinsize is TIOCSWINSZ, or a host terminal that changed its size.
func (t *TTY) SetWinsize(ws Winsize) {
	t.mu.Lock()
	defer t.unlock()
	if ws != t.size {
		t.size = ws
		t.signalLocked(int(unix.SIGWINCH))
	}
}

// Winsize is the size as set last.
func (t *TTY) Winsize() Winsize {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.size
}

// HangUp ends the terminal for all who have it open (vhangup): its session is
// told, and the files answer end of file and EIO from now on.
func (t *TTY) HangUp() {
	t.mu.Lock()
	t.hangUpLocked()
	t.unlock()
}

func (t *TTY) hangUpLocked() {
	if t.hungUp {
		return
	}
	t.hungUp = true
	t.dueHangUp = true
	t.queue.Notify(wait.Readable | wait.Writable | wait.Err | wait.Hup)
}

// file is one open file of a terminal.
type file struct {
	vfs.BaseFile
	tty *TTY
}

// Open makes the operations of another open file of the terminal.
func (t *TTY) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.hungUp || t.otherClosed:
		return nil, unix.EIO
	case t.pty != nil && t.pty.locked:
		return nil, unix.EIO
	case t.exclusive && t.opens > 0 && !(ctx != nil && ctx.Creds().Capable(unix.CAP_SYS_ADMIN)):
		return nil, unix.EBUSY
	}
	t.opens++
	if t.pty != nil {
		t.pty.slaveOpened()
	}
	return &file{tty: t}, nil
}

// File is an open file of the terminal for a sandbox's standard streams.
func (t *TTY) File(flags uint32) *vfs.File {
	ops, err := t.Open(nil, flags)
	if err != nil {
		panic("tty: open: " + err.Error())
	}
	return vfs.NewAnonFileInode("/dev/tty", ops, &deviceInode{AnonInode: hostFS.NewInode(unix.S_IFCHR|0o620, 0, 5), tty: t}, flags)
}

var hostFS = vfs.NewPseudoFS("devtmpfs", 0x01021994)

// deviceInode is the inode of a terminal that was not opened by a name.
type deviceInode struct {
	*vfs.AnonInode
	tty *TTY
}

// Attr implements vfs.Inode.
func (i *deviceInode) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := i.AnonInode.Attr(ctx)
	a.Rdev = i.tty.rdev
	return a, err
}

// Open implements vfs.Inode: through /proc/self/fd.
func (i *deviceInode) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	return i.tty.Open(ctx, flags)
}

// Read implements vfs.FileOps (n_tty_read).
func (f *file) Read(ctx vfs.Ctx, vf *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	t := f.tty
	t.mu.Lock()
	hungUp := t.hungUp
	t.mu.Unlock()
	if hungUp {
		return 0, nil
	}
	if err := t.checkBackground(ctx, int(unix.SIGTTIN)); err != nil {
		return 0, err
	}
	if dst.Len() == 0 {
		return 0, nil
	}
	r := reader{t: t, ctx: ctx, nonblock: vf.NonBlock(), dst: dst}
	return r.read()
}

// reader is one call of read.
type reader struct {
	t        *TTY
	ctx      vfs.Ctx
	nonblock bool
	dst      *user.Buf
	total    int
	entry    wait.Entry
	queued   bool
}

func (r *reader) read() (int, error) {
	defer func() {
		if r.queued {
			r.t.queue.Remove(&r.entry)
		}
	}()
	t := r.t
	t.mu.Lock()
	canonical := t.d.canonical()
	minimum, interval := 1, time.Duration(0)
	var deadline time.Time
	if !canonical {
		tenths := time.Duration(t.d.Cc[unix.VTIME]) * time.Second / 10
		if m := int(t.d.Cc[unix.VMIN]); m > 0 {
			minimum, interval = m, tenths
		} else if deadline = time.Now(); tenths > 0 {
			deadline = deadline.Add(tenths)
		}
	}
	t.mu.Unlock()
	minimum = min(minimum, r.dst.Len())
	for {
		n, done, err := r.once()
		r.total += n
		if err != nil {
			return r.result(err)
		}
		if done && (canonical || r.total >= minimum || r.dst.Len() == 0) {
			return r.total, nil
		}
		if n > 0 && interval > 0 {
			deadline = time.Now().Add(interval)
		}
		if err, again := r.wait(deadline); !again {
			return r.result(err)
		}
	}
}

func (r *reader) result(err error) (int, error) {
	if r.total > 0 {
		return r.total, nil
	}
	return 0, err
}

// once takes what is there.
func (r *reader) once() (n int, done bool, err error) {
	t := r.t
	var chunk [512]byte
	for {
		t.mu.Lock()
		before := t.d.room()
		p := chunk[:min(len(chunk), r.dst.Len())]
		got, end := t.d.read(p)
		if t.d.room() > before {
			t.drv.inputRoom()
		}
		t.unlock()
		if got > 0 {
			if _, err := r.dst.CopyOut(p[:got]); err != nil {
				return n, false, err
			}
		}
		n += got
		if t.lineGoesOn(p[:got]) && r.dst.Len() > 0 {
			continue
		}
		return n, done || end, nil
	}
}

// lineGoesOn tells whether the chunk p was cut only because it was full.
func (t *TTY) lineGoesOn(p []byte) bool {
	if len(p) < 512 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.d.canonical() || !t.d.eol[(t.d.tail-1)%bufSize] && p[len(p)-1] != '\n'
}

// wait sleeps until there is input. again says that it is worth another look.
func (r *reader) wait(deadline time.Time) (err error, again bool) {
	t := r.t
	if !r.queued {
		r.entry = wait.Entry{W: r.ctx, Mask: wait.Readable}
		t.queue.Add(&r.entry)
		r.queued = true
	}
	t.mu.Lock()
	ready := t.d.available(false)
	gone, closed := t.hungUp, t.otherClosed
	t.mu.Unlock()
	switch {
	case ready:
		return nil, true
	case closed:
		return unix.EIO, false
	case gone:
		return nil, false
	case !deadline.IsZero() && !time.Now().Before(deadline):
		return nil, false
	case r.nonblock:
		return unix.EAGAIN, false
	}
	switch err := r.ctx.Sleep(deadline); err {
	case nil:
		return nil, true
	case unix.ETIMEDOUT:
		return nil, t.hasInput()
	default:
		return err, false
	}
}

func (t *TTY) hasInput() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.d.available(false)
}

// Write implements vfs.FileOps (n_tty_write).
func (f *file) Write(ctx vfs.Ctx, vf *vfs.File, src *user.Buf, _ *int64) (int, error) {
	t := f.tty
	t.mu.Lock()
	hungUp, tostop := t.hungUp, t.d.local(unix.TOSTOP)
	t.mu.Unlock()
	if hungUp {
		return 0, unix.EIO
	}
	if tostop {
		if err := t.checkBackground(ctx, int(unix.SIGTTOU)); err != nil {
			return 0, err
		}
	}
	var chunk [writeChunk]byte
	total := 0
	for src.Len() > 0 {
		n, err := src.CopyIn(chunk[:min(writeChunk, src.Len())])
		if err != nil {
			return writeResult(total, err)
		}
		for p := chunk[:n]; len(p) > 0; {
			n, err := t.write(p)
			total += n
			p = p[n:]
			if err == nil && len(p) > 0 {
				err = t.waitWritable(ctx, vf)
			}
			if err != nil {
				return writeResult(total, err)
			}
		}
	}
	return total, nil
}

func writeResult(n int, err error) (int, error) {
	if n > 0 {
		return n, nil
	}
	return 0, err
}

func (t *TTY) waitWritable(ctx vfs.Ctx, vf *vfs.File) error {
	if vf.NonBlock() {
		return unix.EAGAIN
	}
	return wait.Until(ctx, &t.queue, wait.Writable, time.Time{}, func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.outputRoom() > 0 || t.hungUp || t.otherClosed
	})
}

// outputRoom is the room for output of applications. With the lock.
func (t *TTY) outputRoom() int {
	if t.d.stopped {
		return 0
	}
	return t.drv.room() - len(t.d.echo)
}

// write processes as much of p as there is room for.
func (t *TTY) write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.unlock()
	if t.hungUp || t.otherClosed {
		return 0, unix.EIO
	}
	t.flushEcho()
	room := t.outputRoom()
	out := t.scratch[:0]
	n := 0
	for ; n < len(p); n++ {
		if !t.d.out(unix.OPOST) {
			k := min(len(p), max(room, 0))
			out, n = append(out, p[:k]...), k
			break
		}
		need := 1
		switch p[n] {
		case '\n':
			need = 2
		case '\t':
			need = 8
		}
		if len(out)+need > room {
			break
		}
		out = t.d.process(out, p[n])
	}
	t.scratch = out
	t.drv.send(out)
	return n, nil
}

// Poll implements vfs.FileOps (n_tty_poll).
func (f *file) Poll(*vfs.File) wait.Mask {
	t := f.tty
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hungUp {
		return wait.Readable | wait.Writable | wait.Err | wait.Hup
	}
	var m wait.Mask
	if t.d.available(true) {
		m |= wait.Readable
	}
	if t.otherClosed {
		m |= wait.Hup
	}
	if t.drv.pending() < wakeupChars && t.outputRoom() > 0 {
		m |= wait.Writable
	}
	return m
}

// Queue implements vfs.FileOps.
func (f *file) Queue(*vfs.File) *wait.Queue { return &f.tty.queue }

// Release implements vfs.FileOps.
func (f *file) Release(*vfs.File) {
	t := f.tty
	t.mu.Lock()
	defer t.unlock()
	if t.opens--; t.opens == 0 {
		t.exclusive = false
		if t.pty != nil {
			t.pty.slaveClosed()
		}
	}
}

// drain waits until all output was passed on (tcdrain).
func (t *TTY) drain(ctx vfs.Ctx) error {
	return wait.Until(ctx, &t.queue, wait.Writable, time.Time{}, func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.drv.pending() == 0 || t.hungUp || t.otherClosed
	})
}

// IsTerminal tells whether a file is a terminal, or the other side of one.
func IsTerminal(f *vfs.File) bool {
	switch f.Ops.(type) {
	case *file, *master:
		return true
	}
	return false
}

// SPDX-License-Identifier: Apache-2.0

// The open files of a pipe: reading, writing, polling.

package pipe

import (
	"encoding/binary"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// End is an open file of a pipe: for reading, writing or, of a FIFO, both.
type End struct {
	vfs.BaseFile
	pipe *Pipe
	fifo *vfs.FIFO // what opens the pipe again
	// named: it is a FIFO, whose inode's times move with what is read and
	// written; those of a pipe without a name stay.
	named bool
	// wcount of the pipe when a FIFO was opened for reading without waiting:
	// until a writer came there is no hang-up to report (fifo(7)).
	wcountAtOpen uint32
	sawNoWriter  bool
}

var pipeFS = vfs.NewPseudoFS("pipefs", 0x50495045) // PIPEFS_MAGIC

// New makes a pipe: its reading and its writing end (pipe2(2)). flags may have
// O_NONBLOCK and O_DIRECT.
func New(c *cred.Creds, flags uint32) (r, w *vfs.File) {
	p := newPipe(DefaultSlots)
	p.readers, p.writers = 1, 1
	p.rcount, p.wcount = 1, 1
	flags &= unix.O_NONBLOCK | unix.O_DIRECT
	p.refs = 2
	in := &inode{AnonInode: pipeFS.NewInode(unix.S_IFIFO|0o600, c.FSUID, c.FSGID)}
	in.fifo.Pipe = p
	open := func(flags uint32) *vfs.File {
		return vfs.NewAnonFileInode("pipe:["+strconv.FormatUint(in.Ino(), 10)+"]", &End{pipe: p, fifo: &in.fifo}, in, flags)
	}
	return open(unix.O_RDONLY | flags&^unix.O_DIRECT), open(unix.O_WRONLY | flags)
}

// inode is the inode of a pipe without a name. It is opened again through
// /proc/PID/fd, as a FIFO is, but that it waits for nobody (fifo_open).
type inode struct {
	*vfs.AnonInode
	fifo vfs.FIFO
}

// Open implements vfs.Inode.
func (i *inode) Open(ctx vfs.Ctx, flags uint32) (vfs.FileOps, error) {
	return openEnd(ctx, &i.fifo, flags, false)
}

// Read implements vfs.FileOps (pipe_read).
func (e *End) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	if dst.Len() == 0 {
		return 0, nil
	}
	p := e.pipe
	for {
		p.mu.Lock()
		if !p.empty() && !p.claimed {
			n, err := p.take(dst)
			p.mu.Unlock()
			if n > 0 && e.named {
				f.Access()
			}
			return n, err
		}
		end := p.empty() && p.writers == 0
		p.mu.Unlock()
		switch {
		case end:
			return 0, nil
		case f.NonBlock():
			return 0, unix.EAGAIN
		}
		if err := wait.Until(ctx, e.Queue(f), wait.Readable, time.Time{}, p.readable); err != nil {
			return 0, err
		}
	}
}

func (p *Pipe) readable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.empty() && !p.claimed || p.empty() && p.writers == 0
}

func (p *Pipe) writable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.full() || p.readers == 0
}

// take moves what there is, up to the room in dst. Called with the lock.
func (p *Pipe) take(dst *user.Buf) (int, error) {
	wasFull := p.full()
	done, err := p.gather(dst)
	for single := done == 0 && err == nil; single && dst.Len() > 0 && !p.empty(); {
		b := p.slot(p.tail)
		chunk := b.bytes()
		chunk = chunk[:min(len(chunk), dst.Len())]
		var n int
		if done == 0 && (b.packet || len(chunk) == dst.Len() || p.used() == 1) {
			n, err = dst.CopyOutLast(chunk)
		} else {
			n, err = dst.CopyOut(chunk)
		}
		if err != nil {
			// pipe_read takes all it wants of a page, or nothing.
			break
		}
		packet := b.packet
		b.off += n
		b.len -= n
		done += n
		if b.len == 0 || packet {
			p.drop()
		}
		if packet {
			break
		}
	}
	if wasFull && !p.full() {
		p.notifyWriters()
	}
	if done > 0 {
		return done, nil
	}
	return 0, err
}

// gather takes the bytes of several pages at once: one copy to the application costs
// less than one a page. It takes nothing where there is only one, or packets.
func (p *Pipe) gather(dst *user.Buf) (int, error) {
	if p.used() < 2 || p.slot(p.tail).len >= dst.Len() {
		return 0, nil
	}
	buf := vfs.GetBuffer(min(dst.Len(), p.buffered()))
	defer buf.Free()
	n := 0
	for i := p.tail; i != p.head && n < len(buf.B); i++ {
		if p.slot(i).packet {
			break
		}
		n += copy(buf.B[n:], p.slot(i).bytes())
	}
	n, err := dst.CopyOutLast(buf.B[:n])
	if err != nil {
		n = p.wholeBuffers(n)
	}
	p.consumeLocked(n)
	return n, err
}

// wholeBuffers is how many of the first n bytes are of buffers that lie within them: of the one whose bytes the
// memory did not all take none count (copy_page_to_iter's callers).
func (p *Pipe) wholeBuffers(n int) int {
	whole := 0
	for i := p.tail; i != p.head && whole+p.slot(i).len <= n; i++ {
		whole += p.slot(i).len
	}
	return whole
}

// consumeLocked drops the first n bytes. mu is held.
func (p *Pipe) consumeLocked(n int) {
	for n > 0 && !p.empty() {
		b := p.slot(p.tail)
		k := min(n, b.len)
		b.off += k
		b.len -= k
		n -= k
		if b.len == 0 {
			p.drop()
		}
	}
}

// Write implements vfs.FileOps (pipe_write). What sendfile(2) brings is
// spliced, which moves no time.
func (e *End) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, _ *int64) (int, error) {
	n, err := e.write(ctx, f, src)
	if n > 0 && e.named && !src.InKernel() {
		f.Modify()
	}
	return n, err
}

func (e *End) write(ctx vfs.Ctx, f *vfs.File, src *user.Buf) (int, error) {
	if src.Len() == 0 {
		return 0, nil
	}
	p := e.pipe
	done := 0
	first := true
	for {
		p.mu.Lock()
		if p.readers == 0 {
			p.mu.Unlock()
			ctx.Raise(int(unix.SIGPIPE))
			return partial(done, unix.EPIPE)
		}
		n, err := p.put(src, putting{merge: first, packet: f.Flags()&unix.O_DIRECT != 0})
		p.mu.Unlock()
		first = false
		done += n
		switch {
		case err != nil:
			return partial(done, err)
		case src.Len() == 0:
			return done, nil
		case f.NonBlock():
			return partial(done, unix.EAGAIN)
		}
		if err := wait.Until(ctx, e.Queue(f), wait.Writable, time.Time{}, p.writable); err != nil {
			return partial(done, err)
		}
	}
}

// partial is the result of a call that moved done bytes before err.
func partial(done int, err error) (int, error) {
	if done > 0 {
		return done, nil
	}
	return 0, err
}

// putting is how bytes come into a pipe.
type putting struct {
	merge   bool // what is over a multiple of the page size may go behind the last buffer
	packet  bool // O_DIRECT
	spliced bool // as pages: later bytes go into others
	skip    int  // bytes of the first page that stay unused
}

// put adds bytes of src until none are left or the pipe is full. What a write
// has over a multiple of the page size may go behind the last buffer, but only
// at the start of the write and only whole: so writes of up to PIPE_BUF bytes
// are never torn. Called with the lock.
func (p *Pipe) put(src *user.Buf, how putting) (int, error) {
	wasEmpty := p.empty()
	done := 0
	var err error
	if tail := src.Len() % pageSize; how.merge && tail != 0 && !wasEmpty {
		last := p.slot(p.head - 1)
		if end := last.off + last.len; last.merge && end+tail <= pageSize {
			done, err = src.CopyIn(last.page[end : end+tail])
			if err != nil {
				return 0, err
			}
			last.len += done
		}
	}
	for src.Len() > 0 && !p.full() {
		pg := p.newPage()
		var n int
		n, err = src.CopyIn(pg[:min(pageSize-how.skip, src.Len())])
		if n == 0 || err != nil {
			// A page that could be filled only in part is not queued.
			p.freePage(pg)
			break
		}
		p.push(buffer{page: pg, len: n, packet: how.packet, merge: !how.packet && !how.spliced})
		how.skip = 0
		done += n
	}
	if done > 0 && wasEmpty || p.pollUsed { // the latter even for a write that found no room
		p.notifyReaders()
	}
	return done, err
}

// Poll implements vfs.FileOps (pipe_poll).
func (e *End) Poll(f *vfs.File) wait.Mask {
	p := e.pipe
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pollUsed = true
	var m wait.Mask
	if f.Readable() {
		if !p.empty() {
			m |= wait.Readable
		}
		if p.writers == 0 && !(e.sawNoWriter && e.wcountAtOpen == p.wcount) {
			m |= wait.Hup
		}
	}
	if f.Writable() {
		if !p.full() {
			m |= wait.Writable
		}
		if p.readers == 0 {
			m |= wait.Err
		}
	}
	return m
}

// Queue implements vfs.FileOps.
func (e *End) Queue(f *vfs.File) *wait.Queue {
	switch {
	case !f.Writable():
		return &e.pipe.readQueue
	case !f.Readable():
		return &e.pipe.writeQueue
	}
	return &e.pipe.bothQueue
}

// Ioctl implements vfs.FileOps.
func (e *End) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	if cmd != unix.TIOCINQ {
		return 0, unix.ENOTTY
	}
	e.pipe.mu.Lock()
	n := e.pipe.buffered()
	e.pipe.mu.Unlock()
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(n))
	_, err := ctx.Memory().CopyOut(user.Addr(arg), b[:])
	return 0, err
}

// PipeSize is F_GETPIPE_SZ.
func (e *End) PipeSize() int { return e.pipe.capacity() }

// SetPipeSize is F_SETPIPE_SZ: the capacity that it became.
func (e *End) SetPipeSize(ctx vfs.Ctx, size uint64) (int, error) {
	return e.pipe.resize(size, ctx.Creds().Capable(unix.CAP_SYS_RESOURCE))
}

// Release implements vfs.FileOps.
func (e *End) Release(f *vfs.File) {
	e.pipe.close(f.Readable(), f.Writable())
	if e.fifo != nil {
		dropFIFO(e.fifo, e.pipe)
	}
}

// close counts an end less, and tells the other side when it is alone.
func (p *Pipe) close(reader, writer bool) {
	p.mu.Lock()
	if reader {
		p.readers--
	}
	if writer {
		p.writers--
	}
	events := wait.Mask(0)
	if p.readers == 0 && p.writers == 0 {
		p.releaseBuffers()
	} else if p.readers == 0 || p.writers == 0 {
		events = wait.Readable | wait.Writable | wait.Err | wait.Hup
	}
	p.mu.Unlock()
	if events != 0 {
		for _, q := range [...]*wait.Queue{&p.readQueue, &p.writeQueue, &p.bothQueue} {
			q.Notify(events)
		}
	}
}

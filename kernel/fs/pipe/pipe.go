// SPDX-License-Identifier: Apache-2.0

// Package pipe has pipes and FIFOs (pipe(7), fifo(7)): a ring of page-sized
// buffers between those who write and those who read.
//
// A pipe's lock is held while data is copied to or from the memory of the
// caller, which is stopped in its own system call: nothing that could want the
// pipe is waited for. Lock order: vfs.FIFO, a pipe, its wait queue.
package pipe

import (
	"math/bits"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

const (
	pageSize = abi.PageSize

	// DefaultSlots is the capacity of a new pipe, in pages (PIPE_DEF_BUFFERS).
	DefaultSlots = 16
	// maxUnprivileged is fs.pipe-max-size, in bytes.
	maxUnprivileged = 1 << 20
	// maxSize is where round_pipe_size gives up.
	maxSize = 1 << 31
)

type page [pageSize]byte

var pages = sync.Pool{New: func() any { return new(page) }}

// buffer is one slot of the ring (struct pipe_buffer).
type buffer struct {
	page     *page
	off, len int
	packet   bool // O_DIRECT: a read takes it whole or loses the rest
	merge    bool // later bytes may be added behind
}

func (b *buffer) bytes() []byte { return b.page[b.off : b.off+b.len] }

// Pipe is what both ends share (struct pipe_inode_info).
type Pipe struct {
	// readQueue and writeQueue tell the ends of changes. A FIFO that is open
	// for both is told of everything by bothQueue.
	readQueue, writeQueue, bothQueue wait.Queue
	// openers waits for the other side of a FIFO to come.
	openers wait.Queue

	mu               sync.Mutex
	ring             []buffer // a power of two long
	head, tail       uint32   // free running: head is where the next buffer goes
	readers, writers int      // open files of each kind
	rcount, wcount   uint32   // how often an end was opened, ever
	spare            *page    // of the buffer that went last
	pollUsed         bool     // somebody polls: tell of each write, as Linux does
	claimed          bool     // by a splice that reads: other readers wait
	refs             int      // of a FIFO: open files and openers; guarded by vfs.FIFO.Mu
}

func newPipe(slots int) *Pipe { return &Pipe{ring: make([]buffer, slots)} }

func (p *Pipe) notifyReaders() {
	p.readQueue.Notify(wait.Readable)
	p.bothQueue.Notify(wait.Readable)
}

func (p *Pipe) notifyWriters() {
	p.writeQueue.Notify(wait.Writable)
	p.bothQueue.Notify(wait.Writable)
}

func (p *Pipe) empty() bool  { return p.head == p.tail }
func (p *Pipe) used() uint32 { return p.head - p.tail }
func (p *Pipe) full() bool   { return p.used() >= uint32(len(p.ring)) }

func (p *Pipe) slot(i uint32) *buffer { return &p.ring[i&uint32(len(p.ring)-1)] }

// newPage is a page for a new buffer; its contents are what they are.
func (p *Pipe) newPage() *page {
	if pg := p.spare; pg != nil {
		p.spare = nil
		return pg
	}
	return pages.Get().(*page)
}

func (p *Pipe) freePage(pg *page) {
	if p.spare == nil {
		p.spare = pg
	} else {
		pages.Put(pg)
	}
}

// push appends a buffer; the pipe must not be full.
func (p *Pipe) push(b buffer) {
	*p.slot(p.head) = b
	p.head++
}

// drop gives up the oldest buffer.
func (p *Pipe) drop() {
	b := p.slot(p.tail)
	p.freePage(b.page)
	*b = buffer{}
	p.tail++
}

// buffered is how many bytes wait to be read (FIONREAD).
func (p *Pipe) buffered() int {
	n := 0
	for i := p.tail; i != p.head; i++ {
		n += p.slot(i).len
	}
	return n
}

// roundSize is the number of slots for a capacity in bytes; 0 if too large.
func roundSize(size uint64) uint32 {
	if size > maxSize {
		return 0
	}
	n := uint32((max(size, pageSize) + pageSize - 1) / pageSize)
	return 1 << bits.Len32(n-1)
}

// Linux has the slots of a pipe (struct pipe_buffer) in one allocation of
// kmalloc, which has nothing larger than maxRing (KMALLOC_MAX_SIZE).
const (
	slotSize = 40
	maxRing  = 4 << 20
)

// resize is F_SETPIPE_SZ: the new capacity in bytes.
func (p *Pipe) resize(size uint64, privileged bool) (int, error) {
	slots := roundSize(size)
	if slots == 0 {
		return 0, unix.EINVAL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if size > 1<<31 {
		return 0, unix.EINVAL
	}
	if int(slots) > len(p.ring) && uint64(slots)*pageSize > maxUnprivileged && !privileged {
		return 0, unix.EPERM
	}
	if slots < p.used() {
		return 0, unix.EBUSY
	}
	if int(slots)*slotSize > maxRing {
		return 0, unix.ENOMEM
	}
	wasFull := p.full()
	ring := make([]buffer, slots)
	n := uint32(0)
	for i := p.tail; i != p.head; i++ {
		ring[n] = *p.slot(i)
		n++
	}
	p.ring, p.tail, p.head = ring, 0, n
	if wasFull && !p.full() {
		p.notifyWriters()
	}
	return len(ring) * pageSize, nil
}

func (p *Pipe) capacity() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.ring) * pageSize
}

// release frees the pages once nobody has the pipe open.
func (p *Pipe) releaseBuffers() {
	for !p.empty() {
		p.drop()
	}
	if p.spare != nil {
		pages.Put(p.spare)
		p.spare = nil
	}
}

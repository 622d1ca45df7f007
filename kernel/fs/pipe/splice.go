// SPDX-License-Identifier: Apache-2.0

// splice(2), tee(2) and vmsplice(2). Pages are copied, not moved: what the
// calls promise is where the bytes go, and that no byte is lost when the other
// side takes fewer than there are.

package pipe

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Of is the end of a pipe that f is, nil for another file.
func Of(f *vfs.File) *End {
	e, _ := f.Ops.(*End)
	return e
}

// Same tells whether two ends belong to one pipe.
func (e *End) Same(other *End) bool { return e.pipe == other.pipe }

// drainPages is how many pages go out at once.
const drainPages = 16

// Drain gives up to n bytes to out, which returns how many it took. It waits
// for the first bytes (EAGAIN with nonblock; 0 if no writer is left) and ends
// when the pipe is empty. Meanwhile other readers have to wait. out gets many pages at once,
// as what a pipe is spliced to does on Linux (iter_file_splice_write, splice_to_socket).
func (e *End) Drain(ctx vfs.Ctx, n int, nonblock bool, out func(p []byte) (int, error)) (int, error) {
	p := e.pipe
	more, err := e.claim(ctx, nonblock)
	if !more {
		return 0, err
	}
	defer p.unclaim()
	done := 0
	buf := vfs.GetBuffer(min(n, drainPages*pageSize))
	defer buf.Free()
	for done < n {
		chunk := buf.B[:p.peek(buf.B[:min(n-done, len(buf.B))], 0)]
		if len(chunk) == 0 {
			break
		}
		k, err := out(chunk)
		p.consume(k)
		done += k
		if err != nil || k < len(chunk) {
			return partial(done, err)
		}
	}
	return done, nil
}

// claim waits for data and keeps other readers out: false if there is none.
func (e *End) claim(ctx vfs.Ctx, nonblock bool) (bool, error) {
	p := e.pipe
	claimed, end := false, false
	try := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.empty() && !p.claimed {
			p.claimed, claimed = true, true
		}
		end = p.empty() && p.writers == 0
		return claimed || end
	}
	if try() {
		return claimed, nil
	}
	if nonblock {
		return false, unix.EAGAIN
	}
	err := wait.Until(ctx, &p.readQueue, wait.Readable, time.Time{}, try)
	return claimed && err == nil, err
}

func (p *Pipe) unclaim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claimed = false
	if !p.empty() || p.writers == 0 {
		p.notifyReaders()
	}
}

// peek copies bytes from skip on, and leaves them where they are.
func (p *Pipe) peek(dst []byte, skip int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for i := p.tail; i != p.head && n < len(dst); i++ {
		b := p.slot(i).bytes()
		if skip >= len(b) {
			skip -= len(b)
			continue
		}
		n += copy(dst[n:], b[skip:])
		skip = 0
	}
	return n
}

// consume drops the first n bytes.
func (p *Pipe) consume(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wasFull := p.full()
	p.consumeLocked(n)
	if wasFull && !p.full() {
		p.notifyWriters()
	}
}

// Space waits until something can be written, and is how much: EAGAIN with
// nonblock; EPIPE and SIGPIPE if no reader is left (wait_for_space).
func (e *End) Space(ctx vfs.Ctx, nonblock bool) (int, error) {
	p := e.pipe
	room, broken := 0, false
	try := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		broken = p.readers == 0
		room = (len(p.ring) - int(p.used())) * pageSize
		return broken || room > 0
	}
	if !try() {
		if nonblock {
			return 0, unix.EAGAIN
		}
		if err := wait.Until(ctx, &p.writeQueue, wait.Writable, time.Time{}, try); err != nil {
			return 0, err
		}
	}
	if broken {
		ctx.Raise(int(unix.SIGPIPE))
		return 0, unix.EPIPE
	}
	return room, nil
}

// SlotSize is how much a slot of a pipe holds.
const SlotSize = pageSize

// Fill adds what fits of src now: 0 if the pipe is full.
func (e *End) Fill(src *user.Buf) (int, error) { return e.FillPages(src, 0) }

// FillPages is Fill of pages of a file, the first of which begins skip bytes before src.
func (e *End) FillPages(src *user.Buf, skip int) (int, error) {
	p := e.pipe
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := p.put(src, putting{spliced: true, skip: skip})
	return partial(n, err)
}

// Take moves what there is into dst, waiting as Drain does.
func (e *End) Take(ctx vfs.Ctx, dst *user.Buf, nonblock bool) (int, error) {
	more, err := e.claim(ctx, nonblock)
	if !more {
		return 0, err
	}
	defer e.pipe.unclaim()
	e.pipe.mu.Lock()
	defer e.pipe.mu.Unlock()
	return e.pipe.take(dst)
}

// Splice moves up to n bytes of the pipe in to the pipe out, a buffer at a time (splice_pipe_to_pipe).
func Splice(ctx vfs.Ctx, in, out *End, n int, nonblock bool) (int, error) {
	if _, err := out.Space(ctx, nonblock); err != nil {
		return 0, err
	}
	more, err := in.claim(ctx, nonblock)
	if !more {
		return 0, err
	}
	defer in.pipe.unclaim()
	buf := pages.Get().(*page)
	defer pages.Put(buf)
	done := 0
	for done < n {
		b := in.pipe.first(buf, n-done)
		if b.len == 0 {
			break
		}
		if out.pipe.add(b) {
			in.pipe.consume(b.len)
			done += b.len
			continue
		}
		if done > 0 {
			break
		}
		if _, err := out.Space(ctx, nonblock); err != nil {
			return 0, err
		}
	}
	return done, nil
}

// first copies what the first buffer has, but no more than n bytes, to its place in pg. What is part of a buffer is not written
// on elsewhere.
func (p *Pipe) first(pg *page, n int) buffer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.empty() {
		return buffer{}
	}
	b := *p.slot(p.tail)
	if b.len > n {
		b.len, b.merge = n, false
	}
	copy(pg[b.off:], b.bytes())
	b.page = pg
	return b
}

// add queues a copy of a buffer: false if no slot is free.
func (p *Pipe) add(b buffer) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full() {
		return false
	}
	wasEmpty, pg := p.empty(), p.newPage()
	copy(pg[b.off:], b.bytes())
	b.page = pg
	p.push(b)
	if wasEmpty || p.pollUsed {
		p.notifyReaders()
	}
	return true
}

// Tee copies up to n bytes of the pipe in to the pipe out and leaves them
// there.
func Tee(ctx vfs.Ctx, in, out *End, n int, nonblock bool) (int, error) {
	more, err := in.claim(ctx, nonblock)
	if !more {
		return 0, err
	}
	defer in.pipe.unclaim()
	room, err := out.Space(ctx, nonblock)
	if err != nil {
		return 0, err
	}
	buf := pages.Get().(*page)
	defer pages.Put(buf)
	n = min(n, room)
	done := 0
	for done < n {
		chunk := buf[:in.pipe.peek(buf[:min(n-done, pageSize)], done)]
		src := user.KernelBuf(chunk)
		k, err := out.Fill(&src)
		done += k
		if err != nil || k == 0 {
			return partial(done, err)
		}
	}
	return done, nil
}

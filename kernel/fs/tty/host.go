// SPDX-License-Identifier: Apache-2.0

// A terminal of the host at the far end.

package tty

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// hostBuffer is how much output waits for a slow terminal of the host.
const hostBuffer = 4096

// hostDriver passes bytes between a TTY and the host's terminal, which is in
// raw mode. Its fields are guarded by the TTY's lock.
type hostDriver struct {
	tty     *TTY
	in, out int
	owned   []int // descriptors of our own
	regs    []*hostpoll.Registration
	buf     []byte
	// direct: in and out are descriptions of our own, with O_NONBLOCK.
	// Otherwise the host is asked by poll(2) before each call.
	direct bool
}

// NewHost is a terminal, /dev/pts/INDEX, whose far end is the host's. The caller has put
// that in raw mode, and restores it. The file must stay open.
func NewHost(host *os.File, index int, poller *hostpoll.Poller) (*TTY, error) {
	t := newTTY(&sync.Mutex{}, initTermios(), unix.Mkdev(uint32(136+index>>8), uint32(index&0xff)))
	fd := int(host.Fd())
	if ws, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
		t.size = Winsize{ws.Row, ws.Col, ws.Xpixel, ws.Ypixel}
	}
	d := &hostDriver{tty: t, in: fd, out: fd}
	t.drv = d
	// A description of our own may be non-blocking; that of the host is
	// shared with its shell.
	own, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err == nil {
		d.owned = append(d.owned, own)
		d.in, d.out, d.direct = own, own, true
	}
	reg, err := poller.Add(d.in, d)
	if err != nil {
		d.close()
		return nil, err
	}
	d.regs = append(d.regs, reg)
	return t, nil
}

// CloseHost sends what output waits, as far as the host takes it at once, and
// lets the host's terminal go.
func (t *TTY) CloseHost() {
	t.mu.Lock()
	defer t.unlock()
	if d, ok := t.drv.(*hostDriver); ok {
		d.flush()
		d.close()
	}
}

func (d *hostDriver) close() {
	for _, r := range d.regs {
		r.Remove()
	}
	for _, fd := range d.owned {
		unix.Close(fd)
	}
	d.regs, d.owned, d.in, d.out = nil, nil, -1, -1
}

// HostReady implements hostpoll.Watcher.
func (d *hostDriver) HostReady(m wait.Mask) {
	t := d.tty
	t.mu.Lock()
	defer t.unlock()
	if m&wait.Out != 0 {
		before := len(d.buf)
		d.flush()
		t.flushEcho()
		if before > 0 && len(d.buf) < wakeupChars {
			t.queue.Notify(wait.Writable)
		}
	}
	if m&(wait.In|wait.Hup|wait.Err) != 0 {
		d.inputRoom()
	}
}

// inputRoom reads from the host as long as the line discipline has room.
func (d *hostDriver) inputRoom() {
	var p [1024]byte
	for d.in >= 0 && !d.tty.hungUp {
		room := min(len(p), d.tty.d.room())
		if room == 0 || !d.direct && hostpoll.Ready(d.in)&(wait.In|wait.Hup|wait.Err) == 0 {
			return
		}
		n, err := unix.Read(d.in, p[:room])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return
		case n <= 0:
			d.tty.hangUpLocked()
			return
		}
		d.tty.input(p[:n])
	}
}

func (d *hostDriver) send(p []byte) int {
	n := 0
	if len(d.buf) == 0 {
		n = d.write(p)
	}
	k := min(len(p)-n, d.room())
	d.buf = append(d.buf, p[n:n+k]...)
	return n + k
}

func (d *hostDriver) flush() {
	n := d.write(d.buf)
	d.buf = d.buf[:copy(d.buf, d.buf[n:])]
}

// write hands the host what it takes without blocking.
func (d *hostDriver) write(p []byte) int {
	done := 0
	for done < len(p) && d.out >= 0 {
		chunk := p[done:]
		if !d.direct {
			if hostpoll.Ready(d.out)&wait.Out == 0 {
				break
			}
			chunk = chunk[:min(len(chunk), wakeupChars)]
		}
		n, err := unix.Write(d.out, chunk)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EIO {
			return len(p) // the terminal is gone: so is the output
		}
		if err != nil || n <= 0 {
			break
		}
		done += n
	}
	return done
}

func (d *hostDriver) room() int    { return hostBuffer - len(d.buf) }
func (d *hostDriver) pending() int { return len(d.buf) }
func (d *hostDriver) discard()     { d.buf = d.buf[:0] }

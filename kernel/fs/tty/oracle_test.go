// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// pair is a pseudo-terminal of ours or of the host, which is the oracle.
// end 0 is the master, 1 the slave; nothing blocks.
type pair interface {
	write(end int, p []byte) string
	read(end, n int) string
	poll(end int) wait.Mask
	inq(end int) int
	set(Termios)
	ioctl(end int, cmd uint32, arg uint64) string
	close(end int)
}

func result(p []byte, n int, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %q", n, p[:min(n, len(p))])
}

type ourPair struct {
	t *fakeTask
	f [2]*vfs.File
}

func newOurs(t *testing.T) *ourPair {
	p, mops := NewPty(0)
	p.locked = false
	task := newTask()
	sops, err := p.Slave.Open(task, unix.O_RDWR)
	assert.NilError(t, err)
	const flags = unix.O_RDWR | unix.O_NONBLOCK
	return &ourPair{task, [2]*vfs.File{vfs.NewAnonFile("m", mops, flags), vfs.NewAnonFile("s", sops, flags)}}
}

func (o *ourPair) write(e int, p []byte) string {
	b := user.KernelBuf(p)
	n, err := o.f[e].Write(o.t, &b)
	return result(nil, n, err)
}

func (o *ourPair) read(e, n int) string {
	p := make([]byte, n)
	b := user.KernelBuf(p)
	n, err := o.f[e].Read(o.t, &b)
	return result(p, n, err)
}
func (o *ourPair) poll(e int) wait.Mask { return o.f[e].Ops.Poll(o.f[e]) }
func (o *ourPair) close(e int)          { o.f[e].DecRef() }
func (o *ourPair) inq(e int) int {
	_, _ = o.f[e].Ops.Ioctl(o.t, o.f[e], unix.TIOCINQ, 128)
	return int(o.t.mem[128]) | int(o.t.mem[129])<<8
}

func (o *ourPair) ioctl(e int, cmd uint32, arg uint64) string {
	_, err := o.f[e].Ops.Ioctl(o.t, o.f[e], cmd, arg)
	return fmt.Sprint(err)
}

func (o *ourPair) set(t Termios) {
	b := t.encode2()
	copy(o.t.mem, b[:])
	_, _ = o.f[1].Ops.Ioctl(o.t, o.f[1], unix.TCSETS, 0)
}

type hostPair struct{ fd [2]int }

func newHostPair(t *testing.T) *hostPair {
	m, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skip("needs a host with /dev/ptmx: ", err)
	}
	assert.NilError(t, unix.IoctlSetPointerInt(m, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(m, unix.TIOCGPTN)
	assert.NilError(t, err)
	s, err := unix.Open(fmt.Sprintf("/dev/pts/%d", n), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skip("needs a host with /dev/pts: ", err)
	}
	return &hostPair{[2]int{m, s}}
}

// settle waits until the host has processed what was written: its poll does.
func (h *hostPair) settle() {
	for range 2 {
		for e := range 2 {
			if h.fd[1-e] >= 0 {
				_, _ = unix.Poll([]unix.PollFd{{Fd: int32(h.fd[1-e]), Events: unix.POLLIN}}, 0)
			}
		}
	}
}

func (h *hostPair) write(e int, p []byte) string {
	n, err := unix.Write(h.fd[e], p)
	h.settle()
	return result(nil, n, err)
}

func (h *hostPair) read(e, n int) string {
	h.settle()
	p := make([]byte, n)
	n, err := unix.Read(h.fd[e], p)
	h.settle()
	return result(p, n, err)
}

func (h *hostPair) poll(e int) wait.Mask {
	h.settle()
	f := []unix.PollFd{{Fd: int32(h.fd[e]), Events: 0x7ff}}
	_, _ = unix.Poll(f, 0)
	return wait.Mask(uint16(f[0].Revents))
}

func (h *hostPair) inq(e int) int {
	h.settle()
	n, _ := unix.IoctlGetInt(h.fd[e], unix.TIOCINQ)
	return n
}

func (h *hostPair) set(t Termios) {
	h.settle()
	u := &unix.Termios{Iflag: t.Iflag, Oflag: t.Oflag, Cflag: t.Cflag, Lflag: t.Lflag}
	copy(u.Cc[:], t.Cc[:])
	if err := unix.IoctlSetTermios(h.fd[1], unix.TCSETS, u); err != nil {
		panic(err)
	}
	h.settle()
}

func (h *hostPair) ioctl(e int, cmd uint32, arg uint64) string {
	h.settle()
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(h.fd[e]), uintptr(cmd), uintptr(arg))
	h.settle()
	if errno == 0 {
		return fmt.Sprint(nil)
	}
	return fmt.Sprint(errno)
}

func (h *hostPair) close(e int) {
	if h.fd[e] >= 0 {
		unix.Close(h.fd[e])
		h.fd[e] = -1
	}
}

// The settings that the random tests draw from.
var settings = []struct {
	name string
	do   func(*Termios)
}{
	{"cooked", func(*Termios) {}},
	{"raw", func(t *Termios) { t.Iflag, t.Oflag, t.Lflag = 0, 0, 0; t.Cc[unix.VMIN] = 0 }},
	{"cbreak", func(t *Termios) { t.Lflag &^= unix.ICANON; t.Cc[unix.VMIN] = 0 }},
	{"noecho", func(t *Termios) { t.Lflag &^= unix.ECHO }},
	{"echonl", func(t *Termios) { t.Lflag = t.Lflag&^unix.ECHO | unix.ECHONL }},
	{"noechoctl", func(t *Termios) { t.Lflag &^= unix.ECHOCTL }},
	{"noechoe", func(t *Termios) { t.Lflag &^= unix.ECHOE }},
	{"noechok", func(t *Termios) { t.Lflag &^= unix.ECHOK | unix.ECHOKE }},
	{"noechoke", func(t *Termios) { t.Lflag &^= unix.ECHOKE }},
	{"echoprt", func(t *Termios) { t.Lflag |= unix.ECHOPRT }},
	{"noisig", func(t *Termios) { t.Lflag &^= unix.ISIG }},
	{"noflsh", func(t *Termios) { t.Lflag |= unix.NOFLSH }},
	{"noiexten", func(t *Termios) { t.Lflag &^= unix.IEXTEN }},
	{"noixon", func(t *Termios) { t.Iflag &^= unix.IXON }},
	{"ixany", func(t *Termios) { t.Iflag |= unix.IXANY }},
	{"utf8", func(t *Termios) { t.Iflag |= iutf8 }},
	{"noicrnl", func(t *Termios) { t.Iflag &^= unix.ICRNL }},
	{"igncr", func(t *Termios) { t.Iflag |= unix.IGNCR }},
	{"inlcr", func(t *Termios) { t.Iflag = t.Iflag&^unix.ICRNL | unix.INLCR }},
	{"istrip", func(t *Termios) { t.Iflag |= unix.ISTRIP }},
	{"iuclc", func(t *Termios) { t.Iflag |= iuclc }},
	{"parmrk", func(t *Termios) { t.Iflag |= unix.PARMRK }},
	{"noopost", func(t *Termios) { t.Oflag &^= unix.OPOST }},
	{"noonlcr", func(t *Termios) { t.Oflag &^= unix.ONLCR }},
	{"ocrnl", func(t *Termios) { t.Oflag |= unix.OCRNL }},
	{"onocr", func(t *Termios) { t.Oflag |= unix.ONOCR }},
	{"onlret", func(t *Termios) { t.Oflag = t.Oflag&^unix.ONLCR | unix.ONLRET }},
	{"olcuc", func(t *Termios) { t.Oflag |= olcuc }},
	{"xtabs", func(t *Termios) { t.Oflag |= xtabs }},
	{"eol", func(t *Termios) { t.Cc[unix.VEOL], t.Cc[unix.VEOL2] = '.', ';' }},
	{"extproc", func(t *Termios) { t.Lflag |= extproc }},
}

const keys = "abcAB12_. \t\tx;,\n\n\r\x04\x7f\x7f\x7f\x15\x17\x17\x16\x12\x03\x1a\x11\x01\x00\xff\xc3\xa9\xe9\x1b"

func randomKeys(rng *rand.Rand, n int) []byte {
	p := make([]byte, rng.IntN(n))
	for i := range p {
		p[i] = keys[rng.IntN(len(keys))]
	}
	return p
}

// TestRandomCallsAnswerAsTheHost types, reads, writes and changes settings on
// both, and compares every answer.
func TestRandomCallsAnswerAsTheHost(t *testing.T) {
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(6) {
				compareRandom(t, seed, s.do, false)
			}
		})
	}
}

func TestChangesOfSettingsAnswerAsTheHost(t *testing.T) {
	for seed := range uint64(40) {
		compareRandom(t, seed, func(*Termios) {}, true)
	}
}

// view is what both ends can see after a call.
type view struct {
	Poll, MasterPoll wait.Mask
	Inq              int
	Screen           string // all that the master got
}

func (v *view) look(p pair) {
	for {
		var n int
		var b string
		if k, err := fmt.Sscanf(p.read(0, 4096), "%d %q", &n, &b); k != 2 || err != nil {
			break
		}
		v.Screen += b
	}
	v.Poll, v.MasterPoll, v.Inq = p.poll(1), p.poll(0), p.inq(1)
}

// comparison makes the same calls on both.
type comparison struct {
	t     *testing.T
	o     *ourPair
	h     *hostPair
	ov    view
	hv    view
	log   []string
	about string
}

// settled waits until the host, which processes input and echo in a worker, shows what we show.
func (c *comparison) settled() {
	c.t.Helper()
	c.ov.look(c.o)
	for end := time.Now().Add(2 * time.Second); ; runtime.Gosched() {
		c.hv.look(c.h)
		if c.ov == c.hv {
			return
		}
		if time.Now().After(end) {
			c.fail(cmp.Diff(c.hv, c.ov))
		}
	}
}

func (c *comparison) fail(diff string) {
	c.t.Helper()
	for _, l := range c.log {
		c.t.Log(l)
	}
	c.t.Fatalf("%s (-host +ours):\n%s", c.about, diff)
}

func (c *comparison) same(what, got, want string) {
	c.t.Helper()
	c.log = append(c.log, what)
	if got != want {
		c.fail(cmp.Diff(want, got))
	}
	c.settled()
}

// typed goes in one byte at a time: what a byte does to the state is then seen before the next comes.
func (c *comparison) typed(p []byte) {
	c.t.Helper()
	for i := range p {
		c.same(fmt.Sprintf("type %q", p[i]), c.o.write(0, p[i:i+1]), c.h.write(0, p[i:i+1]))
	}
}

// drain reads all there is, which also makes the host process what it has not yet.
func (c *comparison) drain() {
	c.t.Helper()
	for {
		got, want := c.o.read(1, 100), c.h.read(1, 100)
		c.same("drain", got, want)
		if got == unix.EAGAIN.Error() || strings.HasPrefix(got, "0 ") && !c.o.f[1].Ops.(*file).tty.d.canonical() {
			return
		}
	}
}

func (c *comparison) set(tio Termios) {
	c.t.Helper()
	c.o.set(tio)
	c.h.set(tio)
	c.same("set", "", "")
}

func compareRandom(t *testing.T, seed uint64, setting func(*Termios), change bool) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	c := &comparison{t: t, o: newOurs(t), h: newHostPair(t), about: fmt.Sprintf("seed %d", seed)}
	defer c.h.close(0)
	defer c.h.close(1)
	tio := ptyTermios()
	setting(&tio)
	c.set(tio)
	for range 25 {
		switch k := rng.IntN(12); {
		case k < 5:
			c.typed(randomKeys(rng, 12))
		case k < 8:
			n := []int{1, 2, 3, 10, 100}[rng.IntN(5)]
			c.same(fmt.Sprintf("read %d", n), c.o.read(1, n), c.h.read(1, n))
		case k < 9:
			c.drain()
			p := randomKeys(rng, 12)
			c.same(fmt.Sprintf("print %q", p), c.o.write(1, p), c.h.write(1, p))
		case k < 10 && change:
			if rng.IntN(2) == 0 {
				c.drain()
			}
			tio = ptyTermios()
			for range 2 {
				s := settings[rng.IntN(len(settings))]
				c.log = append(c.log, s.name)
				s.do(&tio)
			}
			c.set(tio)
		case k < 11:
			arg := uint64(rng.IntN(3))
			c.same(fmt.Sprintf("flush %d", arg), c.o.ioctl(1, unix.TCFLSH, arg), c.h.ioctl(1, unix.TCFLSH, arg))
		}
	}
}

// TestALineThatIsTooLongCanBeEnded: what does not fit is lost, the end is not.
func TestALineThatIsTooLongCanBeEnded(t *testing.T) {
	c := &comparison{t: t, o: newOurs(t), h: newHostPair(t), about: "long line"}
	defer c.h.close(0)
	defer c.h.close(1)
	tio := ptyTermios()
	tio.Lflag &^= unix.ECHO
	c.set(tio)
	line := bytes.Repeat([]byte("0123456789"), 500)
	line = append(line, '\n')
	c.same("type", c.o.write(0, line), c.h.write(0, line))
	c.same("read", c.o.read(1, 6000), c.h.read(1, 6000))
	c.same("read", c.o.read(1, 6000), c.h.read(1, 6000))
}

func TestMain(m *testing.M) {
	runtime.LockOSThread()
	os.Exit(m.Run())
}

// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// shell is a pseudo-terminal and the leader of the session that it controls.
func shell(t *testing.T) (*ourPair, *fakeTask) {
	o := newOurs(t)
	assert.Equal(t, o.ioctl(1, unix.TIOCSCTTY, 0), "<nil>")
	return o, o.t
}

func (o *ourPair) put32(v int32) uint64 {
	o.t.mem[64], o.t.mem[65], o.t.mem[66], o.t.mem[67] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	return 64
}

func TestSignalKeysReachTheForegroundGroup(t *testing.T) {
	o, task := shell(t)
	for key, want := range map[string]unix.Signal{"\x03": unix.SIGINT, "\x1c": unix.SIGQUIT, "\x1a": unix.SIGTSTP} {
		o.write(0, []byte(key))
		assert.Equal(t, <-task.jobs.sent, int(want))
	}
}

// TestWhatABackgroundGroupIsAskedFor: which calls are checked, and that they
// answer what the check says.
func TestWhatABackgroundGroupIsAskedFor(t *testing.T) {
	o, task := shell(t)
	o.write(0, []byte("line\n"))
	tostop := ptyTermios()
	tostop.Lflag |= unix.TOSTOP
	for _, c := range []struct {
		name string
		do   func() string
		want []int
	}{
		{"read", func() string { return o.read(1, 10) }, []int{int(unix.SIGTTIN)}},
		{"tcsetattr", func() string { return o.ioctl(1, unix.TCSETS, 0) }, []int{int(unix.SIGTTOU)}},
		{"tcflush", func() string { return o.ioctl(1, unix.TCFLSH, 0) }, []int{int(unix.SIGTTOU)}},
		{"tcsetpgrp", func() string { return o.ioctl(1, unix.TIOCSPGRP, o.put32(20)) }, []int{int(unix.SIGTTOU)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			task.jobs.checks, task.jobs.verdict = nil, abi.ERESTARTSYS
			assert.Equal(t, c.do(), abi.ERESTARTSYS.Error())
			assert.DeepEqual(t, task.jobs.checks, c.want)
		})
	}
	task.jobs.checks = nil
	assert.Equal(t, o.write(1, []byte("x")), `1 ""`)
	assert.Equal(t, len(task.jobs.checks), 0)
	task.jobs.verdict = nil
	o.set(tostop)
	task.jobs.verdict = abi.ERESTARTSYS
	assert.Equal(t, o.write(1, []byte("x")), abi.ERESTARTSYS.Error())
	task.jobs.verdict = unix.EIO
	assert.Equal(t, o.read(1, 1), unix.EIO.Error())
	assert.Equal(t, o.ioctl(1, unix.TIOCSPGRP, o.put32(20)), unix.ENOTTY.Error())
}

func TestForegroundGroup(t *testing.T) {
	o, task := shell(t)
	assert.Equal(t, o.ioctl(1, unix.TIOCSPGRP, o.put32(20)), "<nil>")
	assert.Equal(t, o.ioctl(1, unix.TIOCGPGRP, 64), "<nil>")
	assert.Equal(t, task.mem[64], byte(20))
	task.jobs.tty = nil
	assert.Equal(t, o.ioctl(1, unix.TIOCGPGRP, 64), unix.ENOTTY.Error())
	assert.Equal(t, o.ioctl(0, unix.TIOCGPGRP, 64), "<nil>", "the master may ask")
	assert.Equal(t, o.ioctl(1, 0x5429, 64), unix.ENOTTY.Error())
}

func TestANewSizeIsToldOnce(t *testing.T) {
	o, task := shell(t)
	copy(task.mem[32:], []byte{24, 0, 80, 0, 0, 0, 0, 0})
	assert.Equal(t, o.ioctl(0, unix.TIOCSWINSZ, 32), "<nil>")
	assert.Equal(t, <-task.jobs.sent, int(unix.SIGWINCH))
	assert.Equal(t, o.ioctl(0, unix.TIOCSWINSZ, 32), "<nil>")
	assert.Equal(t, len(task.jobs.sent), 0)
	assert.Equal(t, o.f[1].Ops.(*file).tty.Winsize(), Winsize{Rows: 24, Cols: 80})
}

func TestTheMasterIsClosed(t *testing.T) {
	o, task := shell(t)
	h := newHostPair(t)
	defer h.close(1)
	o.close(0)
	h.close(0)
	assert.Equal(t, task.jobs.hangUps, 1)
	assert.Equal(t, o.poll(1), h.poll(1))
	assert.Equal(t, o.read(1, 10), h.read(1, 10))
	assert.Equal(t, o.write(1, []byte("x")), h.write(1, []byte("x")))
	assert.Equal(t, o.ioctl(1, unix.TCFLSH, 0), h.ioctl(1, unix.TCFLSH, 0))
}

func TestTheSlaveIsClosed(t *testing.T) {
	o, h := newOurs(t), newHostPair(t)
	defer h.close(0)
	o.write(1, []byte("rest"))
	h.write(1, []byte("rest"))
	o.close(1)
	h.close(1)
	assert.Equal(t, o.poll(0), h.poll(0))
	assert.Equal(t, o.read(0, 10), h.read(0, 10))
	assert.Equal(t, o.read(0, 10), h.read(0, 10))
	assert.Equal(t, o.poll(0), h.poll(0))
}

func TestABlockedReadGetsTheLine(t *testing.T) {
	o := newOurs(t)
	o.f[1].SetFlags(unix.O_NONBLOCK, 0)
	done := make(chan string)
	reader := newTask()
	go func() {
		p := make([]byte, 10)
		b := user.KernelBuf(p)
		n, err := o.f[1].Read(reader, &b)
		done <- result(p, n, err)
	}()
	for _, c := range "hello\n" {
		o.write(0, []byte(string(c)))
	}
	assert.Equal(t, <-done, `6 "hello\n"`)
}

func TestVMINWaitsForThatManyBytes(t *testing.T) {
	o := newOurs(t)
	tio := ptyTermios()
	tio.Lflag &^= unix.ICANON
	tio.Cc[unix.VMIN] = 3
	o.set(tio)
	o.f[1].SetFlags(unix.O_NONBLOCK, 0)
	done := make(chan string)
	reader := newTask()
	go func() {
		p := make([]byte, 10)
		b := user.KernelBuf(p)
		n, err := o.f[1].Read(reader, &b)
		done <- result(p, n, err)
	}()
	for _, c := range "abc" {
		o.write(0, []byte(string(c)))
	}
	assert.Equal(t, <-done, `3 "abc"`)
}

func TestALockedSlaveCannotBeOpened(t *testing.T) {
	p, _ := NewPty(3)
	_, err := p.Slave.Open(newTask(), unix.O_RDWR)
	assert.Equal(t, err, unix.EIO)
}

func TestPacketMode(t *testing.T) {
	o, h := newOurs(t), newHostPair(t)
	defer h.close(0)
	defer h.close(1)
	assert.Equal(t, o.ioctl(0, unix.TIOCPKT, o.put32(1)), "<nil>")
	assert.NilError(t, unix.IoctlSetPointerInt(h.fd[0], unix.TIOCPKT, 1))
	tio := ptyTermios()
	for _, iflag := range []uint32{unix.ICRNL, unix.ICRNL | unix.IXON} {
		tio.Iflag = iflag
		o.set(tio)
		h.set(tio)
		assert.Equal(t, o.poll(0), h.poll(0))
		assert.Equal(t, o.read(0, 10), h.read(0, 10))
	}
	o.write(1, []byte("out"))
	h.write(1, []byte("out"))
	assert.Equal(t, o.read(0, 10), h.read(0, 10))
}

// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// shell is a pseudo-terminal and the leader of the session that it controls:
// session 10, groups 10 (in the foreground) and 20.
func shell(t *testing.T) (*ourPair, *fakeTask) {
	o := newOurs(t)
	o.t.sid, o.t.pgid, o.t.leader = 10, 10, true
	o.t.jobs.groups = map[int32]int32{10: 10, 20: 10, 30: 30}
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
		assert.Equal(t, <-task.jobs.sent, due{10, int(want)})
	}
	assert.Equal(t, o.ioctl(1, unix.TIOCSPGRP, o.put32(20)), "<nil>")
	o.write(0, []byte("\x03"))
	assert.Equal(t, <-task.jobs.sent, due{20, int(unix.SIGINT)})
}

func TestABackgroundGroupIsStopped(t *testing.T) {
	o, task := shell(t)
	o.write(0, []byte("line\n"))
	task.pgid, task.leader = 20, false
	assert.Equal(t, o.read(1, 10), abi.ERESTARTSYS.Error())
	assert.Equal(t, <-task.jobs.sent, due{20, int(unix.SIGTTIN)})
	task.ignores = true
	assert.Equal(t, o.read(1, 10), unix.EIO.Error())
	task.ignores, task.orphaned = false, true
	assert.Equal(t, o.read(1, 10), unix.EIO.Error())
	task.orphaned = false
	assert.Equal(t, o.write(1, []byte("x")), `1 ""`)
	tio := ptyTermios()
	tio.Lflag |= unix.TOSTOP
	task.ignores = true
	o.set(tio)
	assert.Equal(t, o.write(1, []byte("x")), `1 ""`)
	task.ignores = false
	assert.Equal(t, o.write(1, []byte("x")), abi.ERESTARTSYS.Error())
	assert.Equal(t, <-task.jobs.sent, due{20, int(unix.SIGTTOU)})
	assert.Equal(t, o.ioctl(1, unix.TIOCSPGRP, o.put32(20)), abi.ERESTARTSYS.Error())
	assert.Equal(t, <-task.jobs.sent, due{20, int(unix.SIGTTOU)})
}

func TestForegroundGroupErrors(t *testing.T) {
	o, task := shell(t)
	for _, c := range []struct {
		pgid int32
		want error
	}{{-1, unix.EINVAL}, {99, unix.ESRCH}, {30, unix.EPERM}} {
		assert.Equal(t, o.ioctl(1, unix.TIOCSPGRP, o.put32(c.pgid)), c.want.Error())
	}
	task.sid = 30
	assert.Equal(t, o.ioctl(1, unix.TIOCGPGRP, 64), unix.ENOTTY.Error())
	assert.Equal(t, o.ioctl(0, unix.TIOCGPGRP, 64), "<nil>")
	assert.Equal(t, task.mem[64], byte(10))
	assert.Equal(t, o.ioctl(1, unix.TIOCSPGRP, o.put32(30)), unix.ENOTTY.Error())
}

func TestWhoMayHaveTheTerminal(t *testing.T) {
	o, task := shell(t)
	assert.Equal(t, o.ioctl(1, unix.TIOCSCTTY, 0), "<nil>", "once more")
	task.sid, task.leader = 30, false
	assert.Equal(t, o.ioctl(1, unix.TIOCSCTTY, 0), unix.EPERM.Error(), "not a leader")
	task.leader = true
	assert.Equal(t, o.ioctl(1, unix.TIOCSCTTY, 0), unix.EPERM.Error(), "another's")
	task.creds = cred.User(1, 1, nil)
	assert.Equal(t, o.ioctl(1, unix.TIOCSCTTY, 1), unix.EPERM.Error(), "stealing without privilege")
	task.creds = cred.Root()
	assert.Equal(t, o.ioctl(1, unix.TIOCSCTTY, 1), "<nil>", "stealing")
	task.sid = 10
	assert.Equal(t, Controlling(task), (*TTY)(nil))
}

func TestANewSizeIsToldOnce(t *testing.T) {
	o, task := shell(t)
	copy(task.mem[32:], []byte{24, 0, 80, 0, 0, 0, 0, 0})
	assert.Equal(t, o.ioctl(0, unix.TIOCSWINSZ, 32), "<nil>")
	assert.Equal(t, <-task.jobs.sent, due{10, int(unix.SIGWINCH)})
	assert.Equal(t, o.ioctl(0, unix.TIOCSWINSZ, 32), "<nil>")
	assert.Equal(t, len(task.jobs.sent), 0)
	assert.Equal(t, o.f[1].Ops.(*file).tty.Winsize(), Winsize{Rows: 24, Cols: 80})
}

func TestTheEndOfTheSession(t *testing.T) {
	o, task := shell(t)
	SessionEnded(task.jobs, 10, true)
	assert.Equal(t, <-task.jobs.sent, due{10, int(unix.SIGHUP)})
	assert.Equal(t, <-task.jobs.sent, due{10, int(unix.SIGCONT)})
	assert.Equal(t, Controlling(task), (*TTY)(nil))
	assert.Equal(t, o.read(1, 10), `0 ""`)
	assert.Equal(t, o.write(1, []byte("x")), unix.EIO.Error())
}

func TestTheMasterIsClosed(t *testing.T) {
	o, task := shell(t)
	h := newHostPair(t)
	defer h.close(1)
	o.close(0)
	h.close(0)
	assert.Equal(t, <-task.jobs.sent, due{-10, int(unix.SIGHUP)})
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

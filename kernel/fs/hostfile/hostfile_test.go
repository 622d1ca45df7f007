// SPDX-License-Identifier: Apache-2.0

package hostfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

type fakeTask struct {
	vfs.Ctx
	wake, signal, slept chan struct{}
	raised              []int
}

func newTask() *fakeTask {
	return &fakeTask{wake: make(chan struct{}, 1), signal: make(chan struct{}, 1), slept: make(chan struct{}, 100)}
}
func (t *fakeTask) Raise(signo int) { t.raised = append(t.raised, signo) }
func (t *fakeTask) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}
func (t *fakeTask) Sleep(time.Time) error {
	t.slept <- struct{}{}
	select {
	case <-t.wake:
		return nil
	case <-t.signal:
		return abi.ERESTARTSYS
	}
}

func read(t *fakeTask, f *vfs.File, n int) (string, error) {
	p := make([]byte, n)
	b := user.KernelBuf(p)
	n, err := f.Read(t, &b)
	return string(p[:max(n, 0)]), err
}

func write(t *fakeTask, f *vfs.File, s string) (int, error) {
	b := user.KernelBuf([]byte(s))
	return f.Write(t, &b)
}

func poller(t *testing.T) *hostpoll.Poller {
	p, err := hostpoll.New()
	assert.NilError(t, err)
	t.Cleanup(p.Close)
	return p
}

func open(t *testing.T, p *hostpoll.Poller, fd int) *vfs.File {
	f, err := New(fd, p)
	assert.NilError(t, err)
	t.Cleanup(f.DecRef)
	return f
}

// streams are pairs of host descriptors: what goes into [1] comes out of [0].
var streams = map[string]func() ([2]int, error){
	"pipe": func() (p [2]int, err error) { return p, unix.Pipe(p[:]) },
	"socket": func() (p [2]int, err error) {
		return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	},
}

func TestAReadWaitsForTheHost(t *testing.T) {
	for name, pair := range streams {
		t.Run(name, func(t *testing.T) {
			p := poller(t)
			fds, err := pair()
			assert.NilError(t, err)
			r, task := open(t, p, fds[0]), newTask()
			assert.Equal(t, r.Ops.Poll(r)&wait.Readable, wait.Mask(0))
			go func() {
				<-task.slept
				_, _ = unix.Write(fds[1], []byte("hello"))
			}()
			s, err := read(task, r, 10)
			assert.NilError(t, err)
			assert.Equal(t, s, "hello")
			unix.Close(fds[1])
			s, err = read(task, r, 10)
			assert.NilError(t, err)
			assert.Equal(t, s, "")
		})
	}
}

func TestABlockedWriteEndsWithASignalAndTheHostsFlagsStay(t *testing.T) {
	for name, pair := range streams {
		t.Run(name, func(t *testing.T) {
			p := poller(t)
			fds, err := pair()
			assert.NilError(t, err)
			defer unix.Close(fds[0])
			w, task := open(t, p, fds[1]), newTask()
			go func() {
				<-task.slept
				task.signal <- struct{}{}
			}()
			n, err := write(task, w, strings.Repeat("x", 1<<21))
			assert.NilError(t, err)
			assert.Assert(t, n >= 4096 && n < 1<<21, "%d", n)
			flags, err := unix.FcntlInt(uintptr(fds[1]), unix.F_GETFL, 0)
			assert.NilError(t, err)
			assert.Equal(t, flags&unix.O_NONBLOCK, 0)
		})
	}
}

func TestAWriteWithoutReaderRaisesSIGPIPE(t *testing.T) {
	p := poller(t)
	fds, err := streams["pipe"]()
	assert.NilError(t, err)
	unix.Close(fds[0])
	w, task := open(t, p, fds[1]), newTask()
	_, err = write(task, w, "x")
	assert.Equal(t, err, unix.EPIPE)
	assert.DeepEqual(t, task.raised, []int{int(unix.SIGPIPE)})
}

func TestARegularFileSharesItsPositionWithTheHost(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	assert.NilError(t, os.WriteFile(name, []byte("0123456789"), 0o600))
	fd, err := unix.Open(name, unix.O_RDWR, 0)
	assert.NilError(t, err)
	f, task := open(t, poller(t), fd), newTask()
	s, err := read(task, f, 3)
	assert.NilError(t, err)
	assert.Equal(t, s, "012")
	var b [2]byte
	_, err = unix.Read(fd, b[:])
	assert.NilError(t, err)
	assert.Equal(t, string(b[:]), "34")
	p := make([]byte, 2)
	buf := user.KernelBuf(p)
	_, err = f.Pread(task, &buf, 8)
	assert.NilError(t, err)
	assert.Equal(t, string(p), "89")
	_, err = write(task, f, "xx")
	assert.NilError(t, err)
	pos, err := f.Seek(task, 0, unix.SEEK_CUR)
	assert.NilError(t, err)
	assert.Equal(t, pos, int64(7))
	all, err := os.ReadFile(name)
	assert.NilError(t, err)
	assert.Equal(t, string(all), "01234xx789")
}

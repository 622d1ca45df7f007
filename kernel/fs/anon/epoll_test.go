// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/pipe"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// A world is an epoll and some files to watch, ours or the host's. Files 0 to 3 are
// two pipes, 4 and 5 eventfds, 6 an epoll that watches file 4.
const files = 7

type ourWorld struct {
	ctx *vfstest.Ctx
	ep  *vfs.File
	f   [files]*vfs.File
}

func newOurWorld() *ourWorld {
	w := &ourWorld{ctx: vfstest.Root(), ep: NewEpoll()}
	w.f[0], w.f[1] = pipe.New(cred.Root(), unix.O_NONBLOCK)
	w.f[2], w.f[3] = pipe.New(cred.Root(), unix.O_NONBLOCK)
	w.f[4], w.f[5] = NewEventfd(0, unix.EFD_NONBLOCK), NewEventfd(1, unix.EFD_NONBLOCK)
	w.f[6] = NewEpoll()
	if err := AsEpoll(w.f[6]).Control(nil, unix.EPOLL_CTL_ADD, w.f[4], 4, Event{wait.In, 0}); err != nil {
		panic(err)
	}
	return w
}

func (w *ourWorld) ctl(op, file int, mask wait.Mask) error {
	return AsEpoll(w.ep).Control(nil, int32(op), w.f[file], vfs.FD(file), Event{mask, uint64(file)})
}

func (w *ourWorld) wait(max int) []Event {
	evs := make([]Event, max)
	n, err := AsEpoll(w.ep).Wait(w.ctx, evs, nil, time.Time{}, false)
	if err != nil {
		panic(err)
	}
	return evs[:n]
}

func (w *ourWorld) write(file, n int) error {
	b := user.KernelBuf(number(n))
	_, err := w.f[file].Write(w.ctx, &b)
	return err
}

func (w *ourWorld) read(file, n int) error {
	b := user.KernelBuf(make([]byte, n))
	_, err := w.f[file].Read(w.ctx, &b)
	return err
}

func (w *ourWorld) close(file int) {
	if w.f[file] != nil {
		w.f[file].DecRef()
		w.f[file] = nil
	}
}

func (w *ourWorld) poll() wait.Mask { return w.ep.Ops.Poll(w.ep) }

// number is n bytes that say 1 to an eventfd.
func number(n int) []byte {
	p := make([]byte, n)
	p[0] = 1
	return p
}

type hostWorld struct {
	ep int
	fd [files]int
}

func newHostWorld(t *testing.T) *hostWorld {
	w := &hostWorld{}
	var err error
	must := func(fd int, err error) int {
		assert.NilError(t, err)
		return fd
	}
	w.ep = must(unix.EpollCreate1(unix.EPOLL_CLOEXEC))
	assert.NilError(t, unix.Pipe2(w.fd[:2], unix.O_NONBLOCK|unix.O_CLOEXEC))
	assert.NilError(t, unix.Pipe2(w.fd[2:4], unix.O_NONBLOCK|unix.O_CLOEXEC))
	w.fd[4] = must(unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC))
	w.fd[5] = must(unix.Eventfd(1, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC))
	w.fd[6] = must(unix.EpollCreate1(unix.EPOLL_CLOEXEC))
	err = unix.EpollCtl(w.fd[6], unix.EPOLL_CTL_ADD, w.fd[4], &unix.EpollEvent{Events: unix.EPOLLIN})
	assert.NilError(t, err)
	t.Cleanup(func() {
		unix.Close(w.ep)
		for i := range w.fd {
			w.close(i)
		}
	})
	return w
}

func (w *hostWorld) ctl(op, file int, mask wait.Mask) error {
	return unix.EpollCtl(w.ep, op, w.fd[file], &unix.EpollEvent{Events: uint32(mask), Fd: int32(file)})
}

func (w *hostWorld) wait(max int) []Event {
	evs := make([]unix.EpollEvent, max)
	n, err := unix.EpollWait(w.ep, evs, 0)
	if err != nil {
		panic(err)
	}
	out := make([]Event, n)
	for i := range out {
		out[i] = Event{wait.Mask(evs[i].Events), uint64(evs[i].Fd)}
	}
	return out
}

func (w *hostWorld) write(file, n int) error {
	_, err := unix.Write(w.fd[file], number(n))
	return err
}

func (w *hostWorld) read(file, n int) error {
	_, err := unix.Read(w.fd[file], make([]byte, n))
	return err
}

func (w *hostWorld) close(file int) {
	if w.fd[file] >= 0 {
		unix.Close(w.fd[file])
		w.fd[file] = -1
	}
}

func (w *hostWorld) poll() wait.Mask {
	f := []unix.PollFd{{Fd: int32(w.ep), Events: 0x7ff}}
	_, _ = unix.Poll(f, 0)
	return wait.Mask(uint16(f[0].Revents))
}

// TestRandomCallsAnswerAsTheHost makes the same calls on both and compares
// every answer, the order of events included.
func TestRandomCallsAnswerAsTheHost(t *testing.T) {
	masks := []wait.Mask{
		wait.In, wait.Out, wait.In | wait.Out, wait.In | edge, wait.In | wait.Out | edge,
		wait.In | oneShot, wait.Out | oneShot | edge, 0, wait.RdNorm, wait.In | exclusive, wait.Pri | exclusive,
	}
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		o, h := newOurWorld(), newHostWorld(t)
		var log []string
		for range 60 {
			file := rng.IntN(files)
			if o.f[file] == nil {
				continue
			}
			var what string
			var got, want any
			switch k := rng.IntN(20); {
			case k < 7:
				op, mask := 1+rng.IntN(3), masks[rng.IntN(len(masks))]
				if rng.IntN(2) == 0 {
					op = unix.EPOLL_CTL_ADD
				}
				what = fmt.Sprintf("ctl %d file %d mask %#x", op, file, mask)
				got, want = o.ctl(op, file, mask), h.ctl(op, file, mask)
			case k < 10:
				n := []int{8, 100, 70000}[rng.IntN(3)]
				what = fmt.Sprintf("write %d file %d", n, file)
				got, want = o.write(file, n), h.write(file, n)
			case k < 13:
				n := []int{8, 100, 70000}[rng.IntN(3)]
				what = fmt.Sprintf("read %d file %d", n, file)
				got, want = o.read(file, n), h.read(file, n)
			case k < 18:
				n := 1 + rng.IntN(4)
				what = fmt.Sprintf("wait %d", n)
				got, want = o.wait(n), h.wait(n)
			case k < 19:
				what = "poll"
				got, want = o.poll(), h.poll()
			case rng.IntN(4) == 0:
				what = fmt.Sprintf("close %d", file)
				o.close(file)
				h.close(file)
			}
			log = append(log, what)
			if !cmp.Equal(fmt.Sprint(got), fmt.Sprint(want)) {
				for _, l := range log {
					t.Log(l)
				}
				t.Fatalf("seed %d: %s: got %v, want %v", seed, what, got, want)
			}
		}
	}
}

func TestAnEpollMayNotWatchItself(t *testing.T) {
	a, b := NewEpoll(), NewEpoll()
	ev := Event{wait.In, 0}
	assert.Equal(t, AsEpoll(a).Control(nil, unix.EPOLL_CTL_ADD, a, 0, ev), error(unix.EINVAL))
	assert.NilError(t, AsEpoll(a).Control(nil, unix.EPOLL_CTL_ADD, b, 1, ev))
	assert.Equal(t, AsEpoll(b).Control(nil, unix.EPOLL_CTL_ADD, a, 0, ev), error(unix.ELOOP))
}

// TestNestingIsBoundedAsOnTheHost builds chains, the innermost first or last.
func TestNestingIsBoundedAsOnTheHost(t *testing.T) {
	for _, outward := range []bool{true, false} {
		var ours []*vfs.File
		var hosts []int
		for range 9 {
			ours = append(ours, NewEpoll())
			fd, err := unix.EpollCreate1(0)
			assert.NilError(t, err)
			defer unix.Close(fd)
			hosts = append(hosts, fd)
		}
		for i := range 8 {
			outer, inner := i+1, i
			if !outward {
				outer, inner = i, i+1
			}
			got := AsEpoll(ours[outer]).Control(nil, unix.EPOLL_CTL_ADD, ours[inner], 0, Event{wait.In, 0})
			want := unix.EpollCtl(hosts[outer], unix.EPOLL_CTL_ADD, hosts[inner], &unix.EpollEvent{Events: unix.EPOLLIN})
			assert.Equal(t, fmt.Sprint(got), fmt.Sprint(want), "outward %v, link %d", outward, i)
			if want != nil {
				break
			}
		}
	}
}

func TestAWaitIsWoken(t *testing.T) {
	w := newOurWorld()
	assert.NilError(t, w.ctl(unix.EPOLL_CTL_ADD, 6, wait.In))
	done := make(chan []Event)
	go func() {
		evs := make([]Event, 1)
		n, _ := AsEpoll(w.ep).Wait(vfstest.Root(), evs, nil, time.Time{}, true)
		done <- evs[:n]
	}()
	assert.NilError(t, w.write(4, 8))
	assert.DeepEqual(t, <-done, []Event{{wait.In, 6}})
	w.ctx.Interrupt()
	empty := NewEpoll()
	_, err := AsEpoll(empty).Wait(w.ctx, make([]Event, 1), nil, time.Time{}, true)
	assert.Equal(t, err, error(unix.EINTR))
}

func TestEventsPutBackComeAgain(t *testing.T) {
	for _, mask := range []wait.Mask{wait.In, wait.In | edge, wait.In | oneShot} {
		w := newOurWorld()
		assert.NilError(t, w.ctl(unix.EPOLL_CTL_ADD, 5, mask)) // an eventfd that is ready
		var evs [1]Event
		var taken [1]Taken
		n, err := AsEpoll(w.ep).Wait(w.ctx, evs[:], taken[:], time.Time{}, false)
		assert.NilError(t, err)
		assert.Equal(t, n, 1)
		AsEpoll(w.ep).PutBack(taken[:])
		assert.DeepEqual(t, w.wait(2), []Event{{wait.In, 5}})
		assert.Equal(t, len(w.wait(2)) == 0, mask != wait.In) // only the level stays
	}
}

// busyFile is one to which something happens whenever it is looked at.
type busyFile struct {
	vfs.BaseFile
	vfs.NoReads
	vfs.NoWrites
	queue wait.Queue
}

func (f *busyFile) Poll(*vfs.File) wait.Mask {
	f.queue.Notify(wait.In)
	return wait.In
}

func (f *busyFile) Queue(*vfs.File) *wait.Queue { return &f.queue }

func TestEpollTellsOfAFileOnceInARound(t *testing.T) {
	for _, mask := range []wait.Mask{wait.In, wait.In | edge} {
		w := &ourWorld{ctx: vfstest.Root(), ep: NewEpoll()}
		w.f[0] = vfs.NewAnonFile("busy", &busyFile{}, unix.O_RDWR)
		assert.NilError(t, w.ctl(unix.EPOLL_CTL_ADD, 0, mask))
		for range 3 {
			assert.DeepEqual(t, w.wait(4), []Event{{wait.In, 0}})
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package pipe

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// fakeTask is a caller whose Sleep is a channel.
type fakeTask struct {
	vfs.Ctx
	wake, signal chan struct{}
	slept        chan struct{} // told when Sleep starts; may be nil
	creds        *cred.Creds
	raised       []int
}

func newTask() *fakeTask {
	return &fakeTask{wake: make(chan struct{}, 1), signal: make(chan struct{}, 1), creds: cred.Root()}
}

func (t *fakeTask) Creds() *cred.Creds  { return t.creds }
func (t *fakeTask) Raise(signo int)     { t.raised = append(t.raised, signo) }
func (t *fakeTask) Memory() user.Memory { panic("no memory") }
func (t *fakeTask) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *fakeTask) Sleep(time.Time) error {
	if t.slept != nil {
		t.slept <- struct{}{}
	}
	select {
	case <-t.wake:
		return nil
	case <-t.signal:
		return abi.ERESTARTSYS
	}
}

func write(t *fakeTask, f *vfs.File, p []byte) (int, error) {
	b := user.KernelBuf(p)
	return f.Write(t, &b)
}

func read(t *fakeTask, f *vfs.File, n int) (string, error) {
	p := make([]byte, n)
	b := user.KernelBuf(p)
	n, err := f.Read(t, &b)
	return string(p[:max(n, 0)]), err
}

// side is a pipe of ours or the host's: the host is the oracle.
type side interface {
	write(p []byte) string
	read(n int) string
	poll(end int) wait.Mask
	close(end int)
	resize(n int) string
}

type ours struct {
	t    *fakeTask
	f    [2]*vfs.File
	gone [2]bool
}

func newOurs(flags uint32) *ours {
	r, w := New(cred.Root(), flags|unix.O_NONBLOCK)
	return &ours{newTask(), [2]*vfs.File{r, w}, [2]bool{}}
}
func result(n any, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(n)
}
func (o *ours) write(p []byte) string { return result(write(o.t, o.f[1], p)) }
func (o *ours) read(n int) string     { return result(read(o.t, o.f[0], n)) }
func (o *ours) poll(e int) wait.Mask  { return o.f[e].Ops.Poll(o.f[e]) }
func (o *ours) close(e int) {
	if !o.gone[e] {
		o.gone[e] = true
		o.f[e].DecRef()
	}
}
func (o *ours) resize(n int) string {
	return result(o.f[0].Ops.(*End).SetPipeSize(o.t, uint64(n)))
}

type hosts struct{ fd [2]int }

func newHosts(t testing.TB, flags uint32) *hosts {
	var p [2]int
	assert.NilError(t, unix.Pipe2(p[:], int(flags)|unix.O_NONBLOCK|unix.O_CLOEXEC))
	return &hosts{p}
}
func (h *hosts) write(p []byte) string { return result(unix.Write(h.fd[1], p)) }
func (h *hosts) read(n int) string {
	p := make([]byte, n)
	n, err := unix.Read(h.fd[0], p)
	return result(string(p[:max(n, 0)]), err)
}
func (h *hosts) poll(e int) wait.Mask {
	f := []unix.PollFd{{Fd: int32(h.fd[e]), Events: 0x7ff}}
	_, _ = unix.Poll(f, 0)
	return wait.Mask(uint16(f[0].Revents))
}
func (h *hosts) close(e int) {
	if h.fd[e] >= 0 {
		unix.Close(h.fd[e])
		h.fd[e] = -1
	}
}
func (h *hosts) resize(n int) string {
	return result(unix.FcntlInt(uintptr(h.fd[0]), unix.F_SETPIPE_SZ, n))
}

// TestRandomCallsAnswerAsTheHost makes the same random calls on both.
func TestRandomCallsAnswerAsTheHost(t *testing.T) {
	for _, flags := range []uint32{0, unix.O_DIRECT} {
		for seed := range uint64(60) {
			rng := rand.New(rand.NewPCG(seed, uint64(flags)))
			o, h := newOurs(flags), newHosts(t, flags)
			for step := range 80 {
				size := []int{0, 1, 10, 4095, 4096, 4097, 9000, 65536, 70000}[rng.IntN(9)]
				var got, want, what string
				switch k := rng.IntN(20); {
				case k < 9:
					p := bytes.Repeat([]byte{byte('a' + step%26)}, size)
					what, got, want = "write", o.write(p), h.write(p)
				case k < 18:
					what, got, want = "read", o.read(size), h.read(size)
				case k < 19:
					what, got, want = "resize", o.resize(size*3), h.resize(size*3)
				default:
					what = "poll"
				}
				if got != want {
					t.Fatalf("flags %#x seed %d step %d: %s %d: got %.40q want %.40q", flags, seed, step, what, size, got, want)
				}
				for e := range 2 {
					assert.Equal(t, o.poll(e), h.poll(e), "flags %#x seed %d step %d after %s end %d", flags, seed, step, what, e)
				}
			}
			h.close(0)
			h.close(1)
		}
	}
}

func TestPollMasksAsTheHost(t *testing.T) {
	for _, c := range []struct {
		name  string
		do    func(s side)
		alive int
	}{
		{"reader of an empty pipe without writers", func(s side) { s.close(1) }, 0},
		{"reader of a filled pipe without writers", func(s side) { s.write([]byte("x")); s.close(1) }, 0},
		{"writer of an empty pipe without readers", func(s side) { s.close(0) }, 1},
		{"writer of a full pipe without readers", func(s side) { s.write(make([]byte, 1<<17)); s.close(0) }, 1},
		{"writer of a full pipe", func(s side) { s.write(make([]byte, 1<<17)) }, 1},
		{"writer of a pipe full but for part of a page", func(s side) { s.write(make([]byte, 1<<16-1)) }, 1},
		{"writer of a full pipe, one byte read", func(s side) { s.write(make([]byte, 1<<17)); s.read(1) }, 1},
		{"writer of a full pipe, one page read", func(s side) { s.write(make([]byte, 1<<17)); s.read(4096) }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, h := newOurs(0), newHosts(t, 0)
			c.do(o)
			c.do(h)
			assert.Equal(t, o.poll(c.alive), h.poll(c.alive))
			h.close(0)
			h.close(1)
		})
	}
}

func TestAWriterWithoutReadersGetsSIGPIPE(t *testing.T) {
	r, w := New(cred.Root(), 0)
	r.DecRef()
	task := newTask()
	_, err := write(task, w, []byte("x"))
	assert.Equal(t, err, unix.EPIPE)
	assert.DeepEqual(t, task.raised, []int{int(unix.SIGPIPE)})
}

func TestABlockedWriteThatLosesItsReaderAnswersWhatItWrote(t *testing.T) {
	r, w := New(cred.Root(), 0)
	task := newTask()
	task.slept = make(chan struct{})
	go func() {
		<-task.slept
		r.DecRef()
	}()
	n, err := write(task, w, make([]byte, 70000))
	assert.NilError(t, err)
	assert.Equal(t, n, 65536)
	assert.DeepEqual(t, task.raised, []int{int(unix.SIGPIPE)})
}

func TestASignalEndsABlockedRead(t *testing.T) {
	r, _ := New(cred.Root(), 0)
	task := newTask()
	task.signal <- struct{}{}
	_, err := read(task, r, 1)
	assert.Equal(t, err, abi.ERESTARTSYS)
}

func TestBytesArriveInOrderWhateverTheSizes(t *testing.T) {
	r, w := New(cred.Root(), 0)
	var sent, got bytes.Buffer
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		p := make([]byte, 1+rng.IntN(20000))
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		sent.Write(p)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		task, all := newTask(), sent.Bytes()
		for len(all) > 0 {
			n, err := write(task, w, all[:min(len(all), 1+len(all)%9999)])
			if err != nil {
				t.Error(err)
				return
			}
			all = all[n:]
		}
		w.DecRef()
	})
	task := newTask()
	for {
		s, err := read(task, r, 1+rng.IntN(9000))
		assert.NilError(t, err)
		if s == "" {
			break
		}
		got.WriteString(s)
	}
	wg.Wait()
	assert.Assert(t, bytes.Equal(got.Bytes(), sent.Bytes()))
}

// TestShortWritesAreNotTorn: writes of up to PIPE_BUF bytes are atomic (pipe(7)).
func TestShortWritesAreNotTorn(t *testing.T) {
	r, w := New(cred.Root(), 0)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			task := newTask()
			for range 200 {
				if _, err := write(task, w, bytes.Repeat([]byte{byte('a' + i)}, 1000)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	task := newTask()
	var all bytes.Buffer
	for all.Len() < 4*200*1000 {
		s, err := read(task, r, 4096)
		assert.NilError(t, err)
		all.WriteString(s)
	}
	wg.Wait()
	for p := all.Bytes(); len(p) > 0; p = p[1000:] {
		assert.Equal(t, string(p[:1000]), string(bytes.Repeat(p[:1], 1000)))
	}
}

func newFile(ops vfs.FileOps, flags uint32) *vfs.File { return vfs.NewAnonFile("", ops, flags) }

func TestAFIFOOpenWaitsForItsPartner(t *testing.T) {
	in := &vfs.FIFO{}
	rt, wt := newTask(), newTask()
	rt.slept = make(chan struct{}, 9)
	opened := make(chan error)
	var rops vfs.FileOps
	go func() {
		var err error
		rops, err = OpenFIFO(rt, nil, in, unix.O_RDONLY)
		opened <- err
	}()
	<-rt.slept
	wops, err := OpenFIFO(wt, nil, in, unix.O_WRONLY|unix.O_NONBLOCK)
	assert.NilError(t, err)
	assert.NilError(t, <-opened)
	rf, wf := newFile(rops, unix.O_RDONLY), newFile(wops, unix.O_WRONLY)
	_, err = write(wt, wf, []byte("hello"))
	assert.NilError(t, err)
	s, err := read(rt, rf, 9)
	assert.NilError(t, err)
	assert.Equal(t, s, "hello")
	rf.DecRef()
	wf.DecRef()
	assert.Equal(t, in.Pipe, nil)
}

func TestFIFOOpenErrors(t *testing.T) {
	in, task := &vfs.FIFO{}, newTask()
	_, err := OpenFIFO(task, nil, in, unix.O_WRONLY|unix.O_NONBLOCK)
	assert.Equal(t, err, unix.ENXIO)
	task.signal <- struct{}{}
	_, err = OpenFIFO(task, nil, in, unix.O_RDONLY)
	assert.Equal(t, err, abi.ERESTARTSYS)
	assert.Equal(t, in.Pipe, nil)
}

func TestAFIFOHangsUpOnlyAfterAWriterWasThere(t *testing.T) {
	in, task := &vfs.FIFO{}, newTask()
	ops, err := OpenFIFO(task, nil, in, unix.O_RDONLY|unix.O_NONBLOCK)
	assert.NilError(t, err)
	r := newFile(ops, unix.O_RDONLY)
	assert.Equal(t, ops.Poll(r), wait.Mask(0))
	wops, err := OpenFIFO(task, nil, in, unix.O_WRONLY)
	assert.NilError(t, err)
	newFile(wops, unix.O_WRONLY).DecRef()
	assert.Equal(t, ops.Poll(r), wait.Hup)
	r.DecRef()
}

// byteMemory is an application's memory with one byte in it.
type byteMemory struct {
	user.Memory
	b byte
}

func (m *byteMemory) CopyIn(_ user.Addr, p []byte) (int, error)  { p[0] = m.b; return 1, nil }
func (m *byteMemory) CopyOut(_ user.Addr, p []byte) (int, error) { m.b = p[0]; return 1, nil }
func (m *byteMemory) CopyOutLast(_ user.Addr, p []byte, _ bool) (int, error) {
	m.b = p[0]
	return 1, nil
}

func oneByteThroughAPipe() func() error {
	r, w := New(cred.Root(), 0)
	task := newTask()
	start, _ := user.NewBuf(&byteMemory{}, user.Bytes{Addr: 4096, Len: 1})
	var buf user.Buf
	return func() error {
		buf = start
		if _, err := w.Ops.Write(task, w, &buf, nil); err != nil {
			return err
		}
		buf = start
		_, err := r.Ops.Read(task, r, &buf, nil)
		return err
	}
}

func TestOneByteCostsNoAllocation(t *testing.T) {
	once := oneByteThroughAPipe()
	assert.Equal(t, testing.AllocsPerRun(100, func() {
		if err := once(); err != nil {
			t.Error(err)
		}
	}), 0.0)
}

func BenchmarkOneByte(b *testing.B) {
	once := oneByteThroughAPipe()
	b.ReportAllocs()
	for b.Loop() {
		if err := once(); err != nil {
			b.Fatal(err)
		}
	}
}

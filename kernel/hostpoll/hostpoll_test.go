// SPDX-License-Identifier: Apache-2.0

package hostpoll

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

type chanWatcher chan wait.Mask

func (c chanWatcher) HostReady(m wait.Mask) {
	if m&wait.In != 0 {
		c <- m
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	assert.NilError(t, err)
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func TestAPipeBecomesReadable(t *testing.T) {
	p, err := New()
	assert.NilError(t, err)
	defer p.Close()
	r, w := pipe(t)
	c := make(chanWatcher, 4)
	reg, err := p.Add(int(r.Fd()), c)
	assert.NilError(t, err)
	assert.Equal(t, Ready(int(r.Fd())), wait.Mask(0))
	_, err = w.Write([]byte("x"))
	assert.NilError(t, err)
	assert.Equal(t, <-c&wait.Readable, wait.Readable)
	assert.Equal(t, Ready(int(r.Fd())), wait.Readable)
	reg.Remove()
}

func TestARegularFileIsRefused(t *testing.T) {
	p, err := New()
	assert.NilError(t, err)
	defer p.Close()
	f, err := os.Open("hostpoll.go")
	assert.NilError(t, err)
	defer f.Close()
	_, err = p.Add(int(f.Fd()), make(chanWatcher))
	assert.Equal(t, err, unix.EPERM)
}

type chanSleeper chan struct{}

func (c chanSleeper) Wake()                 { c <- struct{}{} }
func (c chanSleeper) Sleep(time.Time) error { <-c; return nil }

// A queue is told at once while somebody waits there, else when it is asked for.
func TestAQueueHearsWhenSomebodyWaits(t *testing.T) {
	p, err := New()
	assert.NilError(t, err)
	defer p.Close()
	r, w := pipe(t)
	var q wait.Queue
	reg, err := p.AddQueue(int(r.Fd()), &q)
	assert.NilError(t, err)
	defer reg.Remove()
	told := 0
	relay := wait.Entry{Func: func(wait.Mask) { told++ }, To: new(wait.Queue), Mask: wait.All}
	q.Add(&relay)
	_, err = w.Write([]byte("x"))
	assert.NilError(t, err)
	assert.Equal(t, told, 0)
	q.Source().Take()
	assert.Equal(t, told, 1)
	q.Remove(&relay)

	s := make(chanSleeper, 8)
	e := wait.Entry{W: s, Mask: wait.Readable}
	q.Add(&e)
	defer q.Remove(&e)
	for range 3 {
		_, err = w.Write([]byte("x"))
		assert.NilError(t, err)
		assert.NilError(t, s.Sleep(time.Time{}))
		q.Source().Expect()
	}
}

// What is left when the poller has ended does nothing any more.
func TestClosed(t *testing.T) {
	p, err := New()
	assert.NilError(t, err)
	r, _ := pipe(t)
	var q wait.Queue
	reg, err := p.AddQueue(int(r.Fd()), &q)
	assert.NilError(t, err)
	p.Close()
	e := wait.Entry{W: make(chanSleeper, 1), Mask: wait.All}
	q.Add(&e)
	q.Source().Take()
	q.Remove(&e)
	reg.Remove()
}

// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

// outside is a place where things happen to queues, and a listener that hears of them when it listens.
type outside struct {
	source  *Source
	hears   chan struct{}
	listens atomic.Int32 // how often it began to

	mu        sync.Mutex
	listening bool
	happened  []*Queue
}

func newOutside(t *testing.T) *outside {
	o := &outside{hears: make(chan struct{}, 1)}
	o.source = NewSource(o)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range o.hears {
			o.source.Heard()
		}
	}()
	t.Cleanup(func() { close(o.hears); <-done })
	return o
}

func (o *outside) Listen() {
	o.listens.Add(1)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.listening = true
	o.hear()
}

// hear is with mu.
func (o *outside) hear() {
	if o.listening && len(o.happened) > 0 {
		o.listening = false
		o.hears <- struct{}{}
	}
}

func (o *outside) Take() {
	o.mu.Lock()
	list := o.happened
	o.happened = nil
	o.mu.Unlock()
	for _, q := range list {
		q.Notify(In)
	}
}

func (o *outside) happens(q *Queue) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.happened = append(o.happened, q)
	o.hear()
}

// sleeper is a task that is woken through a channel.
type sleeper chan struct{}

func (s sleeper) Wake() {
	select {
	case s <- struct{}{}:
	default:
	}
}

func (s sleeper) Sleep(time.Time) error { <-s; return nil }

func TestNobodyListensUntilSomebodyWaits(t *testing.T) {
	o := newOutside(t)
	var q Queue
	q.From(o.source)
	told := 0
	e := Entry{Func: func(Mask) { told++ }, To: new(Queue), Mask: In} // as an epoll's where nobody waits
	q.Add(&e)
	o.happens(&q)
	o.happens(&q)
	assert.Equal(t, o.listens.Load(), int32(0))
	assert.Equal(t, told, 0)
	o.source.Take()
	assert.Equal(t, told, 2)
	q.Remove(&e)
	assert.Equal(t, o.listens.Load(), int32(0))
}

func TestWhoWaitsIsWoken(t *testing.T) {
	o := newOutside(t)
	var q, other Queue
	q.From(o.source)
	other.From(o.source)
	var ready atomic.Bool
	done := make(chan error)
	go func() { done <- Until(make(sleeper, 1), &q, In, time.Time{}, ready.Load) }()
	for o.listens.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	o.happens(&other) // is of no interest: it is listened to again
	for o.listens.Load() == 1 {
		time.Sleep(time.Millisecond)
	}
	o.happens(&q) // too early: the condition does not hold
	for o.listens.Load() == 2 {
		time.Sleep(time.Millisecond)
	}
	ready.Store(true)
	o.happens(&q)
	assert.NilError(t, <-done)
}

// Who waits on a queue that hears of another one (an epoll's) is told too, whichever was there first.
func TestHandingOn(t *testing.T) {
	for _, waits := range []bool{false, true} {
		o := newOutside(t)
		var file, inner, outer Queue
		relay := Entry{Func: outer.Notify, To: &outer, Mask: All}
		inner.Add(&relay)
		s := make(sleeper, 1)
		e := Entry{W: s, Mask: In}
		if waits {
			outer.Add(&e)
		}
		first := Entry{Func: inner.Notify, To: &inner, Mask: All}
		file.Add(&first)
		file.From(o.source)
		if !waits {
			assert.Equal(t, o.listens.Load(), int32(0))
			outer.Add(&e)
		}
		assert.Equal(t, o.listens.Load(), int32(1))
		assert.Equal(t, outer.Source(), o.source)
		o.happens(&file)
		assert.NilError(t, s.Sleep(time.Time{}))
		outer.Remove(&e)
		file.Remove(&first)
		inner.Remove(&relay)
		assert.Equal(t, o.source.expecting.Load(), int32(0))
	}
}

// Many wait, for one thing after another, some by way of an epoll: none misses its own.
func TestStressNothingFromOutsideIsMissed(t *testing.T) {
	o := newOutside(t)
	const waiters, rounds = 8, 3000
	var all sync.WaitGroup
	for i := range waiters {
		var q, relayed Queue
		q.From(o.source)
		on := &q
		if i%2 == 1 {
			relay := Entry{Func: relayed.Notify, To: &relayed, Mask: All}
			q.Add(&relay)
			defer q.Remove(&relay)
			on = &relayed
		}
		var sent atomic.Int32
		turn := make(chan struct{}, 1)
		all.Go(func() { // makes things happen, one at a time
			for range rounds {
				sent.Add(1)
				o.happens(&q)
				<-turn
			}
		})
		all.Go(func() {
			s := make(sleeper, 1)
			for n := int32(1); n <= rounds; n++ {
				if rand.IntN(2) == 0 {
					on.Source().Take()
				}
				_ = Until(s, on, In, time.Time{}, func() bool { return sent.Load() >= n })
				turn <- struct{}{}
			}
		})
	}
	all.Wait()
	assert.Equal(t, o.source.expecting.Load(), int32(0))
}

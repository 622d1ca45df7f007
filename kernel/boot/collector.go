// SPDX-License-Identifier: Apache-2.0

// This file says when Go's collector runs: early in general, for an idle sandbox should be small; seldom while a sandbox is busy,
// where with a small heap it would take a fifth of the kernel process's time.

package boot

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	gcPercent = 50
	// The collector does not run before the start is over, which many a sandbox does not outlive. Environment has it wait until then.
	starting = 500 * time.Millisecond

	// A sandbox is busy when as many collections in a row as sustained each come within often of the one before; each takes some 5 ms of
	// processor time. Then there is room beyond what is live before the next one. It is calm again after calm without any.
	often     = 250 * time.Millisecond
	sustained = 6
	room      = 32 << 20
	calm      = 2 * time.Second
)

// collector follows the collections.
type collector struct {
	now     func() time.Time
	live    func() uint64 // how much the last collection found to be live
	change  func(percent int)
	collect func()

	mu    sync.Mutex  // guards what follows
	last  time.Time   // of the last collection
	inRow int         // collections that came soon after another
	timer *time.Timer // while the sandbox is busy
	set   int         // the percentage
}

func newCollector() *collector {
	return &collector{
		now: time.Now, live: liveHeap, collect: runtime.GC, set: gcPercent,
		change: func(percent int) { debug.SetGCPercent(percent) },
	}
}

// startCollector makes the collector's setting, when the start's garbage has become such.
func startCollector() {
	c := newCollector()
	c.change(gcPercent)
	c.follow()
	c.collect()
}

// follow has collected called after each collection.
func (c *collector) follow() {
	// Large enough that it shares its memory with nothing.
	runtime.SetFinalizer(&struct{ *collector }{c}, func(f *struct{ *collector }) {
		f.follow()
		f.collected()
	})
}

// collected is told of a collection.
func (c *collector) collected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	soon := now.Sub(c.last) < often
	c.last = now
	switch {
	case c.timer != nil:
		c.timer.Reset(calm)
	case !soon:
		c.inRow = 0
		return
	default:
		if c.inRow++; c.inRow < sustained {
			return
		}
		c.timer = time.AfterFunc(calm, c.rest)
	}
	// What is live moves, but a change stops everything for a moment.
	if want := percentFor(c.live()); want > c.set+c.set/4 || want < c.set-c.set/4 {
		c.set = want
		c.change(want)
	}
}

// percentFor leaves room beyond what is live, or the usual part of it if that is more.
func percentFor(live uint64) int {
	return max(gcPercent, int(room*100/max(live, 1<<20)))
}

// rest is when the sandbox is calm again: it gives back what it has collected.
func (c *collector) rest() {
	c.mu.Lock()
	c.timer, c.inRow = nil, 0
	changed := c.set != gcPercent
	c.set = gcPercent
	c.mu.Unlock()
	if changed {
		c.change(gcPercent)
		c.collect()
	}
}

// liveHeap asks Go's runtime.
func liveHeap() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"runtime"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

// fakeCollector has a clock of its own, and keeps what is set.
func fakeCollector(t *testing.T, live uint64) (c *collector, after func(time.Duration), set *[]int, collections *int) {
	t.Helper()
	c, set, collections = newCollector(), new([]int), new(int)
	clock := time.Unix(1000, 0)
	c.now = func() time.Time { return clock }
	c.live = func() uint64 { return live }
	c.change = func(percent int) { *set = append(*set, percent) }
	c.collect = func() { *collections++ }
	t.Cleanup(func() {
		if c.timer != nil {
			c.timer.Stop()
		}
	})
	return c, func(d time.Duration) { clock = clock.Add(d); c.collected() }, set, collections
}

func TestBusySandboxCollectsSeldom(t *testing.T) {
	for _, test := range []struct {
		name  string
		live  uint64
		every time.Duration
		times int
		want  []int
	}{
		{"seldom anyway", 8 << 20, often, 100, nil},
		{"often, but not for long", 8 << 20, often - 1, sustained, nil}, // the first came after a pause
		{"often", 8 << 20, often - 1, sustained + 1, []int{400}},
		{"set once", 8 << 20, often - 1, 100, []int{400}},
		{"a large heap has room by itself", 100 << 20, often - 1, 100, nil},
		{"a tiny one", 0, often - 1, 100, []int{3200}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, after, set, _ := fakeCollector(t, test.live)
			for range test.times {
				after(test.every)
			}
			assert.DeepEqual(t, *set, append([]int(nil), test.want...))
		})
	}
}

func TestCalmSandboxIsSmallAgain(t *testing.T) {
	c, after, set, collections := fakeCollector(t, 8<<20)
	for range sustained + 1 {
		after(0)
	}
	assert.Assert(t, c.timer != nil)
	c.timer.Stop()
	c.rest()
	assert.DeepEqual(t, *set, []int{400, gcPercent})
	assert.Equal(t, *collections, 1)
	assert.Assert(t, c.timer == nil)
	for range sustained - 1 { // it starts to count anew
		after(0)
	}
	assert.Equal(t, len(*set), 2)
}

// TestCollectionsAreFollowed has Go's runtime tell of collections, again and again.
func TestCollectionsAreFollowed(t *testing.T) {
	c := newCollector()
	seen := make(chan time.Time)
	c.now = func() time.Time {
		now := time.Now()
		seen <- now
		return now
	}
	c.follow()
	for n := 0; n < 3; {
		runtime.GC()
		select {
		case <-seen:
			n++
		default: // it is told by a goroutine of the runtime, which may need a moment
			runtime.Gosched()
		}
	}
	assert.Assert(t, liveHeap() > 0)
}

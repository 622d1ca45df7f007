// SPDX-License-Identifier: Apache-2.0

// This file has a task of low priority pay for what the kernel process does for it. The host gives the task's own thread its nice value
// (renice), but the kernel process's threads work for all tasks in turn, and can't be slowed down: one that holds a lock
// would slow down everybody. So a call takes no longer, and the task waits afterwards, for as long as the work would have
// been waiting for a processor.

package task

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/ditto-kernel/ditto/kernel/arch"
)

// niced is what a task with hookNiced owes. Only the task itself uses it, but for waits.
type niced struct {
	used  time.Duration // by calls since it last paid
	waits atomic.Bool   // for a processor, as who looks at it is told
}

// nicedQuantum is how much work is paid for at once; nicedMost is the longest wait for it.
const (
	nicedQuantum = 500 * time.Microsecond
	nicedMost    = time.Second
)

// weight is the share that the host gives a thread among others (sched_prio_to_weight): each step of nice makes it 1.25 times smaller.
func (s *Sched) weight() float64 {
	const ordinary, idle = 1024, 3
	if s.Policy == schedIdle {
		return idle
	}
	return ordinary * math.Pow(1.25, -float64(s.Nice))
}

const schedIdle = 5 // SCHED_IDLE

// hookNice has the task's calls counted, if it has a lower priority than the ordinary one. Any goroutine.
func (t *Task) hookNice() {
	if s := t.SchedParams(); s.Nice > 0 || s.Policy == schedIdle {
		t.hooks.Or(hookNiced)
	} else {
		t.hooks.And(^uint32(hookNiced))
	}
}

// nicedSyscall makes a call, and pays for it. A call that slept is not counted: how much of its time was work is not known, but most
// of it was not.
func (t *Task) nicedSyscall() (uint64, error) {
	slept, start := t.slept.Load(), time.Now()
	ret, err := t.shownSyscall()
	if t.slept.Load() == slept {
		t.niced.used += time.Since(start)
	}
	if t.niced.used >= nicedQuantum {
		t.payUsed()
	}
	return ret, err
}

// payUsed waits, unless there are processors enough; a signal ends the wait.
func (t *Task) payUsed() {
	t.kernel.pressure.look(t.kernel)
	used, share := t.niced.used, t.hostShare()
	t.niced.used = 0
	if share >= 1 {
		return
	}
	wait := min(time.Duration(float64(used)*(1/share-1)), nicedMost)
	t.niced.waits.Store(true)
	defer t.niced.waits.Store(false)
	deadline := time.Now().Add(wait)
	for t.Sleep(deadline) == nil {
		// A wake-up from before: go on.
	}
}

// hostShare is how much of a processor the host would give the task now, beside the sandbox's other tasks, and beside others' work that gets
// as much as ordinary tasks would: at most 1.
func (t *Task) hostShare() float64 {
	own := t.SchedParams()
	var others float64
	running := 1
	for _, o := range t.kernel.Tasks(func(o *Task) bool { return o != t && own.meets(o.SchedParams()) }) {
		if InfoOf(o).State == 'R' {
			running++
			others += o.SchedParams().weight()
		}
	}
	mask := own.mask()
	foreign := t.kernel.pressure.contested(mask, running)
	cpus := countCPUs(mask)
	if running <= cpus && foreign == 0 {
		return 1
	}
	others += foreign * (&Sched{}).weight()
	return min(float64(cpus)*own.weight()/(own.weight()+others), 1)
}

// meets tells whether there is a processor that both may run on.
func (s *Sched) meets(o *Sched) bool {
	if s.Affinity == nil || o == nil || o.Affinity == nil {
		return true
	}
	for i := range min(len(s.Affinity), len(o.Affinity)) {
		if s.Affinity[i]&o.Affinity[i] != 0 {
			return true
		}
	}
	return false
}

// mask is the processors that it may run on.
func (s *Sched) mask() []uint64 {
	if s.Affinity == nil {
		return arch.HostCPUs()
	}
	return s.Affinity
}

func countCPUs(mask []uint64) int {
	n := 0
	for _, w := range mask {
		n += bits.OnesCount64(w)
	}
	return n
}

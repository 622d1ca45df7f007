// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The hand-over of a slot: spin, then yield, then sleep.

// spin looks at *addr until it is not while any more, or rounds are over. It
// returns what it saw last.
//
//go:noescape
func spin(addr *uint32, while uint32, rounds int) uint32

// cpu is the core that this runs on, or was a moment ago.
func cpu() uint16

// ticks is the processor's time-stamp counter.
func ticks() uint64

// ready makes sure that the stub waits for us: the first time, for its hello.
// It answers ESRCH if the process is dead.
func (t *thread) ready() error {
	if !t.hello {
		return nil
	}
	if !t.await() || t.slot.Reason&^ReasonFast != ReasonHello {
		t.sp.Kill()
		return unix.ESRCH
	}
	t.hello = false
	if t.fpSave != nil {
		p := t.fpSave
		t.fpSave = nil
		if err := t.frame(); err != nil {
			return err
		}
		if uint64(len(p)) > t.slot.FPSize {
			var err error
			if p, err = t.withoutTiles(p); err != nil {
				return err
			}
		}
		return t.SetFPState(p)
	}
	return nil
}

// withoutTiles is the part of another thread's state that fits into a new one's: the host gives room for the data of AMX's tiles to who has
// used them, and a new thread starts without (fpu_clone).
func (t *thread) withoutTiles(p []byte) ([]byte, error) {
	const (
		software, header = 464, 512 // the host's own words about the area, and XSTATE_BV
		trailer          = 4        // FP_XSTATE_MAGIC2
		tileData         = 1 << 18
	)
	own, err := t.FPState()
	if err != nil {
		return nil, err
	}
	if len(own) < header+8+trailer {
		return nil, unix.EINVAL
	}
	copy(own, p[:software])
	copy(own[header:len(own)-trailer], p[header:])
	components := binary.LittleEndian.Uint64(own[header:])
	binary.LittleEndian.PutUint64(own[header:], components&^tileData)
	return own, nil
}

// exchange hands the slot to the stub and waits until it is posted. It returns
// false if the process died.
func (t *thread) exchange() bool {
	t.release()
	return t.await()
}

func (t *thread) release() {
	s := t.slot
	s.KernelCPU = cpu() // the stub looks at it after the state, or as a hint
	if !atomic.CompareAndSwapUint32(&s.State, StatePosted, StateRun) {
		return // dead, or scribbled over: await finds out
	}
	if atomic.LoadUint32(&s.StubSleeps) != 0 {
		futexWake(&s.State)
	}
}

func (t *thread) await() bool {
	state := t.look()
	if state != StateRun {
		t.slept = 0
	} else {
		waiting := atomic.LoadUint32(&t.slot.Waiting) != 0
		if waiting {
			// Goroutines that this one has readied must not wait until the
			// runtime sees that its processor does nothing.
			runtime.Gosched()
		}
		start := ticks()
		state = t.sleep()
		t.slot.KernelCPU = cpu()
		if ticks()-start <= ShortWait {
			t.slept = 0
		} else if !waiting {
			t.slept++
		}
	}
	if state != StatePosted {
		t.sp.Kill()
		return false
	}
	t.stubCPU = t.slot.StubCPU
	return !t.sp.dead.Load()
}

// look spins and yields until the slot is posted, or it is time to sleep. It
// returns the state that it saw last. Tasks that this one has just woken come
// first: the application's next call is some time off.
func (t *thread) look() uint32 {
	addr := &t.slot.State
	platform.GiveWay()
	pauses, yields := t.sp.p.tuning.kernelSpin()
	if t.slept >= Tired {
		if t.looks++; t.looks%Retry != 0 {
			pauses, yields = TiredPauses, 0
		}
	}
	same := t.stubCPU == cpu()
	if same {
		pauses, yields = 1, min(yields, SameYields)
	}
	state := spin(addr, StateRun, pauses)
	if state != StateRun || yields == 0 {
		return state
	}
	start := ticks()
	for i, now := 0, start; state == StateRun && i < yields && now-start < LookTicks; i++ {
		if atomic.LoadUint32(&t.slot.Waiting) != 0 {
			break // for nobody knows how long
		}
		if gave := platform.GiveWay(); gave && !same {
			state = spin(addr, StateRun, 10)
			now = ticks()
			continue
		}
		before := ticks()
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		state = spin(addr, StateRun, 4)
		if now = ticks(); now-before > SlowYield {
			break // the core is wanted: sleep, and be woken, instead
		}
	}
	return state
}

func (t *thread) sleep() uint32 {
	s := t.slot
	ws := &t.sp.p.waiters
	defer atomic.StoreUint32(&s.KernelSleeps, 0)
	for {
		if t.counted && atomic.LoadUint32(&s.Waiting) != 0 {
			t.counted = false
			t.sp.p.tuning.running.Add(-1)
		}
		atomic.StoreUint32(&s.KernelSleeps, 1)
		if state := atomic.LoadUint32(&s.State); state != StateRun {
			return state
		}
		if t.sp.dead.Load() {
			return StateDead
		}
		if ws.waitAlone(&s.State) && haveWaitV() {
			if t.parking == nil {
				t.parking = make(chan struct{}, 1)
			}
			ws.wait(&s.State, t.parking)
		}
	}
}

func futexWait(addr *uint32, val uint32, timeout *unix.Timespec) unix.Errno {
	_, _, e := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), 0, uintptr(val),
		uintptr(unsafe.Pointer(timeout)), 0, 0)
	return e
}

func futexWake(addr *uint32) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), 1, 1, 0, 0, 0)
}

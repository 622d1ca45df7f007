// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// stress multiplies the rounds of the stress tests; `make stress` sets it.
var stress = flag.Int("stress", 1, "multiply the rounds of stress tests by `n`")

// A kick that is lost leaves its thread in an endless loop, and the test
// hangs. The application makes one call and then loops for ever, so that only
// a kick ends each second Run; the kicker aims at the moment of the return.
func TestStressKicksAreNeverLost(t *testing.T) {
	for _, noPatch := range []bool{false, true} {
		p, err := New(Options{NoPatch: noPatch})
		assert.NilError(t, err)
		th := launch(t, p, cat(call(39), b(0xeb, 0xfe)))
		kickAtReturns(t, th, 3_000**stress)
		th.Exit()
		p.Close()
	}
}

func kickAtReturns(t *testing.T, th platform.Thread, rounds int) {
	var reason, stop atomic.Bool
	var armed atomic.Uint32
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for seen := uint32(0); !stop.Load(); {
			now := armed.Load()
			if now == seen {
				unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
				continue
			}
			seen = now
			for range rand.IntN(400) {
				armed.Load()
			}
			reason.Store(true)
			th.Kick()
		}
	}()
	var ev platform.Event
	for range rounds {
		for ev.Kind != platform.EventSyscall { // a late host signal may bring it in before
			assert.Assert(t, ev.Kind != platform.EventDead && ev.Kind != platform.EventFault, "%+v", ev)
			if ev.Kind != platform.EventNone || th.Regs().Rip != codeAt {
				th.Regs().Rip = codeAt
				th.RegsChanged()
			}
			th.Run(&ev, never)
		}
		if rand.IntN(2) == 0 {
			th.RegsChanged() // the other way back
		}
		armed.Add(1)
		for !reason.Load() || ev.Kind == platform.EventSyscall {
			th.Run(&ev, reason.Load)
			assert.Assert(t, ev.Kind == platform.EventKick || ev.Kind == platform.EventNone, "%+v", ev)
			if reason.Load() {
				break
			}
		}
		reason.Store(false)
		ev.Kind = platform.EventKick
	}
	stop.Store(true)
	wg.Wait()
}

func TestStressForkStorm(t *testing.T) {
	p := newPlatform(t)
	th := launch(t, p, loop(call(57)))
	next(t, th, platform.EventSyscall)
	for range 20 * *stress {
		var wg sync.WaitGroup
		for range 20 {
			_, c, err := th.Fork()
			assert.NilError(t, err)
			wg.Go(func() {
				var ev platform.Event
				for range 3 {
					c.Run(&ev, never)
					if ev.Kind != platform.EventSyscall {
						t.Errorf("child: %+v", ev)
					}
				}
				_, g, err := c.Fork()
				if err != nil {
					t.Error(err)
				} else {
					g.Run(&ev, never)
					g.Exit()
				}
				c.Exit()
			})
		}
		next(t, th, platform.EventSyscall)
		wg.Wait()
	}
	th.Exit()
}

func TestStressHundredsOfThreads(t *testing.T) {
	th := launch(t, newPlatform(t), loop(call(39)))
	next(t, th, platform.EventSyscall)
	for range 2 * *stress {
		var wg sync.WaitGroup
		for range 300 {
			nt, err := th.NewThread()
			assert.NilError(t, err)
			wg.Go(func() {
				var ev platform.Event
				for range 20 {
					nt.Run(&ev, never)
					if ev.Kind != platform.EventSyscall {
						t.Errorf("%+v", ev)
						break
					}
				}
				nt.Exit()
			})
		}
		wg.Wait()
		next(t, th, platform.EventSyscall)
	}
	th.Exit()
}

// write(1, 0x10, 100) and open(0x10): the capture faults, the call comes in.
func TestStressFaultsInCapture(t *testing.T) {
	for _, nr := range []uint32{unix.SYS_WRITE, unix.SYS_OPEN, unix.SYS_NANOSLEEP} {
		th := launch(t, newPlatform(t), loop(call(nr)))
		r := th.Regs()
		r.Rsi, r.Rdx, r.Rdi = 0x10, 100, dataAt+0x4000-8
		th.RegsChanged()
		for range 1000 * *stress {
			ev := next(t, th, platform.EventSyscall)
			assert.Equal(t, ev.Args[1], uint64(0x10))
			_, err := th.ReadMemory(0x10, make([]byte, 8))
			assert.Equal(t, err, unix.EFAULT)
		}
		th.Exit()
	}
}

func TestStressKilledAtRandom(t *testing.T) {
	p := newPlatform(t)
	for range 40 * *stress {
		th := launch(t, p, loop(call(57)))
		sp := th.(*thread).sp
		var wg sync.WaitGroup
		delay := rand.IntN(200_000)
		wg.Go(func() {
			for i := 0; i < delay; i++ {
				sp.dead.Load()
			}
			unix.Kill(sp.pid, unix.SIGKILL)
		})
		var ev platform.Event
		for ev.Kind != platform.EventDead {
			th.Run(&ev, never)
			if ev.Kind != platform.EventSyscall {
				continue
			}
			if _, c, err := th.Fork(); err == nil {
				c.Exit()
			}
			th.ReadMemory(dataAt, make([]byte, 8))
		}
		wg.Wait()
		th.Exit()
	}
}

// The application writes over its own slot, all of it or a random word, and
// then makes calls: whatever comes of it, the kernel side stays whole and the thread
// can be ended.
func TestStressSlotsScribbledOver(t *testing.T) {
	p := newPlatform(t)
	for i := range 60 * *stress {
		// mov $addr,%rdi; mov $count,%ecx; mov $value,%rax; rep stosq; getppid for ever.
		var at, count, value uint64 = RegionBase, WindowOffset / 8, rand.Uint64()
		if i%2 == 1 {
			at, count = RegionBase+8*uint64(rand.IntN(WindowOffset/8)), 1
		}
		if i%3 == 1 {
			value = StatePosted | StatePosted<<32
		}
		prologue := cat(b(0x48, 0xbf), le64(at), b(0x48, 0xb9), le64(count), b(0x48, 0xb8), le64(value), b(0xf3, 0x48, 0xab))
		code := cat(prologue, call(39))
		th := launch(t, p, append(code, 0xeb, byte(-(len(code)+2))))
		done := make(chan bool)
		go func() {
			defer close(done)
			var ev platform.Event
			for range 50 {
				th.Run(&ev, never)
				if ev.Kind == platform.EventDead {
					return
				}
				th.ReadMemory(dataAt, make([]byte, 100))
				th.WriteMemoryLast(dataAt, make([]byte, 100), false)
				taken := func(p []byte) (int, error) { return len(p), nil }
				th.WriteMemoryFrom(dataAt, 3*pieceSize, i%2 == 0, taken)
				th.ReadMemoryTo(dataAt, 3*pieceSize, taken)
				if _, c, err := th.Fork(); err == nil {
					c.AddressSpace().Kill()
					c.Exit()
				}
			}
		}()
		// A thread whose stub waits for ever is what Kill is for.
		go func() {
			for range 300_000 {
				th.AddressSpace().(*space).dead.Load()
			}
			th.Kick()
			for range 3_000_000 {
				th.AddressSpace().(*space).dead.Load()
			}
			th.AddressSpace().Kill()
		}()
		<-done
		th.AddressSpace().Kill()
		th.Exit()
	}
}

func le64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

// A hostile application jumps into the stub's text, at every address of it and with
// registers of its choice. It may die of it; nothing else happens.
func TestStressJumpsIntoTheStub(t *testing.T) {
	p := newPlatform(t)
	for at := uint64(TextBase); at < textEnd(); at += 37 {
		th := launch(t, p, cat(b(0x48, 0xb8), le64(at), b(0xff, 0xe0)))
		r := th.Regs()
		r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = rand.Uint64(), rand.Uint64(), 3, dataAt, dataAt, 9
		th.RegsChanged()
		done := make(chan bool)
		go func() {
			defer close(done)
			var ev platform.Event
			for range 3 {
				th.Run(&ev, never)
				if ev.Kind == platform.EventDead {
					return
				}
			}
		}()
		go func() {
			for range 200_000 {
				th.AddressSpace().(*space).dead.Load()
			}
			th.AddressSpace().Kill()
		}()
		<-done
		th.AddressSpace().Kill()
		th.Exit()
	}
}

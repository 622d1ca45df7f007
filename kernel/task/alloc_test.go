// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
)

// TestHotPathsDoNotAllocate measures inside a task, where the run loop would be.
func TestHotPathsDoNotAllocate(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		w.do(a, func(tk *Task) (uint64, error) {
			ev := tk.ev
			defer func() { tk.ev = ev }()
			for _, c := range []struct {
				name string
				f    func()
			}{
				{"a system call", func() {
					tk.ev = platform.Event{Kind: platform.EventSyscall, Nr: unix.SYS_GETPPID}
					tk.handleEvent()
				}},
				{"one that fails", func() {
					tk.ev = platform.Event{Kind: platform.EventSyscall, Nr: 999}
					tk.handleEvent()
				}},
				{"wake and sleep", func() {
					tk.Wake()
					_ = tk.Sleep(time.Time{})
				}},
				{"sleep to a deadline", func() { _ = tk.Sleep(time.Now().Add(time.Microsecond)) }},
				{"the signal mask", func() {
					tk.SetBlocked(SigBit(abi.SIGUSR1))
					tk.SetBlocked(0)
				}},
				{"an ignored signal", func() {
					info := tk.UserInfo(abi.SIGURG, abi.SI_USER)
					_ = tk.Kill(tk.Group().ID(), abi.SIGURG, &info)
				}},
			} {
				assert.Check(t, testing.AllocsPerRun(100, c.f) == 0, c.name)
			}
			return 0, nil
		})
	})
}

func BenchmarkSleepWake(b *testing.B) {
	w := newWorld(&testing.T{})
	var peer *Task
	ready := make(chan bool)
	peer, done := w.start(func(a *fake.App) {
		w.do(a, func(t *Task) (uint64, error) {
			close(ready)
			for {
				if err := t.Sleep(time.Time{}); err != nil {
					return 0, err
				}
			}
		})
	})
	<-ready
	b.ReportAllocs()
	for b.Loop() {
		peer.Wake()
	}
	info := KernelInfo(abi.SIGKILL)
	_ = peer.Group().SendSignal(&info)
	<-done
}

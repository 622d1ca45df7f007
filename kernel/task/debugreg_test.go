// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch/insn"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// control is a debug register 7 that enables breakpoint n. Its lengths are 0: 1, 1: 2, 2: 8, 3: 4.
func control(n int, kind breakKind, length uint64) uint64 {
	return 1<<(2*n) | (uint64(kind)|length<<2)<<(16+4*n)
}

func TestDebugRegistersRefuse(t *testing.T) {
	for _, tt := range []struct {
		name    string
		addr    uint64
		control uint64
		want    error
	}{
		{"execution", 0x1001, control(0, onExecute, 0), nil},
		{"execution of 2 bytes", 0x1000, control(0, onExecute, 1), unix.EINVAL},
		{"a port", 0x1000, control(0, onPort, 0), unix.EINVAL},
		{"writes of 8 bytes", 0x1008, control(0, onWrite, 2), nil},
		{"writes of 8 bytes, not aligned", 0x1004, control(0, onWrite, 2), unix.EINVAL},
		{"accesses of 4 bytes", 0x1004, control(0, onAccess, 3), nil},
		{"another one is refused", 0x1000, control(0, onWrite, 0) | control(2, onPort, 0), unix.EINVAL},
		{"the last address", user.TaskTop - 1, control(0, onWrite, 0), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &debugRegs{}
			assert.NilError(t, d.setAddress(0, tt.addr))
			assert.Equal(t, d.setControl(tt.control), tt.want)
			assert.Equal(t, d.enabled(), tt.want == nil)
			assert.Equal(t, d.points[0].addr, tt.addr)
			if tt.want != nil {
				assert.Equal(t, d.control, uint64(0))
			}
		})
	}
	assert.Equal(t, (&debugRegs{}).setAddress(1, user.TaskTop), unix.EINVAL)
}

func TestDebugRegistersMatch(t *testing.T) {
	d := &debugRegs{}
	for n, addr := range []uint64{0x1000, 0x2000, 0x3000, 0x1000} {
		assert.NilError(t, d.setAddress(n, addr))
	}
	assert.NilError(t, d.setControl(control(0, onExecute, 0)|control(1, onWrite, 2)|control(2, onAccess, 3)|control(3, onExecute, 0)))
	assert.Equal(t, d.executed(0x1000), uint64(0b1001))
	assert.Equal(t, d.executed(0x2000), uint64(0))
	for _, tt := range []struct {
		name    string
		access  insn.Access
		changed uint64
		want    uint64
	}{
		{"a write", insn.Access{Addr: 0x2000, Size: 8, Writes: true}, 0, 0b10},
		{"a read where writes count", insn.Access{Addr: 0x2000, Size: 8, Reads: true}, 0, 0},
		{"its last byte", insn.Access{Addr: 0x2007, Size: 1, Writes: true}, 0, 0b10},
		{"behind it", insn.Access{Addr: 0x2008, Size: 1, Writes: true}, 0, 0},
		{"over its first byte", insn.Access{Addr: 0x1ff9, Size: 8, Writes: true}, 0, 0b10},
		{"before it", insn.Access{Addr: 0x1ff8, Size: 8, Writes: true}, 0, 0},
		{"a read", insn.Access{Addr: 0x3002, Size: 2, Reads: true}, 0, 0b100},
		{"both", insn.Access{Addr: 0x2000, Size: 0x2000, Reads: true, Writes: true}, 0, 0b110},
		{"perhaps a write", insn.Access{Addr: 0x2000, Size: 64, Writes: true, Perhaps: true}, 0, 0},
		{"a write as it turned out", insn.Access{Addr: 0x2000, Size: 64, Writes: true, Perhaps: true}, 0b10, 0b10},
		{"at an instruction", insn.Access{Addr: 0x1000, Size: 8, Reads: true, Writes: true}, 0, 0},
	} {
		assert.Equal(t, d.accessed(&tt.access, tt.changed), tt.want, tt.name)
	}
}

// A breakpoint makes its task run in steps until it is disabled, even without a tracer.
func TestBreakpointsOutliveTheTracer(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		pid := w.fork(a, 0, func(a *fake.App) {
			w.traceMe(a)
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGUSR1); return 0, nil })
		})
		w.waitStop(a, pid)
		tracee := w.k.Lookup(pid)
		w.withTracee(a, pid, func(x Tracee) {
			assert.NilError(t, x.SetDebugReg(0, 0x1000))
			assert.Equal(t, tracee.pt.work.Load()&traceWatch, uint32(0))
			assert.NilError(t, x.SetDebugReg(7, control(0, onWrite, 0)))
			assert.Equal(t, x.SetDebugReg(4, 0), unix.EIO)
			assert.Equal(t, x.SetDebugReg(1, ^uint64(0)), unix.EINVAL)
			assert.Equal(t, tracee.pt.work.Load()&traceWatch, uint32(traceWatch))
			tracee.pt.setWork(tracePresent)
			assert.Equal(t, tracee.pt.work.Load(), uint32(tracePresent|traceWatch))
			assert.Equal(t, x.DebugReg(0), uint64(0x1000))
			assert.Equal(t, x.DebugReg(6), uint64(debugStatusFixed))
			inherited := tracee.pt.debug.inherited()
			assert.Equal(t, inherited.control, tracee.pt.debug.control)
			assert.Assert(t, !inherited.enabled() && !inherited.points[0].exists)
			assert.NilError(t, x.SetDebugReg(7, 0))
			assert.Equal(t, tracee.pt.work.Load(), uint32(tracePresent))
			x.Resume(Resume{}, 0)
		})
		assert.Equal(t, w.waitStop(a, pid), int32(0))
	})
}

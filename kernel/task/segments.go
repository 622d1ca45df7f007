// SPDX-License-Identifier: Apache-2.0

// This file is what a tracer sees and sets of a tracee's segments: the
// selectors, and the descriptors of set_thread_area(2) that they may name
// (arch/x86/kernel/tls.c).

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The entries of the global descriptor table that are a task's own.
const (
	firstThreadArea = 12
	lastThreadArea  = 14
)

// threadAreas are a task's descriptors. Programs of 64 bits can't set them
// themselves, and no host lets a stub do so either: they are kept, and read as
// they were set, but a segment register can't be loaded with one.
type threadAreas [lastThreadArea - firstThreadArea + 1]abi.UserDesc

// segments are the task's selectors, or those that it is to get.
func (t *Task) segments() (platform.Segments, error) {
	if s := t.pt.segments; s != nil {
		return *s, nil
	}
	return t.thread.Segments()
}

// baseOf is the base that a tracer sees of fs or gs: base is what was set.
// Where processors can't set it, a segment has its own, which for those of Linux is 0.
func (t *Task) baseOf(selector uint16, base uint64) uint64 {
	const local = 4 // of a table of the process's own (modify_ldt(2))
	if arch.FSGSBase() || selector == 0 || selector&local != 0 {
		return base
	}
	if n := int(selector >> 3); n >= firstThreadArea && n <= lastThreadArea && t.threadAreas != nil {
		return uint64(t.threadAreas[n-firstThreadArea].Base)
	}
	return 0
}

// ThreadArea is PTRACE_GET_THREAD_AREA: EINVAL for another entry of the table.
func (x Tracee) ThreadArea(n int) (abi.UserDesc, error) {
	if n < firstThreadArea || n > lastThreadArea {
		return abi.UserDesc{}, unix.EINVAL
	}
	d := abi.UserDesc{Flags: abi.UserDescReadExecOnly | abi.UserDescNotPresent}
	if x.t.threadAreas != nil {
		if set := x.t.threadAreas[n-firstThreadArea]; set.Flags != 0 {
			d = set
		}
	}
	d.Entry = uint32(n)
	return d, nil
}

// SetThreadArea is PTRACE_SET_THREAD_AREA: EINVAL for another entry, and for
// what is no data segment of 32 bits. The descriptor's own number doesn't count.
func (x Tracee) SetThreadArea(n int, d abi.UserDesc) error {
	if !d.Empty() && (d.Flags&abi.UserDesc32Bit == 0 || d.Flags&abi.UserDescCode != 0 || d.Flags&abi.UserDescNotPresent != 0) {
		return unix.EINVAL
	}
	if n < firstThreadArea || n > lastThreadArea {
		return unix.EINVAL
	}
	all := threadAreas{}
	if x.t.threadAreas != nil {
		all = *x.t.threadAreas // a task shares them with those that it was cloned from
	}
	if d.Empty() {
		d = abi.UserDesc{}
	}
	d.Limit &= abi.UserDescLimit
	d.Flags &= abi.UserDescKept
	all[n-firstThreadArea] = d
	x.t.threadAreas = &all
	return nil
}

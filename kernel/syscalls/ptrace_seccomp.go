// SPDX-License-Identifier: Apache-2.0

// The requests of ptrace(2) about a tracee's filters (kernel/seccomp.c): for who
// has CAP_SYS_ADMIN and is not filtered itself, EACCES for others.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/seccomp"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

func mayReadFilters(t *task.Task) error {
	if mode, _ := t.Seccomp(); mode != seccomp.ModeDisabled || !t.Creds().Capable(unix.CAP_SYS_ADMIN) {
		return unix.EACCES
	}
	return nil
}

// ptraceFilter is PTRACE_SECCOMP_GET_FILTER: addr says which, its instructions go
// to data unless that is NULL; their number.
func ptraceFilter(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if err := mayReadFilters(t); err != nil {
		return 0, err
	}
	f, err := x.Filter(a.addr)
	if err != nil {
		return 0, err
	}
	insns := f.Program().Given()
	if a.data == 0 {
		return len(insns), nil
	}
	return len(insns), put(t, user.Addr(a.data), insns)
}

// ptraceFilterFlags is PTRACE_SECCOMP_GET_METADATA: struct seccomp_metadata at
// data, of addr bytes, which says of which filter.
func ptraceFilterFlags(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	const whole, least = 16, 8
	if err := mayReadFilters(t); err != nil {
		return 0, err
	}
	size := min(a.addr, whole)
	if size < least {
		return 0, unix.EINVAL
	}
	n, err := get64(t, user.Addr(a.data))
	if err != nil {
		return 0, err
	}
	f, err := x.Filter(n)
	if err != nil {
		return 0, err
	}
	b := le.AppendUint64(nil, n)
	flags := uint64(0)
	if f.Logs() {
		flags = unix.SECCOMP_FILTER_FLAG_LOG
	}
	b = le.AppendUint64(b, flags)
	if _, err := t.Memory().CopyOut(user.Addr(a.data), b[:size]); err != nil {
		return 0, err
	}
	return int(size), nil
}

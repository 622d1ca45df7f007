// SPDX-License-Identifier: Apache-2.0

// This file is seccomp(2) and its prctl(2) form; package task does what
// filters say.

package syscalls

import (
	"fmt"
	"slices"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const seccompFlags = unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_LOG | unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW |
	unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV

//ditto:syscall seccomp full
func seccompCall(t *task.Task, op uint32, flags uint32, args user.Addr) (int, error) {
	switch op {
	case unix.SECCOMP_SET_MODE_STRICT:
		if flags != 0 || args != 0 {
			return 0, unix.EINVAL
		}
		return 0, t.SetSeccompStrict()
	case unix.SECCOMP_SET_MODE_FILTER:
		return setSeccompFilter(t, flags, args)
	case unix.SECCOMP_GET_ACTION_AVAIL:
		if flags != 0 {
			return 0, unix.EINVAL
		}
		return 0, seccompActionKnown(t, args)
	case unix.SECCOMP_GET_NOTIF_SIZES:
		if flags != 0 {
			return 0, unix.EINVAL
		}
		return 0, put(t, args, [3]uint16{anon.SeccompNotifSize, anon.SeccompRespSize, bpf.DataSize})
	}
	return 0, unix.EINVAL
}

func seccompActionKnown(t *task.Task, addr user.Addr) error {
	var action uint32
	if err := get(t, addr, &action); err != nil {
		return err
	}
	for _, a := range seccomp.Actions {
		if seccomp.Action(action) == a {
			return nil
		}
	}
	return unix.EOPNOTSUPP
}

// setSeccompFilter is SECCOMP_SET_MODE_FILTER. It answers the descriptor of a
// new listener, or the id of a thread that can't be synchronised.
func setSeccompFilter(t *task.Task, flags uint32, args user.Addr) (int, error) {
	const sync, listen, esrch = unix.SECCOMP_FILTER_FLAG_TSYNC, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH
	switch {
	case flags&^uint32(seccompFlags) != 0,
		flags&(sync|listen|esrch) == sync|listen, // a result that could be either
		flags&unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV != 0 && flags&listen == 0:
		return 0, unix.EINVAL
	}
	prog, err := seccompProgram(t, args)
	if err != nil {
		return 0, err
	}
	f := seccomp.NewFilter(prog, seccomp.Options{
		Log: flags&unix.SECCOMP_FILTER_FLAG_LOG != 0, Listener: flags&listen != 0, WaitKillable: flags&unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV != 0,
	})
	fd := -1
	if flags&listen != 0 {
		if fd, err = install(t, anon.NewSeccompListener(f), 0, true); err != nil {
			return 0, err
		}
	}
	blocker, err := t.InstallSeccomp(f, flags&sync != 0)
	if blocker != 0 && flags&esrch != 0 {
		err = unix.ESRCH
	}
	switch {
	case fd >= 0 && (err != nil || blocker != 0):
		_ = close_(t, vfs.FD(fd))
		return int(blocker), err
	case fd >= 0:
		return fd, nil
	}
	return int(blocker), err
}

// seccompProgram copies in a struct sock_fprog and what it points to.
func seccompProgram(t *task.Task, args user.Addr) (*bpf.Program, error) {
	var prog struct {
		Len    uint16
		_      [3]uint16
		Filter uint64
	}
	if err := get(t, args, &prog); err != nil {
		return nil, err
	}
	if prog.Len == 0 || prog.Len > bpf.MaxInsns {
		return nil, unix.EINVAL
	}
	if c := t.Creds(); !c.NoNewPrivs && !c.CapableHere(unix.CAP_SYS_ADMIN) {
		return nil, unix.EACCES
	}
	if prog.Filter == 0 {
		return nil, unix.EINVAL
	}
	insns := make([]bpf.Insn, prog.Len)
	if err := get(t, user.Addr(prog.Filter), insns); err != nil {
		return nil, err
	}
	return bpf.NewSeccomp(insns)
}

// getSeccomp is prctl(PR_GET_SECCOMP). In strict mode it is never reached.
func getSeccomp(t *task.Task, _ *prctlArgs) (uint64, error) {
	mode, _ := t.Seccomp()
	return uint64(mode), nil
}

// setSeccomp is prctl(PR_SET_SECCOMP).
func setSeccomp(t *task.Task, a *prctlArgs) (uint64, error) {
	switch a[0] {
	case unix.SECCOMP_MODE_STRICT:
		return 0, t.SetSeccompStrict()
	case unix.SECCOMP_MODE_FILTER:
		n, err := setSeccompFilter(t, 0, user.Addr(a[1]))
		return uint64(n), err
	}
	return 0, unix.EINVAL
}

// SeccompProfile is the filter of a container's profile, for
// task.InstallSeccomp before the container's task starts.
func SeccompProfile(p *specs.LinuxSeccomp) (*seccomp.Filter, error) {
	insns, err := seccomp.Compile(p, Number)
	if err != nil {
		return nil, err
	}
	prog, err := bpf.NewSeccomp(insns)
	if err != nil {
		return nil, fmt.Errorf("seccomp: the profile makes no program of at most %d instructions: %w", bpf.MaxInsns, err)
	}
	log := slices.Contains(p.Flags, specs.LinuxSeccompFlagLog)
	return seccomp.NewFilter(prog, seccomp.Options{Log: log}), nil
}

// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall wait4 full
func wait4(t *task.Task, pid int32, status user.Addr, options int32, usage user.Addr) (int32, error) {
	if uint32(options)&^(unix.WNOHANG|unix.WUNTRACED|unix.WCONTINUED|unix.WNOTHREAD|unix.WCLONE|unix.WALL) != 0 {
		return 0, unix.EINVAL
	}
	if pid == math.MinInt32 {
		return 0, unix.ESRCH
	}
	f := task.WaitFor{Type: unix.P_PID, ID: t.ToPid(pid), Options: int(uint32(options)) | unix.WEXITED}
	switch {
	case pid == -1:
		f.Type = unix.P_ALL
	case pid < 0:
		f.Type, f.ID = unix.P_PGID, -f.ID
	case pid == 0:
		f.Type, f.ID = unix.P_PGID, t.Group().PgrpID()
	}
	w, err := t.Wait(&f)
	if err != nil || w.Pid == 0 {
		return 0, err
	}
	if status != 0 {
		if err := put32(t, status, uint32(w.Status)); err != nil {
			return 0, err
		}
	}
	if usage != 0 {
		if err := putRusage(t, usage, w.Usage); err != nil {
			return 0, err
		}
	}
	return w.Pid, nil
}

//ditto:syscall waitid full
func waitid(t *task.Task, which, id int32, infop user.Addr, options int32, usage user.Addr) error {
	w, err := waitInfo(t, which, id, options)
	if err == nil && w.Pid != 0 && usage != 0 {
		if err := putRusage(t, usage, w.Usage); err != nil {
			return err
		}
	}
	if infop == 0 {
		return err
	}
	// Whatever the wait's error is, Linux clears the fields.
	if fault := putWaitInfo(t, infop, &w); fault != nil {
		return fault
	}
	return err
}

// waitInfo is what waitid finds; nothing with an error, or when nothing is to be told yet.
func waitInfo(t *task.Task, which, id, options int32) (task.Waited, error) {
	if uint32(options)&^(unix.WNOHANG|unix.WNOWAIT|unix.WEXITED|unix.WSTOPPED|unix.WCONTINUED|unix.WNOTHREAD|unix.WCLONE|unix.WALL) != 0 ||
		options&(unix.WEXITED|unix.WSTOPPED|unix.WCONTINUED) == 0 {
		return task.Waited{}, unix.EINVAL
	}
	f := task.WaitFor{Type: int(which), ID: id, Options: int(uint32(options))}
	if err := waitTarget(t, &f); err != nil {
		return task.Waited{}, err
	}
	return t.Wait(&f)
}

// waitTarget checks which child waitid asks for, and looks up a pidfd.
func waitTarget(t *task.Task, f *task.WaitFor) error {
	switch f.Type {
	case unix.P_ALL:
	case unix.P_PID:
		if f.ID <= 0 {
			return unix.EINVAL
		}
		f.ID = t.ToPid(f.ID)
	case unix.P_PGID:
		if f.ID < 0 {
			return unix.EINVAL
		}
		if f.ID == 0 {
			f.ID = t.Group().PgrpID()
		} else {
			f.ID = t.ToPid(f.ID)
		}
	case unix.P_PIDFD:
		if f.ID < 0 {
			return unix.EINVAL
		}
		g, nonblock, err := t.PidFD(f.ID)
		if err != nil {
			return err
		}
		f.Type, f.ID = unix.P_PID, g.ID()
		f.NonBlock = nonblock
	default:
		return unix.EINVAL
	}
	return nil
}

// putWaitInfo fills in the fields of siginfo_t that waitid sets, and no others.
func putWaitInfo(t *task.Task, addr user.Addr, w *task.Waited) error {
	var si abi.SigInfo
	if w.Pid != 0 {
		si.Signo, si.Code = abi.SIGCHLD, w.Code
		si.SetPid(w.Pid)
		si.SetUID(w.UID)
		si.SetStatus(w.Value())
	}
	var b [abi.SigInfoSize]byte
	si.Marshal(b[:])
	if _, err := t.Memory().CopyOut(addr, b[:12]); err != nil {
		return err
	}
	_, err := t.Memory().CopyOut(addr+16, b[16:28])
	return err
}

// putRusage writes struct rusage, of which only the times are kept.
func putRusage(t *task.Task, addr user.Addr, u task.Usage) error {
	r := unix.Rusage{Utime: timeval(u.User), Stime: timeval(u.System), Maxrss: u.MaxRSS,
		Minflt: u.MinFaults, Majflt: u.MajFaults, Nvcsw: u.Voluntary, Nivcsw: u.Involuntary,
		Inblock: u.InBlocks, Oublock: u.OutBlocks}
	return put(t, addr, &r)
}

func timeval(d time.Duration) unix.Timeval { return unix.NsecToTimeval(int64(d)) }

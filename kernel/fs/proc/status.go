// SPDX-License-Identifier: Apache-2.0

// This file is stat, status and the other files about what a task is and does.

package proc

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// state is the letter that ps shows.
func state(t *task.Task) byte { return task.InfoOf(t).State }

var stateNames = map[byte]string{
	'R': "R (running)", 'S': "S (sleeping)", 'D': "D (disk sleep)", 'T': "T (stopped)", 't': "t (tracing stop)",
	'Z': "Z (zombie)", 'X': "X (dead)",
}

// groupTimes is the processor time of a process.
func groupTimes(g *task.ThreadGroup) (user, system time.Duration) {
	u, _ := g.Usage()
	return u.User, u.System
}

// ticks is a time in units of USER_HZ.
func ticks(d time.Duration) int64 { return int64(d / (10 * time.Millisecond)) }

// taskStat is the 52 fields of /proc/PID/stat (proc_pid_stat(5)).
func (s *system) taskStat(ctx vfs.Ctx, t *task.Task, whole bool) ([]byte, error) {
	if err := alive(t); err != nil {
		return nil, err
	}
	g, i := t.Group(), task.InfoOf(t)
	own := i.OwnTimes
	if whole {
		own = i.GroupTimes
	}
	tty, foreground := s.terminal(t)
	m, _, _ := t.Resources()
	var size, rss uint64
	var info mm.Info
	if m != nil {
		size = m.Usage().Size
		if minor, major := m.Faults(); whole {
			// What the task said last may be long ago.
			own.MinFaults, own.MajFaults = max(own.MinFaults, int64(minor)), max(own.MajFaults, int64(major))
		}
		r, _ := m.Resident()
		rss = r.Total() / 4096
		if mayAccess(ctx, t) == nil {
			info = m.Info()
		}
	}
	start := ticks(t.StartTime().Sub(t.Kernel().BootTime) + bootAhead(ctx))
	b := fmt.Appendf(nil, "%d (%s) %c %d %d %d %d %d %d ", s.show(t.Pid()), t.Comm(), i.State, s.show(g.ParentID()), s.show(g.PgrpID()), s.show(g.SessionID()),
		tty, foreground, 0x400000) // PF_RANDOMIZE
	b = fmt.Appendf(b, "%d %d %d %d ", own.MinFaults, i.ChildTimes.MinFaults, own.MajFaults, i.ChildTimes.MajFaults)
	b = fmt.Appendf(b, "%d %d %d %d ", ticks(own.User), ticks(own.System), ticks(i.ChildTimes.User), ticks(i.ChildTimes.System))
	b = fmt.Appendf(b, "%d %d %d 0 %d %d %d %d ", 20+i.Nice, i.Nice, len(g.Threads()), start, size, rss, task.Infinity)
	b = fmt.Appendf(b, "%d %d %d 0 0 ", info.StartCode, info.EndCode, info.StartStack)
	b = fmt.Appendf(b, "%d %d %d %d 0 0 0 ", i.Pending&(1<<31-1), i.Blocked&(1<<31-1), i.Ignored&(1<<31-1), i.Caught&(1<<31-1))
	b = fmt.Appendf(b, "%d 0 0 0 0 0 0 ", i.ExitSignal)
	return fmt.Appendf(b, "%d %d %d %d %d %d %d %d\n", info.StartData, info.EndData, info.StartBrk, info.ArgStart, info.ArgEnd,
		info.EnvStart, info.EnvEnd, i.ExitCode), nil
}

// status is /proc/PID/status (proc_pid_status(5)).
func (s *system) status(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	if err := alive(t); err != nil {
		return nil, err
	}
	g, c, i := t.Group(), t.Creds(), task.InfoOf(t)
	m, files, fs := t.Resources()
	var b bytes.Buffer
	line := func(name, format string, args ...any) { fmt.Fprintf(&b, name+":\t"+format+"\n", args...) }

	line("Name", "%s", escapeName(t.Comm()))
	if fs != nil {
		line("Umask", "%04o", fs.Umask())
	}
	line("State", "%s", stateNames[i.State])
	line("Tgid", "%d", s.show(g.ID()))
	line("Ngid", "0")
	line("Pid", "%d", s.show(t.Pid()))
	line("PPid", "%d", s.show(g.ParentID()))
	line("TracerPid", "%d", s.show(t.TracerID()))
	ns := ctx.Creds().NS()
	line("Uid", "%d\t%d\t%d\t%d", ns.ShowUID(c.RUID), ns.ShowUID(c.EUID), ns.ShowUID(c.SUID), ns.ShowUID(c.FSUID))
	line("Gid", "%d\t%d\t%d\t%d", ns.ShowGID(c.RGID), ns.ShowGID(c.EGID), ns.ShowGID(c.SGID), ns.ShowGID(c.FSGID))
	size := 0
	if files != nil {
		size = files.Size()
	}
	line("FDSize", "%d", size)
	line("Groups", "%s", groupList(c.Groups, ns))
	line("NStgid", "%s", s.numbers(t, g.ID()))
	line("NSpid", "%s", s.numbers(t, t.Pid()))
	line("NSpgid", "%s", s.numbers(t, g.PgrpID()))
	line("NSsid", "%s", s.numbers(t, g.SessionID()))
	line("Kthread", "0")
	if m != nil {
		memoryStatus(&b, m)
	}
	line("Threads", "%d", len(g.Threads()))
	line("SigQ", "%d/%d", i.Queued, g.Limit(unix.RLIMIT_SIGPENDING).Cur)
	line("SigPnd", "%016x", uint64(i.Pending))
	line("ShdPnd", "%016x", uint64(i.SharedPending))
	line("SigBlk", "%016x", uint64(i.Blocked))
	line("SigIgn", "%016x", uint64(i.Ignored))
	line("SigCgt", "%016x", uint64(i.Caught))
	line("CapInh", "%016x", uint64(c.Inheritable))
	line("CapPrm", "%016x", uint64(c.Permitted))
	line("CapEff", "%016x", uint64(c.Effective))
	line("CapBnd", "%016x", uint64(c.Bounding))
	line("CapAmb", "%016x", uint64(c.Ambient))
	nnp := 0
	if c.NoNewPrivs {
		nnp = 1
	}
	line("NoNewPrivs", "%d", nnp)
	mode, filters := t.Seccomp()
	line("Seccomp", "%d", mode)
	line("Seccomp_filters", "%d", filters)
	line("Speculation_Store_Bypass", "vulnerable")
	line("SpeculationIndirectBranch", "always enabled")
	mask, list := allowedCPUs(t)
	line("Cpus_allowed", "%s", mask)
	line("Cpus_allowed_list", "%s", list)
	line("Mems_allowed", "%s00000001", strings.Repeat("00000000,", 31))
	line("Mems_allowed_list", "0")
	line("voluntary_ctxt_switches", "0")
	line("nonvoluntary_ctxt_switches", "0")
	return b.Bytes(), nil
}

// numbers are a task's, process group's or session's ids in the pid namespaces
// that t is in, from the one that is shown on; 0 where it has none.
func (s *system) numbers(t *task.Task, pid int32) string {
	var b []byte
	list := t.Kernel().Numbers(pid, t.PidNS())
	for i, n := range list[min(s.pids.Level(), len(list)):] {
		if i > 0 {
			b = append(b, '\t')
		}
		b = fmt.Append(b, n)
	}
	return string(b)
}

func memoryStatus(b *bytes.Buffer, m *mm.MM) {
	u := m.Usage()
	r, _ := m.Resident()
	for _, f := range []struct {
		name  string
		bytes uint64
	}{
		{"VmPeak", u.Peak}, {"VmSize", u.Size}, {"VmLck", u.Locked}, {"VmPin", 0}, {"VmHWM", r.Peak}, {"VmRSS", r.Total()},
		{"RssAnon", r.Anon}, {"RssFile", r.File}, {"RssShmem", r.Shmem}, {"VmData", u.Data}, {"VmStk", u.Stack}, {"VmExe", u.Exe},
		{"VmLib", u.Lib}, {"VmPTE", 0}, {"VmSwap", r.Swap}, {"HugetlbPages", 0},
	} {
		fmt.Fprintf(b, "%s:\t%8d kB\n", f.name, f.bytes/1024)
	}
	thp := 1
	if m.HugePagesDisabled() == 1 {
		thp = 0
	}
	fmt.Fprintf(b, "CoreDumping:\t0\nTHP_enabled:\t%d\nuntag_mask:\t0xffffffffffffffff\n", thp)
}

func escapeName(s string) string {
	return strings.NewReplacer("\n", `\n`, `\`, `\\`).Replace(s)
}

// groupList has a blank behind each group, and one if there is none.
func groupList(groups []cred.GID, ns *cred.UserNS) string {
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, "%d ", ns.ShowGID(g))
	}
	if len(groups) == 0 {
		return " "
	}
	return b.String()
}

// ioCounts are bytes and calls: of a process with those of its children that it waited for.
func ioCounts(whole bool) func(vfs.Ctx, *task.Task) ([]byte, error) {
	return func(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
		if err := mayAccess(ctx, t); err != nil {
			return nil, err
		}
		i := task.InfoOf(t)
		u := i.OwnTimes
		if whole {
			u = i.GroupTimes
			u.Add(i.ChildTimes)
		}
		return fmt.Appendf(nil, "rchar: %d\nwchar: %d\nsyscr: %d\nsyscw: %d\nread_bytes: %d\nwrite_bytes: %d\ncancelled_write_bytes: 0\n",
			u.ReadBytes, u.WrittenBytes, u.Reads, u.Writes, 512*u.InBlocks, 512*u.OutBlocks), alive(t)
	}
}

func schedstat(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	u := task.InfoOf(t).OwnTimes
	return fmt.Appendf(nil, "%d 0 0\n", int64(u.User+u.System)), alive(t)
}

// limits is a table of fixed columns.
func limits(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	if err := alive(t); err != nil {
		return nil, err
	}
	b := fmt.Appendf(nil, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units")
	value := func(n uint64) string {
		if n == task.Infinity {
			return "unlimited"
		}
		return fmt.Sprint(n)
	}
	for _, r := range []struct {
		name     string
		resource int
		unit     string
	}{
		{"Max cpu time", unix.RLIMIT_CPU, "seconds"}, {"Max file size", unix.RLIMIT_FSIZE, "bytes"},
		{"Max data size", unix.RLIMIT_DATA, "bytes"}, {"Max stack size", unix.RLIMIT_STACK, "bytes"},
		{"Max core file size", unix.RLIMIT_CORE, "bytes"}, {"Max resident set", unix.RLIMIT_RSS, "bytes"},
		{"Max processes", unix.RLIMIT_NPROC, "processes"}, {"Max open files", unix.RLIMIT_NOFILE, "files"},
		{"Max locked memory", unix.RLIMIT_MEMLOCK, "bytes"}, {"Max address space", unix.RLIMIT_AS, "bytes"},
		{"Max file locks", unix.RLIMIT_LOCKS, "locks"}, {"Max pending signals", unix.RLIMIT_SIGPENDING, "signals"},
		{"Max msgqueue size", unix.RLIMIT_MSGQUEUE, "bytes"}, {"Max nice priority", unix.RLIMIT_NICE, ""},
		{"Max realtime priority", unix.RLIMIT_RTPRIO, ""}, {"Max realtime timeout", unix.RLIMIT_RTTIME, "us"},
	} {
		l := t.Group().Limit(r.resource)
		b = fmt.Appendf(b, "%-25s %-20s %-20s ", r.name, value(l.Cur), value(l.Max))
		if r.unit != "" {
			b = fmt.Appendf(b, "%-10s", r.unit)
		}
		b = append(b, '\n')
	}
	return b, nil
}

// terminal is the device number of the controlling terminal and its
// foreground group: 0 and -1 if there is none.
func (s *system) terminal(t *task.Task) (rdev uint32, foreground int32) {
	c := tty.Controlling(t)
	if c == nil {
		return 0, -1
	}
	foreground = s.show(t.Kernel().Foreground(c))
	major, minor := unix.Major(c.Rdev()), unix.Minor(c.Rdev())
	return minor&0xff | major<<8 | minor&^0xff<<12, foreground // new_encode_dev
}

// cpus is the number of processors.
func cpus() int { return runtime.NumCPU() }

// allowedCPUs is the task's affinity, as a mask and as a list.
func allowedCPUs(t *task.Task) (mask, list string) {
	allowed := []int{}
	affinity := t.SchedParams().Affinity
	for n := range cpus() {
		if affinity == nil || n/64 < len(affinity) && affinity[n/64]>>(n%64)&1 != 0 {
			allowed = append(allowed, n)
		}
	}
	words := make([]uint32, (cpus()+31)/32)
	for _, n := range allowed {
		words[n/32] |= 1 << (n % 32)
	}
	for i := len(words) - 1; i >= 0; i-- {
		if mask == "" {
			mask = fmt.Sprintf("%x", words[i])
		} else {
			mask += fmt.Sprintf(",%08x", words[i])
		}
	}
	return mask, cpuList(allowed)
}

// cpuList writes runs of numbers as ranges: "0-2,4".
func cpuList(numbers []int) string {
	var b strings.Builder
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, numbers[i])
		if j > i {
			fmt.Fprintf(&b, "-%d", numbers[j])
		}
		i = j + 1
	}
	return b.String()
}

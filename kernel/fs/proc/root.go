// SPDX-License-Identifier: Apache-2.0

// This file is the top of /proc: the files about the system, self, and a
// directory for each process.

package proc

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func (s *system) root() *kernfs.Entry {
	r := dir("/",
		constant("cmdline", 0o444, "ditto\n"),
		s.host.file("cpuinfo", s.host.CPUInfo),
		constant("devices", 0o444, devices),
		constant("cgroups", 0o444, "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t1\t1\ncpu\t0\t1\t1\nmemory\t0\t1\t1\npids\t0\t1\t1\n"), // as package cgroupfs has them
		file("filesystems", 0o444, filesystems),
		file("loadavg", 0o444, s.loadavg),
		s.host.file("meminfo", s.host.MemInfo),
		link("mounts", func(vfs.Ctx, any) (string, error) { return "self/mounts", nil }),
		link("net", func(vfs.Ctx, any) (string, error) { return "self/net", nil }),
		link("self", s.self),
		file("stat", 0o444, s.stat),
		constant("swaps", 0o444, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
		s.sysctls(),
		sysvipc(),
		link("thread-self", s.threadSelf),
		file("uptime", 0o444, s.uptime),
		file("version", 0o444, s.version),
	)
	r.Find, r.List, r.Links = s.findProcess, s.listProcesses, s.processLinks
	return r
}

// file shows a file of the host's, if there is one.
func (h Host) file(name string, read func() ([]byte, error)) *kernfs.Entry {
	return file(name, 0o444, func(vfs.Ctx, any) ([]byte, error) {
		if read == nil {
			return nil, nil
		}
		return read()
	})
}

const devices = `Character devices:
  1 mem
  5 /dev/tty
  5 /dev/console
  5 /dev/ptmx
 10 misc
136 pts

Block devices:
`

// filesystems has the names that sysfs(2) numbers.
func filesystems(vfs.Ctx, any) ([]byte, error) {
	var b []byte
	for _, name := range vfs.FSNames() {
		b = fmt.Appendf(b, "nodev\t%s\n", name)
	}
	return b, nil
}

func (s *system) self(ctx vfs.Ctx, _ any) (string, error) {
	t := caller(ctx)
	if t == nil || s.show(t.Pid()) == 0 {
		return "", unix.ENOENT
	}
	return strconv.Itoa(int(s.show(t.Group().ID()))), nil
}

func (s *system) threadSelf(ctx vfs.Ctx, _ any) (string, error) {
	t := caller(ctx)
	if t == nil || s.show(t.Pid()) == 0 {
		return "", unix.ENOENT
	}
	return fmt.Sprintf("%d/task/%d", s.show(t.Group().ID()), s.show(t.Pid())), nil
}

func (s *system) uptime(ctx vfs.Ctx, _ any) ([]byte, error) {
	up := time.Since(s.kernel.BootTime)
	idle := max(0, up.Seconds()*float64(cpus())-s.cpuSeconds())
	return fmt.Appendf(nil, "%.2f %.2f\n", (up + bootAhead(ctx)).Seconds(), idle), nil
}

// bootAhead is how far the clock since boot of the reader's time namespace is ahead of the host's.
func bootAhead(ctx vfs.Ctx) time.Duration {
	if t := caller(ctx); t != nil {
		return time.Duration(t.ClockAhead(unix.CLOCK_BOOTTIME))
	}
	return 0
}

func (s *system) version(ctx vfs.Ctx, _ any) ([]byte, error) {
	u := s.uts(ctx).Names()
	return fmt.Appendf(nil, "%s version %s (ditto@ditto) (gc) %s\n", u.Sysname, u.Release, u.Version), nil
}

// loadavg has the host's load, and the sandbox's tasks.
func (s *system) loadavg(vfs.Ctx, any) ([]byte, error) {
	load := "0.00 0.00 0.00"
	if s.host.LoadAvg != nil {
		if b, err := s.host.LoadAvg(); err == nil {
			if f := bytes.Fields(b); len(f) >= 3 {
				load = string(bytes.Join(f[:3], []byte(" ")))
			}
		}
	}
	return fmt.Appendf(nil, "%s %d/%d %d\n", load, s.running(), s.kernel.TaskCount(), s.kernel.LastPid()), nil
}

// stat has the host's processor times, and the sandbox's tasks.
func (s *system) stat(ctx vfs.Ctx, _ any) ([]byte, error) {
	var b bytes.Buffer
	if s.host.Stat != nil {
		host, err := s.host.Stat()
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(host) {
			if bytes.HasPrefix(line, []byte("cpu")) {
				b.Write(line)
			}
		}
	}
	fmt.Fprintf(&b, "intr 0\nctxt 0\nbtime %d\nprocesses %d\nprocs_running %d\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		s.kernel.BootTime.Add(-bootAhead(ctx)).Unix(), s.kernel.Forks(), s.running())
	return b.Bytes(), nil
}

// running is the number of tasks that run, the reader among them.
func (s *system) running() int {
	n := 0
	for _, g := range s.kernel.Groups() {
		for _, t := range g.Threads() {
			if state(t) == 'R' {
				n++
			}
		}
	}
	return max(n, 1)
}

// cpuSeconds is the processor time that all tasks used, as far as they live.
func (s *system) cpuSeconds() float64 {
	var sum time.Duration
	for _, g := range s.kernel.Groups() {
		u, sys := groupTimes(g)
		sum += u + sys
	}
	return sum.Seconds()
}

func (s *system) findProcess(ctx vfs.Ctx, _ any, name string) (*kernfs.Entry, any, error) {
	pid, ok := number(name)
	if !ok {
		return nil, nil, unix.ENOENT
	}
	t := s.kernel.LookupIn(pid, s.pids)
	if t == nil {
		return nil, nil, unix.ENOENT
	}
	switch s.hides(ctx, t) {
	case hideInvisible, hideUntraceable:
		return nil, nil, unix.ENOENT
	case hideNoAccess:
		return s.hidden, subject{task: t, fd: -1}, nil
	}
	// A thread that is no leader has a directory that readdir does not tell of.
	return s.process, subject{task: t, fd: -1}, nil
}

// processLinks has a link for each process.
func (s *system) processLinks(_ any, usual uint32) uint32 {
	for _, g := range s.kernel.Groups() {
		if s.show(g.ID()) != 0 {
			usual++
		}
	}
	return usual
}

func (s *system) listProcesses(ctx vfs.Ctx, _ any, emit func(kernfs.Child) bool) error {
	var list []kernfs.Child
	for _, g := range s.kernel.Groups() {
		if nr := s.show(g.ID()); nr != 0 && s.hides(ctx, g.Leader()) < hideInvisible {
			list = append(list, kernfs.Child{Name: strconv.Itoa(int(nr)), Key: int64(nr), Entry: s.process, Of: subject{task: g.Leader(), fd: -1}})
		}
	}
	slices.SortFunc(list, func(a, b kernfs.Child) int { return cmp.Compare(a.Key, b.Key) })
	for _, c := range list {
		if !emit(c) {
			return nil
		}
	}
	return nil
}

// number is a name that is a decimal number without leading zeros.
func number(name string) (int32, bool) {
	n, err := strconv.ParseInt(name, 10, 32)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != name {
		return 0, false
	}
	return int32(n), true
}

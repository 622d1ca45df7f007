// SPDX-License-Identifier: Apache-2.0

// This file is what a process starts with besides its program and its rights: how it is
// scheduled, and descriptors of its starter's.

package oci

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// policies are the scheduling policies by their numbers (sched(7)); SCHED_DEADLINE is not among them.
var policies = map[specs.LinuxSchedulerPolicy]uint32{
	specs.SchedOther: 0, specs.SchedFIFO: 1, specs.SchedRR: 2, specs.SchedBatch: 3, specs.SchedIdle: 5,
}

// scheduler converts how a process is scheduled; nil: as its creator. An error
// begins with the field.
func scheduler(s *specs.Scheduler) (*task.Sched, error) {
	if s == nil {
		return nil, nil
	}
	policy, ok := policies[s.Policy]
	realTime := policy == 1 || policy == 2
	switch {
	case !ok:
		return nil, fmt.Errorf("policy: %q is not supported by Ditto", s.Policy)
	case s.Nice < -20 || s.Nice > 19:
		return nil, fmt.Errorf("nice: %d is not between -20 and 19", s.Nice)
	case realTime && (s.Priority < 1 || s.Priority > 99):
		return nil, fmt.Errorf("priority: %d is not between 1 and 99, as %s wants it", s.Priority, s.Policy)
	case !realTime && s.Priority != 0:
		return nil, fmt.Errorf("priority: %d: %s has none", s.Priority, s.Policy)
	case s.Runtime != 0 || s.Deadline != 0 || s.Period != 0:
		return nil, fmt.Errorf("runtime, deadline and period are for SCHED_DEADLINE, which is not supported by Ditto")
	}
	t := &task.Sched{Policy: policy, Priority: uint32(s.Priority), Nice: s.Nice}
	for _, flag := range s.Flags {
		if flag != specs.SchedFlagResetOnFork {
			return nil, fmt.Errorf("flags: %q is not supported by Ditto", flag)
		}
		t.ResetOnFork = true
	}
	return t, nil
}

// maxCPUs is more than a host of Linux's can have.
const maxCPUs = 8192

// bits is the mask of a list as "0-3,7"; nil: an empty one. An error begins with the field.
func bits(field, list string, most int) (mask []uint64, err error) {
	if list == "" {
		return nil, nil
	}
	mask = make([]uint64, most/64)
	for part := range strings.SplitSeq(list, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 31)
		last, err2 := strconv.ParseUint(to, 10, 31)
		if err1 != nil || err2 != nil || last < first || last >= uint64(most) {
			return nil, fmt.Errorf("%s: %q: want a list as \"0-3,7\", of numbers below %d", field, list, most)
		}
		for n := first; n <= last; n++ {
			mask[n/64] |= 1 << (n % 64)
		}
	}
	return mask, nil
}

// The modes and flags of memory policies by their numbers (set_mempolicy(2)).
var (
	memoryModes = map[specs.MemoryPolicyModeType]uint32{
		specs.MpolDefault: unix.MPOL_DEFAULT, specs.MpolPreferred: unix.MPOL_PREFERRED, specs.MpolBind: unix.MPOL_BIND,
		specs.MpolInterleave: unix.MPOL_INTERLEAVE, specs.MpolLocal: unix.MPOL_LOCAL, specs.MpolPreferredMany: unix.MPOL_PREFERRED_MANY,
		specs.MpolWeightedInterleave: unix.MPOL_WEIGHTED_INTERLEAVE,
	}
	memoryFlags = map[specs.MemoryPolicyFlagType]uint32{
		specs.MpolFNumaBalancing: unix.MPOL_F_NUMA_BALANCING, specs.MpolFRelativeNodes: unix.MPOL_F_RELATIVE_NODES,
		specs.MpolFStaticNodes: unix.MPOL_F_STATIC_NODES,
	}
)

// ioPriority converts a priority of I/O to ioprio_set(2)'s form. An error
// begins with the field.
func ioPriority(p *specs.LinuxIOPriority) (uint16, error) {
	if p == nil {
		return 0, nil
	}
	const classShift = 13
	class := slices.Index([]specs.IOPriorityClass{"", specs.IOPRIO_CLASS_RT, specs.IOPRIO_CLASS_BE, specs.IOPRIO_CLASS_IDLE}, p.Class)
	switch {
	case class < 1:
		return 0, fmt.Errorf("class: unknown: %q", p.Class)
	case p.Priority < 0 || p.Priority > 7:
		return 0, fmt.Errorf("priority: %d is not between 0 and 7", p.Priority)
	}
	return uint16(class<<classShift | p.Priority), nil
}

// Extra is the descriptors that a process gets behind its standard streams: those
// that this process was activated with (sd_listen_fds(3)), of which it is told, and n more.
func Extra(p *boot.Process, n int) ([]*os.File, error) {
	const first = 3
	listen := 0
	if pid, err := strconv.Atoi(os.Getenv("LISTEN_PID")); err == nil && pid == os.Getpid() {
		listen, _ = strconv.Atoi(os.Getenv("LISTEN_FDS"))
	}
	if n < 0 || listen < 0 {
		return nil, fmt.Errorf("--preserve-fds: %d is less than none", min(n, listen))
	}
	if listen > 0 {
		p.Env = append(slices.Clone(p.Env), "LISTEN_FDS="+strconv.Itoa(listen), "LISTEN_PID=1")
	}
	var files []*os.File
	for fd := first; fd < first+listen+n; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC != 0 {
			err = unix.EBADF // this process's own: nobody handed it down
		}
		if err != nil {
			return nil, fmt.Errorf("--preserve-fds: descriptor %d: %w", fd, err)
		}
		files = append(files, os.NewFile(uintptr(fd), "descriptor "+strconv.Itoa(fd)))
	}
	p.Extra = len(files)
	return files, nil
}

// SPDX-License-Identifier: Apache-2.0

// This file changes the resources of containers, and tells what they use.

package oci

import (
	"errors"
	"fmt"

	"github.com/opencontainers/cgroups"
	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/runtime/control"
)

// Update changes a container's resources; what r does not have stays.
func (r *Runtime) Update(id string, change *specs.LinuxResources) error {
	return r.With(id, func(c *Container) error {
		if s := c.Status(); s == Stopped || s == Creating {
			return ErrNotRunning
		}
		if change.Pids != nil && change.Pids.Limit != nil {
			limit := maxTasks(change)
			if _, err := c.ask(control.Request{MaxTasks: &limit}); err != nil {
				return err
			}
		}
		if asksNothing(change) {
			return nil
		}
		m, err := c.Cgroup.manager()
		if err != nil {
			return err
		}
		fresh, err := resources(change)
		if err != nil {
			return err
		}
		merged := cgroups.Resources{}
		if c.Cgroup.Config.Resources != nil {
			merged = *c.Cgroup.Config.Resources
		}
		merge(&merged, fresh)
		if err := m.Set(&merged); err != nil {
			return fmt.Errorf("control group: %w", err)
		}
		c.Cgroup.Config.Resources = &merged
		if err := c.save(); err != nil {
			return err
		}
		if c.Status() == Paused {
			return nil // it can't be told
		}
		limits := limitsOf(&merged)
		_, err = c.ask(control.Request{Limits: &limits})
		return err
	})
}

// merge takes over the values that are there.
func merge(into, from *cgroups.Resources) {
	over(&into.Memory, from.Memory)
	over(&into.MemoryReservation, from.MemoryReservation)
	over(&into.MemorySwap, from.MemorySwap)
	over(&into.CpuShares, from.CpuShares)
	over(&into.CpuWeight, from.CpuWeight)
	over(&into.CpuQuota, from.CpuQuota)
	over(&into.CpuPeriod, from.CpuPeriod)
	over(&into.CpuBurst, from.CpuBurst)
	over(&into.CPUIdle, from.CPUIdle)
	over(&into.CpuRtPeriod, from.CpuRtPeriod)
	over(&into.CpuRtRuntime, from.CpuRtRuntime)
	over(&into.CpusetCpus, from.CpusetCpus)
	over(&into.CpusetMems, from.CpusetMems)
	over(&into.BlkioWeight, from.BlkioWeight)
	over(&into.MemorySwappiness, from.MemorySwappiness)
	if from.Unified != nil {
		into.Unified = from.Unified
	}
}

func over[T comparable](into *T, from T) {
	var zero T
	if from != zero {
		*into = from
	}
}

// Event is a line of "ditto events", as runc has it.
type Event struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Data any    `json:"data,omitempty"`
}

// Stats is what a container uses: as far as the host counts it, of the kernel process and
// all that serve it; the number of tasks is the container's.
type Stats struct {
	CPU    CPUStats    `json:"cpu"`
	Memory MemoryStats `json:"memory"`
	Pids   PidsStats   `json:"pids"`
	Blkio  BlkioStats  `json:"blkio"`
}

// CPUStats is times in nanoseconds.
type CPUStats struct {
	Usage struct {
		Total  uint64   `json:"total,omitempty"`
		PerCPU []uint64 `json:"percpu,omitempty"`
		Kernel uint64   `json:"kernel"`
		User   uint64   `json:"user"`
	} `json:"usage"`
	Throttling struct {
		Periods          uint64 `json:"periods,omitempty"`
		ThrottledPeriods uint64 `json:"throttledPeriods,omitempty"`
		ThrottledTime    uint64 `json:"throttledTime,omitempty"`
	} `json:"throttling"`
}

// MemoryStats is bytes.
type MemoryStats struct {
	Cache  uint64            `json:"cache,omitempty"`
	Usage  MemoryEntry       `json:"usage"`
	Swap   MemoryEntry       `json:"swap"`
	Kernel MemoryEntry       `json:"kernel"`
	Raw    map[string]uint64 `json:"raw,omitempty"`
}

// MemoryEntry is one account of memory.
type MemoryEntry struct {
	Limit   uint64 `json:"limit"`
	Usage   uint64 `json:"usage,omitempty"`
	Max     uint64 `json:"max,omitempty"`
	Failcnt uint64 `json:"failcnt"`
}

// PidsStats is the container's processes and threads.
type PidsStats struct {
	Current uint64 `json:"current,omitempty"`
	Limit   uint64 `json:"limit,omitempty"`
}

// BlkioStats is bytes and operations by device.
type BlkioStats struct {
	ServiceBytes []BlkioEntry `json:"ioServiceBytesRecursive,omitempty"`
	Serviced     []BlkioEntry `json:"ioServicedRecursive,omitempty"`
}

// BlkioEntry is one operation on one device.
type BlkioEntry struct {
	Major uint64 `json:"major,omitempty"`
	Minor uint64 `json:"minor,omitempty"`
	Op    string `json:"op,omitempty"`
	Value uint64 `json:"value,omitempty"`
}

func statsOf(used *cgroups.Stats) *Stats {
	s := &Stats{}
	cpu, throttling := &used.CpuStats.CpuUsage, &used.CpuStats.ThrottlingData
	s.CPU.Usage.Total, s.CPU.Usage.PerCPU = cpu.TotalUsage, cpu.PercpuUsage
	s.CPU.Usage.Kernel, s.CPU.Usage.User = cpu.UsageInKernelmode, cpu.UsageInUsermode
	s.CPU.Throttling.Periods, s.CPU.Throttling.ThrottledPeriods = throttling.Periods, throttling.ThrottledPeriods
	s.CPU.Throttling.ThrottledTime = throttling.ThrottledTime
	m := &used.MemoryStats
	entry := func(d cgroups.MemoryData) MemoryEntry { return MemoryEntry{d.Limit, d.Usage, d.MaxUsage, d.Failcnt} }
	s.Memory = MemoryStats{m.Cache, entry(m.Usage), entry(m.SwapUsage), entry(m.KernelUsage), m.Stats}
	for _, b := range []struct {
		from []cgroups.BlkioStatEntry
		into *[]BlkioEntry
	}{
		{used.BlkioStats.IoServiceBytesRecursive, &s.Blkio.ServiceBytes}, {used.BlkioStats.IoServicedRecursive, &s.Blkio.Serviced},
	} {
		for _, e := range b.from {
			*b.into = append(*b.into, BlkioEntry{e.Major, e.Minor, e.Op, e.Value})
		}
	}
	return s
}

// Stats tells what a container uses.
func (r *Runtime) Stats(id string) (event *Event, err error) {
	err = r.With(id, func(c *Container) error {
		status := c.Status()
		if status == Stopped || status == Creating {
			return ErrNotRunning
		}
		m, err := c.Cgroup.manager()
		if err != nil {
			return err
		}
		used, err := m.GetStats()
		if err != nil {
			return fmt.Errorf("control group: %w", err)
		}
		s := statsOf(used)
		if status != Paused {
			report, err := c.ask(control.Request{List: true})
			if err != nil {
				return err
			}
			for _, p := range report.Processes {
				s.Pids.Current += uint64(p.Threads)
			}
			s.Pids.Limit = uint64(report.MaxTasks)
		}
		event = &Event{"stats", id, s}
		return nil
	})
	return event, err
}

// OOMKills is how often the host killed a process of a container's because there was no memory left for it.
func (r *Runtime) OOMKills(id string) (n uint64, err error) {
	err = r.With(id, func(c *Container) error {
		if s := c.Status(); s == Stopped || s == Creating {
			return ErrNotRunning
		}
		m, err := c.Cgroup.manager()
		if err == nil {
			n, err = m.OOMKillCount()
		}
		return err
	})
	return n, err
}

// Gone tells whether an error says that a container ended, or is no more.
func Gone(err error) bool { return errors.Is(err, ErrNotRunning) || errors.Is(err, ErrNotExist) }

// SPDX-License-Identifier: Apache-2.0

// This file converts resources. Of these, the number of processes is counted by
// Ditto's kernel: on the host a process of the container is several, or none.

package oci

import (
	"fmt"

	"github.com/opencontainers/cgroups"
	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
)

// set copies a value that is there.
func set[T any](into *T, from *T) {
	if from != nil {
		*into = *from
	}
}

func resources(r *specs.LinuxResources) (*cgroups.Resources, error) {
	c := &cgroups.Resources{}
	if r == nil {
		return c, nil
	}
	if m := r.Memory; m != nil {
		set(&c.Memory, m.Limit)
		set(&c.MemoryReservation, m.Reservation)
		set(&c.MemorySwap, m.Swap)
		set(&c.OomKillDisable, m.DisableOOMKiller)
		set(&c.MemoryCheckBeforeUpdate, m.CheckBeforeUpdate)
		c.MemorySwappiness = m.Swappiness
	}
	if p := r.CPU; p != nil {
		set(&c.CpuShares, p.Shares)
		c.CpuWeight = cgroups.ConvertCPUSharesToCgroupV2Value(c.CpuShares)
		set(&c.CpuQuota, p.Quota)
		set(&c.CpuPeriod, p.Period)
		set(&c.CpuRtRuntime, p.RealtimeRuntime)
		set(&c.CpuRtPeriod, p.RealtimePeriod)
		c.CpusetCpus, c.CpusetMems = p.Cpus, p.Mems
		c.CpuBurst, c.CPUIdle = p.Burst, p.Idle
	}
	for _, h := range r.HugepageLimits {
		c.HugetlbLimit = append(c.HugetlbLimit, &cgroups.HugepageLimit{Pagesize: h.Pagesize, Limit: h.Limit})
	}
	for name, l := range r.Rdma {
		if c.Rdma == nil {
			c.Rdma = map[string]cgroups.LinuxRdma{}
		}
		c.Rdma[name] = cgroups.LinuxRdma{HcaHandles: l.HcaHandles, HcaObjects: l.HcaObjects}
	}
	if n := r.Network; n != nil {
		set(&c.NetClsClassid, n.ClassID)
		for _, p := range n.Priorities {
			c.NetPrioIfpriomap = append(c.NetPrioIfpriomap, &cgroups.IfPrioMap{Interface: p.Name, Priority: int64(p.Priority)})
		}
	}
	c.Unified = r.Unified
	if _, ok := r.Unified["pids.max"]; ok {
		return nil, fmt.Errorf("linux.resources.unified: pids.max: use linux.resources.pids")
	}
	blockIO(c, r.BlockIO)
	return c, nil
}

// limitsOf is those that the container sees itself.
func limitsOf(r *cgroups.Resources) cgroupfs.Limits {
	return cgroupfs.Limits{Memory: r.Memory, Swap: r.MemorySwap, Quota: r.CpuQuota, Period: r.CpuPeriod, Weight: r.CpuWeight, CPUs: r.CpusetCpus}
}

func blockIO(c *cgroups.Resources, b *specs.LinuxBlockIO) {
	if b == nil {
		return
	}
	set(&c.BlkioWeight, b.Weight)
	set(&c.BlkioLeafWeight, b.LeafWeight)
	for _, d := range b.WeightDevice {
		var weight, leaf uint16
		set(&weight, d.Weight)
		set(&leaf, d.LeafWeight)
		c.BlkioWeightDevice = append(c.BlkioWeightDevice, cgroups.NewWeightDevice(d.Major, d.Minor, weight, leaf))
	}
	for _, t := range []struct {
		from []specs.LinuxThrottleDevice
		into *[]*cgroups.ThrottleDevice
	}{
		{b.ThrottleReadBpsDevice, &c.BlkioThrottleReadBpsDevice}, {b.ThrottleWriteBpsDevice, &c.BlkioThrottleWriteBpsDevice},
		{b.ThrottleReadIOPSDevice, &c.BlkioThrottleReadIOPSDevice}, {b.ThrottleWriteIOPSDevice, &c.BlkioThrottleWriteIOPSDevice},
	} {
		for _, d := range t.from {
			*t.into = append(*t.into, cgroups.NewThrottleDevice(d.Major, d.Minor, d.Rate))
		}
	}
}

// maxTasks is the limit on the container's processes and threads; 0: none.
func maxTasks(r *specs.LinuxResources) int64 {
	if r == nil || r.Pids == nil || r.Pids.Limit == nil || *r.Pids.Limit < 0 {
		return 0
	}
	return max(*r.Pids.Limit, 1)
}

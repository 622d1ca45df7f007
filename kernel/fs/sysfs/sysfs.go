// SPDX-License-Identifier: Apache-2.0

// Package sysfs is /sys (sysfs(5)), as far as programs look for the number of
// processors, the kind of pages and the devices of the network there.
package sysfs

import (
	"fmt"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Host is what the host tells of itself.
type Host struct {
	Online, Possible, Present string // processors, as "0-3"
	CPUs                      int    // how many directories cpuN there are
	HugePages                 string // transparent_hugepage/enabled; empty: not there
	HugePageSize              string // hpage_pmd_size
}

// New is a /sys, with the devices of a network, which may be nil.
func New(host Host, network *netns.Network) *kernfs.FS {
	class, virtual := devices{weak.Make(network)}.directories()
	return kernfs.New("sysfs", unix.SYSFS_MAGIC, dir("/",
		dir("block"),
		dir("bus"),
		dir("class", class),
		dir("dev", dir("block"), dir("char")),
		dir("devices", dir("system", dir("cpu", cpus(host)...), nodes(host)), dir("virtual", virtual)),
		dir("firmware"),
		dir("fs", dir("cgroup")),
		dir("kernel", dir("mm", hugePages(host)...)),
		dir("module"),
		dir("power"),
	))
}

func cpus(host Host) []*kernfs.Entry {
	list := []*kernfs.Entry{}
	for n := range host.CPUs {
		list = append(list, dir(fmt.Sprintf("cpu%d", n), dir("topology",
			file("core_id", fmt.Sprint(n)), file("physical_package_id", "0"), file("thread_siblings_list", fmt.Sprint(n)))))
	}
	return append(list,
		file("kernel_max", "8191"),
		file("offline", ""),
		file("online", host.Online),
		file("possible", host.Possible),
		file("present", host.Present),
	)
}

// nodes is one NUMA node with every processor.
func nodes(host Host) *kernfs.Entry {
	return dir("node",
		file("has_cpu", "0"), file("has_memory", "0"), file("has_normal_memory", "0"),
		dir("node0", file("cpulist", host.Online), file("distance", "10")),
		file("online", "0"), file("possible", "0"),
	)
}

func hugePages(host Host) []*kernfs.Entry {
	if host.HugePages == "" {
		return nil
	}
	return []*kernfs.Entry{dir("transparent_hugepage", file("enabled", host.HugePages), file("hpage_pmd_size", host.HugePageSize))}
}

func dir(name string, children ...*kernfs.Entry) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFDIR | 0o555, Children: children}
}

func file(name, line string) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o444, Text: func(vfs.Ctx, any) ([]byte, error) {
		return []byte(line + "\n"), nil
	}}
}

// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/proc"
	"github.com/ditto-kernel/ditto/kernel/fs/sysfs"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Facts are what the sandbox is told of the host: its processors, its memory
// and its load. They are taken before the kernel process gives up its root;
// what changes is read again through descriptors that stay open.
type Facts struct {
	proc proc.Host
	sys  sysfs.Host
}

// openFacts takes hold of the facts. A host that lacks a file lacks the fact.
func openFacts() (*Facts, error) {
	f := &Facts{}
	for _, file := range []struct {
		path string
		read *func() ([]byte, error)
	}{
		{"/proc/cpuinfo", &f.proc.CPUInfo}, {"/proc/meminfo", &f.proc.MemInfo},
		{"/proc/stat", &f.proc.Stat}, {"/proc/loadavg", &f.proc.LoadAvg},
	} {
		if fd, err := unix.Open(file.path, unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
			*file.read = func() ([]byte, error) { return readFrom(fd) }
		}
	}
	const cpu = "/sys/devices/system/cpu/"
	f.sys = sysfs.Host{
		Online: line(cpu + "online"), Possible: line(cpu + "possible"), Present: line(cpu + "present"),
		HugePages:    line("/sys/kernel/mm/transparent_hugepage/enabled"),
		HugePageSize: line("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"),
	}
	if f.sys.Online == "" {
		f.sys.Online, f.sys.Possible, f.sys.Present = "0", "0", "0"
	}
	entries, _ := os.ReadDir(cpu)
	for _, e := range entries {
		if n := strings.TrimPrefix(e.Name(), "cpu"); n != e.Name() && strings.Trim(n, "0123456789") == "" {
			f.sys.CPUs++
		}
	}
	return f, nil
}

// protect puts the host's settings of fs.protected_* into force.
func protect() {
	p := vfs.Protected()
	for name, to := range map[string]*int{"regular": &p.Regular, "fifos": &p.FIFOs, "symlinks": &p.Symlinks, "hardlinks": &p.Hardlinks} {
		if n, err := strconv.Atoi(line("/proc/sys/fs/protected_" + name)); err == nil {
			*to = n
		}
	}
	vfs.Protect(p)
}

// openNetwork takes hold of the network namespace that this process is in, for good.
func openNetwork(d *Description) *netns.Network {
	// Each of them is a mount of its own by now, or not there.
	var net, sysctl netns.Tree
	if t := hostio.OpenTree("/proc/self/net"); t != nil {
		net = t
	}
	if t := hostio.OpenTree("/proc/sys/net"); t != nil {
		sysctl = t
	}
	fd := -1
	if d.FreshNetwork || d.JoinedNetwork { // the host's own is not for devices of the sandbox
		if ns, err := unix.Open("/proc/self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
			fd = ns
		}
	}
	return netns.Here(fd, d.FreshNetwork, net, sysctl)
}

// readFrom is the whole of a file of /proc as it is now.
func readFrom(fd int) ([]byte, error) {
	var content []byte
	piece := make([]byte, 32<<10)
	for {
		n, err := unix.Pread(fd, piece, int64(len(content)))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return content, nil
		}
		content = append(content, piece[:n]...)
	}
}

// line is the first line of a small file; empty if there is none.
func line(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return first
}

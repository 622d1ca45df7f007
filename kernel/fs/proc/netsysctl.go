// SPDX-License-Identifier: Apache-2.0

// This file is /proc/sys/net: the host's of the network namespace of whoever looks, as far as everybody may read it.

package proc

import (
	"fmt"
	"strconv"
	"strings"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// network is whose settings a file shows, without keeping it: names that were looked up outlive it.
type network struct{ ns weak.Pointer[task.NetNS] }

var _ kernfs.Subject = network{}

// get is what is in the namespace: ENOENT if it is gone.
func (n network) get() (*netns.Network, error) {
	if ns := n.ns.Value(); ns != nil {
		return ns.Network, nil
	}
	return nil, unix.ENOENT
}

// Number implements kernfs.Subject: no process has it.
func (n network) Number() uint64 {
	number := uint64(1) << 47
	if ns := n.ns.Value(); ns != nil {
		number |= ns.Number() & (1<<32 - 1)
	}
	return number
}

// Owner implements kernfs.Subject: the root of the namespace's user namespace (net_ctl_set_ownership).
func (n network) Owner(uint32) (cred.UID, cred.GID) {
	ns := n.ns.Value()
	if ns == nil {
		return 0, 0
	}
	uid, gid := ns.Owner().ToUID(0), ns.Owner().ToGID(0)
	if uid == cred.NoUID || gid == cred.NoGID {
		return 0, 0
	}
	return uid, gid
}

// netSysctls is the directory. Of a host that has none to show there is what programs ask for.
func (s *system) netSysctls() *kernfs.Entry {
	own := dir("unix", setting("max_dgram_qlen", strconv.Itoa(unixsock.MaxDgramQueue)))
	fixed := []*kernfs.Entry{
		dir("core", setting("rmem_default", "212992"), setting("rmem_max", "212992"), setting("somaxconn", "4096"),
			setting("wmem_default", "212992"), setting("wmem_max", "212992")),
		dir("ipv4", setting("ip_local_port_range", "32768\t60999"), setting("ping_group_range", "1\t0")),
	}
	e := s.sysctlDir("net", ".")
	e.Children = []*kernfs.Entry{own}
	find, list := e.Find, e.List
	e.Find = func(ctx vfs.Ctx, _ any, name string) (*kernfs.Entry, any, error) {
		if n, ok := s.networkFor(ctx); ok {
			return find(ctx, n, name)
		}
		for _, c := range fixed {
			if c.Name == name {
				return c, nil, nil
			}
		}
		return nil, nil, unix.ENOENT
	}
	e.List = func(ctx vfs.Ctx, _ any, emit func(kernfs.Child) bool) error {
		if n, ok := s.networkFor(ctx); ok {
			return list(ctx, n, emit)
		}
		for i, c := range fixed {
			if !emit(kernfs.Child{Name: c.Name, Key: int64(i), Entry: c}) {
				return nil
			}
		}
		return nil
	}
	return e
}

// networkFor is the network of whoever looks, the first one for the kernel itself; false if the host shows no settings.
func (s *system) networkFor(ctx vfs.Ctx) (network, bool) {
	ns := s.kernel.FirstNetNS()
	if t := caller(ctx); t != nil {
		ns = t.NetNS()
	}
	return network{weak.Make(ns)}, ns.Network != nil && ns.Network.Sysctl != nil
}

// sysctlDir is a directory of settings. Its entries are made when they are looked for, and kept.
func (s *system) sysctlDir(name, path string) *kernfs.Entry {
	e := dir(name)
	e.Find = func(_ vfs.Ctx, of any, name string) (*kernfs.Entry, any, error) {
		n, err := of.(network).get()
		if err != nil {
			return nil, nil, err
		}
		c, err := s.sysctl(n, path+"/"+name, name)
		return c, of, err
	}
	e.List = func(_ vfs.Ctx, of any, emit func(kernfs.Child) bool) error {
		n, err := of.(network).get()
		if err != nil {
			return err
		}
		names, err := n.Sysctl.Names(path)
		if err != nil {
			return err
		}
		for i, name := range names {
			c, err := s.sysctl(n, path+"/"+name, name)
			if err == nil && !emit(kernfs.Child{Name: name, Key: int64(i), Entry: c, Of: of}) {
				return nil
			}
		}
		return nil
	}
	return e
}

// sysctlKey tells entries apart: what is the same for all networks but for what it may be.
type sysctlKey struct {
	path string
	mode uint32
}

func (s *system) sysctl(n *netns.Network, path, name string) (*kernfs.Entry, error) {
	mode, err := n.Sysctl.Mode(path)
	if err != nil || mode&0o444 != 0o444 || path == "./unix" {
		return nil, unix.ENOENT
	}
	if !n.Own {
		mode &^= 0o222 // what isn't the sandbox's stays as it is
	}
	key := sysctlKey{path, mode}
	if e, ok := s.settings.Load(key); ok {
		return e.(*kernfs.Entry), nil
	}
	e := s.sysctlDir(name, path)
	if mode&unix.S_IFMT != unix.S_IFDIR {
		e = sysctlFile(name, path, mode)
	}
	kept, _ := s.settings.LoadOrStore(key, e)
	return kept.(*kernfs.Entry), nil
}

func sysctlFile(name, path string, mode uint32) *kernfs.Entry {
	e := file(name, mode&0o777, func(ctx vfs.Ctx, of any) ([]byte, error) {
		n, err := of.(network).get()
		if err != nil {
			return nil, err
		}
		if v, ok := n.Setting(path); ok {
			return []byte(shown(ctx, path, v) + "\n"), nil
		}
		return n.Sysctl.Read(path)
	})
	if mode&0o222 != 0 {
		e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
			n, err := of.(network).get()
			if err != nil {
				return err
			}
			if !n.Capable(ctx.Creds(), unix.CAP_NET_ADMIN) && ctx.Creds().EUID != 0 {
				return unix.EPERM
			}
			if _, ok := n.Setting(path); ok {
				return store(ctx, n, path, string(data))
			}
			return n.Sysctl.Write(path, data)
		}
	}
	return e
}

// The settings that the kernel decides by itself (netns).

// shown is one as its reader's user namespace has it.
func shown(ctx vfs.Ctx, path, value string) string {
	var low, high cred.GID
	if path != netns.PingGroups {
		return value
	}
	_, _ = fmt.Sscan(value, &low, &high)
	ns := ctx.Creds().NS()
	return fmt.Sprintf("%d\t%d", ns.ShowGID(low), ns.ShowGID(high))
}

// store sets one: EINVAL.
func store(ctx vfs.Ctx, n *netns.Network, path, text string) error {
	words := strings.Fields(text)
	if path == netns.PortStart {
		return storePort(n, words)
	}
	return storeGroups(ctx, n, words)
}

// storePort is ipv4_privileged_ports: EINVAL for what would take ports from those that are given out.
func storePort(n *netns.Network, words []string) error {
	if len(words) == 0 {
		return unix.EINVAL
	}
	first, err := strconv.ParseUint(words[0], 10, 32)
	if err != nil || first > 65535 {
		return unix.EINVAL
	}
	b, err := n.Sysctl.Read("./ipv4/ip_local_port_range")
	var low uint64
	if _, scan := fmt.Sscan(string(b), &low); err == nil && scan == nil && first > low {
		return unix.EINVAL
	}
	n.Set(netns.PortStart, strconv.FormatUint(first, 10))
	return nil
}

// storeGroups is ipv4_ping_group_range: what isn't given stays, and an empty range is "1 0".
func storeGroups(ctx vfs.Ctx, n *netns.Network, words []string) error {
	const most = 1<<32 - 2 // GID_T_MAX
	var ids [2]cred.GID
	ids[0], ids[1] = n.PingRange()
	for i, word := range words[:min(len(words), len(ids))] {
		v, err := strconv.ParseUint(word, 10, 32)
		if err != nil || v > most {
			return unix.EINVAL
		}
		if ids[i] = ctx.Creds().NS().ToGID(uint32(v)); ids[i] == cred.NoGID {
			return unix.EINVAL
		}
	}
	if ids[1] < ids[0] {
		ids = [2]cred.GID{1, 0}
	}
	n.Set(netns.PingGroups, fmt.Sprintf("%d\t%d", ids[0], ids[1]))
	return nil
}

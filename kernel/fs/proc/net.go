// SPDX-License-Identifier: Apache-2.0

// This file is /proc/net (proc_net(5)). The host's files about the network that the sandbox was given say what is there; sockets
// of AF_UNIX and AF_NETLINK are the sandbox's own.

package proc

import (
	"bytes"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// NetTree is a directory of the host's: /proc/net or /proc/sys/net of the sandbox's network. One that is nil has no files.
type NetTree interface {
	Read(name string) ([]byte, error)
	Mode(name string) (uint32, error)
	Names(name string) ([]string, error)
	Write(name string, data []byte) error
}

// netFiles are the files of the host's that are shown as they are; those of sockets have the columns, counted from 0, where the owner and
// the inode stand.
var netFiles = []struct {
	name       string
	owner, ino int
}{
	{name: "anycast6"}, {name: "arp"}, {name: "dev"}, {name: "dev_mcast"}, {name: "fib_trie"}, {name: "fib_triestat"},
	{"icmp", 7, 9}, {"icmp6", 7, 9}, {name: "if_inet6"}, {name: "igmp"}, {name: "igmp6"}, {name: "ip6_flowlabel"}, {name: "ipv6_route"},
	{name: "mcfilter"}, {name: "mcfilter6"}, {name: "netstat"}, {"packet", 7, 8}, {name: "protocols"}, {name: "psched"}, {name: "ptype"},
	{"raw", 7, 9}, {"raw6", 7, 9}, {name: "route"}, {name: "rt6_stats"}, {name: "rt_cache"}, {name: "snmp"}, {name: "snmp6"},
	{name: "sockstat"}, {name: "sockstat6"}, {name: "softnet_stat"}, {"tcp", 7, 9}, {"tcp6", 7, 9}, {"udp", 7, 9}, {"udp6", 7, 9},
	{"udplite", 7, 9}, {"udplite6", 7, 9}, {name: "wireless"},
}

// net is /proc/PID/net.
func (s *system) net() *kernfs.Entry {
	e := dir("net", file("unix", 0o444, unixSockets), file("netlink", 0o444, netlinkSockets))
	if s.host.Net == nil {
		return e
	}
	for _, f := range netFiles {
		if _, err := s.host.Net.Mode(f.name); err != nil {
			continue
		}
		e.Children = append(e.Children, file(f.name, 0o444, func(ctx vfs.Ctx, _ any) ([]byte, error) {
			b, err := s.host.Net.Read(f.name)
			if err == nil && f.ino > 0 {
				b = ownRows(b, f.owner, f.ino, inet.Owners(), ctx.Creds().NS())
			}
			return b, err
		}))
	}
	return e
}

// ownRows puts the sandbox's own owners and inodes into the rows of a table about sockets.
func ownRows(table []byte, owner, ino int, own map[uint64]inet.Owner, ns *cred.UserNS) []byte {
	out := make([]byte, 0, len(table))
	for line := range bytes.Lines(table) {
		out = append(out, ownRow(line, owner, ino, own, ns)...)
	}
	return out
}

func ownRow(line []byte, owner, ino int, own map[uint64]inet.Owner, ns *cred.UserNS) []byte {
	at, end := column(line, ino)
	n, err := strconv.ParseUint(string(line[at:end]), 10, 64)
	o, found := own[n]
	if err != nil || !found {
		return line
	}
	uidAt, uidEnd := column(line, owner)
	uid := strconv.AppendUint(nil, uint64(ns.ShowUID(o.UID)), 10)
	// The columns are aligned to the right, and the line is filled up with blanks.
	head := bytes.TrimRight(line[:uidAt], " ")
	row := append([]byte{}, head...)
	for range max(1, uidEnd-len(head)-len(uid)) {
		row = append(row, ' ')
	}
	row = append(append(row, uid...), line[uidEnd:at]...)
	row = strconv.AppendUint(row, o.Ino, 10)
	row = append(row, bytes.TrimRight(line[end:], " \n")...)
	if len(bytes.TrimRight(line, " \n"))+1 < len(line) {
		for len(row) < len(line)-1 {
			row = append(row, ' ')
		}
	}
	return append(row, '\n')
}

// column is where the nth word of a line stands.
func column(line []byte, n int) (at, end int) {
	for ; n >= 0; n-- {
		at = end
		for at < len(line) && (line[at] == ' ' || line[at] == '\n') {
			at++
		}
		end = at
		for end < len(line) && line[end] != ' ' && line[end] != '\n' {
			end++
		}
	}
	return at, end
}

// unixSockets is /proc/net/unix (unix_seq_show). The kernel's addresses are not for looking at.
func unixSockets(vfs.Ctx, any) ([]byte, error) {
	b := []byte("Num       RefCount Protocol Flags    Type St Inode Path\n")
	for _, s := range unixsock.List() {
		b = fmt.Appendf(b, "%016x: %08X %08X %08X %04X %02X %5d", 0, s.Refs, 0, s.Flags, s.Type, s.State, s.Ino)
		if s.Name != "" {
			b = append(append(b, ' '), s.Shown()...)
		}
		b = append(b, '\n')
	}
	return b, nil
}

// netlinkSockets is /proc/net/netlink (netlink_native_seq_show).
func netlinkSockets(vfs.Ctx, any) ([]byte, error) {
	b := []byte("sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n")
	for _, s := range inet.Netlinks() {
		b = fmt.Appendf(b, "%016x %-3d %-10d %08x %-8d %-8d %-5d %-8d %-8d %-8d\n", 0, s.Protocol, s.Port, s.Groups, 0, 0, 0, 2, 0, s.Ino)
	}
	return b, nil
}

// netSysctls is /proc/sys/net: the host's of the sandbox's network, as far as everybody may read it. Of a host that has none to show,
// what programs ask for.
func (s *system) netSysctls() *kernfs.Entry {
	own := dir("unix", setting("max_dgram_qlen", strconv.Itoa(unixsock.MaxDgramQueue)))
	if s.host.NetSysctl == nil {
		return dir("net", own,
			dir("core", setting("rmem_default", "212992"), setting("rmem_max", "212992"), setting("somaxconn", "4096"),
				setting("wmem_default", "212992"), setting("wmem_max", "212992")),
			dir("ipv4", setting("ip_local_port_range", "32768\t60999"), setting("ping_group_range", "1\t0")))
	}
	e := s.sysctlDir("net", ".")
	e.Children = []*kernfs.Entry{own}
	return e
}

// sysctlDir is a directory of settings. Its entries are made when they are looked for, and kept.
func (s *system) sysctlDir(name, path string) *kernfs.Entry {
	e := dir(name)
	e.Find = func(_ vfs.Ctx, of any, name string) (*kernfs.Entry, any, error) {
		c, err := s.sysctl(path+"/"+name, name)
		return c, of, err
	}
	e.List = func(_ vfs.Ctx, of any, emit func(kernfs.Child) bool) error {
		names, err := s.host.NetSysctl.Names(path)
		if err != nil {
			return err
		}
		for i, name := range names {
			c, err := s.sysctl(path+"/"+name, name)
			if err == nil && !emit(kernfs.Child{Name: name, Key: int64(i), Entry: c, Of: of}) {
				return nil
			}
		}
		return nil
	}
	return e
}

func (s *system) sysctl(path, name string) (*kernfs.Entry, error) {
	mode, err := s.host.NetSysctl.Mode(path)
	switch {
	case err != nil || mode&0o444 != 0o444 || path == "./unix":
		return nil, unix.ENOENT
	case mode&unix.S_IFMT == unix.S_IFDIR:
		e, _ := s.settings.LoadOrStore(path, s.sysctlDir(name, path))
		return e.(*kernfs.Entry), nil
	}
	e, _ := s.settings.LoadOrStore(path, file(name, 0o444, func(vfs.Ctx, any) ([]byte, error) {
		if v, ok := inet.Setting(path); ok {
			return []byte(v + "\n"), nil
		}
		return s.host.NetSysctl.Read(path)
	}))
	return e.(*kernfs.Entry), nil
}

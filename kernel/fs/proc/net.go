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
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

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
	e := dir("net", seqFile("unix", 0o444, unixSockets), seqFile("netlink", 0o444, netlinkSockets))
	entries := map[string]*kernfs.Entry{}
	for _, f := range netFiles {
		entries[f.name] = seqFile(f.name, 0o444, func(ctx vfs.Ctx, of any) ([]byte, error) {
			n, err := networkOf(of)
			if err != nil {
				return nil, err
			}
			b, err := n.Net.Read(f.name)
			if err == nil && f.ino > 0 {
				b = ownRows(b, f.owner, f.ino, inet.Owners(), ctx.Creds().NS())
			}
			return b, err
		})
	}
	there := func(of any, name string) bool {
		n, err := networkOf(of)
		if err == nil {
			_, err = n.Net.Mode(name)
		}
		return err == nil
	}
	e.Find = func(_ vfs.Ctx, of any, name string) (*kernfs.Entry, any, error) {
		if c := entries[name]; c != nil && there(of, name) {
			return c, of, nil
		}
		return nil, nil, unix.ENOENT
	}
	e.List = func(_ vfs.Ctx, of any, emit func(kernfs.Child) bool) error {
		for i, f := range netFiles {
			if there(of, f.name) && !emit(kernfs.Child{Name: f.name, Key: int64(i), Entry: entries[f.name], Of: of}) {
				return nil
			}
		}
		return nil
	}
	return e
}

// networkOf is the network of the task that a file is about: EINVAL of one that ended, or of which the host shows nothing.
func networkOf(of any) (*netns.Network, error) {
	t := of.(subject).task
	if alive(t) != nil || t.Network() == nil || t.Network().Net == nil {
		return nil, unix.EINVAL
	}
	return t.Network(), nil
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
func unixSockets(_ vfs.Ctx, of any) ([]byte, error) {
	b := []byte("Num       RefCount Protocol Flags    Type St Inode Path\n")
	for _, s := range unixsock.List(of.(subject).task.Network()) {
		b = fmt.Appendf(b, "%016x: %08X %08X %08X %04X %02X %5d", 0, s.Refs, 0, s.Flags, s.Type, s.State, s.Ino)
		if s.Name != "" {
			b = append(append(b, ' '), s.Shown()...)
		}
		b = append(b, '\n')
	}
	return b, nil
}

// netlinkSockets is /proc/net/netlink (netlink_native_seq_show).
func netlinkSockets(_ vfs.Ctx, of any) ([]byte, error) {
	b := []byte("sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n")
	for _, s := range inet.Netlinks(of.(subject).task.Network()) {
		b = fmt.Appendf(b, "%016x %-3d %-10d %08x %-8d %-8d %-5d %-8d %-8d %-8d\n", 0, s.Protocol, s.Port, s.Groups, 0, 0, 0, 2, 0, s.Ino)
	}
	return b, nil
}

// SPDX-License-Identifier: Apache-2.0

// This file is memory policies (set_mempolicy(2), mbind(2)) as a machine with
// one node has them: which are valid, and what they look like when asked for.
// Where memory comes from is the host's business.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// MaxNodes is MAX_NUMNODES of an x86_64 kernel as distributions build it.
const MaxNodes = 1024

// NodeMask is a set of nodes.
type NodeMask [MaxNodes / 64]uint64

// TheNode is the set of the one node that there is.
var TheNode = NodeMask{1}

const userNodes = unix.MPOL_F_STATIC_NODES | unix.MPOL_F_RELATIVE_NODES

// shownNodes are the flags with which the set is shown as the caller named it.
const shownNodes = userNodes | unix.MPOL_F_NUMA_BALANCING

// Policy is a memory policy; nil is the default. Immutable.
type Policy struct {
	Mode, Flags uint32
	nodes       NodeMask // as the caller named them
	home        bool     // has a home node, which is node 0
}

// NewPolicy checks a policy (mpol_new, mpol_set_nodemask): EINVAL. The default
// is nil.
func NewPolicy(mode, flags uint32, nodes *NodeMask) (*Policy, error) {
	none := *nodes == NodeMask{}
	switch {
	case mode == unix.MPOL_DEFAULT:
		if !none {
			return nil, unix.EINVAL
		}
		return nil, nil
	case mode == unix.MPOL_PREFERRED && none:
		if flags&userNodes != 0 {
			return nil, unix.EINVAL
		}
		mode = unix.MPOL_LOCAL
	case mode == unix.MPOL_LOCAL:
		if !none || flags&userNodes != 0 {
			return nil, unix.EINVAL
		}
	case none, flags&unix.MPOL_F_RELATIVE_NODES == 0 && nodes[0]&1 == 0:
		return nil, unix.EINVAL
	}
	return &Policy{Mode: mode, Flags: flags, nodes: *nodes}, nil
}

// Nodes is the set that get_mempolicy shows.
func (p *Policy) Nodes() NodeMask {
	switch {
	case p == nil, p.Mode == unix.MPOL_LOCAL:
		return NodeMask{}
	case p.Flags&shownNodes != 0:
		return p.nodes
	}
	return TheNode
}

// same tells whether two policies are equal (mpol_equal).
func (p *Policy) same(q *Policy) bool {
	return p == q || p != nil && q != nil && p.Mode == q.Mode && p.Flags == q.Flags && p.home == q.home &&
		p.Nodes() == q.Nodes()
}

// PolicyAt is the policy of the mapping at addr: EFAULT.
func (m *MM) PolicyAt(addr uint64) (*Policy, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v := m.find(addr)
	if v == nil {
		return nil, unix.EFAULT
	}
	return v.policyAt(addr), nil
}

// Bind is the part of mbind(2) behind its checks of flags: it gives the
// mappings in [start, end) a policy. nodes are those that the caller named; strict
// is MPOL_MF_STRICT without the leave to move what is elsewhere.
func (m *MM) Bind(start, end uint64, p *Policy, nodes *NodeMask, strict bool) error {
	m.followStacks()
	m.mu.Lock()
	defer m.unlock()
	gaps := m.gaps(start, end)
	covered := uint64(0)
	for _, g := range gaps {
		covered += g.End - g.Start
	}
	switch {
	case len(gaps) > 0 && (p != nil || covered == end-start), m.touchesReserved(start, end):
		return unix.EFAULT
	}
	if strict && nodes[0]&1 == 0 && m.somePresent(start, end) {
		return unix.EIO // pages are on the one node, which the caller did not name
	}
	m.change(start, end, func(v *VMA) {
		if !v.Policy.same(p) { // else not even an object's is changed (mbind_range)
			v.setPolicy(p)
		}
	})
	return nil
}

// SetHomeNode is set_mempolicy_home_node(2) behind its checks.
func (m *MM) SetHomeNode(start, end uint64) error {
	m.mu.Lock()
	defer m.unlock()
	err := error(unix.ENOENT)
	stop := end
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		v := m.vmas[i]
		if v.Policy == nil {
			continue
		}
		if v.Policy.Mode != unix.MPOL_BIND && v.Policy.Mode != unix.MPOL_PREFERRED_MANY {
			err, stop = unix.EOPNOTSUPP, v.Start
			break
		}
		err = nil
	}
	if start < stop {
		m.change(start, stop, func(v *VMA) {
			if v.Policy != nil {
				p := *v.Policy
				p.home = true
				v.setPolicy(&p)
			}
		})
	}
	return err
}

// pageNoder is an address space that tells on which of the host's nodes its
// pages are, as move_pages(2) does.
type pageNoder interface {
	PageNodes(addrs []uint64, nodes []int32) error
}

// PageNodes fills in nodes for the pages that have addrs: 0, or a negative
// errno. ENOSYS on a platform that can't tell.
func (m *MM) PageNodes(addrs []uint64, nodes []int32) error {
	p, ok := m.as.(pageNoder)
	if !ok {
		return unix.ENOSYS
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := p.PageNodes(addrs, nodes); err != nil {
		return err
	}
	for i, a := range addrs {
		if m.find(a) == nil {
			nodes[i] = -int32(unix.EFAULT)
		}
		nodes[i] = min(nodes[i], 0)
	}
	return nil
}

// somePresent tells whether a page of [start, end) is in memory.
func (m *MM) somePresent(start, end uint64) bool {
	p, ok := m.as.(pageNoder)
	if !ok {
		return false
	}
	var addrs [64]uint64
	var nodes [64]int32
	for _, r := range m.mapped(start, end) {
		for at := r.Start; at < r.End; {
			n := 0
			for ; n < len(addrs) && at < r.End; at += abi.PageSize {
				addrs[n] = at
				n++
			}
			if p.PageNodes(addrs[:n], nodes[:n]) != nil {
				return false
			}
			for _, node := range nodes[:n] {
				if node >= 0 {
					return true
				}
			}
		}
	}
	return false
}

// mapped is what of [start, end) the application has mapped.
func (m *MM) mapped(start, end uint64) []platform.Range {
	var out []platform.Range
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		if v := m.vmas[i]; v.Flags&reserved == 0 {
			out = append(out, platform.Range{Start: max(start, v.Start), End: min(end, v.End)})
		}
	}
	return out
}

// SPDX-License-Identifier: Apache-2.0

// This file is the calls about memory policies and nodes. The sandbox is a
// machine with one node, whatever the host has.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const (
	mpolModeFlags = unix.MPOL_F_STATIC_NODES | unix.MPOL_F_RELATIVE_NODES | unix.MPOL_F_NUMA_BALANCING
	mpolMax       = 7
	nodeCount     = 1 // nr_node_ids
)

// policyMode splits a mode argument into mode and flags (sanitize_mpol_flags).
func policyMode(arg uint32) (mode, flags uint32, err error) {
	flags, mode = arg&mpolModeFlags, arg&^mpolModeFlags
	const both = unix.MPOL_F_STATIC_NODES | unix.MPOL_F_RELATIVE_NODES
	switch {
	case mode >= mpolMax, flags&both == both,
		flags&unix.MPOL_F_NUMA_BALANCING != 0 && mode != unix.MPOL_BIND && mode != unix.MPOL_PREFERRED_MANY:
		return 0, 0, unix.EINVAL
	}
	return mode, flags, nil
}

// getNodes copies in a set of nodes (get_nodes). Nodes beyond those that a
// kernel knows must not be in it.
func getNodes(t *task.Task, addr user.Addr, maxnode uint64) (mask mm.NodeMask, err error) {
	maxnode--
	switch {
	case maxnode == 0 || addr == 0:
		return mask, nil
	case maxnode > abi.PageSize*8:
		return mask, unix.EINVAL
	}
	words := (maxnode + 63) / 64
	for i := int(words) - 1; i >= 0; i-- { // from the end, as Linux meets faults
		w, err := get64(t, addr+user.Addr(8*i))
		if err != nil {
			return mask, err
		}
		if rest := maxnode % 64; i == int(words)-1 && rest != 0 {
			w &= 1<<rest - 1
		}
		if i < len(mask) {
			mask[i] = w
		} else if w != 0 {
			return mask, unix.EINVAL
		}
	}
	return mask, nil
}

// putNodes copies a set of nodes out (copy_nodes_to_user).
func putNodes(t *task.Task, addr user.Addr, maxnode uint64, mask *mm.NodeMask) error {
	const own = 8 // bytes that the nodes there are take
	size := (maxnode - 1 + 63) / 64 * 8
	if size > own {
		if size > abi.PageSize {
			return unix.EINVAL
		}
		if _, err := t.Memory().CopyOut(addr+own, make([]byte, size-own)); err != nil {
			return err
		}
		size = own
	}
	var b [own]byte
	binary.LittleEndian.PutUint64(b[:], mask[0])
	_, err := t.Memory().CopyOut(addr, b[:size])
	return err
}

//ditto:syscall set_mempolicy full
func setMempolicy(t *task.Task, arg int32, nmask user.Addr, maxnode uint64) error {
	mode, flags, err := policyMode(uint32(arg))
	if err != nil {
		return err
	}
	nodes, err := getNodes(t, nmask, maxnode)
	if err != nil {
		return err
	}
	p, err := mm.NewPolicy(mode, flags, &nodes)
	if err == nil {
		t.SetMemPolicy(p)
	}
	return err
}

// MemoryPolicy is the policy that set_mempolicy makes of these.
func MemoryPolicy(arg uint32, nodes *mm.NodeMask) (*mm.Policy, error) {
	mode, flags, err := policyMode(arg)
	if err != nil {
		return nil, err
	}
	return mm.NewPolicy(mode, flags, nodes)
}

//ditto:syscall get_mempolicy full
func getMempolicy(t *task.Task, policy, nmask user.Addr, maxnode, addr, flags uint64) error {
	if nmask != 0 && maxnode < nodeCount {
		return unix.EINVAL
	}
	value, nodes, err := askPolicy(t, addr, flags)
	if err != nil {
		return err
	}
	if policy != 0 {
		if err := put32(t, policy, value); err != nil {
			return err
		}
	}
	if nmask == 0 {
		return nil
	}
	return putNodes(t, nmask, maxnode, &nodes)
}

// askPolicy is do_get_mempolicy.
func askPolicy(t *task.Task, addr, flags uint64) (value uint32, nodes mm.NodeMask, err error) {
	const node, at, allowed = unix.MPOL_F_NODE, unix.MPOL_F_ADDR, unix.MPOL_F_MEMS_ALLOWED
	if flags&^(node|at|allowed) != 0 || flags&allowed != 0 && flags&(node|at) != 0 {
		return 0, nodes, unix.EINVAL
	}
	if flags&allowed != 0 {
		return 0, mm.TheNode, nil
	}
	p := t.MemPolicy()
	if flags&at != 0 {
		if p, err = t.MM().PolicyAt(addr); err != nil {
			return 0, nodes, err
		}
	} else if addr != 0 {
		return 0, nodes, unix.EINVAL
	}
	if flags&node == 0 {
		if p != nil {
			value = p.Mode | p.Flags
		}
		return value, p.Nodes(), nil
	}
	if flags&at != 0 { // the node of the page, which is brought in to see
		var b [1]byte
		_, err = t.Memory().CopyIn(user.Addr(addr), b[:])
		return 0, p.Nodes(), err
	}
	if p == nil || p.Mode != unix.MPOL_INTERLEAVE && p.Mode != unix.MPOL_WEIGHTED_INTERLEAVE {
		return 0, nodes, unix.EINVAL
	}
	return 0, p.Nodes(), nil // the node that comes next
}

//ditto:syscall mbind full
func mbind(t *task.Task, start, length, arg uint64, nmask user.Addr, maxnode uint64, flags uint32) error {
	mode, mflags, err := policyMode(uint32(arg))
	if err != nil {
		return err
	}
	nodes, err := getNodes(t, nmask, maxnode)
	if err != nil {
		return err
	}
	end, err := policyRange(start, length)
	switch {
	case flags&^(unix.MPOL_MF_STRICT|unix.MPOL_MF_MOVE|unix.MPOL_MF_MOVE_ALL) != 0:
		return unix.EINVAL
	case flags&unix.MPOL_MF_MOVE_ALL != 0 && !t.Creds().Capable(unix.CAP_SYS_NICE):
		return unix.EPERM
	case err != nil || end == start:
		return err
	}
	p, err := mm.NewPolicy(mode, mflags, &nodes)
	if err != nil {
		return err
	}
	return t.MM().Bind(start, end, p, &nodes, p != nil && flags == unix.MPOL_MF_STRICT)
}

// policyRange is the end of a range of whole pages.
func policyRange(start, length uint64) (end uint64, err error) {
	end = start + (length+abi.PageSize-1)&^(abi.PageSize-1)
	if start%abi.PageSize != 0 || end < start {
		return 0, unix.EINVAL
	}
	return end, nil
}

//ditto:syscall set_mempolicy_home_node full
func setMempolicyHomeNode(t *task.Task, start, length, node, flags uint64) error {
	end, err := policyRange(start, length)
	if err != nil || flags != 0 || node >= nodeCount {
		return unix.EINVAL
	}
	if end == start {
		return nil
	}
	return t.MM().SetHomeNode(start, end)
}

//ditto:syscall migrate_pages full
func migratePages(t *task.Task, pid int32, maxnode uint64, oldNodes, newNodes user.Addr) error {
	if _, err := getNodes(t, oldNodes, maxnode); err != nil {
		return err
	}
	to, err := getNodes(t, newNodes, maxnode)
	if err != nil {
		return err
	}
	target, err := nodeTarget(t, pid)
	if err != nil {
		return err
	}
	beyond := to
	beyond[0] &^= mm.TheNode[0]
	switch m, _, _ := target.Resources(); {
	case beyond != mm.NodeMask{} && !t.Creds().Capable(unix.CAP_SYS_NICE):
		return unix.EPERM
	case to[0]&1 == 0 || m == nil:
		return unix.EINVAL
	}
	return nil // all pages are there
}

// nodeTarget is the task whose pages a call is about: ESRCH, EPERM.
func nodeTarget(t *task.Task, pid int32) (*task.Task, error) {
	if pid == 0 {
		return t, nil
	}
	target := t.Lookup(pid)
	if target == nil {
		return nil, unix.ESRCH
	}
	if t.MayAccess(target) != nil {
		return nil, unix.EPERM
	}
	return target, nil
}

//ditto:syscall move_pages full
func movePages(t *task.Task, pid int32, n uint64, pages, nodes, status user.Addr, flags uint32) error {
	if flags&^(unix.MPOL_MF_MOVE|unix.MPOL_MF_MOVE_ALL) != 0 {
		return unix.EINVAL
	}
	if flags&unix.MPOL_MF_MOVE_ALL != 0 && !t.Creds().Capable(unix.CAP_SYS_NICE) {
		return unix.EPERM
	}
	target, err := nodeTarget(t, pid)
	if err != nil {
		return err
	}
	m, _, _ := target.Resources()
	if m == nil || !m.TryIncRef() {
		return unix.EINVAL
	}
	defer m.DecRef()
	const most = 16 // DO_PAGES_STAT_CHUNK_NR
	for ; n > 0; n -= min(n, most) {
		k := user.Addr(min(n, most))
		if err := statPages(t, m, int(k), pages, nodes, status); err != nil {
			return err
		}
		pages += 8 * k
		status += 4 * k
		if nodes != 0 {
			nodes += 4 * k
		}
	}
	return nil
}

// statPages tells where n pages are, which is also where they were to be
// moved to: ENODEV for another node.
func statPages(t *task.Task, m *mm.MM, n int, pages, nodes, status user.Addr) error {
	addrs, where, want := make([]uint64, n), make([]int32, n), make([]int32, n)
	if err := get(t, pages, addrs); err != nil {
		return err
	}
	if nodes != 0 {
		if err := get(t, nodes, want); err != nil {
			return err
		}
	}
	if err := m.PageNodes(addrs, where); err != nil {
		return err
	}
	for i, node := range want {
		if node != 0 {
			if err := put(t, status, where[:i]); err != nil {
				return err
			}
			return unix.ENODEV
		}
	}
	return put(t, status, where)
}

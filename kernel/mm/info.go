// SPDX-License-Identifier: Apache-2.0

// This file is what /proc shows of an address space, and what exec and prctl
// enter into it.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// Maps calls f for each mapping, lowest first, until f answers false. f must
// not change the address space, and keeps a File only by holding it.
func (m *MM) Maps(f func(v *VMA) bool) {
	m.followStacks()
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, v := range m.vmas {
		if v.Flags&reserved == 0 && !f(v) {
			return
		}
	}
}

// Find is a copy of the mapping that has addr.
func (m *MM) Find(addr uint64) (VMA, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if v := m.find(addr); v != nil {
		return *v, true
	}
	return VMA{}, false
}

// Perms is the second column of /proc/PID/maps.
func (v *VMA) Perms() string {
	b := []byte("---p")
	for i, p := range []uint32{unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC} {
		if v.Prot&p != 0 {
			b[i] = "rwx"[i]
		}
	}
	if v.Flags&Shared != 0 {
		b[3] = 's'
	}
	return string(b)
}

// Anonymous tells whether no file is behind v: private memory, or the shared
// memory that /proc shows as "/dev/zero (deleted)" with the inode given.
func (v *VMA) Anonymous() (ino uint64, ok bool) {
	if v.File == nil {
		return 0, true
	}
	s, ok := v.File.(*sharedMemory)
	if !ok {
		return 0, false
	}
	return s.ino, true
}

// Label is the last column for a mapping without a file. i is Info's.
func (v *VMA) Label(i *Info) string {
	switch {
	case v.Name != "":
		return v.Name
	case v.File != nil:
		return "/dev/zero (deleted)"
	case v.Start <= i.Brk && v.End >= i.StartBrk && i.StartBrk != 0:
		return "[heap]"
	case v.Start <= i.StartStack && v.End >= i.StartStack && i.StartStack != 0:
		return "[stack]"
	}
	return ""
}

// Info is what exec entered.
func (m *MM) Info() Info {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.info
}

// SetInfo changes what exec entered (exec itself, and prctl(PR_SET_MM)).
func (m *MM) SetInfo(f func(*Info)) {
	m.mu.Lock()
	defer m.unlock()
	old := m.info.Exe
	f(&m.info)
	if m.info.Exe != old {
		hold(m.info.Exe)
		m.drop(old)
	}
}

// Usage is the account in bytes, as /proc/PID/status names it.
type Usage struct{ Size, Peak, Data, Stack, Exe, Lib, Locked uint64 }

// Usage is what is mapped now.
func (m *MM) Usage() Usage {
	m.followStacks()
	m.mu.RLock()
	defer m.mu.RUnlock()
	c := &m.counts
	u := Usage{Size: c.total, Peak: c.peak, Data: c.data, Stack: c.stack, Locked: c.locked}
	text, _ := pageUp(m.info.EndCode)
	text = (text - pageDown(m.info.StartCode)) / abi.PageSize
	u.Exe = min(text, c.exec)
	u.Lib = c.exec - u.Exe
	for _, p := range []*uint64{&u.Size, &u.Peak, &u.Data, &u.Stack, &u.Exe, &u.Lib, &u.Locked} {
		*p *= abi.PageSize
	}
	return u
}

// SetName names the private anonymous memory in the pages of length bytes from
// start (PR_SET_VMA_ANON_NAME); "" takes the name away. ENOMEM over a hole.
func (m *MM) SetName(start, length uint64, name string) error {
	rounded, ok := pageUp(length)
	end := start + rounded
	switch {
	case start%abi.PageSize != 0, !ok, end < start:
		return unix.EINVAL
	case end == start:
		return nil
	}
	m.mu.Lock()
	defer m.unlock()
	if name != "" {
		name = "[anon:" + name + "]"
	}
	var err error
	if len(m.gaps(start, end)) > 0 || m.touchesReserved(start, end) {
		err = unix.ENOMEM
	}
	m.change(start, end, func(v *VMA) {
		if v.File != nil {
			err = unix.EBADF
		} else if v.Flags&Special == 0 {
			v.Name = name
		}
	})
	return err
}

// Key says what a futex at addr is known by: shared memory by its object and
// the offset in it, private memory by the address space. EFAULT where nothing
// is mapped.
type Key struct {
	Object any
	Offset uint64
}

// sharedCall tells the key of private memory that a call without
// FUTEX_PRIVATE_FLAG names from that of one with it (FUT_OFF_MMSHARED): they
// don't meet.
const sharedCall = 2

// FutexWritable tells whether a futex may be written that is shared: EFAULT (get_futex_key with FUTEX_WRITE).
func (m *MM) FutexWritable(addr uint64) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if v := m.find(addr); v == nil || v.Prot&unix.PROT_WRITE == 0 {
		return unix.EFAULT
	}
	return nil
}

// FutexKey is the key of the word at addr; private says that the caller
// promises not to share it (FUTEX_PRIVATE_FLAG).
func (m *MM) FutexKey(addr uint64, private bool) (Key, error) {
	if private {
		return Key{m, addr}, nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	v := m.find(addr)
	if v == nil || v.Prot == 0 {
		return Key{}, unix.EFAULT
	}
	if v.File == nil && v.Prot&unix.PROT_WRITE == 0 {
		return Key{}, unix.EFAULT // it never changes
	}
	if v.Flags&Shared == 0 {
		return Key{m, addr | sharedCall}, nil
	}
	return Key{v.File.Key(), v.offset(addr)}, nil
}

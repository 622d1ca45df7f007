// SPDX-License-Identifier: Apache-2.0

package mm

import "golang.org/x/sys/unix"

// Brk is brk(2): it answers the break as it then is.
func (m *MM) Brk(c Caller, brk uint64) (uint64, error) {
	m.mu.Lock()
	defer m.unlock()
	i := &m.info
	if brk < i.StartBrk || brk > taskSize {
		return i.Brk, nil
	}
	if limit := c.RLimit(unix.RLIMIT_DATA); limit < unix.RLIM_INFINITY &&
		brk-i.StartBrk+(i.EndData-i.StartData) > limit {
		return i.Brk, nil
	}
	newEnd, _ := pageUp(brk)
	oldEnd, _ := pageUp(i.Brk)
	var err error
	switch {
	case newEnd < oldEnd:
		err = m.unmap(c, newEnd, oldEnd-newEnd)
	case newEnd > oldEnd:
		err = m.growBrk(c, oldEnd, newEnd)
	}
	if err == nil {
		i.Brk = brk
	}
	return i.Brk, nil
}

func (m *MM) growBrk(c Caller, oldEnd, newEnd uint64) error {
	if !m.free(oldEnd, newEnd-oldEnd+1) || len(m.vmas) > maxMapCount {
		return unix.ENOMEM
	}
	v := &VMA{Start: oldEnd, End: newEnd, Prot: unix.PROT_READ | unix.PROT_WRITE,
		Flags: MayRead | MayWrite | MayExec | Account | m.future}
	if err := m.roomFor(c, v); err != nil {
		return err
	}
	return m.mapAt(c, v, -1, v.Prot, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE)
}

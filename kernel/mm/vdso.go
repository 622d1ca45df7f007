// SPDX-License-Identifier: Apache-2.0

// This file is the vDSO of processes whose clocks are not the host's (time_namespaces(7)). The
// host's vDSO reads the host's clocks; theirs asks the kernel.

package mm

import (
	"bytes"
	"debug/elf"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// VDSO are copies of the host's vDSO, made at first need. The zero value is ready.
type VDSO struct {
	once         sync.Once
	err          error
	plain, asked int // host descriptors: as it is, and one whose clock_gettime is a system call
}

// ClocksShifted tells whether the vDSO asks for the time. Any goroutine.
func (m *MM) ClocksShifted() bool { return m.shifted.Load() }

// ShiftClocks maps the vDSO that asks for the time, or the one that reads the host's clocks, where
// the process has it. th is stopped in m. The errors are the host's.
func (m *MM) ShiftClocks(th platform.Thread, d *VDSO, shifted bool) error {
	m.mu.Lock()
	defer m.unlock()
	m.shifted.Store(shifted)
	return m.showClocks(th, d, shifted)
}

// MapVDSO maps the vDSO and its data at hint, or where there is room, and returns its size: for who has dropped both
// (arch_prctl(2), ARCH_MAP_VDSO_64). th is stopped in m. EEXIST, ENOMEM, and the host's errors.
func (m *MM) MapVDSO(th platform.Thread, d *VDSO, hint uint64) (int, error) {
	const mapVDSO64 = 0x2003
	m.mu.Lock()
	defer m.unlock()
	if slices.ContainsFunc(m.vmas, func(v *VMA) bool { return v.Flags&Special != 0 }) { // map_vdso_once
		return 0, unix.EEXIST
	}
	l := &m.layout
	if l.VDSO == 0 || l.VVAR == 0 {
		return 0, unix.EINVAL
	}
	addr, err := m.unmappedArea(hint, l.VVARSize+l.VDSOSize, 0, false)
	if err != nil {
		return 0, err
	}
	size, err := m.host(th, unix.SYS_ARCH_PRCTL, mapVDSO64, addr)
	if err != nil {
		return 0, err
	}
	m.placeVDSO(addr, addr+l.VVARSize, size)
	if m.shifted.Load() {
		err = m.showClocks(th, d, true)
	}
	return int(size), err
}

// placeVDSO puts the vDSO and its data into the account.
func (m *MM) placeVDSO(data, text, size uint64) {
	m.place(&VMA{Start: text, End: text + size, Name: "[vdso]",
		Prot: unix.PROT_READ | unix.PROT_EXEC, Flags: Special | MayRead | MayWrite | MayExec})
	m.info.VDSO = text
	if m.layout.VVAR != 0 {
		m.place(&VMA{Start: data, End: data + m.layout.VVARSize, Name: "[vvar]",
			Prot: unix.PROT_READ, Flags: Special | MayRead})
	}
}

// showClocks maps the image of the vDSO that is wanted over the one that is there. m is locked.
func (m *MM) showClocks(th platform.Thread, d *VDSO, shifted bool) error {
	i := m.special("[vdso]")
	if i < 0 { // the platform has none, or the process dropped it
		return nil
	}
	v := m.vmas[i]
	d.once.Do(func() { d.err = d.make(m.as, v.Start, v.End-v.Start) })
	if d.err != nil {
		return d.err
	}
	fd := d.plain
	if shifted {
		fd = d.asked
	}
	_, err := m.hostFD(th, fd, unix.SYS_MMAP, v.Start, v.End-v.Start, uint64(v.Prot), unix.MAP_PRIVATE|unix.MAP_FIXED, ^uint64(0), 0)
	return err
}

// special is the index of a mapping that the platform made; -1: none is whole.
func (m *MM) special(name string) int {
	for i, v := range m.vmas {
		if v.Flags&Special != 0 && v.Name == name && v.End-v.Start == m.layout.VDSOSize {
			return i
		}
	}
	return -1
}

// make copies the vDSO that is at addr.
func (d *VDSO) make(as platform.AddressSpace, addr, size uint64) error {
	image := make([]byte, size)
	if _, err := as.ReadAt(addr, image); err != nil {
		return err
	}
	asked, err := askingVDSO(image)
	if err != nil {
		return err
	}
	if d.plain, err = imageFile(image); err != nil {
		return err
	}
	d.asked, err = imageFile(asked)
	return err
}

func imageFile(image []byte) (int, error) {
	fd, err := unix.MemfdCreate("vdso", unix.MFD_CLOEXEC)
	if err != nil {
		return -1, err
	}
	_, err = unix.Pwrite(fd, image, 0)
	return fd, err
}

// clockGettime is a function that makes the system call: mov $228, %eax; syscall; ret.
var clockGettime = []byte{0xb8, unix.SYS_CLOCK_GETTIME, 0, 0, 0, 0x0f, 0x05, 0xc3}

// askingVDSO is a vDSO whose clock_gettime is a system call. Of its other functions gettimeofday
// and time tell the real time, which is the host's everywhere.
func askingVDSO(image []byte) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, fmt.Errorf("the host's vDSO: %w", err)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return nil, fmt.Errorf("the host's vDSO: %w", err)
	}
	image = bytes.Clone(image)
	for _, s := range symbols {
		if s.Name != "__vdso_clock_gettime" && s.Name != "clock_gettime" {
			continue
		}
		if s.Value >= uint64(len(image)) || s.Size < uint64(len(clockGettime)) {
			return nil, fmt.Errorf("the host's vDSO: %s at %#x, %d bytes", s.Name, s.Value, s.Size)
		}
		copy(image[s.Value:], clockGettime)
	}
	return image, nil
}

// SPDX-License-Identifier: Apache-2.0

package unixsock

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
)

// Filters of packets (SO_ATTACH_FILTER). A stream's data goes through none.

// AttachFilter replaces the socket's filter: EPERM if it is locked, EINVAL for what is no program.
func (s *Socket) AttachFilter(insns []bpf.Insn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[unix.SO_LOCK_FILTER] != 0 {
		return unix.EPERM
	}
	prog, err := bpf.NewSocket(insns)
	if err != nil {
		return err
	}
	s.filter, s.filterSource = prog, insns
	return nil
}

// detachFilter is SO_DETACH_FILTER: EPERM if it is locked, ENOENT without one. With mu.
func (s *Socket) detachFilter() error {
	switch {
	case s.kept[unix.SO_LOCK_FILTER] != 0:
		return unix.EPERM
	case s.filter == nil:
		return unix.ENOENT
	}
	s.filter, s.filterSource = nil, nil
	return nil
}

// FilterLocked tells whether the filter may not be changed (SO_LOCK_FILTER).
func (s *Socket) FilterLocked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[unix.SO_LOCK_FILTER] != 0
}

// Filter is the socket's filter as it was given (SO_GET_FILTER).
func (s *Socket) Filter() []bpf.Insn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filterSource
}

// passes runs the filter over a packet and cuts it to what the filter wants of it; false if that is nothing.
func (s *Socket) passes(m *message) bool {
	s.mu.Lock()
	filter := s.filter
	s.mu.Unlock()
	if filter == nil {
		return true
	}
	n := filter.Run(m.data)
	m.data = m.data[:min(uint64(n), uint64(len(m.data)))]
	return n > 0
}

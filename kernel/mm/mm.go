// SPDX-License-Identifier: Apache-2.0

// Package mm is an address space as the application sees it: its mappings,
// the program break, and access to its memory. The mappings themselves are
// the host's, made by the application's own stub threads on mm's order; mm
// keeps the account (/proc/PID/maps, limits, what may be mapped where).
package mm

import "github.com/ditto-kernel/ditto/kernel/platform"

// MM is one address space (struct mm_struct), shared by the tasks that were
// cloned with CLONE_VM.
type MM struct {
	as platform.AddressSpace
}

// New is the account of a fresh address space.
func New(as platform.AddressSpace) *MM { return &MM{as: as} }

// AddressSpace is what the platform knows of it.
func (m *MM) AddressSpace() platform.AddressSpace { return m.as }

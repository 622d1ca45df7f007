// SPDX-License-Identifier: Apache-2.0

package user

import "sync"

// Small is room for a short string or a structure on its way between the kernel and an application. It comes from a pool: what a
// Memory is given to fill or to read would not stay on the stack.
type Small [256]byte

var smalls = sync.Pool{New: func() any { return new(Small) }}

// GetSmall is such room, with anything in it.
func GetSmall() *Small { return smalls.Get().(*Small) }

// Free gives the room back.
func (s *Small) Free() { smalls.Put(s) }

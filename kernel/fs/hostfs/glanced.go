// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"sync"

	"golang.org/x/sys/unix"
)

// glanced is what the host said of the name that was glanced at last: who asks for a file's attributes often opens or removes
// it next.
type glanced struct {
	mu   sync.Mutex
	dir  *inode // nil: none
	name string
	st   unix.Statx_t
}

func (g *glanced) keep(dir *inode, name string, st *unix.Statx_t) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dir, g.name, g.st = dir, name, *st
}

// take is what was kept, if it is of this name. It leaves nothing.
func (g *glanced) take(dir *inode, name string) (unix.Statx_t, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dir != dir || g.name != name {
		return unix.Statx_t{}, false
	}
	g.dir, g.name = nil, ""
	return g.st, true
}

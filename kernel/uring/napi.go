// SPDX-License-Identifier: Apache-2.0

// This file is what a ring is told of busy polling (IORING_REGISTER_NAPI). It is kept and answered; nobody polls, as the devices are the
// host's.

package uring

import (
	"maps"

	"golang.org/x/sys/unix"
)

// Ways to know which devices' queues to poll (IO_URING_NAPI_TRACKING_*).
const (
	napiDynamic  = 0
	napiStatic   = 1
	napiInactive = 255
)

// napi is what was registered.
type napi struct {
	active bool
	set    NAPI
	ids    map[uint32]bool
}

// NAPI is how a ring is to poll.
type NAPI struct {
	Micros uint32
	Prefer bool
	Way    uint32
}

// NAPI is what was set.
func (r *Ring) NAPI() NAPI {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.napi.active {
		return NAPI{Way: napiInactive}
	}
	return r.napi.set
}

// SetNAPI sets it: EINVAL.
func (r *Ring) SetNAPI(n NAPI) error {
	if n.Way != napiDynamic && n.Way != napiStatic {
		return unix.EINVAL
	}
	const longest = 10000 // us
	n.Micros = min(n.Micros, longest)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.napi = napi{active: true, set: n}
	return nil
}

// DropNAPI undoes SetNAPI.
func (r *Ring) DropNAPI() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.napi = napi{}
}

// ChangeNAPI adds a queue that is to be polled, or takes one away: EINVAL, EEXIST, ENOENT.
func (r *Ring) ChangeNAPI(id uint32, add bool) error {
	const first = 1<<13 + 1 // MIN_NAPI_ID, of the largest kernel
	r.mu.Lock()
	defer r.mu.Unlock()
	n := &r.napi
	switch {
	case !n.active || n.set.Way != napiStatic, id < first:
		return unix.EINVAL
	case add && n.ids[id]:
		return unix.EEXIST
	case !add && !n.ids[id]:
		return unix.ENOENT
	}
	n.ids = maps.Clone(n.ids)
	if n.ids == nil {
		n.ids = map[uint32]bool{}
	}
	if n.ids[id] = true; !add {
		delete(n.ids, id)
	}
	return nil
}

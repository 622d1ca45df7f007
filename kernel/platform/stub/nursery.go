// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"sync"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Nursery is a platform whose address spaces come from a zygote of their own: where the host has put that (its control
// groups), there are they.
type Nursery struct {
	*Platform
	zygote *space
	zt     *thread
	mu     sync.Mutex // held over a fork of the zygote
}

var _ platform.Platform = (*Nursery)(nil)

// NewNursery makes one, and tells the zygote's process id on the host.
func (p *Platform) NewNursery() (n *Nursery, pid int, err error) {
	sp, th, err := p.fromZygote()
	if err != nil {
		return nil, 0, err
	}
	return &Nursery{Platform: p, zygote: sp, zt: th}, sp.pid, nil
}

// NewAddressSpace implements platform.Platform.
func (n *Nursery) NewAddressSpace() (platform.AddressSpace, platform.Thread, error) {
	pool, err := newPool()
	if err != nil {
		return nil, nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	sp, th, err := n.zt.fork(pool)
	if err != nil {
		pool.unref()
		return nil, nil, err
	}
	return sp, th, nil
}

// Close ends the zygote; the address spaces are their owners' to end.
func (n *Nursery) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.zygote.Kill()
	n.zt.Exit()
	return nil
}

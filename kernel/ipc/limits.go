// SPDX-License-Identifier: Apache-2.0

package ipc

import "sync/atomic"

// Limits are the bounds that an ipc namespace's sysctls change (proc_sys_kernel(5)). They bind what is made
// from then on.
type Limits struct {
	MsgMax, MsgMnb, MsgMni         atomic.Uint64 // bytes of a message, of a queue; queues
	SemMsl, SemMns, SemOpm, SemMni atomic.Uint64 // semaphores of a set, of all; operations of a call; sets
	ShmMax, ShmAll, ShmMni         atomic.Uint64 // bytes of a segment, pages of all; segments
}

func (l *Limits) init() {
	for _, d := range []struct {
		of    *atomic.Uint64
		value uint64
	}{
		{&l.MsgMax, MSGMAX}, {&l.MsgMnb, MSGMNB}, {&l.MsgMni, MSGMNI},
		{&l.SemMsl, SEMMSL}, {&l.SemMns, SEMMNS}, {&l.SemOpm, SEMOPM}, {&l.SemMni, SEMMNI},
		{&l.ShmMax, SHMMAX}, {&l.ShmAll, SHMALL}, {&l.ShmMni, SHMMNI},
	} {
		d.of.Store(d.value)
	}
}

// SPDX-License-Identifier: Apache-2.0

// This file is network namespaces as tasks are in them (net/core/net_namespace.c). What is in one is netns's.

package task

import (
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// NetNS is a network namespace.
type NetNS struct {
	common
	Network *netns.Network // nil only in unit tests

	tasks atomic.Int32 // that are in it
}

func (n *NetNS) hold() { n.tasks.Add(1) }

// drop undoes hold. A namespace that no task is in may be held by mounts, files and sockets. When nothing holds it any more Go's
// collector finds that, and the host's goes.
func (n *NetNS) drop() {
	if n.tasks.Add(-1) == 0 && n.number != firstNetNS {
		CollectNetworks()
	}
}

// networks counts the network namespaces that were made and are still there.
var networks atomic.Int32

// CollectNetworks is called where a network namespace may have lost its last holder. Its devices shall be gone soon, for others too.
func CollectNetworks() {
	if networks.Load() > 0 {
		go runtime.GC()
	}
}

// SetNetwork gives the kernel its first network namespace, before the first task, and a way to make others.
func (k *Kernel) SetNetwork(n *netns.Network, more func(*cred.UserNS) (*netns.Network, error)) {
	k.first.Net.Network, k.newNetwork = n, more
}

// FirstNetNS is the network namespace that the first task is in.
func (k *Kernel) FirstNetNS() *NetNS { return k.first.Net }

// newNetNS is a fresh network namespace: EINVAL where none can be made, as of a kernel that was built without.
func (k *Kernel) newNetNS(owner *cred.UserNS) (*NetNS, error) {
	if k.newNetwork == nil {
		return nil, unix.EINVAL
	}
	n, err := k.newNetwork(owner)
	if err != nil {
		return nil, err
	}
	ns := &NetNS{common: newCommon(unix.CLONE_NEWNET, owner), Network: n}
	networks.Add(1)
	runtime.AddCleanup(ns, func(int) { networks.Add(-1) }, 0)
	return ns, nil
}

// NetNS is the task's network namespace.
func (t *Task) NetNS() *NetNS {
	if n := t.Namespaces(); n != nil {
		return n.Net
	}
	return t.kernel.first.Net
}

// Network is what is in the task's network namespace.
func (t *Task) Network() *netns.Network { return t.NetNS().Network }

// NetworkOfProcess is that of a process, by its id: ESRCH.
func (t *Task) NetworkOfProcess(pid int32) (*netns.Network, error) {
	if o := t.Lookup(pid); o != nil {
		if n := o.Namespaces(); n != nil && n.Net.Network != nil {
			return n.Net.Network, nil
		}
	}
	return nil, unix.ESRCH
}

// NetworkOfFD is an open network namespace, of a descriptor: EBADF, EINVAL.
func (t *Task) NetworkOfFD(fd int32) (*netns.Network, error) {
	f, err := t.files.Get(vfs.FD(fd))
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	if n, ok := NamespaceOf(f).(*NetNS); ok && n.Network != nil {
		return n.Network, nil
	}
	return nil, unix.EINVAL
}

// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// New address spaces and threads. The host's clone does the work; what is here
// makes the slot that the clone will wait in, and notices when it fails.

// Fork implements platform.Thread.
func (t *thread) Fork() (platform.AddressSpace, platform.Thread, error) {
	sp, th, err := t.fork(nil)
	if err != nil {
		return nil, nil, err
	}
	return sp, th, nil
}

// fork copies the address space. With a pool the child gets that one (and the
// reference), without it shares this one's.
func (t *thread) fork(p *pool) (*space, *thread, error) {
	if err := t.flush(); err != nil {
		return nil, nil, err
	}
	child, err := newSpace(t.sp.p)
	if err != nil {
		return nil, nil, err
	}
	_, childSock, err := child.equip(t.index / RegionSlots)
	if err != nil {
		return nil, nil, unix.ENOMEM
	}
	defer unix.Close(childSock)
	if child.pool = p; p == nil {
		child.pool = t.sp.pool.ref()
	}
	ct := child.newThread(t.index)
	t.inherit(ct)
	if err := t.cloneProcess(child, childSock, p); err != nil {
		child.dead.Store(true)
		child.regionless(ct)
		return nil, nil, err
	}
	ct.tid = child.pid
	ct.hello = true
	child.inheritSites(t.sp)
	child.ownGS.Store(t.sp.ownGS.Load())
	child.keyed.Store(t.sp.keyed.Load())
	child.next = t.index + 1
	for i := t.index / RegionSlots * RegionSlots; i < t.index; i++ {
		child.free = append(child.free, i)
		child.regions[i/RegionSlots].slot(i).Tid = 0
	}
	return child, ct, nil
}

// regionless undoes equip and newThread for a child that never was. The pool
// stays the caller's if it was the caller's.
func (sp *space) regionless(ct *thread) {
	ct.gone = true
	for _, r := range sp.regions {
		r.close()
	}
	unix.Close(sp.sock)
}

// inherit makes ct start where t stands.
func (t *thread) inherit(ct *thread) {
	fresh := ct.slot.Slot
	sleepless, pauses, yields := fresh.Tid, fresh.SpinPause, fresh.SpinYield
	const own = unsafe.Offsetof(Slot{}.Tid)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(fresh)), unsafe.Sizeof(Slot{}))[own:],
		unsafe.Slice((*byte)(unsafe.Pointer(t.slot.Slot)), unsafe.Sizeof(Slot{}))[own:])
	fresh.State, fresh.KernelSleeps, fresh.StubSleeps, fresh.Pending = StateRun, 0, 0, 0
	fresh.NCaptures, fresh.NCopyOuts, fresh.NOps, fresh.KernelCPU = 0, 0, 0, 0
	ct.let.Store(fresh.LetFutex)
	fresh.Waiting, fresh.Waits, fresh.DeadlineSet = 0, 0, 0
	fresh.Tid, fresh.SpinPause, fresh.SpinYield = sleepless, pauses, yields
	ct.regs = *t.Regs()
	ct.rax, ct.fetched, ct.changed = t.rax, true, t.changed
	ct.fast, ct.framed, ct.fsBase, ct.gsBase = t.fast, t.framed, t.fsBase, t.gsBase
}

// cloneProcess has the stub clone itself into child.
func (t *thread) cloneProcess(child *space, childSock int, p *pool) error {
	fds := []int{child.regions[t.index/RegionSlots].fd, childSock}
	if p != nil {
		fds = append(fds, p.fd)
	}
	t.sp.fdMu.Lock()
	defer t.sp.fdMu.Unlock()
	if err := t.ready(); err != nil {
		return err
	}
	if err := t.sp.send(fds); err != nil {
		return unix.EAGAIN
	}
	list := []SlotOp{{Nr: OpRecvFDs}, {Nr: OpFork, Args: [6]uint64{uint64(t.index)}}, {Nr: OpCloseFDs}}
	done, err := t.ops(list...)
	if err != nil {
		return err
	}
	if done == 0 || list[0].Result != int64(len(fds)) {
		return t.lost(list[0].Result)
	}
	pid := list[1].Result
	if pid < 0 && pid > -4096 {
		return unix.Errno(-pid)
	}
	if err := t.sp.p.adopt(child, int(pid)); err != nil {
		return unix.EAGAIN
	}
	return nil
}

// NewThread implements platform.Thread.
func (t *thread) NewThread() (platform.Thread, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	t.sp.fdMu.Lock()
	index, missing, err := t.sp.takeSlot()
	if err == nil && missing {
		err = t.mapRegion(index / RegionSlots)
	}
	t.sp.fdMu.Unlock()
	if err != nil {
		return nil, err
	}
	nt := t.sp.newThread(index)
	t.inherit(nt)
	nt.slot.State = StateRun
	nt.framed, nt.fast, nt.changed = false, true, true
	if t.framed {
		// A frame's registers are saved; those that the clone copies are not
		// the application's.
		if nt.fpSave, err = t.FPState(); err != nil {
			t.sp.abandon(nt)
			return nil, unix.EAGAIN
		}
	}
	tid, err := t.op(OpThread, uint64(index))
	if err == nil && tid < 0 {
		err = unix.Errno(-tid)
	}
	if err != nil {
		t.sp.abandon(nt)
		return nil, err
	}
	nt.tid, nt.hello = int(tid), true
	if t.gsBase != 0 {
		if err := nt.SetGSBase(t.gsBase); err != nil {
			nt.Exit()
			return nil, unix.EAGAIN
		}
	}
	return nt, nil
}

// abandon takes a thread out that never started.
func (sp *space) abandon(t *thread) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	t.gone = true
	t.slot.Tid = 0
	delete(sp.threads, t.index)
	sp.free = append(sp.free, t.index)
}

// mapRegion adds a region with its private stacks. fdMu is held.
func (t *thread) mapRegion(number int) error {
	r, err := newRegion(number)
	if err != nil {
		return unix.EAGAIN
	}
	if err := t.sp.send([]int{r.fd}); err != nil {
		r.close()
		return unix.EAGAIN
	}
	list := []SlotOp{
		{Nr: OpRecvFDs},
		{Nr: unix.SYS_MMAP, Args: [6]uint64{uint64(RegionBase + number*RegionSize), RegionSize,
			unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_FIXED, FDMark, 0}},
		{Nr: unix.SYS_MMAP, Args: [6]uint64{uint64(PrivBase + number*PrivSize), PrivSize,
			unix.PROT_READ | unix.PROT_WRITE, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_FIXED | unix.MAP_NORESERVE,
			^uint64(0), 0}},
		{Nr: OpCloseFDs},
	}
	done, err := t.ops(list...)
	if err != nil || done != len(list) {
		r.close()
		return unix.EAGAIN
	}
	t.sp.mu.Lock()
	t.sp.regions[number] = r
	t.sp.mu.Unlock()
	return nil
}

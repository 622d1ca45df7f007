// SPDX-License-Identifier: Apache-2.0

// This file is what few programs ask io_uring_register(2) for: messages without a ring, busy polling, the workers' processors, a region of
// parameters.

package syscalls

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// uringBlind is what can be asked for without a ring: to send a message to one (IORING_REGISTER_SEND_MSG_RING).
func uringBlind(t *task.Task, op uint32, arg user.Addr, n uint32) error {
	const sendMsg = 31
	if op != sendMsg || arg == 0 || n != 1 {
		return unix.EINVAL
	}
	var raw [64]byte
	if _, err := t.Memory().CopyIn(arg, raw[:]); err != nil {
		return err
	}
	var s uring.SQE
	if err := binary.Read(bytes.NewReader(raw[:]), binary.LittleEndian, &s); err != nil {
		return unix.EINVAL
	}
	const (
		msgRing = 40 // IORING_OP_MSG_RING
		skip    = 1  // IORING_MSG_RING_CQE_SKIP
		pass    = 2  // IORING_MSG_RING_FLAGS_PASS
	)
	if s.Flags != 0 || s.Op != msgRing || s.BufIndex != 0 || s.Personality != 0 || s.OpFlags&^(skip|pass) != 0 || s.Addr != 0 {
		return unix.EINVAL
	}
	f, err := t.Files().Get(vfs.FD(s.FD))
	if err != nil {
		return err
	}
	defer f.DecRef()
	r := uring.Of(f)
	switch {
	case r == nil:
		return unix.EBADFD
	case s.Addr3 != 0, s.OpFlags&skip != 0, s.OpFlags&pass == 0 && s.FileIndex != 0:
		return unix.EINVAL
	}
	return r.Message(s.Off, int32(s.Len), s.FileIndex)
}

// uringNapi is struct io_uring_napi.
type uringNapi struct {
	Micros     uint32
	Prefer, Op uint8
	Pad        [2]uint8
	Param      uint32
	Resv       uint32
}

func napiOf(n uring.NAPI) uringNapi {
	a := uringNapi{Micros: n.Micros, Param: n.Way}
	if n.Prefer {
		a.Prefer = 1
	}
	return a
}

// uringNAPI is IORING_REGISTER_NAPI; the argument gets what was set before.
func uringNAPI(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a uringNapi
	if arg == 0 || n != 1 {
		return 0, unix.EINVAL
	}
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	if a.Pad != [2]uint8{} || a.Resv != 0 {
		return 0, unix.EINVAL
	}
	before := napiOf(r.NAPI())
	if err := put(t, arg, &before); err != nil {
		return 0, err
	}
	switch a.Op {
	case 0: // IO_URING_NAPI_REGISTER_OP
		return 0, r.SetNAPI(uring.NAPI{Micros: a.Micros, Prefer: a.Prefer != 0, Way: a.Param})
	case 1, 2: // IO_URING_NAPI_STATIC_ADD_ID, IO_URING_NAPI_STATIC_DEL_ID
		return 0, r.ChangeNAPI(a.Param, a.Op == 1)
	}
	return 0, unix.EINVAL
}

// uringDropNAPI is IORING_UNREGISTER_NAPI.
func uringDropNAPI(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if n != 1 {
		return 0, unix.EINVAL
	}
	before := napiOf(r.NAPI())
	before.Param = 0
	if arg != 0 {
		if err := put(t, arg, &before); err != nil {
			return 0, err
		}
	}
	r.DropNAPI()
	return 0, nil
}

// uringWorkersCPUs is IORING_REGISTER_IOWQ_AFF: requests have no workers of their own, and run where their task may.
func uringWorkersCPUs(t *task.Task, _ *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 || n == 0 {
		return 0, unix.EINVAL
	}
	_, err := t.Memory().CopyIn(arg, make([]byte, min(n, 8)))
	return 0, err
}

// uringReceiveQueue is IORING_REGISTER_ZCRX_IFQ: no device gives one.
func uringReceiveQueue(t *task.Task, _ *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg != 0 && n == 1 && !t.Creds().Capable(unix.CAP_NET_ADMIN) {
		return 0, unix.EPERM
	}
	return 0, unix.EINVAL
}

// uringRegion is IORING_REGISTER_MEM_REGION, of the application's memory.
func uringRegion(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a struct { // struct io_uring_mem_region_reg
		Region, Flags uint64
		Resv          [2]uint64
	}
	var d struct { // struct io_uring_region_desc
		Addr, Size uint64
		Flags, ID  uint32
		MmapOffset uint64
		Resv       [4]uint64
	}
	if arg == 0 || n != 1 {
		return 0, unix.EINVAL
	}
	if r.HasRegion() {
		return 0, unix.EBUSY
	}
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	if err := get(t, user.Addr(a.Region), &d); err != nil {
		return 0, err
	}
	const waitArg, typeUser = 1, 1 // IORING_MEM_REGION_REG_WAIT_ARG, IORING_MEM_REGION_TYPE_USER
	b := user.Bytes{Addr: user.Addr(d.Addr), Len: d.Size}
	switch {
	case a.Resv != [2]uint64{}, a.Flags&^waitArg != 0, a.Flags&waitArg != 0 && !r.Disabled(), d.Resv != [4]uint64{}, d.Flags&^typeUser != 0:
		return 0, unix.EINVAL
	case (d.Flags&typeUser != 0) != (d.Addr != 0):
		return 0, unix.EFAULT
	case d.Size == 0, d.MmapOffset != 0, d.ID != 0, (d.Addr|d.Size)%abi.PageSize != 0, d.Addr == 0:
		return 0, unix.EINVAL
	case d.Addr+d.Size < d.Addr:
		return 0, unix.EOVERFLOW
	case !writableMemory(t.MM(), b):
		return 0, unix.EFAULT
	}
	return 0, r.SetRegion(uring.Region{Addr: d.Addr, Size: d.Size, Waits: a.Flags&waitArg != 0})
}

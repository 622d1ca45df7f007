// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall shmget partial huge pages are refused as on a host that has none set aside
func shmget(t *task.Task, key int32, size uint64, flags int32) (int32, error) {
	return ipc.Of(t).Shm.Get(t, key, size, uint32(flags))
}

//ditto:syscall shmat full
func shmat(t *task.Task, id int32, addr user.Addr, flags int32) (uint64, error) {
	return ipc.Of(t).Shm.Attach(t, id, uint64(addr), uint32(flags))
}

//ditto:syscall shmdt full
func shmdt(t *task.Task, addr user.Addr) error { return ipc.Detach(t, uint64(addr)) }

// ipcPerm is struct ipc64_perm.
type ipcPerm struct {
	Key                  int32
	UID, GID, CUID, CGID uint32
	Mode                 uint32
	Seq, _               uint16
	_                    uint32
	_                    [2]uint64
}

// permOut is an object's Perm as a task sees it, and in what a task asks for.
func permOut(t *task.Task, p *ipc.Perm) ipcPerm {
	ns := t.Creds().NS()
	return ipcPerm{Key: p.Key, UID: ns.ShowUID(p.UID), GID: ns.ShowGID(p.GID), CUID: ns.ShowUID(p.CUID), CGID: ns.ShowGID(p.CGID),
		Mode: p.Mode, Seq: p.Seq}
}

func (p *ipcPerm) in(t *task.Task) ipc.SetPerm {
	ns := t.Creds().NS()
	return ipc.SetPerm{UID: ns.ToUID(p.UID), GID: ns.ToGID(p.GID), Mode: p.Mode}
}

// shmDs is struct shmid64_ds.
type shmDs struct {
	Perm                ipcPerm
	Size                uint64
	ATime, DTime, CTime int64
	CPid, LPid          int32
	Attached            uint64
	_                   [2]uint64
}

//ditto:syscall shmctl full
func shmctl(t *task.Task, id, cmd int32, buf user.Addr) (int, error) {
	if cmd < 0 || id < 0 {
		return 0, unix.EINVAL
	}
	shm := &ipc.Of(t).Shm
	switch cmd {
	case ipc.IPC_INFO:
		_, _, _, highest := shm.Info()
		return highest, put(t, buf, [9]uint64{ipc.SHMMAX, ipc.SHMMIN, ipc.SHMMNI, ipc.SHMMNI, ipc.SHMALL})
	case ipc.SHM_INFO:
		n, pages, resident, highest := shm.Info()
		return highest, put(t, buf, [6]uint64{uint64(n), pages, resident})
	case ipc.IPC_STAT, ipc.SHM_STAT, ipc.SHM_STAT_ANY:
		s, ret, err := shm.Stat(t, id, int(cmd))
		if err != nil {
			return 0, err
		}
		return int(ret), put(t, buf, shmDs{Perm: permOut(t, &s.Perm), Size: s.Size, ATime: s.ATime, DTime: s.DTime, CTime: s.CTime,
			CPid: s.CPid, LPid: s.LPid, Attached: uint64(s.Attached)})
	case ipc.IPC_SET:
		var ds shmDs
		if err := get(t, buf, &ds); err != nil {
			return 0, err
		}
		return 0, shm.Set(t, id, ds.Perm.in(t))
	case ipc.IPC_RMID:
		return 0, shm.Remove(t, id)
	case ipc.SHM_LOCK, ipc.SHM_UNLOCK:
		return 0, shm.Lock(t, id, cmd == ipc.SHM_LOCK, t.RLimit(unix.RLIMIT_MEMLOCK))
	}
	return 0, unix.EINVAL
}

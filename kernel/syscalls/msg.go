// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall msgget full
func msgget(t *task.Task, key, flags int32) (int32, error) {
	return ipc.Of(t).Msg.Get(t, key, uint32(flags))
}

// msgText is where the text stands behind a message's type.
const msgText = 8

//ditto:syscall msgsnd full
func msgsnd(t *task.Task, id int32, buf user.Addr, size uint64, flags int32) error {
	typ, err := get64(t, buf)
	switch {
	case err != nil:
		return err
	case size > ipc.Of(t).Limits.MsgMax.Load() || id < 0 || int64(typ) < 1:
		return unix.EINVAL
	}
	m := &ipc.Message{Type: int64(typ), Text: make([]byte, size)}
	if _, err := t.Memory().CopyIn(buf+msgText, m.Text); err != nil {
		return err
	}
	return ipc.Of(t).Msg.Send(t, id, m, uint32(flags))
}

//ditto:syscall msgrcv full
func msgrcv(t *task.Task, id int32, buf user.Addr, size uint64, typ int64, flags int32) (int, error) {
	if id < 0 || int64(size) < 0 {
		return 0, unix.EINVAL
	}
	if flags&ipc.MSG_COPY != 0 {
		if flags&ipc.MSG_EXCEPT != 0 || flags&ipc.IPC_NOWAIT == 0 {
			return 0, unix.EINVAL
		}
		// Linux makes the copy from what stands in the buffer.
		scratch := make([]byte, min(size, ipc.Of(t).Limits.MsgMax.Load()))
		if _, err := t.Memory().CopyIn(buf, scratch); err != nil {
			return 0, err
		}
	}
	m, err := ipc.Of(t).Msg.Receive(t, id, size, typ, uint32(flags))
	if err != nil {
		return 0, err
	}
	if err := put64(t, buf, uint64(m.Type)); err != nil {
		return 0, err
	}
	text := m.Text[:min(size, uint64(len(m.Text)))]
	if _, err := t.Memory().CopyOut(buf+msgText, text); err != nil {
		return 0, err
	}
	return len(text), nil
}

// msgDs is struct msqid64_ds.
type msgDs struct {
	Perm                 ipcPerm
	STime, RTime, CTime  int64
	Bytes, Num, MaxBytes uint64
	LSPid, LRPid         int32
	_                    [2]uint64
}

//ditto:syscall msgctl full
func msgctl(t *task.Task, id, cmd int32, buf user.Addr) (int, error) {
	if id < 0 || cmd < 0 {
		return 0, unix.EINVAL
	}
	q := &ipc.Of(t).Msg
	switch cmd {
	case ipc.IPC_INFO, ipc.MSG_INFO:
		return msgInfo(t, q, buf, cmd)
	case ipc.IPC_STAT, ipc.MSG_STAT, ipc.MSG_STAT_ANY:
		s, ret, err := q.Stat(t, id, int(cmd))
		if err != nil {
			return 0, err
		}
		return int(ret), put(t, buf, msgDs{Perm: permOut(t, &s.Perm), STime: s.STime, RTime: s.RTime, CTime: s.CTime,
			Bytes: uint64(s.Bytes), Num: uint64(s.Num), MaxBytes: uint64(s.MaxBytes), LSPid: s.LSPid, LRPid: s.LRPid})
	case ipc.IPC_SET:
		var ds msgDs
		if err := get(t, buf, &ds); err != nil {
			return 0, err
		}
		return 0, q.Set(t, id, ds.Perm.in(t), ds.MaxBytes)
	case ipc.IPC_RMID:
		return 0, q.Remove(t, id)
	}
	return 0, unix.EINVAL
}

// msgInfo fills in struct msginfo; three of its fields are said to be limits,
// or with MSG_INFO tell what is in use.
func msgInfo(t *task.Task, q *ipc.Queues, buf user.Addr, cmd int32) (int, error) {
	const pool, segmentSize, segments = ipc.MSGMNI * ipc.MSGMNB / 1024, 16, 0xffff
	queues, msgs, bytes, highest := q.Info()
	info := [8]int32{pool, ipc.MSGMNB, ipc.MSGMAX, ipc.MSGMNB, ipc.MSGMNI, segmentSize, ipc.MSGMNB, segments}
	if cmd == ipc.MSG_INFO {
		info[0], info[1], info[6] = int32(queues), int32(msgs), int32(bytes)
	}
	return highest, put(t, buf, info)
}

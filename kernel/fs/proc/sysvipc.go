// SPDX-License-Identifier: Apache-2.0

// This file is /proc/sysvipc (proc_sysvipc(5)), of the reader's ipc namespace.

package proc

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func sysvipc() *kernfs.Entry {
	of := func(name string, list func(*ipc.Namespace, *cred.UserNS) []byte) *kernfs.Entry {
		return file(name, 0o444, func(ctx vfs.Ctx, _ any) ([]byte, error) {
			t, ok := ctx.(*task.Task)
			if !ok {
				return nil, unix.ESRCH
			}
			return list(ipc.Of(t), t.Creds().NS()), nil
		})
	}
	return dir("sysvipc", of("msg", sysvMsg), of("sem", sysvSem), of("shm", sysvShm))
}

func sysvShm(ns *ipc.Namespace, user *cred.UserNS) []byte {
	b := []byte("       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime" +
		"                   rss                  swap\n")
	for _, s := range ns.Shm.List() {
		p := &s.Perm
		b = fmt.Appendf(b, "%10d %10d  %4o %21d %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n",
			p.Key, p.ID, p.Mode, s.Size, s.CPid, s.LPid, s.Attached, user.ShowUID(p.UID), user.ShowGID(p.GID), user.ShowUID(p.CUID), user.ShowGID(p.CGID),
			s.ATime, s.DTime, s.CTime, s.Resident, 0)
	}
	return b
}

func sysvSem(ns *ipc.Namespace, user *cred.UserNS) []byte {
	b := []byte("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n")
	for _, s := range ns.Sem.List() {
		p := &s.Perm
		b = fmt.Appendf(b, "%10d %10d  %4o %10d %5d %5d %5d %5d %10d %10d\n",
			p.Key, p.ID, p.Mode, s.N, user.ShowUID(p.UID), user.ShowGID(p.GID), user.ShowUID(p.CUID), user.ShowGID(p.CGID),
			s.OTime, s.CTime)
	}
	return b
}

func sysvMsg(ns *ipc.Namespace, user *cred.UserNS) []byte {
	b := []byte("       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n")
	for _, s := range ns.Msg.List() {
		p := &s.Perm
		b = fmt.Appendf(b, "%10d %10d  %4o  %10d %10d %5d %5d %5d %5d %5d %5d %10d %10d %10d\n",
			p.Key, p.ID, p.Mode, s.Bytes, s.Num, s.LSPid, s.LRPid, user.ShowUID(p.UID), user.ShowGID(p.GID), user.ShowUID(p.CUID), user.ShowGID(p.CGID),
			s.STime, s.RTime, s.CTime)
	}
	return b
}

// SPDX-License-Identifier: Apache-2.0

// Package shmctl tests shmctl from Go: what IPC_SET changes, field by field.
package shmctl

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("set_by_field", "root", setByField) }

func setByField(t *harness.T) {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 5000, unix.IPC_CREAT|0o644)
	t.Must("get", err)
	show := func(name string) unix.SysvShmDesc {
		var d unix.SysvShmDesc
		_, err := unix.SysvShmCtl(id, unix.IPC_STAT, &d)
		t.Must("stat", err)
		t.Observe(name, "uid %d gid %d cuid %d cgid %d mode %o size %d attached %d own %v", d.Perm.Uid, d.Perm.Gid, d.Perm.Cuid, d.Perm.Cgid,
			d.Perm.Mode, d.Segsz, d.Nattch, int(d.Cpid) == unix.Getpid())
		return d
	}
	for i, change := range []func(*unix.SysvShmDesc){
		func(d *unix.SysvShmDesc) { d.Perm.Uid = 7 },
		func(d *unix.SysvShmDesc) { d.Perm.Gid = 8 },
		func(d *unix.SysvShmDesc) { d.Perm.Cuid, d.Perm.Cgid = 9, 9 },
		func(d *unix.SysvShmDesc) { d.Perm.Mode = 0o3777 },
		func(d *unix.SysvShmDesc) { d.Segsz, d.Nattch, d.Cpid = 1, 2, 3 },
	} {
		d := show(fmt.Sprintf("before %d", i))
		change(&d)
		_, err := unix.SysvShmCtl(id, unix.IPC_SET, &d)
		t.ObserveErr(fmt.Sprintf("change %d", i), err)
	}
	show("at last")
	_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
}

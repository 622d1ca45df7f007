// SPDX-License-Identifier: Apache-2.0

// Package shmat tests shmat from Go: two processes that work on one segment, and counting its attachments.
package shmat

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const rounds = 2000

func init() {
	harness.Case("two_processes_count", "", count)
	harness.Case("attachments", "", attachments)
	harness.Child("shmat.counter", func(args []string) int {
		id, err := strconv.Atoi(args[0])
		if err != nil {
			return 2
		}
		b, err := unix.SysvShmAttach(id, 0, 0)
		if err != nil {
			return 1
		}
		add(b)
		return 0
	})
}

func add(b []byte) {
	for range rounds {
		atomic.AddUint64((*uint64)(unsafe.Pointer(&b[8])), 1)
	}
}

func count(t *harness.T) {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 8192, unix.IPC_CREAT|0o600)
	t.Must("get", err)
	b, err := unix.SysvShmAttach(id, 0, 0)
	t.Must("attach", err)
	t.Equal("length", len(b), 8192)
	cmd := harness.Command("shmat.counter", strconv.Itoa(id))
	t.Must("start", cmd.Start())
	add(b)
	t.Must("child", cmd.Wait())
	t.Equal("sum", int(b[8])|int(b[9])<<8, 2*rounds)
	t.Must("detach", unix.SysvShmDetach(b))
	_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
}

func attachments(t *harness.T) {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 100, unix.IPC_CREAT|0o600)
	t.Must("get", err)
	var all [][]byte
	for i := range 5 {
		flags := []int{0, unix.SHM_RDONLY}[i%2]
		b, err := unix.SysvShmAttach(id, 0, flags)
		t.Must("attach", err)
		all = append(all, b)
	}
	all[0][3] = 'x'
	for i, b := range all {
		t.Observe(fmt.Sprintf("seen by %d", i), "%c", b[3])
	}
	_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
	for i, b := range all {
		var d unix.SysvShmDesc
		_, err := unix.SysvShmCtl(id, unix.IPC_STAT, &d)
		t.Observe(fmt.Sprintf("behind %d detached", i), "%d %s", d.Nattch, harness.ErrnoName(err))
		t.Must("detach", unix.SysvShmDetach(b))
	}
	_, err = unix.SysvShmCtl(id, unix.IPC_STAT, &unix.SysvShmDesc{})
	t.Errno("gone", err, unix.EINVAL)
}

// SPDX-License-Identifier: Apache-2.0

// Package clone3 tests clone3 from Go: the sizes of its struct, without a child; and a child of os/exec that starts in a control group.
package clone3

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("refused_sizes", "", refusedSizes)
	harness.Case("started_in_a_control_group", "root cap:21", startedInGroup)
	harness.Child("clone3.group", sayGroup)
}

func refusedSizes(t *harness.T) {
	// CLONE_SIGHAND without CLONE_VM never makes a child: what is observed is which check comes first.
	for _, size := range []uintptr{0, 56, 63, 64, 72, 80, 88, 96, 4096, 4097} {
		buf := make([]uint64, 1024)
		buf[0] = unix.CLONE_SIGHAND
		_, _, errno := unix.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&buf[0])), size, 0)
		t.ObserveErr(fmt.Sprintf("size %d", size), errno)
		buf[12] = 1
		_, _, errno = unix.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&buf[0])), size, 0)
		t.ObserveErr(fmt.Sprintf("size %d, dirty tail", size), errno)
	}
}

// sayGroup prints the own control group.
func sayGroup([]string) int {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 1
	}
	_, own, _ := strings.Cut("\n"+string(b), "\n0::")
	own, _, _ = strings.Cut(own, "\n")
	fmt.Println(own)
	return 0
}

// startedInGroup is what os/exec's UseCgroupFD does, in namespaces of the test's own.
func startedInGroup(t *harness.T) {
	runtime.LockOSThread()
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWCGROUP|unix.CLONE_NEWNS|unix.CLONE_FS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Must("mkdir", os.Mkdir("cg", 0o755))
	if err := unix.Mount("none", "cg", "cgroup2", 0, ""); err != nil {
		t.Skip("no cgroup2: %v", err)
	}
	dir, err := os.MkdirTemp("cg", "go-")
	t.Must("group", err)
	d, err := os.Open(dir)
	t.Must("open", err)
	defer d.Close()
	cmd := harness.Command("clone3.group")
	cmd.Stdout, cmd.SysProcAttr = nil, &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(d.Fd())}
	out, err := cmd.Output()
	t.Must("run", err)
	t.Equal("where", strings.TrimSpace(string(out)), "/"+filepath.Base(dir))
	procs, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	t.Must("procs", err)
	t.Equal("left", string(procs), "")
	t.Must("rmdir", unix.Rmdir(dir))
}

// SPDX-License-Identifier: Apache-2.0

// This file maps the ids of a mount's files, by a user namespace that is made for nothing else
// (mount_setattr(2), "ID-mapped mounts").

package confine

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// mapIDs has a detached mount show its files' ids as others.
func mapIDs(mount int, ids *boot.IDMap) error {
	ns, err := userNamespace(ids)
	if err != nil {
		return fmt.Errorf("user namespace: %w", err)
	}
	defer ns.Close()
	flags := uint(unix.AT_EMPTY_PATH)
	if ids.Below {
		flags |= unix.AT_RECURSIVE
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(ns.Fd())}
	return os.NewSyscallError("mount_setattr", unix.MountSetattr(mount, "", flags, &attr))
}

// userNamespace makes a user namespace. Whoever has been in it is gone: a process that never ran an
// instruction of its program, since it was traced.
func userNamespace(ids *boot.IDMap) (*os.File, error) {
	runtime.LockOSThread() // only the tracer's thread may be told of the process
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args, cmd.Env = []string{"ditto"}, []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER, UidMappings: Mappings(ids.UIDs), GidMappings: Mappings(ids.GIDs),
		GidMappingsEnableSetgroups: true, Ptrace: true, Pdeathsig: unix.SIGKILL,
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/user", cmd.Process.Pid))
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return ns, err
}

// Mappings are extents as processes are started with them.
func Mappings(list []cred.Extent) (result []syscall.SysProcIDMap) {
	for _, e := range list {
		result = append(result, syscall.SysProcIDMap{ContainerID: int(e.First), HostID: int(e.Lower), Size: int(e.Count)})
	}
	return result
}

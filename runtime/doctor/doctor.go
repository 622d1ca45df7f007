// SPDX-License-Identifier: Apache-2.0

// Package doctor looks at what the host offers for sandboxes, and says what
// will not work there, and what to do about it. It changes nothing.
package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Level is how bad a finding is.
type Level string

// The levels. With a Failure no sandbox runs; with a Warning something is
// missing or slower.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Failure Level = "failure"
)

// Finding is what one check found.
type Finding struct {
	Check  string `json:"check"`
	Level  Level  `json:"level"`
	Detail string `json:"detail"`
	Advice string `json:"advice,omitempty"` // what to do, if there is something
}

// A check looks at one thing.
type check struct {
	name string
	look func(h *host) Finding
}

var checks = []check{
	{"processor", processor},
	{"kernel", kernelVersion},
	{"seccomp", seccomp},
	{"namespaces", namespaces},
	{"memory access", memoryAccess},
	{"mounts", mounts},
	{"waiting", waiting},
	{"cgroups", cgroups},
	{"engines", engines},
	{"sandbox", sandbox},
}

// host is where the checks look.
type host struct {
	uid  int
	self string // ditto
}

// Examine makes every check, in order.
func Examine(self string) []Finding {
	h := &host{uid: os.Geteuid(), self: self}
	out := make([]Finding, 0, len(checks))
	for _, c := range checks {
		f := c.look(h)
		f.Check = c.name
		out = append(out, f)
	}
	return out
}

// Failed tells whether a sandbox can't run.
func Failed(list []Finding) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Level == Failure })
}

func ok(format string, args ...any) Finding {
	return Finding{Level: OK, Detail: fmt.Sprintf(format, args...)}
}

func processor(*host) Finding {
	if runtime.GOARCH != "amd64" {
		return Finding{Level: Failure, Detail: runtime.GOARCH, Advice: "Ditto runs on x86_64 only"}
	}
	n := runtime.NumCPU()
	if n == 1 {
		return Finding{Level: Warning, Detail: "x86_64, one core", Advice: "system calls are answered by another process: give the machine a second core"}
	}
	return ok("x86_64, %d cores", n)
}

// oldest is the oldest kernel that has the calls that Ditto can't do without.
var oldest = [2]int{5, 15}

func kernelVersion(*host) Finding {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return Finding{Level: Failure, Detail: err.Error()}
	}
	release := unix.ByteSliceToString(u.Release[:])
	var major, minor int
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		return Finding{Level: Warning, Detail: release, Advice: "this is no version that Ditto knows how to read"}
	}
	if major < oldest[0] || major == oldest[0] && minor < oldest[1] {
		return Finding{Level: Failure, Detail: release, Advice: fmt.Sprintf("Linux %d.%d or newer is needed", oldest[0], oldest[1])}
	}
	return ok("Linux %s", release)
}

func seccomp(*host) Finding {
	text, err := os.ReadFile("/proc/sys/kernel/seccomp/actions_avail")
	if err != nil {
		return Finding{Level: Failure, Detail: "no seccomp filters", Advice: "a kernel with CONFIG_SECCOMP_FILTER is needed"}
	}
	actions := strings.Fields(string(text))
	if !slices.Contains(actions, "trap") {
		return Finding{Level: Failure, Detail: "no SECCOMP_RET_TRAP", Advice: "a kernel whose seccomp filters can trap is needed"}
	}
	return ok("filters with %s", strings.Join(actions, ", "))
}

// namespaces starts a process as a sandbox's kernel process is started.
func namespaces(h *host) Finding {
	attr := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWNET}
	kind := "as root"
	if h.uid != 0 {
		kind = "in a user namespace"
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: h.uid, HostID: h.uid, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
	}
	cmd := exec.Command(h.self, "version")
	cmd.SysProcAttr = attr
	err := cmd.Run()
	switch {
	case err == nil:
		return ok("pid, mount, network, ipc and uts, %s", kind)
	case h.uid != 0:
		return Finding{Level: Failure, Detail: err.Error(), Advice: userNamespaceAdvice()}
	}
	return Finding{Level: Failure, Detail: err.Error(), Advice: "this root may not make namespaces: give it CAP_SYS_ADMIN (in a container: --privileged)"}
}

// userNamespaceAdvice finds the knob that forbids user namespaces.
func userNamespaceAdvice() string {
	for _, k := range []struct{ file, bad, set string }{
		{"/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"},
		{"/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for ditto that says userns"},
	} {
		text, err := os.ReadFile(k.file)
		if err == nil && strings.TrimSpace(string(text)) == k.bad {
			return "as root: " + k.set
		}
	}
	return "the host gives this user no user namespace: run as root"
}

// memoryAccess tries what the kernel process does to the memory of stubs: at an
// address that is not there, which is found out last.
func memoryAccess(*host) Finding {
	var to [1]byte
	local := []unix.Iovec{{Base: &to[0], Len: 1}}
	if _, err := unix.ProcessVMReadv(os.Getpid(), local, []unix.RemoteIovec{{Base: 0, Len: 1}}, 0); err != unix.EFAULT {
		return Finding{Level: Failure, Detail: fmt.Sprintf("process_vm_readv: %v", err), Advice: "a kernel with CONFIG_CROSS_MEMORY_ATTACH is needed, and a seccomp profile that allows process_vm_readv and process_vm_writev"}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope"); err == nil && strings.TrimSpace(string(text)) == "3" {
		return Finding{Level: Failure, Detail: "kernel.yama.ptrace_scope is 3", Advice: "it can only be lowered by a reboot: set it to 2 or less"}
	}
	return ok("process_vm_readv")
}

// mounts tries the calls by which a sandbox takes hold of directories.
func mounts(*host) Finding {
	for _, c := range []struct {
		nr   uintptr
		name string
	}{{unix.SYS_OPEN_TREE, "open_tree"}, {unix.SYS_MOUNT_SETATTR, "mount_setattr"}, {unix.SYS_OPENAT2, "openat2"}} {
		if _, _, e := unix.Syscall6(c.nr, ^uintptr(0), 0, 0, 0, 0, 0); e == unix.ENOSYS {
			return Finding{Level: Failure, Detail: c.name + ": " + e.Error(), Advice: "the kernel is too old, or a seccomp profile around ditto forbids it"}
		}
	}
	return ok("open_tree, mount_setattr, openat2")
}

// waiting tries the call that lets one thread wait for many stubs.
func waiting(*host) Finding {
	if _, _, e := unix.Syscall6(unix.SYS_FUTEX_WAITV, 0, 0, 0, 0, 0, 0); e == unix.ENOSYS {
		return Finding{Level: Warning, Detail: "no futex_waitv", Advice: "programs that compute for long cost a host thread each: Linux 5.16 has it"}
	}
	return ok("futex_waitv")
}

func cgroups(h *host) Finding {
	var st unix.Statfs_t
	if err := unix.Statfs("/sys/fs/cgroup", &st); err != nil {
		return Finding{Level: Warning, Detail: err.Error(), Advice: "containers with limits on resources won't start: mount the control groups"}
	}
	limits := "; containers are limited as root only"
	if h.uid == 0 {
		limits = ""
	}
	if st.Type == unix.CGROUP2_SUPER_MAGIC {
		return ok("version 2%s", limits)
	}
	entries, err := os.ReadDir("/sys/fs/cgroup")
	if err != nil || len(entries) == 0 {
		return Finding{Level: Warning, Detail: "no control groups are mounted", Advice: "containers with limits on resources won't start: mount them on /sys/fs/cgroup"}
	}
	if _, err := os.Stat("/sys/fs/cgroup/unified"); err == nil {
		return ok("hybrid%s", limits)
	}
	return ok("version 1%s", limits)
}

func engines(*host) Finding {
	var found []string
	for _, name := range []string{"dockerd", "containerd", "podman"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		return ok("none found (\"ditto do\" and \"ditto run\" need none)")
	}
	f := ok("%s", strings.Join(found, ", "))
	if text, err := os.ReadFile("/etc/docker/daemon.json"); err != nil || !bytes.Contains(text, []byte("ditto")) {
		f.Advice = "to use it in Docker: ditto install"
	}
	return f
}

// sandbox runs a program in a sandbox: this very one.
func sandbox(h *host) Finding {
	start := time.Now()
	cmd := exec.Command(h.self, "do", h.self, "version")
	var out, text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &text
	err := cmd.Start()
	if err == nil {
		late := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		err = cmd.Wait()
		if !late.Stop() {
			err = errors.New("no answer for 20 seconds")
		}
	}
	if err != nil {
		return Finding{Level: Failure, Detail: strings.TrimSpace(err.Error() + ": " + text.String()), Advice: "if nothing above says why, this is a defect of Ditto's: report it"}
	}
	if !strings.HasPrefix(out.String(), "ditto version") {
		return Finding{Level: Failure, Detail: fmt.Sprintf("ditto version printed %q in it", out.String()), Advice: "this is a defect of Ditto's: report it"}
	}
	return ok("a program ran in one, and it took %v", time.Since(start).Round(time.Millisecond))
}

// SPDX-License-Identifier: Apache-2.0

// Package mount tests mount from Go: what a runtime does to give a process a root of its own.
package mount

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("container_root", "root cap:21 cap:18", containerRoot)
	harness.Case("many_mounts", "root cap:21", manyMounts)
	harness.Case("tables_agree", "root cap:21", tablesAgree)
}

// inOwn gives the thread a mount namespace in which nothing is shared.
func inOwn(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
}

func containerRoot(t *harness.T) {
	inOwn(t)
	t.Must("mkdir", os.Mkdir("root", 0o755))
	t.Must("root", unix.Mount("root", "root", "tmpfs", 0, "mode=755"))
	for _, m := range []struct {
		at, kind string
		flags    uintptr
		data     string
	}{
		{"proc", "proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
		{"dev", "tmpfs", unix.MS_NOSUID | unix.MS_STRICTATIME, "mode=755,size=65536k"},
		{"dev/pts", "devpts", unix.MS_NOSUID | unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"},
		{"dev/shm", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, "mode=1777,size=65536k"},
		{"sys", "sysfs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY, ""},
	} {
		t.Must("mkdir "+m.at, os.Mkdir("root/"+m.at, 0o755))
		t.Must(m.at, unix.Mount(m.kind, "root/"+m.at, m.kind, m.flags, m.data))
	}
	t.Must("old", os.Mkdir("root/old", 0o755))
	t.Must("pivot", unix.PivotRoot("root", "root/old"))
	t.Must("chdir", unix.Chdir("/"))
	t.Must("detach", unix.Unmount("/old", unix.MNT_DETACH))
	b, err := os.ReadFile("/proc/thread-self/mounts")
	t.Must("mounts", err)
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		t.Observe(fmt.Sprintf("mount %d", i), "%s", line)
	}
	t.ObserveErr("masked", unix.Mount("/dev/shm", "/proc/sys", "", unix.MS_BIND, ""))
	t.ObserveErr("read-only", unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
	t.ObserveErr("mkdir", os.Mkdir("/new", 0o755))
}

func manyMounts(t *harness.T) {
	inOwn(t)
	t.Must("mkdir", os.Mkdir("base", 0o755))
	t.Must("base", unix.Mount("base", "base", "tmpfs", 0, ""))
	t.Must("shared", unix.Mount("", "base", "", unix.MS_SHARED, ""))
	for i := range 100 {
		d := fmt.Sprintf("base/%d", i)
		t.Must(d, os.Mkdir(d, 0o755))
		t.Must(d, unix.Mount("x", d, "tmpfs", 0, ""))
	}
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.ObserveErr("detach all", unix.Unmount("base", unix.MNT_DETACH))
	_, err := os.Stat("base/7")
	t.Errno("nothing left", err, unix.ENOENT)
}

func tablesAgree(t *harness.T) {
	inOwn(t)
	t.Must("mkdir", os.Mkdir("a b", 0o755))
	t.Must("tmpfs", unix.Mount(`so ur\ce#`, "a b", "tmpfs", unix.MS_NOEXEC, "size=4k"))
	for _, name := range []string{"mounts", "mountinfo"} {
		b, err := os.ReadFile("/proc/thread-self/" + name)
		t.Must(name, err)
		for line := range strings.Lines(string(b)) {
			if i := strings.Index(line, `/a\040b `); i >= 0 {
				fields := strings.Fields(line)
				for j, f := range fields {
					if strings.HasSuffix(f, `/a\040b`) {
						fields[j] = "PLACE"
					}
				}
				if name == "mountinfo" {
					fields = fields[3:]
				}
				t.Observe(name, "%s", strings.Join(fields, " "))
			}
		}
	}
}

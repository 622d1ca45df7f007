// SPDX-License-Identifier: Apache-2.0

package mount

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("overlay_of_an_overlay", "root cap:21", overlayOfAnOverlay)
	harness.Case("overlay_used_by_many", "root cap:21", overlayUsedByMany)
}

// inOwnMounts makes a mount namespace with a tmpfs as the working directory. The thread ends with its namespace.
func inOwnMounts(t *harness.T, dirs ...string) {
	runtime.LockOSThread()
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS|unix.CLONE_FS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Must("mkdir", os.Mkdir("base", 0o755))
	t.Must("tmpfs", unix.Mount("base", "base", "tmpfs", 0, ""))
	t.Must("chdir", unix.Chdir("base"))
	for _, d := range dirs {
		t.Must("mkdir", unix.Mkdir(d, 0o755))
	}
}

func mountOverlay(t *harness.T, at, options string) {
	err := unix.Mount("ov", at, "overlay", 0, options)
	if err == unix.ENODEV {
		t.Skip("no overlay")
	}
	t.Must("mount", err)
}

func names(t *harness.T, dir string) string {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	t.Must("open", err)
	f := os.NewFile(uintptr(fd), dir)
	defer f.Close()
	list, err := f.Readdirnames(-1)
	t.Must("readdir", err)
	slices.Sort(list)
	return strings.Join(list, " ")
}

func put(t *harness.T, path, text string) {
	fd, err := unix.Open(path, unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC, 0o644)
	t.Must("open "+path, err)
	_, err = unix.Write(fd, []byte(text))
	t.Must("write", err)
	t.Must("close", unix.Close(fd))
}

// overlayOfAnOverlay is how images in containers are built: what one overlay leaves is a layer of the next.
func overlayOfAnOverlay(t *harness.T) {
	inOwnMounts(t, "base", "u1", "w1", "m1", "u2", "w2", "m2")
	put(t, "base/kept", "1")
	put(t, "base/removed", "2")
	mountOverlay(t, "m1", "lowerdir=base,upperdir=u1,workdir=w1")
	t.Must("unlink", unix.Unlink("m1/removed"))
	put(t, "m1/added", "3")
	t.Observe("first", "%s", names(t, "m1"))
	t.Must("umount", unix.Unmount("m1", 0))
	mountOverlay(t, "m2", "lowerdir=u1:base,upperdir=u2,workdir=w2")
	t.Observe("second", "%s", names(t, "m2"))
	put(t, "m2/removed", "4")
	t.Must("unlink", unix.Unlink("m2/added"))
	t.Observe("changed", "%s", names(t, "m2"))
	t.Observe("its layer", "%s", names(t, "u2"))
	t.Observe("the layer below", "%s", names(t, "u1"))
	mountOverlay(t, "m1", "lowerdir=m2:base")
	t.Observe("over it", "%s", names(t, "m1"))
}

// overlayUsedByMany: files are copied, made, moved between directories and removed by several threads at once.
func overlayUsedByMany(t *harness.T) {
	const workers, files = 4, 20
	inOwnMounts(t, "l", "u", "w", "m", "l/a", "l/b")
	for w := range workers {
		for i := range files {
			put(t, fmt.Sprintf("l/a/%d.%d", w, i), "lower")
		}
	}
	mountOverlay(t, "m", "lowerdir=l,upperdir=u,workdir=w")
	m, err := unix.Open("m", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	t.Must("open", err)
	var all sync.WaitGroup
	failed := make([]string, workers)
	for w := range workers {
		all.Go(func() {
			for i := range files {
				a, b := fmt.Sprintf("a/%d.%d", w, i), fmt.Sprintf("b/%d.%d", w, i)
				steps := []error{}
				fd, err := unix.Openat(m, a, unix.O_WRONLY|unix.O_APPEND|unix.O_CLOEXEC, 0)
				steps = append(steps, err)
				_, err = unix.Write(fd, []byte("+upper"))
				steps = append(steps, err, unix.Close(fd), unix.Renameat(m, a, m, b), unix.Linkat(m, b, m, a, 0))
				if i%2 == 0 {
					steps = append(steps, unix.Unlinkat(m, b, 0))
				}
				for n, err := range steps {
					if err != nil {
						failed[w] += fmt.Sprintf("%s step %d: %v; ", filepath.Base(a), n, err)
					}
				}
			}
		})
	}
	all.Wait()
	t.Observe("failed", "%q", failed)
	for _, dir := range []string{"m/a", "m/b", "u/a", "u/b", "l/a"} {
		t.Observe(dir, "%s", names(t, dir))
	}
}

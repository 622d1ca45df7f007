// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// heard is a mark that keeps what it is told.
type heard struct{ events chan string }

func (h *heard) Notify(e vfs.Event) bool {
	h.events <- fmt.Sprintf("%#x %s", e.Mask, e.Name)
	return false
}

func (h *heard) Removed() { h.events <- "removed" }

// next is the next event, or "" if there is none for a while.
func (h *heard) next(wait time.Duration) string {
	select {
	case e := <-h.events:
		return e
	case <-time.After(wait):
		return ""
	}
}

func watchedTree(t *testing.T, o Options) (dir string, fs *FS, at func(name string) vfs.Path) {
	t.Helper()
	probe, err := hostio.NewWatch()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		t.Skip("a host before Linux 5.17, or without fanotify:", err)
	}
	assert.NilError(t, err)
	probe.Close()
	p, err := hostpoll.New()
	assert.NilError(t, err)
	Start(p)
	w := watching.Load()
	t.Cleanup(func() {
		watching.Store(nil)
		p.Close()
		if w.group != nil {
			w.group.Close()
		}
	})
	dir = vfstest.Scratch(t)
	start := mounted(t, dir, o)
	return dir, start.Root.Mount.FS.(*FS), func(name string) vfs.Path {
		p, err := vfs.Lookup(vfstest.Root(), start, name, 0)
		assert.NilError(t, err)
		return p
	}
}

func TestOthersChangesAreTold(t *testing.T) {
	dir, _, at := watchedTree(t, Options{})
	shell := func(command string) {
		c := exec.Command("sh", "-c", command)
		c.Dir = dir
		assert.NilError(t, c.Run())
	}
	shell("echo > file")
	root, file := &heard{make(chan string, 100)}, &heard{make(chan string, 100)}
	vfs.AddMark(at("."), root)
	vfs.AddMark(at("file"), file)
	const long = 30 * time.Second

	shell("echo >> file")
	assert.Equal(t, file.next(long), "0x2 ")
	assert.Equal(t, file.next(long), "0x8 ")
	assert.Equal(t, root.next(long), "0x2 file")
	assert.Equal(t, root.next(long), "0x8 file")

	// What this process does itself is for the vfs to tell; the next thing heard is somebody else's.
	assert.NilError(t, os.WriteFile(filepath.Join(dir, "own"), nil, 0o600))
	shell("mkdir others")
	assert.Equal(t, root.next(long), "0x40000100 others")

	shell("rm file")
	assert.Equal(t, file.next(long), "0x4 ")
	assert.Equal(t, file.next(long), "0x400 ")
	assert.Equal(t, file.next(long), "removed")
	assert.Equal(t, root.next(long), "0x200 file")

	// The host forgets a watch that has ended.
	w := watching.Load()
	marks := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", w.group.FD()))
		assert.NilError(t, err)
		assert.Equal(t, len(w.byID), strings.Count(string(info), "fanotify ino:"), string(info))
		return len(w.byID)
	}
	assert.Equal(t, marks(), 1)
	assert.Assert(t, vfs.RemoveMark(at(".").Inode(), root))
	assert.Equal(t, marks(), 0)
}

// What nobody else changes is not watched.
func TestCachedTreesAreNotWatched(t *testing.T) {
	_, fs, _ := watchedTree(t, Options{Cached: true})
	assert.Assert(t, fs.root.WatchHost() == nil)
	assert.Assert(t, watching.Load().group == nil)
}

// TestOrder: the host joins what happened to one file; a name that is there at the end was made last.
func TestOrder(t *testing.T) {
	dir, fs, _ := watchedTree(t, Options{})
	e := &hostio.WatchEvent{Mask: unix.FAN_DELETE | unix.FAN_CREATE | unix.FAN_MODIFY, Name: "x"}
	assert.DeepEqual(t, order(fs.root, e), []uint32{unix.IN_CREATE, unix.IN_MODIFY, unix.IN_DELETE})
	assert.NilError(t, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600))
	assert.DeepEqual(t, order(fs.root, e), []uint32{unix.IN_DELETE, unix.IN_CREATE, unix.IN_MODIFY})
	assert.DeepEqual(t, order(nil, e), []uint32{unix.IN_CREATE, unix.IN_MODIFY, unix.IN_DELETE})
}

// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// Each listing from the start has all names, whichever of its descriptors on the host the directory is read through, and
// whatever was read through that before.
func TestEachListingHasAllNames(t *testing.T) {
	dir, at := serve(t)
	for _, name := range []string{"a", "b", "c"} {
		assert.NilError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	ctx := vfstest.Root()
	list := func(f *vfs.File) (names []string) {
		t.Helper()
		assert.NilError(t, f.Iterate(ctx, func(e vfs.DirEntry) bool {
			names = append(names, e.Name)
			return true
		}))
		slices.Sort(names)
		return names
	}
	for first := range 4 {
		f, err := vfs.Open(ctx, at, "/", vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY})
		assert.NilError(t, err)
		for turn := range 8 {
			f.SetFlags(unix.O_NOATIME, []uint32{0, unix.O_NOATIME}[turn>>(first&1)&1])
			if turn&2 != 0 || turn == 0 && first&2 != 0 {
				_, err := f.Seek(ctx, 0, unix.SEEK_SET)
				assert.NilError(t, err)
			}
			want := []string{".", "..", "a", "b", "c"}
			if pos, _ := f.Seek(ctx, 0, unix.SEEK_CUR); pos > 0 {
				want = nil
			}
			assert.DeepEqual(t, list(f), want)
		}
		f.DecRef()
	}
}

// The descriptors that nobody uses are kept up to a bound, those used last.
func TestIdleDescriptorsAreKeptByLastUse(t *testing.T) {
	dir, at := serveAs(t, Options{Cached: true, MaxIdle: 3})
	ctx := vfstest.Root()
	fs := at.Root.Mount.FS.(*FS)
	touch := func(name string) {
		f, err := vfs.Open(ctx, at, name, vfs.OpenHow{Flags: unix.O_RDONLY})
		assert.NilError(t, err)
		f.DecRef()
	}
	for i := range 5 {
		assert.NilError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o600))
	}
	kept := func() (names []string) {
		older := 0
		for h := fs.handles.newest; h != nil; h = h.older {
			assert.Assert(t, h.idle && h.refs == 0)
			names = append(names, h.inode.at.Load().name)
			older++
		}
		assert.Equal(t, fs.handles.idle, older)
		newer := slices.Clone(names[:0])
		for h := fs.handles.oldest; h != nil; h = h.newer {
			newer = append(newer, h.inode.at.Load().name)
		}
		slices.Reverse(newer)
		assert.DeepEqual(t, newer, names)
		return names
	}
	fs.handles.closeIdle()
	assert.DeepEqual(t, kept(), []string(nil))
	for _, c := range []struct {
		open string
		want []string
	}{
		{"0", []string{"0", ""}}, {"0", []string{"0", ""}}, {"1", []string{"1", "", "0"}}, {"0", []string{"0", "1", ""}},
		{"2", []string{"2", "", "0"}}, {"", []string{"", "2", "0"}}, {"3", []string{"3", "", "2"}},
	} {
		touch("/" + c.open)
		assert.DeepEqual(t, kept(), c.want)
	}
}

// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"os"
	"path/filepath"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// A glance is good for one lookup of the same name in the same directory, where nobody changes the tree.
func TestGlanceIsGoodForOneLookup(t *testing.T) {
	ctx := vfstest.Root()
	for _, o := range []Options{{ReadOnly: true, Cached: true}, {Cached: true}, {}} {
		dir, at := serveAs(t, o)
		for _, name := range []string{"a", "b", "d/a"} {
			assert.NilError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
			assert.NilError(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
		}
		fs := at.Root.Mount.FS.(*FS)
		top := fs.root
		sub, err := top.Lookup(ctx, "d")
		assert.NilError(t, err)
		for _, c := range []struct {
			in   vfs.Inode
			name string
			kept bool
		}{{sub, "a", false}, {top, "b", false}, {top, "a", o.ReadOnly}} {
			want, _, err := top.Glance(ctx, "a")
			assert.NilError(t, err)
			before := fs.glanced.dir
			assert.Equal(t, before != nil, o.ReadOnly)
			i, err := c.in.Lookup(ctx, c.name)
			assert.NilError(t, err)
			assert.Equal(t, fs.glanced.dir == nil, c.kept || before == nil)
			got, err := i.Attr(ctx)
			assert.NilError(t, err)
			assert.Equal(t, got == want, c.in == vfs.Inode(top) && c.name == "a")
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestAnswersAsTheHost(t *testing.T) {
	for _, o := range []Options{{Name: "exclusive", Cached: true, MaxIdle: 2}, {Name: "shared"}} {
		t.Run(o.Name, func(t *testing.T) {
			vfstest.Compare(t, vfstest.Scripts, func(t *testing.T, s *vfstest.Script) vfstest.Tree {
				dir := vfstest.Scratch(t)
				assert.NilError(t, os.Chmod(dir, 0o777))
				host := vfstest.NewHostTree(dir)
				vfstest.Play(host, s.Before)
				host.Close()
				fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
				assert.NilError(t, err)
				fs, err := New(fd, o)
				assert.NilError(t, err)
				tree := vfstest.NewTree(vfstest.Root(), fs, func() { assert.NilError(t, fs.Close()) })
				if s.User {
					vfstest.BeUser(tree)
				}
				return tree
			})
		})
	}
}

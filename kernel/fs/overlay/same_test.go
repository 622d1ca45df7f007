// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestAnswersAsTheHost(t *testing.T) {
	vfstest.Compare(t, vfstest.Scripts, func(t *testing.T, s *vfstest.Script) vfstest.Tree {
		dir := vfstest.Scratch(t)
		assert.NilError(t, os.Chmod(dir, 0o777))
		host := vfstest.NewHostTree(dir)
		vfstest.Play(host, s.Before)
		host.Close()
		fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		assert.NilError(t, err)
		lower, err := hostfs.New(fd, hostfs.Options{ReadOnly: true, Cached: true, MaxIdle: 2})
		assert.NilError(t, err)
		ctx := vfstest.Root()
		fs, err := New(ctx, lower, Options{})
		assert.NilError(t, err)
		tree := vfstest.NewTree(ctx, fs, func() { assert.NilError(t, lower.Close()) })
		if s.User {
			vfstest.BeUser(tree)
		}
		return tree
	})
}

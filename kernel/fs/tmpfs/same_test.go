// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"testing"

	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestAnswersAsTheHost(t *testing.T) {
	vfstest.Compare(t, vfstest.Scripts, func(t *testing.T, s *vfstest.Script) vfstest.Tree {
		tree := vfstest.NewTree(vfstest.Root(), New(Options{Mode: 0o777}), nil)
		vfstest.Play(tree, s.Before)
		if s.User {
			vfstest.BeUser(tree)
		}
		return tree
	})
}

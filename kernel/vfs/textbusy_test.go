// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func TestRunningOrWritten(t *testing.T) {
	inode := NewPseudoFS("test", 1).NewInode(unix.S_IFREG|0o755, 0, 0)
	f := &File{Inode: inode}
	assert.NilError(t, countWriter(inode, 1))
	assert.Equal(t, f.DenyWrite(), unix.ETXTBSY)
	uncountWriter(inode, 1)
	assert.NilError(t, f.DenyWrite())
	assert.Equal(t, notRunning(inode), unix.ETXTBSY)
	f.AllowWrite()
	f.AllowWrite() // the second changes nothing
	assert.NilError(t, notRunning(inode))
	_, counted := writeCounts.of[inode]
	assert.Assert(t, !counted)
}

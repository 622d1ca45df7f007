// SPDX-License-Identifier: Apache-2.0

package control

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// pair is both ends of a conversation.
func pair(t *testing.T) (a, b *Conn) {
	t.Helper()
	a, file, err := Pair()
	assert.NilError(t, err)
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	assert.NilError(t, err)
	b, err = Open(fd)
	assert.NilError(t, err)
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func TestMessagesWithFiles(t *testing.T) {
	a, b := pair(t)
	assert.NilError(t, a.Send(Request{Signal: 9}, os.Stdin, os.Stdout))
	assert.NilError(t, a.Send(Request{Start: true}))
	var got Request
	assert.NilError(t, b.Receive(&got))
	assert.Equal(t, got.Signal, 9)
	files := b.Files()
	assert.Equal(t, len(files), 2)
	for _, f := range files {
		f.Close()
	}
	got = Request{}
	assert.NilError(t, b.Receive(&got))
	assert.Assert(t, got.Start)
}

// The other end is gone: in order, with what it was sent unread (the connection is reset), and when more is sent to it.
func TestHungUp(t *testing.T) {
	a, b := pair(t)
	b.Close()
	assert.Assert(t, HungUp(a.Receive(&Report{})))
	assert.Assert(t, HungUp(a.Send(Request{Start: true})))

	a, b = pair(t)
	assert.NilError(t, a.Send(Request{Start: true}))
	b.Close()
	err := a.Receive(&Report{})
	assert.Assert(t, HungUp(err), "%v", err)
}

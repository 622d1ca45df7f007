// SPDX-License-Identifier: Apache-2.0

package mqueue

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

func TestMessagesAreInTheOrderOfTheirPriorities(t *testing.T) {
	q := &Queue{attr: Attr{MaxMsg: 4, MsgSize: 8}}
	for i, prio := range []uint32{1, 7, 1, 7} {
		_, done := q.put(message{prio, []byte{byte(i)}})
		assert.Assert(t, done)
	}
	_, done := q.put(message{})
	assert.Assert(t, !done)
	f := &file{q: q}
	assert.Equal(t, f.Poll(nil), wait.Readable)
	for _, want := range []byte{1, 3, 0, 2} {
		var m message
		assert.Assert(t, q.take(&m, 0))
		assert.Equal(t, m.text[0], want)
	}
	assert.Equal(t, f.Poll(nil), wait.Writable)
}

func TestNotifyIsForOneMessageToAnEmptyQueue(t *testing.T) {
	q := &Queue{attr: Attr{MaxMsg: 4, MsgSize: 8}}
	n := &Notify{Pid: 5}
	assert.NilError(t, q.SetNotify(5, n))
	assert.Equal(t, q.SetNotify(6, &Notify{Pid: 6}), unix.EBUSY)
	assert.NilError(t, q.SetNotify(6, nil)) // not its own
	q.wait(1)
	tell, _ := q.put(message{})
	assert.Assert(t, tell == nil) // a receiver waits
	var m message
	assert.Assert(t, q.take(&m, 1))
	tell, _ = q.put(message{})
	assert.Assert(t, tell == n)
	tell, _ = q.put(message{})
	assert.Assert(t, tell == nil)
}

func TestNames(t *testing.T) {
	for name, want := range map[string]error{
		"": unix.ENOENT, ".": unix.EACCES, "a/b": unix.EACCES, "a": nil, string(make([]byte, 256)): unix.ENAMETOOLONG,
	} {
		assert.Equal(t, checkName(name), want)
	}
}

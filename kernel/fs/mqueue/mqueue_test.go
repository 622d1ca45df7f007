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
		_, done := q.put(&waiter{message: message{prio, []byte{byte(i)}}}, false)
		assert.Assert(t, done)
	}
	_, done := q.put(&waiter{}, false)
	assert.Assert(t, !done)
	f := &file{q: q}
	assert.Equal(t, f.Poll(nil), wait.Readable)
	for _, want := range []byte{1, 3, 0, 2} {
		w := &waiter{}
		assert.Assert(t, q.take(w, false))
		m := w.message
		assert.Equal(t, m.text[0], want)
	}
	assert.Equal(t, f.Poll(nil), wait.Writable)
}

func TestNotifyIsForOneMessageToAnEmptyQueue(t *testing.T) {
	q := &Queue{attr: Attr{MaxMsg: 4, MsgSize: 8}}
	n := &Notify{Pid: 5}
	assert.NilError(t, q.SetNotify(n))
	assert.Equal(t, q.SetNotify(&Notify{Pid: 6}), unix.EBUSY)
	q.EndNotify(6) // not its own
	receiver := &waiter{}
	assert.Assert(t, !q.take(receiver, true))
	tell, _ := q.put(&waiter{}, false)
	assert.Assert(t, tell == nil && receiver.served) // a receiver waited
	tell, _ = q.put(&waiter{}, false)
	assert.Assert(t, tell == n)
	tell, _ = q.put(&waiter{}, false)
	assert.Assert(t, tell == nil)
}

// TestWaitersAreServedInOrder: by their priority, then by age.
func TestWaitersAreServedInOrder(t *testing.T) {
	q := &Queue{attr: Attr{MaxMsg: 1, MsgSize: 8}}
	var ws []*waiter
	for i, nice := range []int{20, 20, 15, 20} {
		ws = append(ws, &waiter{message: message{0, []byte{byte(i)}}, priority: nice})
	}
	for _, w := range ws {
		assert.Assert(t, !q.take(w, true))
	}
	for _, next := range []int{2, 0, 1, 3} {
		_, done := q.put(&waiter{}, false)
		assert.Assert(t, done && ws[next].served)
		ws[next].served = false
	}
	_, done := q.put(&waiter{}, false)
	assert.Assert(t, done)
	for i, w := range ws {
		w.message.text = []byte{byte(i)}
		_, done := q.put(w, true)
		assert.Assert(t, !done)
	}
	for _, next := range []int{2, 0, 1, 3} {
		assert.Assert(t, q.take(&waiter{}, false) && ws[next].served)
		ws[next].served = false
	}
	got := &waiter{}
	assert.Assert(t, q.take(got, false) && got.message.text[0] == 3)
}

func TestNames(t *testing.T) {
	for name, want := range map[string]error{
		"": unix.ENOENT, ".": unix.EACCES, "a/b": unix.EACCES, "a": nil, string(make([]byte, 256)): unix.ENAMETOOLONG,
	} {
		assert.Equal(t, checkName(name), want)
	}
}

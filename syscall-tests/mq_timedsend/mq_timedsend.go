// SPDX-License-Identifier: Apache-2.0

// Package mq_timedsend tests mq_timedsend from Go: priorities, a full queue, and senders that wait for room.
package mq_timedsend

import (
	"fmt"
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("refusals", "", refusals)
	harness.Case("several_senders_wait_for_room", "", several)
}

// queue is a queue without a name.
func queue(t *harness.T, messages, size int64, flags int) int {
	q, err := harness.MqOpen(harness.MqName(0), unix.O_CREAT|unix.O_EXCL|unix.O_RDWR|flags, 0o600, &harness.MqAttr{MaxMsg: messages, MsgSize: size})
	t.Must("open", err)
	t.Must("unlink", harness.MqUnlink(harness.MqName(0)))
	return q
}

func refusals(t *harness.T) {
	q := queue(t, 2, 8, unix.O_NONBLOCK)
	past := &unix.Timespec{Sec: 1}
	t.ObserveErr("empty", harness.MqSend(q, "", 0, nil))
	t.ObserveErr("too long", harness.MqSend(q, "123456789", 0, nil))
	t.ObserveErr("priority 32767", harness.MqSend(q, "12345678", 32767, nil))
	t.ObserveErr("full", harness.MqSend(q, "x", 0, nil))
	t.ObserveErr("priority 32768", harness.MqSend(q, "x", 32768, nil))
	t.ObserveErr("bad time", harness.MqSend(q, "x", 0, &unix.Timespec{Nsec: 1e9}))
	t.ObserveErr("negative time", harness.MqSend(q, "x", 0, &unix.Timespec{Sec: -1}))
	t.ObserveErr("no queue", harness.MqSend(0, "x", 0, nil))
	t.ObserveErr("no descriptor", harness.MqSend(math.MaxInt32, "x", 0, nil))
	w := queue(t, 1, 8, 0)
	t.Must("fill", harness.MqSend(w, "1", 0, nil))
	t.ObserveErr("full, in the past", harness.MqSend(w, "2", 0, past))
	_, _, err := harness.MqReceive(w, 8, nil)
	t.Must("make room", err)
	t.ObserveErr("room, in the past", harness.MqSend(w, "2", 0, past))
}

func several(t *harness.T) {
	const senders, each = 4, 25
	q := queue(t, 1, 32, 0)
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				if harness.MqSend(q, fmt.Sprintf("%d %d", s, i), 0, nil) != nil {
					return
				}
			}
		})
	}
	var next [senders]int
	for range senders * each {
		text, _, err := harness.MqReceive(q, 32, nil)
		t.Must("receive", err)
		var s, i int
		_, err = fmt.Sscan(text, &s, &i)
		t.Must("parse", err)
		t.Equal("order of one sender's", i, next[s])
		next[s]++
	}
	wg.Wait()
	t.Equal("all", next, [senders]int{each, each, each, each})
}

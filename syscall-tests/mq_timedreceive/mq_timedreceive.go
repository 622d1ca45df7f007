// SPDX-License-Identifier: Apache-2.0

// Package mq_timedreceive tests mq_timedreceive from Go: the order of priorities, deadlines, and receivers that share the work.
package mq_timedreceive

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("by_priority_then_age", "", byPriority)
	harness.Case("several_receivers", "", several)
}

func queue(t *harness.T, flags int) int {
	q, err := harness.MqOpen(harness.MqName(0), unix.O_CREAT|unix.O_EXCL|unix.O_RDWR|flags, 0o600, &harness.MqAttr{MaxMsg: 10, MsgSize: 32})
	t.Must("open", err)
	t.Must("unlink", harness.MqUnlink(harness.MqName(0)))
	return q
}

func byPriority(t *harness.T) {
	q := queue(t, unix.O_NONBLOCK)
	for i, priority := range []uint{3, 0, 7, 3, 32767, 0, 7} {
		t.Must("send", harness.MqSend(q, fmt.Sprint("message ", i), priority, nil))
	}
	for i := range 8 {
		text, priority, err := harness.MqReceive(q, 32, nil)
		t.Observe(fmt.Sprint(i), "%q %d %s", text, priority, harness.ErrnoName(err))
	}
	t.Must("send", harness.MqSend(q, "x", 0, nil))
	_, _, err := harness.MqReceive(q, 31, nil)
	t.Errno("short buffer", err, unix.EMSGSIZE)
	_, _, err = harness.MqReceive(q, 32, &unix.Timespec{Nsec: -1})
	t.ObserveErr("bad time", err)
	w := queue(t, 0)
	_, _, err = harness.MqReceive(w, 32, &unix.Timespec{Sec: 1})
	t.Errno("nothing, in the past", err, unix.ETIMEDOUT)
	_, _, err = harness.MqReceive(0, 32, nil)
	t.Errno("no queue", err, unix.EBADF)
}

func several(t *harness.T) {
	const receivers, messages = 4, 100
	q := queue(t, 0)
	var sum atomic.Int64
	var wg sync.WaitGroup
	for range receivers {
		wg.Go(func() {
			for {
				text, _, err := harness.MqReceive(q, 32, nil)
				var n int64
				if _, scanned := fmt.Sscan(text, &n); err != nil || scanned != nil || n == 0 {
					return
				}
				sum.Add(n)
			}
		})
	}
	for i := range messages {
		t.Must("send", harness.MqSend(q, fmt.Sprint(i+1), 1, nil))
	}
	for range receivers {
		t.Must("send the end", harness.MqSend(q, "0", 0, nil))
	}
	wg.Wait()
	t.Equal("sum", sum.Load(), int64(messages*(messages+1)/2))
}

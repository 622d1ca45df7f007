// SPDX-License-Identifier: Apache-2.0

// Package mq_open tests mq_open from Go: limits of attributes for who is not privileged, and a queue that two processes open.
package mq_open

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("attributes", "", attributes)
	harness.Case("found_by_another_process", "", found)
	harness.Child("mq_open.answerer", answerer)
}

func attributes(t *harness.T) {
	name := harness.MqName(0)
	for _, a := range []harness.MqAttr{{}, {MaxMsg: 1, MsgSize: 1}, {MaxMsg: -1, MsgSize: 1}, {MaxMsg: 1, MsgSize: -1},
		{MaxMsg: 10, MsgSize: 8192}, {MaxMsg: 1 << 17, MsgSize: 1}, {MaxMsg: 1, MsgSize: 1 << 25}} {
		what := fmt.Sprintf("%d of %d", a.MaxMsg, a.MsgSize)
		q, err := harness.MqOpen(name, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600, &a)
		t.ObserveErr(what, err)
		if err != nil {
			continue
		}
		got, err := harness.MqGetSetAttr(q, nil)
		t.Must("attributes", err)
		t.Observe(what+" is", "%d %d %d", got.MaxMsg, got.MsgSize, got.CurMsgs)
		t.Must("close", unix.Close(q))
		t.Must("unlink", harness.MqUnlink(name))
	}
	_, err := harness.MqOpen(name, unix.O_RDWR, 0, nil)
	t.Errno("open what is gone", err, unix.ENOENT)
	_, err = harness.MqOpen("a/b", unix.O_CREAT|unix.O_RDWR, 0o600, nil)
	t.Errno("a name with a slash", err, unix.EACCES)
}

// answerer opens the two queues by their names, and answers.
func answerer(args []string) int {
	in, err := harness.MqOpen(args[0], unix.O_RDONLY, 0, nil)
	if err != nil {
		return 1
	}
	out, err := harness.MqOpen(args[1], unix.O_WRONLY, 0, nil)
	if err != nil {
		return 2
	}
	if harness.MqSend(in, "x", 0, nil) != unix.EBADF {
		return 3
	}
	for {
		text, priority, err := harness.MqReceive(in, 8192, nil)
		if err != nil {
			return 4
		}
		if text == "end" {
			return 5
		}
		if harness.MqSend(out, text+"!", uint(priority)+1, nil) != nil {
			return 6
		}
	}
}

func found(t *harness.T) {
	names := []string{harness.MqName(1), harness.MqName(2)}
	var qs []int
	for _, n := range names {
		q, err := harness.MqOpen(n, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600, nil)
		t.Must("open", err)
		qs = append(qs, q)
	}
	cmd := harness.Command("mq_open.answerer", names...)
	t.Must("start", cmd.Start())
	for i := range 20 {
		t.Must("send", harness.MqSend(qs[0], fmt.Sprint(i), uint(i), nil))
		text, priority, err := harness.MqReceive(qs[1], 8192, nil)
		t.Must("receive", err)
		t.Equal("answer", fmt.Sprint(text, priority), fmt.Sprintf("%d!%d", i, i+1))
	}
	t.Must("end", harness.MqSend(qs[0], "end", 0, nil))
	_ = cmd.Wait()
	t.Observe("its end", "%s", harness.Status(cmd))
	for _, n := range names {
		t.Must("unlink", harness.MqUnlink(n))
	}
}

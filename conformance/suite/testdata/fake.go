// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Package fake has cases that end in every way that a case can, for the harness's own test.
package fake

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("passes", "", func(t *harness.T) {
		t.ObserveErr("bad fd", unix.Close(-1))
		t.ObserveRet("ret", 5, nil)
		t.ObserveErr("wrapped", os.Chdir("/no/such"))
		t.Observe("child", "%s", harness.Status(harness.Command("fake.three")))
		t.Errno("close", unix.Close(-1), unix.EBADF)
	})
	harness.Case("fails", "", func(t *harness.T) {
		t.Check(false, "because of %d", 1)
		t.Equal("sum", 1+1, 3)
		t.Errno("close", unix.Close(-1), unix.EINVAL)
		t.Observe("still", "here")
	})
	harness.Case("requires", "", func(t *harness.T) {
		t.Must("close", unix.Close(-1))
		t.Observe("never", "here")
	})
	harness.Case("panics", "", func(t *harness.T) { panic("oh") })
	harness.Case("fails_silently", "", func(t *harness.T) { t.Fail() })
	harness.Case("crashes", "", func(t *harness.T) {
		t.Observe("before", "1")
		unix.Kill(unix.Getpid(), syscall.SIGKILL)
		unix.Pause()
	})
	harness.Case("exits", "", func(t *harness.T) { os.Exit(0) })
	harness.Case("hangs", "", func(t *harness.T) {
		t.Observe("before", "1")
		unix.Pause()
	})
	harness.Case("skips", "", func(t *harness.T) { t.Skip("no %s today", "luck") })
	harness.Case("unmet", "root nonroot", func(t *harness.T) {})
	harness.Child("fake.three", func([]string) int { return 3 })
}

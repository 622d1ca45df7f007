// SPDX-License-Identifier: Apache-2.0

// Package chown tests chown from Go: owners come back, and those that are not given stay.
package chown

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("owners", "root", owners)
}

func owners(t *harness.T) {
	t.Put("file", "dir/", "link -> file", "dangling -> nowhere")
	type ids struct{ UID, GID uint32 }
	var got []ids
	for _, want := range []ids{{1, 2}, {0xffffffff, 3}, {4, 0xffffffff}, {0xffffffff, 0xffffffff}, {0xfffffffe, 65534}, {0, 0}} {
		t.Must("chown", call("file", int(want.UID), int(want.GID)))
		var st unix.Stat_t
		t.Must("stat", unix.Stat("file", &st))
		got = append(got, ids{st.Uid, st.Gid})
	}
	t.Diff("owners", got, []ids{{1, 2}, {1, 3}, {4, 3}, {4, 3}, {0xfffffffe, 65534}, {0, 0}})
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", 0, 0)),
		harness.Try("below a file", unix.ENOTDIR, call("file/x", 0, 0)),
		harness.Try("dangling", unix.ENOENT, call("dangling", 0, 0)),
		harness.Try("directory", 0, call("dir", 5, 6)),
	)
}

func call(path string, uid, gid int) error {
	return harness.Err(unix.SYS_CHOWN, path, uid, gid)
}

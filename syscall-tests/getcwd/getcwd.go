// SPDX-License-Identifier: Apache-2.0

// Package getcwd tests getcwd from Go: it is the way up by inode numbers, and agrees with /proc.
package getcwd

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_proc", "", agreesWithProc)
	harness.Case("leads_back", "", leadsBack)
}

func agreesWithProc(t *harness.T) {
	t.Put("a/", "a/b/", "link -> a/b")
	for _, dir := range []string{".", "link", "..", "../..", "/", "/proc/self", "/dev"} {
		t.Must(dir, unix.Chdir(dir))
		buf := make([]byte, 4096)
		n, err := harness.Sys(unix.SYS_GETCWD, buf, len(buf))
		t.Must("getcwd", err)
		link, err := os.Readlink("/proc/self/cwd")
		t.Must("readlink", err)
		t.Equal(dir, string(buf[:n-1]), link)
	}
}

func leadsBack(t *harness.T) {
	t.Put("a/", "a/b/")
	t.Must("chdir", unix.Chdir("a/b"))
	buf := make([]byte, 4096)
	n, err := harness.Sys(unix.SYS_GETCWD, buf, len(buf))
	t.Must("getcwd", err)
	var here, there unix.Stat_t
	t.Must("stat", unix.Stat(".", &here))
	t.Must("stat", unix.Stat(string(buf[:n-1]), &there))
	t.Equal("inode", there.Ino, here.Ino)
	t.Must("chdir", unix.Chdir("../.."))
	t.Must("rename", os.Rename("a", "renamed"))
	t.Must("chdir", unix.Chdir("renamed/b"))
	n, err = harness.Sys(unix.SYS_GETCWD, buf, len(buf))
	t.Must("getcwd", err)
	t.Check(strings.HasSuffix(string(buf[:n-1]), "/renamed/b"), "%s", buf[:n-1])
}

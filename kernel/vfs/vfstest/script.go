// SPDX-License-Identifier: Apache-2.0

package vfstest

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Tree is a tree of files in which a script can be run: the host's own, or
// one of a file system of ours.
type Tree interface {
	// Do performs one call, and says what it answered.
	Do(call []string) string
	Close()
}

// A Script is what is done in a fresh tree, a call a line. An overlay has the
// Before lines done in the tree below.
type Script struct {
	Name   string
	Before string
	Do     string
	User   bool // as an ordinary user
}

// Scratch is a directory of a tmpfs of the host, if it has one, for the
// host's side of a comparison.
func Scratch(t testing.TB) string {
	t.Helper()
	var st unix.Statfs_t
	const shm, tmpfsMagic = "/dev/shm", 0x01021994
	if unix.Statfs(shm, &st) != nil || st.Type != tmpfsMagic {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(shm, "vfstest")
	assert.NilError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Compare runs each script on the host and in the tree that ours makes, and
// compares all answers. before are the calls to do first, wherever ours
// wants them done.
func Compare(t *testing.T, scripts []Script, ours func(t *testing.T, s *Script) Tree) {
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			if os.Getuid() != 0 {
				t.Skip("needs root, to have owners and modes of all kinds")
			}
			want := onHost(t, &s)
			tree := ours(t, &s)
			defer tree.Close()
			got := play(tree, s.Do)
			assert.Assert(t, cmp.Equal(got, want), cmp.Diff(want, got))
		})
	}
}

// onHost plays a script on the host, in a thread of its own that is thrown
// away, so that it can change its ids.
func onHost(t *testing.T, s *Script) []string {
	dir := Scratch(t)
	assert.NilError(t, os.Chmod(dir, 0o777))
	done := make(chan []string)
	go func() {
		runtime.LockOSThread()
		tree := NewHostTree(dir)
		defer tree.Close()
		play(tree, s.Before)
		if s.User {
			asUser()
		}
		done <- play(tree, s.Do)
	}()
	return <-done
}

const testUID, testGID = 1000, 1000

// asUser makes this thread an ordinary user's.
func asUser() {
	_, _, e1 := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0)
	_, _, e2 := unix.RawSyscall(unix.SYS_SETRESGID, testGID, testGID, testGID)
	_, _, e3 := unix.RawSyscall(unix.SYS_SETRESUID, testUID, testUID, testUID)
	if e1 != 0 || e2 != 0 || e3 != 0 {
		panic(fmt.Sprint("can't change ids: ", e1, e2, e3))
	}
}

// play does the calls of a script, and returns each with its answer.
func play(tree Tree, script string) []string {
	var log []string
	for line := range strings.Lines(script) {
		if call := strings.Fields(line); len(call) > 0 {
			log = append(log, strings.Join(call, " ")+" = "+tree.Do(call))
		}
	}
	return log
}

// Play does the calls of a script whose answers don't matter.
func Play(tree Tree, script string) { play(tree, script) }

// answer is what a call answered, as a script's log has it.
func answer(v any, err error) string {
	if err == nil {
		return fmt.Sprint(v)
	}
	if e, ok := err.(unix.Errno); ok {
		return unix.ErrnoName(e)
	}
	return err.Error()
}

// number is an argument: a number, or names of flags with | between.
func number(s string) int {
	n := 0
	for part := range strings.SplitSeq(s, "|") {
		if v, ok := flagNames[part]; ok {
			n |= v
			continue
		}
		v, err := strconv.ParseInt(part, 0, 64)
		if err != nil {
			panic(err)
		}
		n |= int(v)
	}
	return n
}

var flagNames = map[string]int{
	"RDONLY": unix.O_RDONLY, "WRONLY": unix.O_WRONLY, "RDWR": unix.O_RDWR, "CREAT": unix.O_CREAT, "EXCL": unix.O_EXCL,
	"TRUNC": unix.O_TRUNC, "APPEND": unix.O_APPEND, "DIRECTORY": unix.O_DIRECTORY, "NOFOLLOW": unix.O_NOFOLLOW,
	"PATH": unix.O_PATH, "TMPFILE": unix.O_TMPFILE, "NOATIME": unix.O_NOATIME,
	"NOREPLACE": unix.RENAME_NOREPLACE, "EXCHANGE": unix.RENAME_EXCHANGE,
	"KEEP": unix.FALLOC_FL_KEEP_SIZE, "PUNCH": unix.FALLOC_FL_PUNCH_HOLE, "ZERO": unix.FALLOC_FL_ZERO_RANGE,
	"SET": unix.SEEK_SET, "CUR": unix.SEEK_CUR, "END": unix.SEEK_END, "DATA": unix.SEEK_DATA, "HOLE": unix.SEEK_HOLE,
	"REG": unix.S_IFREG, "DIR": unix.S_IFDIR, "FIFO": unix.S_IFIFO, "CHR": unix.S_IFCHR, "SOCK": unix.S_IFSOCK,
	"XCREATE": unix.XATTR_CREATE, "XREPLACE": unix.XATTR_REPLACE,
	"BENEATH": unix.RESOLVE_BENEATH, "IN_ROOT": unix.RESOLVE_IN_ROOT, "NO_SYMLINKS": unix.RESOLVE_NO_SYMLINKS,
	"NO_XDEV": unix.RESOLVE_NO_XDEV, "NO_MAGICLINKS": unix.RESOLVE_NO_MAGICLINKS,
}

// describe is what of a file's attributes does not depend on where it is.
func describe(a *vfs.Attr) string {
	s := fmt.Sprintf("%06o %d:%d", a.Mode, a.UID, a.GID)
	if !a.IsDir() {
		s += fmt.Sprintf(" links=%d size=%d", a.Nlink, a.Size)
	}
	return s
}

// long makes names and paths that are too long writable: @255 is that many letters.
func long(s string) string {
	if rest, ok := strings.CutPrefix(s, "@"); ok {
		count, tail, _ := strings.Cut(rest, "/")
		if tail != "" || strings.HasSuffix(rest, "/") {
			tail = "/" + tail
		}
		n, err := strconv.Atoi(count)
		if err != nil {
			panic(err)
		}
		return strings.Repeat("n", n) + tail
	}
	if s == "''" {
		return ""
	}
	return s
}

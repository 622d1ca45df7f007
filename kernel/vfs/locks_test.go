// SPDX-License-Identifier: Apache-2.0

package vfs_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// newRoot is the root of an empty tmpfs.
func newRoot() vfs.At {
	root := vfs.NewNamespace(tmpfs.New(tmpfs.Options{Mode: 0o755}), 0).Root()
	return vfs.At{Root: root, Dir: root}
}

func openFile(t testing.TB, ctx vfs.Ctx, at vfs.At, path string, flags uint32) *vfs.File {
	t.Helper()
	f, err := vfs.Open(ctx, at, path, vfs.OpenHow{Flags: flags, Mode: 0o666})
	assert.NilError(t, err)
	return f
}

// lockStep is one lock taken or given up by one of two descriptions.
type lockStep struct {
	who        int
	typ        int16
	start, len int64
}

var lockSteps = []struct {
	name  string
	steps []lockStep
}{
	{"readers share", []lockStep{{0, unix.F_RDLCK, 0, 10}, {1, unix.F_RDLCK, 5, 10}, {1, unix.F_WRLCK, 0, 1}, {1, unix.F_WRLCK, 10, 1}}},
	{"writer excludes", []lockStep{{0, unix.F_WRLCK, 10, 10}, {1, unix.F_RDLCK, 0, 10}, {1, unix.F_RDLCK, 0, 11}, {1, unix.F_WRLCK, 20, 0}, {1, unix.F_RDLCK, 19, 1}}},
	{"unlock in the middle", []lockStep{{0, unix.F_WRLCK, 0, 100}, {0, unix.F_UNLCK, 40, 20}, {1, unix.F_WRLCK, 40, 20}, {1, unix.F_WRLCK, 39, 1}, {1, unix.F_WRLCK, 60, 1}}},
	{"downgrade in the middle", []lockStep{{0, unix.F_WRLCK, 0, 100}, {0, unix.F_RDLCK, 40, 20}, {1, unix.F_RDLCK, 45, 1}, {1, unix.F_RDLCK, 39, 1}}},
	{"upgrade of one's own", []lockStep{{0, unix.F_RDLCK, 0, 0}, {0, unix.F_WRLCK, 5, 5}, {1, unix.F_RDLCK, 0, 5}, {1, unix.F_RDLCK, 5, 1}, {1, unix.F_RDLCK, 10, 0}}},
	{"upgrade against a reader", []lockStep{{0, unix.F_RDLCK, 0, 10}, {1, unix.F_RDLCK, 0, 10}, {0, unix.F_WRLCK, 0, 10}, {1, unix.F_UNLCK, 0, 0}, {0, unix.F_WRLCK, 0, 10}}},
	{"merge of neighbours", []lockStep{{0, unix.F_WRLCK, 0, 10}, {0, unix.F_WRLCK, 10, 10}, {0, unix.F_UNLCK, 5, 10}, {1, unix.F_WRLCK, 5, 10}, {1, unix.F_WRLCK, 4, 1}, {1, unix.F_WRLCK, 15, 1}}},
	{"to the end", []lockStep{{0, unix.F_WRLCK, 100, 0}, {1, unix.F_WRLCK, 0, 100}, {1, unix.F_WRLCK, 1 << 60, 1}}},
}

// TestLocksAsTheHost takes the same locks of open file descriptions on the
// host and here. It asks after each step who stands in the way of a lock of
// the whole file.
func TestLocksAsTheHost(t *testing.T) {
	for _, c := range lockSteps {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, ourLocks(t, c.steps), hostLocks(t, c.steps))
		})
	}
}

func lockLog(err error, found bool, typ int16, start, length int64) string {
	if !found {
		return fmt.Sprintln(err)
	}
	return fmt.Sprintln(err, typ, start, length)
}

func hostLocks(t *testing.T, steps []lockStep) string {
	path := t.TempDir() + "/f"
	var fds [3]int
	for i := range fds {
		fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
		assert.NilError(t, err)
		defer unix.Close(fd)
		fds[i] = fd
	}
	var log strings.Builder
	for _, s := range steps {
		err := unix.FcntlFlock(uintptr(fds[s.who]), unix.F_OFD_SETLK, &unix.Flock_t{Type: s.typ, Start: s.start, Len: s.len})
		probe := unix.Flock_t{Type: unix.F_WRLCK}
		assert.NilError(t, unix.FcntlFlock(uintptr(fds[2]), unix.F_OFD_GETLK, &probe))
		log.WriteString(lockLog(err, probe.Type != unix.F_UNLCK, probe.Type, probe.Start, probe.Len))
	}
	return log.String()
}

func ourLocks(t *testing.T, steps []lockStep) string {
	ctx, at := vfstest.Root(), newRoot()
	var files [3]*vfs.File
	for i := range files {
		files[i] = openFile(t, ctx, at, "f", unix.O_RDWR|unix.O_CREAT)
		defer files[i].DecRef()
	}
	var log strings.Builder
	for _, s := range steps {
		err := vfs.SetLock(ctx, files[s.who], lockOf(files[s.who], s.typ, s.start, s.len), false)
		probe := lockOf(files[2], unix.F_WRLCK, 0, 0)
		m, found := vfs.GetLock(files[2], &probe)
		length := int64(0)
		if m.End != math.MaxInt64 {
			length = m.End - m.Start + 1
		}
		log.WriteString(lockLog(err, found, m.Type, m.Start, length))
	}
	return log.String()
}

func lockOf(owner any, typ int16, start, length int64) vfs.Lock {
	l := vfs.Lock{Owner: owner, Type: typ, Start: start, End: start + length - 1}
	if length == 0 {
		l.End = math.MaxInt64
	}
	return l
}

func TestLockWaitEndsWithTheLock(t *testing.T) {
	at := newRoot()
	a, b := vfstest.Root(), vfstest.Root()
	f := openFile(t, a, at, "f", unix.O_RDWR|unix.O_CREAT)
	g := openFile(t, b, at, "f", unix.O_RDWR)
	defer g.DecRef()
	assert.NilError(t, vfs.SetLock(a, f, lockOf(f, unix.F_WRLCK, 0, 0), false))
	assert.NilError(t, vfs.Flock(a, f, unix.LOCK_EX, false))
	got := make(chan error, 2)
	go func() {
		got <- vfs.SetLock(b, g, lockOf(g, unix.F_WRLCK, 5, 1), true)
		got <- vfs.Flock(b, g, unix.LOCK_SH, true)
	}()
	f.DecRef() // the end of the description is the end of its locks
	assert.NilError(t, <-got)
	assert.NilError(t, <-got)
}

func TestLockWaitIsInterrupted(t *testing.T) {
	at := newRoot()
	a, b := vfstest.Root(), vfstest.Root()
	f := openFile(t, a, at, "f", unix.O_RDWR|unix.O_CREAT)
	defer f.DecRef()
	g := openFile(t, b, at, "f", unix.O_RDWR)
	defer g.DecRef()
	assert.NilError(t, vfs.SetLock(a, f, lockOf(f, unix.F_WRLCK, 0, 0), false))
	assert.NilError(t, vfs.Flock(a, f, unix.LOCK_SH, false))
	b.Interrupt()
	assert.Equal(t, vfs.SetLock(b, g, lockOf(g, unix.F_RDLCK, 0, 0), true), error(abi.ERESTARTSYS))
	b.Interrupt()
	assert.Equal(t, vfs.Flock(b, g, unix.LOCK_EX, true), error(abi.ERESTARTSYS))
	assert.Equal(t, vfs.Flock(b, g, unix.LOCK_EX, false), error(unix.EAGAIN))
	assert.NilError(t, vfs.Flock(b, g, unix.LOCK_SH, false))
}

func TestLockOfProcessEndsWithAnyClose(t *testing.T) {
	at, ctx := newRoot(), vfstest.Root()
	table, other := vfs.NewFDTable(), vfs.NewFDTable()
	f := openFile(t, ctx, at, "f", unix.O_RDWR|unix.O_CREAT)
	defer f.DecRef()
	assert.NilError(t, vfs.SetLock(ctx, f, lockOf(table, unix.F_WRLCK, 0, 0), false))
	assert.Equal(t, vfs.SetLock(ctx, f, lockOf(other, unix.F_RDLCK, 0, 0), false), error(unix.EAGAIN))
	assert.NilError(t, table.Finish(ctx, openFile(t, ctx, at, "f", unix.O_RDONLY)))
	assert.NilError(t, vfs.SetLock(ctx, f, lockOf(other, unix.F_RDLCK, 0, 0), false))
}

func TestDeadlockIsRefused(t *testing.T) {
	at := newRoot()
	a, b := vfstest.Root(), vfstest.Root()
	ta, tb := vfs.NewFDTable(), vfs.NewFDTable()
	f := openFile(t, a, at, "f", unix.O_RDWR|unix.O_CREAT)
	defer f.DecRef()
	assert.NilError(t, vfs.SetLock(a, f, lockOf(ta, unix.F_WRLCK, 0, 1), false))
	assert.NilError(t, vfs.SetLock(b, f, lockOf(tb, unix.F_WRLCK, 1, 1), false))
	got := make(chan error)
	go func() {
		err := vfs.SetLock(a, f, lockOf(ta, unix.F_WRLCK, 1, 1), true)
		if err == unix.EDEADLK {
			assert.Check(t, vfs.SetLock(a, f, lockOf(ta, unix.F_UNLCK, 0, 0), false))
		}
		got <- err
	}()
	// Whoever closes the circle is refused; the other gets the lock then.
	err := vfs.SetLock(b, f, lockOf(tb, unix.F_WRLCK, 0, 1), true)
	if err == nil {
		assert.Equal(t, <-got, error(unix.EDEADLK))
		return
	}
	assert.Equal(t, err, error(unix.EDEADLK))
	assert.NilError(t, vfs.SetLock(b, f, lockOf(tb, unix.F_UNLCK, 0, 0), false))
	assert.NilError(t, <-got)
}

// late sleeps until it is let go, whoever wakes it.
type late struct {
	*vfstest.Ctx
	asleep, goOn chan struct{}
}

func newLate() late { return late{vfstest.Root(), make(chan struct{}), make(chan struct{})} }

func (l late) Sleep(time.Time) error {
	l.asleep <- struct{}{}
	<-l.goOn
	return nil
}

func TestNoDeadlockWithWhoWasLetGo(t *testing.T) {
	at := newRoot()
	a, b := newLate(), newLate()
	ta, tb := vfs.NewFDTable(), vfs.NewFDTable()
	f := openFile(t, a, at, "f", unix.O_RDWR|unix.O_CREAT)
	defer f.DecRef()
	assert.NilError(t, vfs.SetLock(a, f, lockOf(ta, unix.F_WRLCK, 0, 1), false))
	assert.NilError(t, vfs.SetLock(b, f, lockOf(tb, unix.F_WRLCK, 1, 1), false))
	gotA, gotB := make(chan error, 1), make(chan error, 1)
	go func() { gotA <- vfs.SetLock(a, f, lockOf(ta, unix.F_WRLCK, 1, 1), true) }()
	<-a.asleep
	// What a waits for is given up, and b wants what a has before a has run again.
	assert.NilError(t, vfs.SetLock(b, f, lockOf(tb, unix.F_UNLCK, 1, 1), false))
	go func() { gotB <- vfs.SetLock(b, f, lockOf(tb, unix.F_WRLCK, 0, 1), true) }()
	select {
	case <-b.asleep:
	case err := <-gotB:
		t.Fatal(err)
	}
	a.goOn <- struct{}{}
	assert.NilError(t, <-gotA)
	assert.NilError(t, vfs.SetLock(a, f, lockOf(ta, unix.F_UNLCK, 0, 0), false))
	b.goOn <- struct{}{}
	assert.NilError(t, <-gotB)
}

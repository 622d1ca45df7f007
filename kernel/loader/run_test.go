// SPDX-License-Identifier: Apache-2.0

package loader_test

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/platform/stub"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// bench is a platform and the host's tree.
type bench struct {
	p   platform.Platform
	ctx *vfstest.Ctx
	at  vfs.At
}

func newBench(t testing.TB) *bench {
	t.Helper()
	p, err := stub.New(stub.Options{})
	assert.NilError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	fd, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := hostfs.New(fd, hostfs.Options{ReadOnly: true, Cached: true})
	assert.NilError(t, err)
	root := vfs.NewNamespace(fs, 0).Root()
	ctx := vfstest.Root()
	ctx.Limits = map[int]uint64{unix.RLIMIT_STACK: 8 << 20}
	return &bench{p, ctx, vfs.At{Root: root, Dir: root}}
}

func (b *bench) load(t testing.TB, name string, argv ...string) (*task.Image, error) {
	t.Helper()
	f, err := loader.OpenExec(b.ctx, b.at, name, true)
	assert.NilError(t, err)
	defer f.DecRef()
	r := &loader.Request{Platform: b.p, Ctx: b.ctx, At: b.at, File: f, Filename: name, Envp: [][]byte{[]byte("A=b")}}
	for _, a := range argv {
		r.Argv = append(r.Argv, []byte(a))
	}
	return loader.Load(r)
}

// callers is a program's first system calls, until one of them is not a
// matter of memory; each is answered.
func firstCalls(t testing.TB, img *task.Image, n int) (calls []uint64) {
	t.Helper()
	arch.InitRegs(img.Thread.Regs(), img.Entry, img.Stack)
	img.Thread.RegsChanged()
	for range n {
		var ev platform.Event
		img.Thread.Run(&ev, func() bool { return false })
		assert.Equal(t, ev.Kind, platform.EventSyscall, "%+v", ev)
		calls = append(calls, ev.Nr)
		r := -int64(unix.ENOSYS)
		if ev.Nr == unix.SYS_BRK {
			r = int64(img.MM.Info().Brk)
		}
		img.Thread.SetResult(uint64(r))
	}
	return calls
}

// TestDynamicProgramStarts runs the interpreter up to its first call, which
// for glibc's is brk: by then it has relocated itself and read its auxv.
func TestDynamicProgramStarts(t *testing.T) {
	b := newBench(t)
	img, err := b.load(t, "/bin/true", "true", "x")
	assert.NilError(t, err)
	defer loader.Release(img)
	assert.DeepEqual(t, firstCalls(t, img, 1), []uint64{unix.SYS_BRK})
	assert.Equal(t, img.Comm, "true")
	info := img.MM.Info()
	got := make([]byte, info.ArgEnd-info.ArgStart)
	_, err = img.MM.AddressSpace().ReadAt(info.ArgStart, got)
	assert.NilError(t, err)
	assert.Equal(t, string(got), "true\x00x\x00")
	var labels []string
	img.MM.Maps(func(v *mm.VMA) bool {
		if l := v.Label(&info); l != "" {
			labels = append(labels, l)
		}
		return true
	})
	assert.Assert(t, len(labels) >= 3, "%v", labels) // vvar, vdso, stack
}

func TestScriptIsRunByItsInterpreter(t *testing.T) {
	b := newBench(t)
	script := t.TempDir() + "/s"
	assert.NilError(t, os.WriteFile(script, []byte("#!/bin/true -a\n"), 0o755))
	img, err := b.load(t, script, "zero", "one")
	assert.NilError(t, err)
	defer loader.Release(img)
	info := img.MM.Info()
	got := make([]byte, info.ArgEnd-info.ArgStart)
	_, err = img.MM.AddressSpace().ReadAt(info.ArgStart, got)
	assert.NilError(t, err)
	assert.Equal(t, string(got), "/bin/true\x00-a\x00"+script+"\x00one\x00")
	assert.Equal(t, img.Comm, "s")
}

func TestScriptsOfScriptsEnd(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	at := "/bin/true"
	for i := range 6 {
		next := dir + "/" + string(rune('a'+i))
		assert.NilError(t, os.WriteFile(next, []byte("#!"+at+"\n"), 0o755))
		at = next
		native := unixSpawn(at)
		img, err := b.load(t, at, "x")
		if err == nil {
			loader.Release(img)
		}
		assert.Equal(t, err, native, "%d scripts", i+1)
	}
}

// unixSpawn is the error of running a program natively.
func unixSpawn(name string) error {
	p, err := os.StartProcess(name, []string{name}, &os.ProcAttr{})
	if err != nil {
		return err.(*os.PathError).Err
	}
	_, _ = p.Wait()
	return nil
}

func TestRefusals(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		data string
		want error
	}{
		"empty":       {"", unix.ENOEXEC},
		"text":        {"hello\n", unix.ENOEXEC},
		"short":       {"\x7fELF", unix.ENOEXEC},
		"nointerp":    {"#!/nosuch\n", unix.ENOENT},
		"dirinterp":   {"#!/tmp\n", unix.EACCES},
		"emptyinterp": {"#!\x00", unix.EACCES},
	} {
		t.Run(name, func(t *testing.T) {
			file := dir + "/" + name
			assert.NilError(t, os.WriteFile(file, []byte(tt.data), 0o755))
			_, err := b.load(t, file, "x")
			assert.Equal(t, err, tt.want)
			assert.Equal(t, unixSpawn(file), tt.want)
		})
	}
	_, err := loader.OpenExec(b.ctx, b.at, "/tmp", true)
	assert.Equal(t, err, unix.EACCES)
	_, err = loader.OpenExec(b.ctx, b.at, "/etc/passwd", true)
	assert.Equal(t, err, unix.EACCES)
}

func BenchmarkLoadDynamic(bb *testing.B) {
	b := newBench(bb)
	for bb.Loop() {
		img, err := b.load(bb, "/bin/true", "true")
		assert.NilError(bb, err)
		loader.Release(img)
	}
}

// TestStackGrowthIsSeen has the thread touch memory below its stack, as a
// deep call does: the host grows the stack, to its limit, and the account follows.
func TestStackGrowthIsSeen(t *testing.T) {
	b := newBench(t)
	b.ctx.Limits[unix.RLIMIT_STACK] = 1 << 20
	img, err := b.load(t, "/bin/true", "x")
	assert.NilError(t, err)
	defer loader.Release(img)
	stack := func() (v mm.VMA) {
		img.MM.Maps(func(w *mm.VMA) bool {
			if w.Flags&mm.GrowsDown != 0 {
				v = *w
			}
			return true
		})
		return v
	}
	before := stack()
	assert.Equal(t, before.End-before.Start, uint64(132<<10))
	at := before.End - 512<<10
	_, err = img.Thread.WriteMemory(at, []byte{1})
	assert.NilError(t, err)
	assert.Equal(t, stack().Start, at)
	assert.Equal(t, img.MM.Usage().Stack, uint64(512<<10))
	_, err = img.Thread.WriteMemory(before.End-1<<20-8, []byte{1})
	assert.Equal(t, err, unix.EFAULT)
}

func TestPlaces(t *testing.T) {
	b := newBench(t)
	places := func(same bool) (p [3]uint64) {
		f, err := loader.OpenExec(b.ctx, b.at, "/bin/true", true)
		assert.NilError(t, err)
		defer f.DecRef()
		img, err := loader.Load(&loader.Request{Platform: b.p, Ctx: b.ctx, At: b.at, File: f, Filename: "/bin/true",
			Argv: [][]byte{[]byte("x")}, SamePlaces: same})
		assert.NilError(t, err)
		defer loader.Release(img)
		info := img.MM.Info()
		return [3]uint64{img.Entry, img.Stack, info.StartBrk}
	}
	assert.Equal(t, places(true), places(true))
	one, other := places(false), places(false)
	for i := range one { // each has at least 14 bits: 16384 to 1 for each of three
		assert.Assert(t, one[i] != other[i] || one[(i+1)%3] != other[(i+1)%3])
	}
}

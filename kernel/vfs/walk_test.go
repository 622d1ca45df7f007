// SPDX-License-Identifier: Apache-2.0

package vfs_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// fuzzTree is what the fuzzed paths walk in.
const fuzzTree = `
	mkdir a 0755
	mkdir a/b 0755
	mkdir a/b/c 0755
	mknod a/f REG|0644 0
	symlink b a/l
	symlink ../a/b/c a/up
	symlink a/l/c s
	symlink . dot
	symlink .. dotdot
	symlink loop loop
	symlink a/f/ slash
	symlink nothing dangling
`

// FuzzWalk walks the same path on the host and here, in a root of its own
// (RESOLVE_IN_ROOT), and compares what is found, or the error.
func FuzzWalk(f *testing.F) {
	for _, seed := range []string{"a/l/c", "s/..", "dot/dot/a/up/../../f", "loop/x", "slash", "a/f/..", "//a//b/", "dotdot/../a", "dangling/", "a/b/c/../../../..", "./.", "/"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	dir := f.TempDir()
	host := vfstest.NewHostTree(dir)
	vfstest.Play(host, fuzzTree)
	host.Close()
	root, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(f, err)
	fd, err := unix.Dup(root)
	assert.NilError(f, err)
	shared, err := hostfs.New(fd, hostfs.Options{})
	assert.NilError(f, err)
	start := vfs.NewNamespace(shared, 0).Root()
	ctx, at := vfstest.Root(), vfs.At{Root: start, Dir: start}
	f.Fuzz(func(t *testing.T, path string, follow bool) {
		if strings.ContainsRune(path, 0) {
			t.Skip("the end of a path")
		}
		how := &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT}
		walk := vfs.How(unix.RESOLVE_IN_ROOT)
		if follow {
			walk |= vfs.Follow
		} else {
			how.Flags |= unix.O_NOFOLLOW
		}
		want := "?"
		hostFD, hostErr := unix.Openat2(root, path, how)
		if hostErr == nil {
			var st unix.Stat_t
			assert.NilError(t, unix.Fstat(hostFD, &st))
			unix.Close(hostFD)
			want = fmt.Sprint(st.Ino)
		} else {
			want = hostErr.Error()
		}
		got := "?"
		if p, err := vfs.Lookup(ctx, at, path, walk); err == nil {
			a, err := vfs.Stat(ctx, p)
			assert.NilError(t, err)
			got = fmt.Sprint(a.Ino)
		} else {
			got = err.Error()
		}
		assert.Equal(t, got, want, "%q follow=%v", path, follow)
	})
}

func TestLinksAreFollowedFortyTimes(t *testing.T) {
	ctx, at := vfstest.Root(), newRoot()
	openFile(t, ctx, at, "l0", unix.O_CREAT).DecRef()
	for i := range 41 {
		assert.NilError(t, vfs.Symlink(ctx, fmt.Sprintf("l%d", i), at, fmt.Sprintf("l%d", i+1)))
	}
	_, err := vfs.Lookup(ctx, at, "l40", vfs.Follow)
	assert.NilError(t, err)
	_, err = vfs.Lookup(ctx, at, "l41", vfs.Follow)
	assert.Equal(t, err, error(unix.ELOOP))
}

func TestDentryInUseIsFoundAgain(t *testing.T) {
	ctx, at := vfstest.Root(), newRoot()
	assert.NilError(t, vfs.Mkdir(ctx, at, "dir", 0o755, 0))
	f := openFile(t, ctx, at, "dir/kept", unix.O_CREAT)
	defer f.DecRef()
	for i := range 40000 { // more than the cache holds
		if _, err := vfs.Lookup(ctx, at, fmt.Sprintf("dir/no%d", i), 0); err != unix.ENOENT {
			t.Fatal(err)
		}
	}
	runtime.GC()
	p, err := vfs.Lookup(ctx, at, "dir/kept", 0)
	assert.NilError(t, err)
	assert.Assert(t, p.Dentry == f.Path.Dentry)
}

// TestConcurrentChanges has several tasks move, make and remove names in the
// same directories; the tree must stay whole.
func TestConcurrentChanges(t *testing.T) {
	at := newRoot()
	root := vfstest.Root()
	for _, d := range []string{"a", "b", "a/sub", "b/sub"} {
		assert.NilError(t, vfs.Mkdir(root, at, d, 0o755, 0))
	}
	var wg sync.WaitGroup
	for task := range 4 {
		wg.Go(func() {
			ctx := vfstest.Root()
			for i := range 300 {
				from, to := "a", "b"
				if (i+task)%2 == 0 {
					from, to = to, from
				}
				name := fmt.Sprintf("%s/f%d", from, i%3)
				if f, err := vfs.Open(ctx, at, name, vfs.OpenHow{Flags: unix.O_CREAT | unix.O_RDWR, Mode: 0o644}); err == nil {
					buf := user.KernelBuf([]byte("data"))
					_, _ = f.Write(ctx, &buf)
					f.DecRef()
				}
				_ = vfs.Rename(ctx, at, name, at, to+"/g", 0)
				_ = vfs.Rename(ctx, at, "a/sub", at, "b/sub", unix.RENAME_EXCHANGE)
				_ = vfs.Rename(ctx, at, from+"/sub", at, to+"/moved", 0)
				_ = vfs.Rename(ctx, at, to+"/moved", at, from+"/sub", 0)
				_ = vfs.Unlink(ctx, at, to+"/g")
			}
		})
	}
	wg.Wait()
	dirs := 0
	for _, d := range []string{"a", "b"} {
		p, err := vfs.Lookup(root, at, d, 0)
		assert.NilError(t, err)
		a, err := vfs.Stat(root, p)
		assert.NilError(t, err)
		assert.Assert(t, a.Nlink >= 2)
		dirs += int(a.Nlink) - 2
	}
	assert.Equal(t, dirs, 2, "both directories are somewhere")
}

func BenchmarkStat(b *testing.B) {
	ctx, at := vfstest.Root(), newRoot()
	assert.NilError(b, vfs.Mkdir(ctx, at, "usr", 0o755, 0))
	assert.NilError(b, vfs.Mkdir(ctx, at, "usr/lib", 0o755, 0))
	openFile(b, ctx, at, "usr/lib/file", unix.O_CREAT).DecRef()
	b.ReportAllocs()
	for b.Loop() {
		p, err := vfs.Lookup(ctx, at, "/usr/lib/file", vfs.Follow)
		if err == nil {
			_, err = vfs.Stat(ctx, p)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenClose(b *testing.B) {
	for name, at := range map[string]vfs.At{"tmpfs": newRoot(), "hostfs": hostRoot(b)} {
		b.Run(name, func(b *testing.B) {
			ctx := vfstest.Root()
			b.ReportAllocs()
			for b.Loop() {
				f, err := vfs.Open(ctx, at, "/file", vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_CREAT, Mode: 0o644})
				if err != nil {
					b.Fatal(err)
				}
				f.DecRef()
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, at := range map[string]vfs.At{"tmpfs": newRoot(), "hostfs": hostRoot(b)} {
		for _, size := range []int{1, 4096, 65536} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				ctx := vfstest.Root()
				f := openFile(b, ctx, at, "/data", unix.O_RDWR|unix.O_CREAT)
				defer f.DecRef()
				p := make([]byte, size)
				buf := user.KernelBuf(p)
				_, err := f.Pwrite(ctx, &buf, 0)
				assert.NilError(b, err)
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					buf = user.KernelBuf(p)
					if n, err := f.Pread(ctx, &buf, 0); err != nil || n != size {
						b.Fatal(n, err)
					}
				}
			})
		}
	}
}

// hostRoot is a writable directory of the host with a file.
func hostRoot(b *testing.B) vfs.At {
	dir := b.TempDir()
	assert.NilError(b, os.WriteFile(dir+"/file", nil, 0o644))
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(b, err)
	fs, err := hostfs.New(fd, hostfs.Options{Cached: true})
	assert.NilError(b, err)
	root := vfs.NewNamespace(fs, 0).Root()
	return vfs.At{Root: root, Dir: root}
}

func BenchmarkCreateWriteUnlink(b *testing.B) {
	ctx, at := vfstest.Root(), newRoot()
	data := make([]byte, 1000)
	b.ReportAllocs()
	for b.Loop() {
		f := openFile(b, ctx, at, "/new", unix.O_WRONLY|unix.O_CREAT)
		buf := user.KernelBuf(data)
		if _, err := f.Write(ctx, &buf); err != nil {
			b.Fatal(err)
		}
		f.DecRef()
		if err := vfs.Unlink(ctx, at, "/new"); err != nil {
			b.Fatal(err)
		}
	}
}

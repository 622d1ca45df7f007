// SPDX-License-Identifier: Apache-2.0

package vfstest

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// tree is a file system of ours.
type tree struct {
	ctx   *Ctx
	at    vfs.At
	files map[string]*vfs.File
	done  func()
}

// NewTree is the tree of a file system. done is called when it is closed.
func NewTree(ctx *Ctx, fs vfs.FileSystem, done func()) Tree {
	root := vfs.NewNamespace(fs, 0).Root()
	return &tree{ctx, vfs.At{Root: root, Dir: root}, map[string]*vfs.File{}, done}
}

// BeUser makes what follows be done by an ordinary user.
func BeUser(t Tree) { t.(*tree).ctx = User(testUID, testGID) }

// Close implements Tree.
func (t *tree) Close() {
	for _, f := range t.files {
		f.DecRef()
	}
	if t.done != nil {
		t.done()
	}
}

// Do implements Tree.
func (t *tree) Do(c []string) string {
	arg := func(i int) string { return long(c[i]) }
	switch c[0] {
	case "mkdir":
		return answer("ok", vfs.Mkdir(t.ctx, t.at, arg(1), uint32(number(c[2])), 0))
	case "mknod":
		return answer("ok", vfs.Mknod(t.ctx, t.at, arg(1), uint32(number(c[2])), 0, uint64(number(c[3]))))
	case "rmdir":
		return answer("ok", vfs.Rmdir(t.ctx, t.at, arg(1)))
	case "unlink":
		return answer("ok", vfs.Unlink(t.ctx, t.at, arg(1)))
	case "rename":
		return answer("ok", vfs.Rename(t.ctx, t.at, arg(1), t.at, arg(2), uint32(number(c[3]))))
	case "symlink":
		return answer("ok", vfs.Symlink(t.ctx, arg(1), t.at, arg(2)))
	case "ls":
		return t.list(arg(1))
	case "link", "readlink", "chmod", "chown", "stat", "lstat", "access":
		return t.doPath(c)
	}
	return t.doFile(c)
}

// doPath does the calls on what a path leads to.
func (t *tree) doPath(c []string) string {
	how := vfs.How(vfs.Follow)
	if c[0] == "lstat" || c[0] == "readlink" || c[0] == "link" {
		how = 0
	}
	if c[0] == "stat" || c[0] == "lstat" {
		a, _, err := vfs.StatAt(t.ctx, t.at, long(c[1]), how)
		return answer(describe(&a), err)
	}
	p, err := vfs.Lookup(t.ctx, t.at, long(c[1]), how)
	if err != nil {
		return answer("", err)
	}
	switch c[0] {
	case "link":
		return answer("ok", vfs.Link(t.ctx, p, t.at, long(c[2])))
	case "readlink":
		return answer(p.Inode().Readlink(t.ctx))
	case "chmod":
		return answer("ok", vfs.Chmod(t.ctx, p, uint32(number(c[2]))))
	case "chown":
		return answer("ok", vfs.Chown(t.ctx, p, uint32(number(c[2])), uint32(number(c[3]))))
	case "access":
		return answer("ok", vfs.Access(t.ctx, t.ctx.Creds(), p, uint32(number(c[2]))))
	}
	panic(c[0])
}

func (t *tree) list(name string) string {
	f, err := vfs.Open(t.ctx, t.at, name, vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY})
	if err != nil {
		return answer("", err)
	}
	defer f.DecRef()
	var names []string
	err = f.Iterate(t.ctx, func(e vfs.DirEntry) bool {
		if e.Name != "." && e.Name != ".." {
			names = append(names, e.Name)
		}
		return true
	})
	slices.Sort(names)
	return answer(strings.Join(names, " "), err)
}

// doFile does the calls on open files.
func (t *tree) doFile(c []string) string {
	if c[0] == "open" || c[0] == "openat2" {
		how := vfs.OpenHow{Flags: uint32(number(c[3])), Mode: uint32(number(c[4]))}
		if c[0] == "openat2" {
			how.Resolve = vfs.How(number(c[5]))
		}
		f, err := vfs.Open(t.ctx, t.at, long(c[2]), how)
		if err == nil {
			t.files[c[1]] = f
		}
		return answer("ok", err)
	}
	f, ok := t.files[c[1]]
	if !ok {
		return "not open"
	}
	switch c[0] {
	case "close":
		delete(t.files, c[1])
		f.DecRef()
		return "ok"
	case "fstat":
		a, err := f.Inode.Attr(t.ctx)
		return answer(describe(&a), err)
	case "flink":
		return answer("ok", vfs.Link(t.ctx, f.Path, t.at, c[2]))
	}
	if f.IsPath() {
		return answer("", unix.EBADF)
	}
	return t.doData(f, c)
}

func (t *tree) doData(f *vfs.File, c []string) string {
	switch c[0] {
	case "read", "pread":
		p := make([]byte, number(c[2]))
		buf := user.KernelBuf(p)
		if c[0] == "read" {
			n, err := f.Read(t.ctx, &buf)
			return answer(strings.TrimRight(string(p[:n]), "\x00"), err)
		}
		n, err := f.Pread(t.ctx, &buf, int64(number(c[3])))
		return answer(strings.ReplaceAll(string(p[:n]), "\x00", "."), err)
	case "write":
		buf := user.KernelBuf([]byte(c[2]))
		return answer(f.Write(t.ctx, &buf))
	case "pwrite":
		buf := user.KernelBuf([]byte(c[2]))
		return answer(f.Pwrite(t.ctx, &buf, int64(number(c[3]))))
	case "seek":
		return answer(f.Seek(t.ctx, int64(number(c[2])), number(c[3])))
	case "truncate":
		return answer("ok", vfs.Ftruncate(t.ctx, f, int64(number(c[2]))))
	case "fallocate":
		return answer("ok", f.Ops.Allocate(t.ctx, f, uint32(number(c[2])), int64(number(c[3])), int64(number(c[4]))))
	case "setxattr":
		return answer("ok", vfs.Setxattr(t.ctx, f.Path, c[2], []byte(c[3]), uint32(number(c[4]))))
	case "getxattr":
		v, err := vfs.Getxattr(t.ctx, f.Path, c[2])
		return answer(string(v), err)
	case "setacl":
		return answer("ok", vfs.Setxattr(t.ctx, f.Path, aclName(c[2]), aclValue(c[3]), 0))
	case "getacl":
		v, err := vfs.Getxattr(t.ctx, f.Path, aclName(c[2]))
		return answer(aclText(v), err)
	case "removexattr":
		return answer("ok", vfs.Removexattr(t.ctx, f.Path, c[2]))
	}
	panic("unknown call " + c[0])
}

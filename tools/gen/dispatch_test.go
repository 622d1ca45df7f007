// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/table"
)

const handlerHead = `package syscalls

import (
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

type flags int32

`

const userSource = `package user

type Addr uint64
type Path Addr
type Bytes struct { Addr Addr; Len uint64 }
`

// generate runs the dispatch generator over one handler file in a repository of its own.
func generate(t *testing.T, body string) (string, error) {
	t.Helper()
	repo, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(repo)
	assert.NilError(t, err)
	root := t.TempDir()
	for name, text := range map[string]string{
		"kernel/syscalls/h.go": handlerHead + body,
		"kernel/user/user.go":  userSource,
		"kernel/vfs/fd.go":     "package vfs\n\ntype FD int32\n",
	} {
		path := filepath.Join(root, name)
		assert.NilError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		assert.NilError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	directives, err := Directives(facts, filepath.Join(root, "kernel/syscalls"))
	if err != nil {
		return "", err
	}
	out, err := dispatch(root, facts, directives)
	return string(out), err
}

func TestDecoding(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"buffer and offset", "//ditto:syscall pread64 full\nfunc pread64(t *task.Task, fd int32, buf user.Bytes, pos int64) (int, error) { return 0, nil }",
			"r, err := pread64(t, int32(uint32(a[0])), user.Bytes{Addr: user.Addr(a[1]), Len: a[2]}, int64(a[3]))"},
		{"a signed length is sign-extended", "//ditto:syscall readlink full\nfunc readlink(t *task.Task, p user.Path, buf user.Bytes) (int, error) { return 0, nil }",
			"readlink(t, user.Path(a[0]), user.Bytes{Addr: user.Addr(a[1]), Len: uint64(int32(a[2]))})"},
		{"named types and umode_t", "//ditto:syscall openat partial no O_TMPFILE\nfunc openat(t *task.Task, dir vfs.FD, p user.Path, f flags, mode uint16) (int32, error) { return 0, nil }",
			"openat(t, vfs.FD(int32(a[0])), user.Path(a[1]), flags(int32(a[2])), uint16(a[3]))"},
		{"a wider mode", "//ditto:syscall fchmod full\nfunc fchmod(t *task.Task, fd uint32, mode uint32) error { return nil }",
			"return 0, fchmod(t, uint32(a[0]), uint32(uint16(a[1])))"},
		{"long", "//ditto:syscall ftruncate full\nfunc ftruncate(t *task.Task, fd int32, n int64) error { return nil }",
			"ftruncate(t, int32(uint32(a[0])), int64(a[1]))"},
		{"unsigned int into int", "//ditto:syscall poll full\nfunc poll(t *task.Task, fds user.Addr, n int, timeout int32) (int, error) { return 0, nil }",
			"poll(t, user.Addr(a[0]), int(uint32(a[1])), int32(a[2]))"},
		{"no arguments", "//ditto:syscall getpid full\nfunc getpid(t *task.Task) (int32, error) { return 0, nil }",
			"func callGetpid(t *task.Task, _ *[6]uint64) (uint64, error) {\n\tr, err := getpid(t)"},
		{"the kernel narrows descriptors", "//ditto:syscall mmap full\nfunc mmap(t *task.Task, addr user.Addr, n, prot, flags uint64, fd int32, off uint64) (user.Addr, error) { return 0, nil }",
			"mmap(t, user.Addr(a[0]), a[1], a[2], a[3], int32(a[4]), a[5])"},
		{"denied without a handler", "//ditto:syscall kexec_load denied EPERM", `Name: "kexec_load", Nargs: 4, Status: Denied, Errno: unix.EPERM}`},
		{"missing", "", `{Name: "read", Nargs: 3, Status: Missing}`},
		{"absent", "", `{Name: "_sysctl", Nargs: 0, Status: Absent}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := generate(t, c.body)
			assert.NilError(t, err)
			assert.Assert(t, strings.Contains(got, c.want), "want %s in\n%s", c.want, got[strings.Index(got, "\n}\n"):])
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"unknown name", "//ditto:syscall frobnicate full", `h.go:11:1: no syscall is named "frobnicate"`},
		{"bad status", "//ditto:syscall read done", `unknown status "done"`},
		{"partial without words", "//ditto:syscall read partial", "say in words what is missing"},
		{"full with words", "//ditto:syscall read full mostly", "a call that lacks something is partial"},
		{"denied without errno", "//ditto:syscall kexec_load denied", "name the errno"},
		{"denied with no such errno", "//ditto:syscall kexec_load denied ENOPE", "name the errno"},
		{"absent", "//ditto:syscall vserver denied ENOSYS", "no entry point in Linux for vserver"},
		{"no handler", "//ditto:syscall read full\n", "needs a handler"},
		{"two for one", "//ditto:syscall kexec_load denied EPERM\n//ditto:syscall kexec_load denied EPERM", "has a directive already, at h.go:11:1"},
		{"too few", "//ditto:syscall dup2 full\nfunc dup2(t *task.Task, fd int32) (int, error) { return 0, nil }", `no parameter for argument "newfd"`},
		{"too many", "//ditto:syscall dup full\nfunc dup(t *task.Task, fd, to int32) (int, error) { return 0, nil }", "too many"},
		{"too narrow", "//ditto:syscall munmap full\nfunc munmap(t *task.Task, a user.Addr, n uint32) error { return nil }", `does not keep the value of "size_t len": use uint64`},
		{"sign lost", "//ditto:syscall umask full\nfunc umask(t *task.Task, mask uint64) (int, error) { return 0, nil }", "use int32"},
		{"pointer as int32", "//ditto:syscall unlink full\nfunc unlink(t *task.Task, p int32) error { return nil }", "does not keep"},
		{"int as address", "//ditto:syscall umask full\nfunc umask(t *task.Task, p user.Addr) error { return nil }", "can't hold"},
		{"buffer without length", "//ditto:syscall unlink full\nfunc unlink(t *task.Task, p user.Bytes) error { return nil }", "needs a pointer and its length"},
		{"no task", "//ditto:syscall dup full\nfunc dup(fd int32) (int, error) { return 0, nil }", "first parameter must be *task.Task"},
		{"no error", "//ditto:syscall dup full\nfunc dup(t *task.Task, fd int32) int { return 0 }", "must return error"},
		{"string", "//ditto:syscall dup full\nfunc dup(t *task.Task, fd string) error { return nil }", "type string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := generate(t, c.body)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "h.go:1")
		})
	}
}

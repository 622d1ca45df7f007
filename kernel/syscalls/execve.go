// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	atExecveCheck    = 0x10000   // AT_EXECVE_CHECK, Linux 6.14
	addrNoRandomize  = 0x0040000 // ADDR_NO_RANDOMIZE of personality(2)
	addrCompatLayout = 0x0200000 // ADDR_COMPAT_LAYOUT of it
)

//ditto:syscall execve full
func execve(t *task.Task, filename user.Path, argv, envp user.Addr) (int, error) {
	return execveat(t, vfs.AtFDCWD, filename, argv, envp, 0)
}

//ditto:syscall execveat full
func execveat(t *task.Task, fd vfs.FD, filename user.Path, argv, envp user.Addr, flags int32) (int, error) {
	if flags&^(unix.AT_EMPTY_PATH|unix.AT_SYMLINK_NOFOLLOW|atExecveCheck) != 0 {
		return 0, unix.EINVAL
	}
	name, err := user.CopyInPath(t.Memory(), filename)
	if err != nil {
		return 0, err
	}
	if err := t.CheckExec(); err != nil {
		return 0, err
	}
	r, err := openProgram(t, fd, name, uint32(flags))
	if err != nil {
		return 0, err
	}
	defer r.File.DecRef()
	if r.Argv, r.Envp, err = loader.CopyArgs(t.Memory(), argv, envp, r.Filename, t.RLimit(unix.RLIMIT_STACK)); err != nil {
		return 0, err
	}
	if flags&atExecveCheck != 0 {
		return 0, nil
	}
	return 0, execRequest(t, r)
}

// execRequest loads a program and gives it to the task.
func execRequest(t *task.Task, r *loader.Request) error {
	img, err := loader.Load(r)
	if fatal := (loader.Fatal{}); errors.As(err, &fatal) {
		return t.FailExec()
	}
	if err != nil {
		return err
	}
	if err := t.CommitExec(img); err != nil {
		loader.Release(img)
		return err
	}
	return nil
}

// openProgram finds what is to be run, and how it names itself to a script's
// interpreter: by /dev/fd if it was given by a descriptor.
func openProgram(t *task.Task, fd vfs.FD, name string, flags uint32) (*loader.Request, error) {
	r := &loader.Request{Platform: t.Platform(), Ctx: t, At: t.FS().At(), Filename: name,
		SamePlaces: t.Personality()&addrNoRandomize != 0, FromTheBottom: t.Personality()&addrCompatLayout != 0}
	var err error
	switch {
	case name == "" && flags&unix.AT_EMPTY_PATH == 0:
		return nil, unix.ENOENT
	case name != "" && (fd == vfs.AtFDCWD || name[0] == '/'):
		r.File, err = loader.OpenExec(t, r.At, name, flags&unix.AT_SYMLINK_NOFOLLOW == 0)
		return r, err
	case name == "" && fd == vfs.AtFDCWD:
		r.File, err = loader.OpenExecPath(t, r.At.Dir)
		return r, err
	}
	dir, err := t.Files().GetPath(fd)
	if err != nil {
		return nil, err
	}
	defer dir.DecRef()
	if r.Inaccessible, err = t.Files().CloseOnExec(fd); err != nil {
		return nil, err
	}
	r.Filename = fmt.Sprintf("/dev/fd/%d", fd)
	if name == "" {
		r.Comm = dir.Path.Dentry.Name()
		r.File, err = loader.OpenExecPath(t, dir.Path)
		return r, err
	}
	r.Filename += "/" + name
	r.File, err = loader.OpenExec(t, vfs.At{Root: r.At.Root, Dir: dir.Path}, name, flags&unix.AT_SYMLINK_NOFOLLOW == 0)
	return r, err
}

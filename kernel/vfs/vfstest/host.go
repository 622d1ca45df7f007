// SPDX-License-Identifier: Apache-2.0

package vfstest

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// hostTree is a directory of the host: what it answers is right.
type hostTree struct {
	dir   int
	files map[string]int
}

// NewHostTree is the tree in a directory of the host.
func NewHostTree(dir string) Tree {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	unix.Umask(0)
	return &hostTree{fd, map[string]int{}}
}

// Close implements Tree.
func (h *hostTree) Close() {
	for _, fd := range h.files {
		unix.Close(fd)
	}
	unix.Close(h.dir)
}

// Do implements Tree.
func (h *hostTree) Do(c []string) string {
	arg := func(i int) string { return long(c[i]) }
	switch c[0] {
	case "mkdir":
		return answer("ok", unix.Mkdirat(h.dir, arg(1), uint32(number(c[2]))))
	case "mknod":
		return answer("ok", unix.Mknodat(h.dir, arg(1), uint32(number(c[2])), number(c[3])))
	case "rmdir":
		return answer("ok", unix.Unlinkat(h.dir, arg(1), unix.AT_REMOVEDIR))
	case "unlink":
		return answer("ok", unix.Unlinkat(h.dir, arg(1), 0))
	case "rename":
		return answer("ok", unix.Renameat2(h.dir, arg(1), h.dir, arg(2), uint(number(c[3]))))
	case "link":
		return answer("ok", unix.Linkat(h.dir, arg(1), h.dir, arg(2), 0))
	case "symlink":
		return answer("ok", unix.Symlinkat(arg(1), h.dir, arg(2)))
	case "readlink":
		var p [4096]byte
		n, err := unix.Readlinkat(h.dir, arg(1), p[:])
		return answer(string(p[:max(n, 0)]), err)
	case "chmod":
		return answer("ok", unix.Fchmodat(h.dir, arg(1), uint32(number(c[2])), 0))
	case "chown":
		return answer("ok", unix.Fchownat(h.dir, arg(1), number(c[2]), number(c[3]), 0))
	case "stat":
		return h.stat(h.dir, arg(1), 0)
	case "lstat":
		return h.stat(h.dir, arg(1), unix.AT_SYMLINK_NOFOLLOW)
	case "access":
		return answer("ok", unix.Faccessat(h.dir, arg(1), uint32(number(c[2])), unix.AT_EACCESS))
	case "ls":
		return h.list(arg(1))
	}
	return h.doFile(c)
}

func (h *hostTree) stat(dir int, name string, flags int) string {
	var st unix.Stat_t
	err := unix.Fstatat(dir, name, &st, flags)
	return answer(describe(&vfs.Attr{
		Mode: st.Mode, UID: cred.UID(st.Uid), GID: cred.GID(st.Gid), Nlink: uint32(st.Nlink), Size: st.Size,
	}), err)
}

func (h *hostTree) list(name string) string {
	fd, err := unix.Openat(h.dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return answer("", err)
	}
	defer unix.Close(fd)
	var names []string
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Getdents(fd, buf)
		if err != nil {
			return answer("", err)
		}
		if n == 0 {
			break
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// resolveCached is RESOLVE_CACHED of openat2(2), which answers EAGAIN by itself.
const resolveCached = 0x20

// doFile does the calls on open files, which have names of their own.
func (h *hostTree) doFile(c []string) string {
	switch c[0] {
	case "open", "openat2":
		how := &unix.OpenHow{Flags: uint64(number(c[3])) | unix.O_CLOEXEC, Mode: uint64(number(c[4]))}
		if c[0] == "openat2" {
			how.Resolve = uint64(number(c[5]))
		}
		fd, err := unix.Openat2(h.dir, long(c[2]), how)
		for err == unix.EAGAIN && how.Resolve&resolveCached == 0 {
			fd, err = unix.Openat2(h.dir, long(c[2]), how) // somebody renamed meanwhile, anywhere on the host
		}
		if err == nil {
			h.files[c[1]] = fd
		}
		return answer("ok", err)
	}
	fd, ok := h.files[c[1]]
	if !ok {
		return "not open"
	}
	switch c[0] {
	case "close":
		delete(h.files, c[1])
		return answer("ok", unix.Close(fd))
	case "fstat":
		return h.stat(fd, "", unix.AT_EMPTY_PATH)
	case "read":
		p := make([]byte, number(c[2]))
		n, err := unix.Read(fd, p)
		return answer(strings.TrimRight(string(p[:max(n, 0)]), "\x00"), err)
	case "write":
		return answer(unix.Write(fd, []byte(c[2])))
	case "pread":
		p := make([]byte, number(c[2]))
		n, err := unix.Pread(fd, p, int64(number(c[3])))
		return answer(strings.ReplaceAll(string(p[:max(n, 0)]), "\x00", "."), err)
	case "pwrite":
		return answer(unix.Pwrite(fd, []byte(c[2]), int64(number(c[3]))))
	case "seek":
		return answer(unix.Seek(fd, int64(number(c[2])), number(c[3])))
	case "truncate":
		return answer("ok", unix.Ftruncate(fd, int64(number(c[2]))))
	case "fallocate":
		return answer("ok", unix.Fallocate(fd, uint32(number(c[2])), int64(number(c[3])), int64(number(c[4]))))
	case "setxattr":
		return answer("ok", unix.Fsetxattr(fd, c[2], []byte(c[3]), number(c[4])))
	case "getxattr":
		p := make([]byte, 100)
		n, err := unix.Fgetxattr(fd, c[2], p)
		return answer(string(p[:max(n, 0)]), err)
	case "removexattr":
		return answer("ok", unix.Fremovexattr(fd, c[2]))
	case "setacl":
		return answer("ok", unix.Fsetxattr(fd, aclName(c[2]), aclValue(c[3]), 0))
	case "getacl":
		p := make([]byte, 100)
		n, err := unix.Fgetxattr(fd, aclName(c[2]), p)
		return answer(aclText(p[:max(n, 0)]), err)
	case "flink":
		return answer("ok", unix.Linkat(fd, "", h.dir, c[2], unix.AT_EMPTY_PATH))
	}
	panic("unknown call " + c[0])
}

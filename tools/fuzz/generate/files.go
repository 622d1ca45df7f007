// SPDX-License-Identifier: Apache-2.0

// This file makes the programs of the soak: long sequences of file operations in one directory.

package generate

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
	"github.com/ditto-kernel/ditto/tools/table"
)

// Where mappings go, from the pages on: as WINDOWS_AT in executor/wire.h.
const (
	windowsAt  = 0x1000000
	windowSize = 0x40000
)

const (
	soakArena  = 256 << 10
	ioBuffer   = 72 << 10
	dumpEvery  = 60
	outAt      = soakArena - ioBuffer // where reads and answers go
	maxPattern = 70000
)

// Files makes a program of n file operations.
func Files(t *table.Table, seed uint64, n, flags int) *prog.Program {
	b := newBuilder(t, seed, soakArena, flags|prog.Template)
	b.limit = outAt
	b.pattern()
	for _, name := range []string{"a", "b", "d/a", "d", "."} {
		flags := pick(b, unix.O_RDWR, unix.O_RDONLY) | unix.O_NONBLOCK
		if name == "d" || name == "." {
			flags = unix.O_DIRECTORY
		}
		b.call("open", b.text(name), value(flags), value(0))
		b.store(fdSlots, fdCount)
	}
	for len(b.p.Ops) < n {
		b.fileOperation()
		if b.r.IntN(dumpEvery) == 0 {
			b.special(prog.Dump, "dump")
		}
	}
	b.special(prog.Dump, "dump")
	return b.p
}

// pattern fills the start of the arena with what writes write.
func (b *builder) pattern() {
	at := b.room(maxPattern)
	for i := range maxPattern {
		b.p.Data[at+i] = byte('A' + (i*7+i/251+i/4096)%58)
	}
}

// out is where a call may write.
func out() prog.Arg { return arena(outAt) }

var names = []string{"a", "b", "c", "e", "h", "l", "n", "f", "d", "d/a", "d/b", "d/s", "d/s/a", "d/s/d", "d/s/d/a", "p", "p/a", "x", "x/y", "x/y/z", "g"}

var oddNames = []string{"", ".", "..", "/", "a/", "d/", "l/", "n/", "x/", "d/../a", "./b", "/a", "/../b", "d/.", "d/..", "d/s/.", "a/b",
	"nowhere/a", "d//a", strings.Repeat("N", 255), strings.Repeat("N", 256), "d/" + strings.Repeat("M", 255),
	strings.Repeat("d/../", 300) + "a", strings.Repeat("./", 2100) + "a"}

func (b *builder) path() prog.Arg {
	if b.chance(12) {
		return b.text(pick(b, oddNames...))
	}
	return b.text(pick(b, names...))
}

func (b *builder) size() int {
	return pick(b, 0, 1, 7, 100, 512, 1000, 4095, 4096, 4097, 8192, 10000, 65536, 70000)
}

func (b *builder) offset() int {
	if b.chance(4) {
		return pick(b, -1, 1<<31-1, 1<<31, 1<<32+5, 1<<40, 1<<62, -1<<63, 1<<63-1, 1<<63-4096)
	}
	return pick(b, 0, 0, 1, 50, 100, 511, 512, 4095, 4096, 4097, 5000, 8192, 12288, 65536, 70000, 100000, 200000, 1<<20)
}

// length is how long a file becomes, or a part that is given blocks.
func (b *builder) length() int {
	if b.chance(4) {
		return pick(b, -1, 1<<31, 1<<40, 1<<62, -1<<63, 1<<63-1)
	}
	return pick(b, 0, 1, 50, 99, 100, 101, 4095, 4096, 4097, 5000, 8192, 65536, 69999, 100000, 200000, 1<<20)
}

func (b *builder) mode() prog.Arg {
	return prog.Arg{Value: int64(pick(b, 0, 0o600, 0o644, 0o666, 0o755, 0o777, 0o1777, 0o2755, 0o4755, 0o6711, 0o400, 0o222, 0o111, 0o7777, 0o100644, 0o177777))}
}

func (b *builder) id() prog.Arg { return value(pick(b, 0, 0, 1000, 1000, 2000, 65534, -1, -1)) }

// openFlags never wait for the other end of a FIFO.
func (b *builder) openFlags() int {
	f := unix.O_NONBLOCK | pick(b, unix.O_RDONLY, unix.O_RDONLY, unix.O_WRONLY, unix.O_RDWR, unix.O_RDWR, unix.O_RDWR)
	if b.chance(35) {
		f |= unix.O_CREAT
	}
	for _, o := range []struct{ chance, flag int }{{8, unix.O_EXCL}, {12, unix.O_TRUNC}, {15, unix.O_APPEND}, {8, unix.O_NOFOLLOW},
		{6, unix.O_DIRECTORY}, {6, unix.O_PATH}, {5, unix.O_NOATIME}, {20, unix.O_CLOEXEC}, {4, unix.O_DSYNC}, {3, unix.O_SYNC}, {1, 3}} {
		if b.chance(o.chance) {
			f |= o.flag
		}
	}
	if b.chance(5) {
		f |= unix.O_TMPFILE
		f &^= unix.O_CREAT
	}
	return f
}

type operation struct {
	weight int
	do     func(b *builder)
}

var fileOperations = []operation{
	{100, (*builder).open}, {25, (*builder).closeFD}, {120, (*builder).readWrite}, {40, (*builder).vectors}, {40, (*builder).seek},
	{40, (*builder).truncate}, {30, (*builder).fallocate}, {50, (*builder).rename}, {30, (*builder).link}, {40, (*builder).unlink},
	{40, (*builder).mkdir}, {15, (*builder).symlink}, {15, (*builder).readlink}, {25, (*builder).mknod}, {40, (*builder).chmod}, {35, (*builder).chown},
	{50, (*builder).utimens}, {50, (*builder).xattr}, {30, (*builder).copyRange}, {40, (*builder).mapping}, {30, (*builder).dup},
	{30, (*builder).getdents}, {70, (*builder).stat}, {15, (*builder).statfs}, {25, (*builder).flock}, {30, (*builder).fcntl}, {40, (*builder).access},
	{10, (*builder).chdir}, {15, (*builder).syncs}, {10, (*builder).umask}, {12, (*builder).splices}, {8, (*builder).closeRange}, {10, (*builder).locks},
	{30, (*builder).acl},
}

var fileWeight = func() (sum int) {
	for _, o := range fileOperations {
		sum += o.weight
	}
	return sum
}()

func (b *builder) fileOperation() {
	n := b.r.IntN(fileWeight)
	for _, o := range fileOperations {
		if n -= o.weight; n < 0 {
			from := len(b.p.Ops)
			o.do(b)
			if b.chance(15) {
				who := pick(b, 1, 1, 2)
				for i := from; i < len(b.p.Ops); i++ {
					if b.p.Ops[i].What == prog.Call {
						b.p.Ops[i].As = who
					}
				}
			}
			return
		}
	}
}

func (b *builder) open() {
	flags := value(b.openFlags())
	switch pick(b, 0, 0, 1, 1, 1, 2, 3) {
	case 0:
		b.call("open", b.path(), flags, b.mode())
	case 1:
		b.call("openat", b.dirfd(), b.path(), flags, b.mode())
	case 2:
		b.call("creat", b.path(), b.mode())
	case 3:
		mode := 0
		if flags.Value&unix.O_CREAT != 0 || b.chance(3) {
			mode = pick(b, 0o600, 0o644, 0o10000)
		}
		// Without RESOLVE_CACHED: what a kernel has in its cache is its own matter.
		how := b.words(int(flags.Value), mode, pick(b, 0, 0, 1, 2, 4, 8, 16, 12))
		b.call("openat2", b.dirfd(), b.path(), how, value(24))
	}
	b.store(fdSlots, fdCount)
}

func (b *builder) closeFD() { b.call("close", b.fd()) }

func (b *builder) readWrite() {
	switch b.r.IntN(4) {
	case 0:
		b.call("read", b.fd(), out(), value(b.size())).NotDir = true
	case 1:
		b.call("write", b.fd(), arena(b.r.IntN(50)), value(b.size()))
	case 2:
		b.call("pread64", b.fd(), out(), value(b.size()), value(b.offset()))
	case 3:
		b.call("pwrite64", b.fd(), arena(b.r.IntN(50)), value(b.size()), value(b.offset()))
	}
}

// vectors are of two parts, one of which may be empty.
func (b *builder) vectors() {
	fd, off := b.fd(), value(b.offset())
	n, m := pick(b, 0, 1, 100, 4096, 5000), pick(b, 0, 3, 100, 4096, 10000)
	src := b.words(arenaBase+b.r.IntN(50), n, arenaBase+100, m)
	dst := b.words(arenaBase+outAt, n, arenaBase+outAt+20000, m)
	switch b.r.IntN(6) {
	case 0:
		b.call("readv", fd, dst, value(2)).NotDir = true
	case 1:
		b.call("writev", fd, src, value(2))
	case 2:
		b.call("preadv", fd, dst, value(2), off, value(0))
	case 3:
		b.call("pwritev", fd, src, value(2), off, value(0))
	case 4:
		b.call("preadv2", fd, dst, value(2), off, value(0), value(pick(b, 0, 0, 1, 2)))
	case 5:
		b.call("pwritev2", fd, src, value(2), off, value(0), value(pick(b, 0, 0, 2, 4, 16, 32)))
	}
}

const arenaBase = 0x50000000

func (b *builder) seek() {
	b.call("lseek", b.fd(), value(b.offset()), value(pick(b, 0, 0, 1, 2, 3, 3, 4, 4, 5))).NotDir = true
}

func (b *builder) truncate() {
	if b.chance(50) {
		b.call("truncate", b.path(), value(b.length()))
	} else {
		b.call("ftruncate", b.fd(), value(b.length()))
	}
}

func (b *builder) fallocate() {
	mode := pick(b, 0, 0, 1, 3, 3, 2, 0x10, 0x11, 8, 0x20, 0x40, 0x80)
	off, n := b.offset(), b.length()
	if off > 1<<20 {
		off = 1 << 20
	}
	if n > 1<<20 {
		n = 1 << 20
	}
	if mode == 8 || mode == 0x20 {
		off, n = off&^4095, n&^4095
	}
	b.call("fallocate", b.fd(), value(mode), value(off), value(n))
}

func (b *builder) rename() {
	switch b.r.IntN(4) {
	case 0:
		b.call("rename", b.path(), b.path())
	case 1:
		b.call("renameat", b.dirfd(), b.path(), b.dirfd(), b.path())
	default:
		b.call("renameat2", b.dirfd(), b.path(), b.dirfd(), b.path(), value(pick(b, 0, 0, 1, 1, 2, 2, 3, 8)))
	}
}

func (b *builder) link() {
	switch b.r.IntN(4) {
	case 0, 1:
		b.call("link", b.path(), b.path())
	case 2:
		b.call("linkat", b.dirfd(), b.path(), b.dirfd(), b.path(), value(pick(b, 0, unix.AT_SYMLINK_FOLLOW, 1)))
	case 3:
		b.call("linkat", b.fd(), b.text(""), b.dirfd(), b.path(), value(unix.AT_EMPTY_PATH))
	}
}

func (b *builder) unlink() {
	switch b.r.IntN(3) {
	case 0:
		b.call("unlink", b.path())
	case 1:
		b.call("rmdir", b.path())
	case 2:
		b.call("unlinkat", b.dirfd(), b.path(), value(pick(b, 0, unix.AT_REMOVEDIR, 1)))
	}
}

func (b *builder) mkdir() {
	if b.chance(60) {
		b.call("mkdir", b.path(), b.mode())
	} else {
		b.call("mkdirat", b.dirfd(), b.path(), b.mode())
	}
}

func (b *builder) symlink() {
	target := b.text(pick(b, "a", "d", "nowhere", "l", "../a", "/d/a", "d/s", ".", "", strings.Repeat("t", 60), strings.Repeat("u", 4095), strings.Repeat("v", 4096)))
	if b.chance(50) {
		b.call("symlink", target, b.path())
	} else {
		b.call("symlinkat", target, b.dirfd(), b.path())
	}
}

func (b *builder) readlink() {
	size := value(pick(b, 0, 1, 5, 100, 4096, -1))
	if b.chance(50) {
		b.call("readlink", b.path(), out(), size)
	} else {
		b.call("readlinkat", b.dirfd(), b.path(), out(), size)
	}
}

func (b *builder) mknod() {
	mode := value(pick(b, unix.S_IFREG, unix.S_IFIFO, unix.S_IFIFO, unix.S_IFSOCK, 0, unix.S_IFDIR, unix.S_IFLNK) | pick(b, 0o644, 0o600, 0o6777))
	if b.chance(50) {
		b.call("mknod", b.path(), mode, value(0))
	} else {
		b.call("mknodat", b.dirfd(), b.path(), mode, value(0))
	}
}

func (b *builder) chmod() {
	switch b.r.IntN(4) {
	case 0:
		b.call("chmod", b.path(), b.mode())
	case 1:
		b.call("fchmod", b.fd(), b.mode())
	case 2:
		b.call("fchmodat", b.dirfd(), b.path(), b.mode())
	case 3:
		b.call("fchmodat2", b.dirfd(), b.path(), b.mode(), value(pick(b, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH, 1)))
	}
}

func (b *builder) chown() {
	switch b.r.IntN(4) {
	case 0:
		b.call("chown", b.path(), b.id(), b.id())
	case 1:
		b.call("lchown", b.path(), b.id(), b.id())
	case 2:
		b.call("fchown", b.fd(), b.id(), b.id())
	case 3:
		b.call("fchownat", b.dirfd(), b.path(), b.id(), b.id(), value(pick(b, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH)))
	}
}

// utimens gives old times, so that what a call changes to the present shows.
func (b *builder) utimens() {
	t := func() int { return pick(b, 1, 1000000000, 1100000000, 0) }
	ns := func() int {
		return pick(b, 0, 1, 123456789, 999999999, 999999999, unix.UTIME_NOW, unix.UTIME_OMIT, 1000000000)
	}
	flags := value(pick(b, 0, 0, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH, 1))
	switch pick(b, 0, 0, 0, 0, 1, 2, 3, 4) {
	case 0:
		b.call("utimensat", b.dirfd(), b.path(), b.words(t(), ns(), t(), ns()), flags)
	case 1:
		b.call("utimensat", b.fd(), value(0), b.words(t(), ns(), t(), ns()), value(0))
	case 2:
		b.call("utimes", b.path(), b.words(t(), pick(b, 0, 999999, 1000000, -1), t(), 5))
	case 3:
		b.call("utime", b.path(), b.words(t(), t()))
	case 4:
		b.call(pick(b, "utimes", "utime"), b.path(), value(0))
	}
}

func (b *builder) xattr() {
	name := b.text(pick(b, "user.x", "user.x", "user.y", "user.", "trusted.t", "security.s", "nothing", "", "user."+strings.Repeat("z", 249), "user."+strings.Repeat("z", 251)))
	n := value(pick(b, 0, 1, 5, 5, 100, 1000, 2000))
	src := arena(b.r.IntN(50))
	prefix := pick(b, "", "", "l", "f")
	target := b.path()
	if prefix == "f" {
		target = b.fd()
	}
	switch b.r.IntN(5) {
	case 0, 1:
		b.call(prefix+"setxattr", target, name, src, n, value(pick(b, 0, 0, 1, 2, 3)))
	case 2:
		b.call(prefix+"getxattr", target, name, out(), n)
	case 3:
		b.call(prefix+"listxattr", target, out(), value(pick(b, 3, 4096))) // for 0 Linux's overlay counts what it hides
	case 4:
		b.call(prefix+"removexattr", target, name)
	}
}

func (b *builder) copyRange() {
	n := value(pick(b, 1, 100, 4096, 5000, 70000, 100000))
	offset := func() prog.Arg {
		if b.chance(50) {
			return value(0)
		}
		return b.words(b.offset())
	}
	if b.chance(70) {
		b.call("copy_file_range", b.fd(), offset(), b.fd(), offset(), n, value(pick(b, 0, 0, 0, 0, 1)))
	} else {
		b.call("sendfile", b.fd(), b.fd(), offset(), n).NotDir = true
	}
}

func (b *builder) mapping() {
	switch b.r.IntN(6) {
	case 0, 1:
		// Each slot has a window of its own: where the kernel would put a mapping depends on what else there is.
		slot := b.r.IntN(addrCount)
		at := prog.Arg{Kind: prog.Pages, Value: int64(windowsAt + slot*windowSize)}
		prot := pick(b, 1, 3, 3, 2)
		b.call("mmap", at, value(pick(b, 1, 4096, 8192, 70000, 0)), value(prot), value(pick(b, 1, 1, 1, 2, 3)|unix.MAP_FIXED), b.fd(), value(pick(b, 0, 0, 0, 4096, 1)))
		b.last().Store = addrSlots + slot
		b.stored[addrSlots+slot] = true
	case 2, 3:
		at := b.slot(addrSlots, addrCount)
		at.Kind, at.Value = prog.SlotPlus, int64(pick(b, 0, 1, 50, 99, 4000, 4096, 5000, 8000))
		b.special(prog.Poke, "poke", at, arena(b.r.IntN(50)), value(pick(b, 1, 10, 100)))
		if b.chance(50) {
			at.Value = 0
			b.call("msync", at, value(8192), value(pick(b, 4, 4, 1, 2, 5)))
		}
	case 4:
		at := b.slot(addrSlots, addrCount)
		at.Kind, at.Value = prog.SlotPlus, int64(pick(b, 0, 1, 50, 99, 4000, 4096, 5000, 8000))
		b.special(prog.Peek, "peek", out(), at, value(pick(b, 1, 10, 100)))
	case 5:
		b.call("munmap", b.slot(addrSlots, addrCount), value(pick(b, 4096, 8192, 4096, 73728)))
	}
}

func (b *builder) dup() {
	switch b.r.IntN(4) {
	case 0:
		b.call("dup", b.fd())
	case 1:
		b.call("dup2", b.fd(), b.fd())
	case 2:
		b.call("dup3", b.fd(), b.fd(), value(pick(b, 0, unix.O_CLOEXEC, 1)))
	case 3:
		b.call("fcntl", b.fd(), value(pick(b, unix.F_DUPFD, unix.F_DUPFD_CLOEXEC)), value(pick(b, 0, 5, 20, 63, 64, -1)))
	}
	b.store(fdSlots, fdCount)
}

// getdents reads a directory in one go, as the order of its entries is the file system's own.
func (b *builder) getdents() {
	fd := b.fd()
	if b.chance(50) {
		b.call("lseek", fd, value(0), value(0))
	}
	if b.chance(80) {
		b.call("getdents64", fd, out(), value(32768))
		b.norm(prog.Dirents64, out(), 32768)
	} else {
		b.call("getdents", fd, out(), value(32768))
		b.norm(prog.Dirents, out(), 32768)
	}
}

func (b *builder) stat() {
	switch b.r.IntN(6) {
	case 0:
		b.call("stat", b.path(), out())
	case 1:
		b.call("lstat", b.path(), out())
	case 2:
		b.call("fstat", b.fd(), out())
	case 3:
		b.call("newfstatat", b.dirfd(), b.path(), out(), value(pick(b, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH, unix.AT_NO_AUTOMOUNT, 1)))
	case 4, 5:
		b.call("statx", b.dirfd(), b.path(), value(pick(b, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH, 0x2000, 0x4000, 1)),
			value(pick(b, 0xfff, 0xfff, 0x1fff, 0x8ff, 1<<31)), out()) // some give times unasked
		b.norm(prog.Statx, out(), 256)
		return
	}
	b.norm(prog.Stat, out(), 144)
}

func (b *builder) statfs() {
	if b.chance(50) {
		b.call("statfs", b.path(), out())
	} else {
		b.call("fstatfs", b.fd(), out())
	}
	b.norm(prog.Statfs, out(), 120)
}

func (b *builder) flock() {
	b.call("flock", b.fd(), value(pick(b, 1|4, 2|4, 2|4, 8, 3, 4)))
}

func (b *builder) locks() {
	cmd := pick(b, unix.F_SETLK, unix.F_GETLK, unix.F_OFD_SETLK, unix.F_OFD_SETLK, unix.F_OFD_GETLK)
	lock := b.words(pick(b, 0, 1, 1, 2)|pick(b, 0, 0, 1, 2)<<16, pick(b, 0, 1, 100, -1), pick(b, 0, 1, 100, -50), 0)
	b.call("fcntl", b.fd(), value(cmd), lock).NotDir = true
	lock.Value += 24
	b.norm(prog.Pids, lock, 4)
}

func (b *builder) fcntl() {
	cmd := pick(b, unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL, unix.F_SETFL, unix.F_GET_SEALS, unix.F_GETLEASE)
	arg := value(pick(b, 0, 1, unix.O_APPEND, unix.O_APPEND|unix.O_NONBLOCK, unix.O_NONBLOCK, unix.O_NOATIME|unix.O_NONBLOCK, unix.O_NONBLOCK|unix.O_SYNC))
	b.call("fcntl", b.fd(), value(cmd), arg)
}

func (b *builder) access() {
	mode := value(pick(b, 0, 1, 2, 4, 5, 6, 7, 8))
	switch b.r.IntN(3) {
	case 0:
		b.call("access", b.path(), mode)
	case 1:
		b.call("faccessat", b.dirfd(), b.path(), mode)
	case 2:
		b.call("faccessat2", b.dirfd(), b.path(), mode, value(pick(b, 0, unix.AT_EACCESS, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH, 1)))
	}
}

func (b *builder) chdir() {
	switch b.r.IntN(4) {
	case 0:
		b.call("chdir", b.path())
	case 1:
		b.call("fchdir", b.fd())
	case 2:
		b.call("getcwd", out(), value(pick(b, 0, 1, 4096)))
	case 3:
		b.call("chdir", b.text("/"))
	}
}

func (b *builder) syncs() {
	switch b.r.IntN(5) {
	case 0:
		b.call("fsync", b.fd())
	case 1:
		b.call("fdatasync", b.fd())
	case 2:
		b.call("sync_file_range", b.fd(), value(b.offset()), value(b.length()), value(b.r.IntN(9)))
	case 3:
		b.call("fadvise64", b.fd(), value(b.offset()), value(b.length()), value(b.r.IntN(8)))
	case 4:
		b.call("readahead", b.fd(), value(b.offset()), value(b.size()))
	}
}

func (b *builder) umask() { b.call("umask", value(pick(b, 0, 0o22, 0o22, 0o77, 0o777, 0o1777))) }

// splices move data between files by way of a pipe.
func (b *builder) splices() {
	pair := b.room(8)
	b.call("pipe2", arena(pair), value(unix.O_NONBLOCK))
	in, end := prog.Arg{Kind: prog.Memory, Value: int64(pair)}, prog.Arg{Kind: prog.Memory, Value: int64(pair + 4)}
	// Not from a file to itself: Linux's pipe holds pages of the file, and they would change on the way.
	if b.chance(50) {
		b.call("splice", b.fd(), value(0), end, value(0), value(pick(b, 1, 100, 5000)), value(0)).NotDir = true
		b.call("read", in, out(), value(5000))
	} else {
		b.call("write", end, arena(b.r.IntN(50)), value(pick(b, 1, 100, 5000)))
		b.call("splice", in, value(0), b.fd(), pick(b, value(0), b.words(b.offset())), value(pick(b, 100, 5000)), value(pick(b, 0, 2)))
	}
	b.call("close", in)
	b.call("close", end)
}

func (b *builder) closeRange() {
	first := 3 + b.r.IntN(20)
	b.call("close_range", value(first), value(first+b.r.IntN(4)-1), value(pick(b, 0, 4, 4, 1)))
}

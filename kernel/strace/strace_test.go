// SPDX-License-Identifier: Apache-2.0

package strace

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// memory is an application's memory, by block. A copy within one block works; everything else faults.
type memory map[user.Addr][]byte

func (m memory) at(addr user.Addr) []byte {
	for base, b := range m {
		if addr >= base && addr < base+user.Addr(len(b)) {
			return b[addr-base:]
		}
	}
	return nil
}

func (m memory) CopyIn(addr user.Addr, dst []byte) (int, error) {
	n := copy(dst, m.at(addr))
	if n < len(dst) {
		return n, unix.EFAULT
	}
	return n, nil
}

func (m memory) CopyOut(addr user.Addr, src []byte) (int, error) {
	panic("a tracer writes nothing")
}

func (m memory) CopyOutLast(addr user.Addr, src []byte, partial bool) (int, error) {
	panic("a tracer writes nothing")
}

func (m memory) CopyOutFrom(user.Addr, int, bool, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (m memory) CopyInTo(user.Addr, int, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (m memory) CompareAndSwap32(addr user.Addr, old, new uint32) (uint32, error) {
	panic("a tracer writes nothing")
}

// pack lays values out one after the other, without padding.
func pack(values ...any) []byte {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b = append(b, v...)
		case []byte:
			b = append(b, v...)
		default:
			b, _ = binary.Append(b, binary.LittleEndian, v)
		}
	}
	return b
}

const minus1 = ^uint64(0)

const fdcwd = uint64(0xffffff9c) // AT_FDCWD as an int, zero-extended

func TestLines(t *testing.T) {
	for _, c := range []struct {
		want  string
		nr    uint64
		args  [6]uint64
		mem   memory // before the call
		after memory // what the call changes
		ret   uint64
		err   error
	}{
		{want: `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3`, nr: unix.SYS_OPENAT,
			args: [6]uint64{fdcwd, 0x1000, unix.O_CLOEXEC, 0o7777}, mem: memory{0x1000: pack("/etc/passwd\x00")}, ret: 3},
		{want: `openat(5, "f", O_WRONLY|O_CREAT|O_TRUNC, 0644) = -1 EACCES (Permission denied)`, nr: unix.SYS_OPENAT,
			args: [6]uint64{5, 0x1000, unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC, 0o644}, mem: memory{0x1000: pack("f\x00")}, err: unix.EACCES},
		{want: `openat(AT_FDCWD, NULL, O_RDWR) = -1 EFAULT (Bad address)`, nr: unix.SYS_OPENAT, args: [6]uint64{fdcwd, 0, unix.O_RDWR}, err: unix.EFAULT},
		{want: `openat(AT_FDCWD, 0x1234, O_RDONLY) = -1 EFAULT (Bad address)`, nr: unix.SYS_OPENAT, args: [6]uint64{fdcwd, 0x1234}, err: unix.EFAULT},
		{want: `open("/tmp", O_RDWR|O_TMPFILE, 0600) = 3`, nr: unix.SYS_OPEN, args: [6]uint64{0x1000, unix.O_RDWR | unix.O_TMPFILE, 0o600}, mem: memory{0x1000: pack("/tmp\x00")}, ret: 3},
		{want: `read(3, "root:x", 4096) = 6`, nr: unix.SYS_READ, args: [6]uint64{3, 0x1000, 4096}, after: memory{0x1000: pack("root:xGARBAGE")}, ret: 6},
		{want: `read(3, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\300\17\2\0\0\0\0\0"..., 832) = 832`, nr: unix.SYS_READ,
			args:  [6]uint64{3, 0x1000, 832},
			after: memory{0x1000: pack("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01\x00\x00\x00\xc0\x0f\x02\x00\x00\x00\x00\x00", make([]byte, 900))}, ret: 832},
		{want: `read(3, 0x1000, 10) = -1 EINTR (Interrupted system call)`, nr: unix.SYS_READ, args: [6]uint64{3, 0x1000, 10}, mem: memory{0x1000: pack("0123456789")}, err: unix.EINTR},
		{want: `read(3, 0x1000, 10) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)`, nr: unix.SYS_READ, args: [6]uint64{3, 0x1000, 10}, err: abi.ERESTARTSYS},
		{want: `read(-1, 0x1000, 10) = -1 EBADF (Bad file descriptor)`, nr: unix.SYS_READ, args: [6]uint64{minus1, 0x1000, 10}, err: unix.EBADF},
		{want: `write(1, "a\tb\n\"q\"\\\0001\1", 11) = 11`, nr: unix.SYS_WRITE, args: [6]uint64{1, 0x1000, 11}, mem: memory{0x1000: pack("a\tb\n\"q\"\\\x001\x01")}, ret: 11},
		{want: `write(1, 0x1000, 4) = -1 EFAULT (Bad address)`, nr: unix.SYS_WRITE, args: [6]uint64{1, 0x1000, 4}, err: unix.EFAULT},
		{want: `mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000001000`, nr: unix.SYS_MMAP,
			args: [6]uint64{0, 8192, 3, unix.MAP_PRIVATE | unix.MAP_ANON, 0xffffffff, 0}, ret: 0x7f0000001000},
		{want: `mprotect(0x7f0000001000, 4096, PROT_NONE) = 0`, nr: unix.SYS_MPROTECT, args: [6]uint64{0x7f0000001000, 4096, 0}},
		{want: `madvise(0x1000, 4096, 0x3e7 /* MADV_??? */) = -1 EINVAL (Invalid argument)`, nr: unix.SYS_MADVISE, args: [6]uint64{0x1000, 4096, 999}, err: unix.EINVAL},
		{want: `brk(NULL) = 0x55550000`, nr: unix.SYS_BRK, ret: 0x55550000},
		{want: `close(3) = 0`, nr: unix.SYS_CLOSE, args: [6]uint64{3}},
		{want: `getpid() = 7`, nr: unix.SYS_GETPID, ret: 7},
		{want: `kill(-1, SIGTERM) = -1 EPERM (Operation not permitted)`, nr: unix.SYS_KILL, args: [6]uint64{minus1, 15}, err: unix.EPERM},
		{want: `tgkill(7, 8, SIGRT_1) = 0`, nr: unix.SYS_TGKILL, args: [6]uint64{7, 8, 33}},
		{want: `umask(022) = 077`, nr: unix.SYS_UMASK, args: [6]uint64{0o22}, ret: 0o77},
		{want: `access("/x", R_OK|X_OK) = 0`, nr: unix.SYS_ACCESS, args: [6]uint64{0x1000, 5}, mem: memory{0x1000: pack("/x\x00")}},
		{want: `access("/x", F_OK) = 0`, nr: unix.SYS_ACCESS, args: [6]uint64{0x1000, 0}, mem: memory{0x1000: pack("/x\x00")}},
		{want: `lseek(3, -5, SEEK_END) = 95`, nr: unix.SYS_LSEEK, args: [6]uint64{3, minus1 - 4, 2}, ret: 95},
		{want: `pipe2([3, 4], O_CLOEXEC) = 0`, nr: unix.SYS_PIPE2, args: [6]uint64{0x1000, unix.O_CLOEXEC}, after: memory{0x1000: pack(int32(3), int32(4))}},
		{want: `pipe2(0x1000, 0) = -1 EMFILE (Too many open files)`, nr: unix.SYS_PIPE2, args: [6]uint64{0x1000}, err: unix.EMFILE},
		{want: `readlink("/proc/self/exe", "/bin/ls", 4096) = 7`, nr: unix.SYS_READLINK, args: [6]uint64{0x1000, 0x2000, 4096}, mem: memory{0x1000: pack("/proc/self/exe\x00")}, after: memory{0x2000: pack("/bin/lsXXX")}, ret: 7},
		{want: `execve("/bin/ls", ["ls", "-l"], 0x3000 /* 1 var */) = 0`, nr: unix.SYS_EXECVE, args: [6]uint64{0x1000, 0x2000, 0x3000},
			mem: memory{0x1000: pack("/bin/ls\x00ls\x00-l\x00A=1\x00"), 0x2000: pack(uint64(0x1008), uint64(0x100b), uint64(0)), 0x3000: pack(uint64(0x100e), uint64(0))}},
		{want: `wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], WNOHANG, NULL) = 8`, nr: unix.SYS_WAIT4, args: [6]uint64{minus1, 0x1000, 1}, after: memory{0x1000: pack(int32(0x300))}, ret: 8},
		{want: `wait4(8, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 8`, nr: unix.SYS_WAIT4, args: [6]uint64{8, 0x1000}, after: memory{0x1000: pack(int32(9))}, ret: 8},
		{want: `wait4(-1, 0x1000, WNOHANG, NULL) = 0`, nr: unix.SYS_WAIT4, args: [6]uint64{minus1, 0x1000, 1}, mem: memory{0x1000: pack(int32(0))}},
		{want: `clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=1, tv_nsec=5}, NULL) = 0`, nr: unix.SYS_CLOCK_NANOSLEEP, args: [6]uint64{1, 1, 0x1000}, mem: memory{0x1000: pack(int64(1), int64(5))}},
		{want: `utimensat(AT_FDCWD, "f", [UTIME_NOW, UTIME_OMIT], AT_SYMLINK_NOFOLLOW) = 0`, nr: unix.SYS_UTIMENSAT, args: [6]uint64{fdcwd, 0x1000, 0x2000, 0x100},
			mem: memory{0x1000: pack("f\x00"), 0x2000: pack(int64(0), int64(unix.UTIME_NOW), int64(0), int64(unix.UTIME_OMIT))}},
		{want: `newfstatat(AT_FDCWD, "/", {st_mode=S_IFDIR|S_ISVTX|0755, st_size=4096, ...}, 0) = 0`, nr: unix.SYS_NEWFSTATAT, args: [6]uint64{fdcwd, 0x1000, 0x2000},
			mem: memory{0x1000: pack("/\x00")}, after: memory{0x2000: pack(make([]byte, 24), uint32(0o41755), make([]byte, 20), uint64(4096), make([]byte, 88))}},
		{want: `fstat(0, {st_mode=S_IFCHR|0620, st_rdev=makedev(0x88, 0x1), ...}) = 0`, nr: unix.SYS_FSTAT, args: [6]uint64{0, 0x2000},
			after: memory{0x2000: pack(make([]byte, 24), uint32(0o20620), make([]byte, 12), uint64(0x8801), make([]byte, 96))}},
		{want: `rt_sigaction(SIGINT, {sa_handler=SIG_IGN, sa_mask=[QUIT], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x500}, NULL, 8) = 0`, nr: unix.SYS_RT_SIGACTION,
			args: [6]uint64{2, 0x1000, 0, 8}, mem: memory{0x1000: pack(uint64(1), uint64(0x14000000), uint64(0x500), uint64(4))}},
		{want: `rt_sigaction(SIGINT, NULL, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0`, nr: unix.SYS_RT_SIGACTION, args: [6]uint64{2, 0, 0x1000, 8}, after: memory{0x1000: make([]byte, 32)}},
		{want: `rt_sigprocmask(SIG_BLOCK, ~[KILL STOP], [CHLD RTMIN], 8) = 0`, nr: unix.SYS_RT_SIGPROCMASK, args: [6]uint64{0, 0x1000, 0x2000, 8},
			mem: memory{0x1000: pack(^uint64(1<<8 | 1<<18))}, after: memory{0x2000: pack(uint64(1<<16 | 1<<31))}},
		{want: `poll([{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}], 2, -1) = 1 ([{fd=4, revents=POLLOUT|POLLHUP}])`, nr: unix.SYS_POLL, args: [6]uint64{0x1000, 2, minus1},
			mem:   memory{0x1000: pack(int32(3), int16(1), int16(0), int32(4), int16(4), int16(0))},
			after: memory{0x1000: pack(int32(3), int16(1), int16(0), int32(4), int16(4), int16(0x14))}, ret: 1},
		{want: `poll(NULL, 0, 10) = 0 (Timeout)`, nr: unix.SYS_POLL, args: [6]uint64{0, 0, 10}},
		{want: `select(5, [3 4], NULL, NULL, NULL) = 1 (in [4])`, nr: unix.SYS_SELECT, args: [6]uint64{5, 0x1000},
			mem: memory{0x1000: pack(byte(0x18), make([]byte, 127))}, after: memory{0x1000: pack(byte(0x10), make([]byte, 127))}, ret: 1},
		{want: `epoll_ctl(3, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, data={u32=4, u64=4}}) = 0`, nr: unix.SYS_EPOLL_CTL, args: [6]uint64{3, 1, 4, 0x1000}, mem: memory{0x1000: pack(uint32(0x80000001), uint64(4))}},
		{want: `epoll_wait(3, [{events=EPOLLIN, data={u32=4, u64=4}}], 8, -1) = 1`, nr: unix.SYS_EPOLL_WAIT, args: [6]uint64{3, 0x1000, 8, minus1}, after: memory{0x1000: pack(uint32(1), uint64(4))}, ret: 1},
		{want: `writev(1, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=1}], 2) = 3`, nr: unix.SYS_WRITEV, args: [6]uint64{1, 0x1000, 2},
			mem: memory{0x1000: pack(uint64(0x2000), uint64(2), uint64(0x2002), uint64(1)), 0x2000: pack("abc")}, ret: 3},
		{want: `readv(0, [{iov_base="ab", iov_len=2}, {iov_base="", iov_len=100}], 2) = 2`, nr: unix.SYS_READV, args: [6]uint64{0, 0x1000, 2},
			mem: memory{0x1000: pack(uint64(0x2000), uint64(2), uint64(0x2002), uint64(100)), 0x2000: pack("abc")}, ret: 2},
		{want: `fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)`, nr: unix.SYS_FCNTL, args: [6]uint64{3, unix.F_GETFL, 99}, ret: 0x8002},
		{want: `fcntl(3, F_SETFD, FD_CLOEXEC) = 0`, nr: unix.SYS_FCNTL, args: [6]uint64{3, unix.F_SETFD, 1}},
		{want: `fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10}) = -1 EAGAIN (Resource temporarily unavailable)`, nr: unix.SYS_FCNTL, args: [6]uint64{3, unix.F_SETLK, 0x1000},
			mem: memory{0x1000: pack(int16(1), int16(0), int32(0), int64(0), int64(10), int64(0))}, err: unix.EAGAIN},
		{want: `ioctl(1, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0`, nr: unix.SYS_IOCTL, args: [6]uint64{1, unix.TIOCGWINSZ, 0x1000}, after: memory{0x1000: pack(int16(24), int16(80), int32(0))}},
		{want: `ioctl(1, TCGETS, 0x1000) = -1 ENOTTY (Inappropriate ioctl for device)`, nr: unix.SYS_IOCTL, args: [6]uint64{1, unix.TCGETS, 0x1000}, err: unix.ENOTTY},
		{want: `futex(0x1000, FUTEX_WAIT_PRIVATE, 2, NULL) = -1 EAGAIN (Resource temporarily unavailable)`, nr: unix.SYS_FUTEX, args: [6]uint64{0x1000, 128, 2}, err: unix.EAGAIN},
		{want: `futex(0x1000, FUTEX_WAKE_PRIVATE, 1) = 0`, nr: unix.SYS_FUTEX, args: [6]uint64{0x1000, 129, 1, 77}},
		{want: `futex(0x1000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 2, {tv_sec=1, tv_nsec=0}, NULL, 0xffffffff) = 0`, nr: unix.SYS_FUTEX,
			args: [6]uint64{0x1000, 128 | 256 | 9, 2, 0x2000, 0, 0xffffffff}, mem: memory{0x2000: pack(int64(1), int64(0))}},
		{want: `prctl(PR_SET_NAME, "worker") = 0`, nr: unix.SYS_PRCTL, args: [6]uint64{unix.PR_SET_NAME, 0x1000}, mem: memory{0x1000: pack("worker\x00")}},
		{want: `prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0`, nr: unix.SYS_PRLIMIT64, args: [6]uint64{0, 3, 0, 0x1000}, after: memory{0x1000: pack(uint64(8<<20), ^uint64(0))}},
		{want: `connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 ECONNREFUSED (Connection refused)`, nr: unix.SYS_CONNECT, args: [6]uint64{3, 0x1000, 16},
			mem: memory{0x1000: pack(int16(2), "\x00\x50\x7f\x00\x00\x01", make([]byte, 8))}, err: unix.ECONNREFUSED},
		{want: `connect(3, {sa_family=AF_UNIX, sun_path="/run/s"}, 110) = 0`, nr: unix.SYS_CONNECT, args: [6]uint64{3, 0x1000, 110}, mem: memory{0x1000: pack(int16(1), "/run/s", make([]byte, 102))}},
		{want: `accept4(3, {sa_family=AF_UNIX}, [110 => 2], SOCK_CLOEXEC) = 4`, nr: unix.SYS_ACCEPT4, args: [6]uint64{3, 0x1000, 0x2000, unix.SOCK_CLOEXEC},
			mem: memory{0x2000: pack(int32(110))}, after: memory{0x1000: pack(int16(1)), 0x2000: pack(int32(2))}, ret: 4},
		{want: `socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0) = 3`, nr: unix.SYS_SOCKET, args: [6]uint64{1, 1 | unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK}, ret: 3},
		{want: `getdents64(3, 0x1000 /* 2 entries */, 32768) = 48`, nr: unix.SYS_GETDENTS64, args: [6]uint64{3, 0x1000, 32768},
			after: memory{0x1000: pack(make([]byte, 16), int16(24), make([]byte, 6), make([]byte, 16), int16(24), make([]byte, 6))}, ret: 48},
		{want: `openat2(AT_FDCWD, "f", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24) = 3`, nr: unix.SYS_OPENAT2, args: [6]uint64{fdcwd, 0x1000, 0x2000, 24},
			mem: memory{0x1000: pack("f\x00"), 0x2000: pack(uint64(0), uint64(0), uint64(8))}, ret: 3},
		{want: `recvmsg(3, {msg_name={sa_family=AF_UNIX}, msg_namelen=16 => 2, msg_iov=[{iov_base="ab", iov_len=10}], msg_iovlen=1, msg_controllen=0, msg_flags=MSG_EOR}, MSG_PEEK) = 2`, nr: unix.SYS_RECVMSG, args: [6]uint64{3, 0x1000, 2},
			mem:   memory{0x1000: pack(uint64(0x2000), uint64(16), uint64(0x3000), uint64(1), uint64(0), uint64(0), uint64(0)), 0x2000: make([]byte, 16), 0x3000: pack(uint64(0x4000), uint64(10)), 0x4000: make([]byte, 10)},
			after: memory{0x1000: pack(uint64(0x2000), uint64(2), uint64(0x3000), uint64(1), uint64(0), uint64(0), uint64(0x80)), 0x2000: pack(int16(1)), 0x4000: pack("ab")}, ret: 2},
		{want: `sendfile(1, 3, [0] => [5], 5) = 5`, nr: unix.SYS_SENDFILE, args: [6]uint64{1, 3, 0x1000, 5}, mem: memory{0x1000: pack(int64(0))}, after: memory{0x1000: pack(int64(5))}, ret: 5},
		{want: `setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0`, nr: unix.SYS_SETSOCKOPT, args: [6]uint64{3, 1, 2, 0x1000, 4}, mem: memory{0x1000: pack(int32(1))}},
		{want: `mknod("p", S_IFIFO|0600) = 0`, nr: unix.SYS_MKNOD, args: [6]uint64{0x1000, 0o10600, 99}, mem: memory{0x1000: pack("p\x00")}},
		{want: `mknod("d", S_IFCHR|0600, makedev(0x1, 0x3)) = 0`, nr: unix.SYS_MKNOD, args: [6]uint64{0x1000, 0o20600, 0x103}, mem: memory{0x1000: pack("d\x00")}},
		{want: `getcwd("/tmp", 100) = 5`, nr: unix.SYS_GETCWD, args: [6]uint64{0x1000, 100}, after: memory{0x1000: pack("/tmp\x00")}, ret: 5},
		{want: `sched_getaffinity(0, 128, [0 1 9]) = 8`, nr: unix.SYS_SCHED_GETAFFINITY, args: [6]uint64{0, 128, 0x1000}, after: memory{0x1000: pack(uint64(0x203))}, ret: 8},
		{want: `ioctl(3, FIOCLEX) = 0`, nr: unix.SYS_IOCTL, args: [6]uint64{3, 0x5451, 7}},
		{want: `epoll_wait(3, [], 8, 0) = 0`, nr: unix.SYS_EPOLL_WAIT, args: [6]uint64{3, 0x1000, 8, 0}},
		{want: `clone(CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL, NULL, 0x1000, NULL) = 9`, nr: unix.SYS_CLONE, args: [6]uint64{unix.CLONE_CHILD_CLEARTID | unix.CLONE_CHILD_SETTID | 17, 0, 0, 0x1000, 0}, ret: 9},
		{want: `syscall_0x1f4(0x1, 0, 0, 0, 0, 0) = -1 ENOSYS (Function not implemented)`, nr: 500, args: [6]uint64{1}, err: unix.ENOSYS},
	} {
		t.Run(c.want, func(t *testing.T) {
			mem := memory{}
			for addr, b := range c.mem {
				mem[addr] = b
			}
			call := Begin(c.nr, &c.args, mem)
			for addr, b := range c.after {
				mem[addr] = b
			}
			assert.Equal(t, call.End(c.ret, c.err), c.want)
		})
	}
}

func TestUnfinished(t *testing.T) {
	call := Begin(unix.SYS_EXIT_GROUP, &[6]uint64{1}, memory{})
	assert.Assert(t, call.NoReturn())
	assert.Equal(t, call.Unfinished(), "exit_group(1) = ?")
	call = Begin(unix.SYS_READ, &[6]uint64{0, 0x1000, 10}, memory{})
	assert.Assert(t, !call.NoReturn())
	assert.Equal(t, call.Unfinished(), "read(0, 0x1000, 10) = ?")
}

// A tracer must not take the sandbox down, whatever registers and memory hold.
func FuzzAnything(f *testing.F) {
	f.Add(uint64(0), uint64(1), uint64(0x1000), uint64(3), uint64(0x1000), uint64(4), []byte("abc"))
	f.Fuzz(func(t *testing.T, nr, a, b, c, d, ret uint64, content []byte) {
		mem := memory{0x1000: content}
		call := Begin(nr%480, &[6]uint64{a, b, c, d, b, c}, mem)
		call.End(ret, nil)
		call = Begin(nr%480, &[6]uint64{a, b, c, d, b, c}, mem)
		call.End(0, unix.EINVAL)
		call.Unfinished()
	})
}

// Every call of the table prints with pointers to memory that is there, and with pointers to none.
func TestEveryCall(t *testing.T) {
	mem := memory{0x10000: make([]byte, 1<<16)}
	for nr := range calls {
		for _, p := range []uint64{0x10000, 0x5, 0, minus1} {
			args := [6]uint64{p, p, p, p, p, p}
			Begin(uint64(nr), &args, mem).End(p, nil)
			Begin(uint64(nr), &args, mem).End(0, unix.EIO)
		}
	}
}

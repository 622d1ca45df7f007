// SPDX-License-Identifier: Apache-2.0

// Package seccomp tests seccomp from Go: a filter for all threads of a process at once, and a process whose calls
// another one answers.
package seccomp

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("all_threads", "", allThreads)
	harness.Case("supervised", "", supervised)
	harness.Child("seccomp.threads", threads)
	harness.Child("seccomp.supervised", beSupervised)
}

// answer is a filter with an answer for one call.
func answer(nr int, action uint32) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: uint32(nr)},
		{Code: unix.BPF_RET | unix.BPF_K, K: action},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
}

func install(flags int, prog []unix.SockFilter) (int, error) {
	p := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	n, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), uintptr(unsafe.Pointer(&p)))
	if e != 0 {
		return -1, e
	}
	return int(n), nil
}

func output(t *harness.T, child string, args ...string) string {
	out, err := harness.Command(child, args...).Output()
	t.Must(child, err)
	return string(out)
}

func allThreads(t *harness.T) {
	for line := range strings.Lines(output(t, "seccomp.threads")) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		t.Observe(what, "%s", value)
	}
}

// onThread runs f on a thread that does nothing else.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		f()
		close(done)
	}()
	<-done
}

func threads([]string) int {
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 1
	}
	stay := make(chan struct{})
	ready := make(chan struct{})
	asked := make(chan string)
	for range 3 {
		go func() {
			runtime.LockOSThread()
			ready <- struct{}{}
			<-stay
			_, err := unix.Getpgid(0)
			asked <- harness.ErrnoName(err)
		}()
		<-ready
	}
	n, err := install(unix.SECCOMP_FILTER_FLAG_TSYNC, answer(unix.SYS_GETPGID, unix.SECCOMP_RET_ERRNO|77))
	fmt.Printf("sync: %d %s\n", n, harness.ErrnoName(err))
	close(stay)
	for i := range 3 {
		fmt.Printf("thread %d: %s\n", i, <-asked)
	}
	onThread(func() {
		_, err := unix.Getpgid(0)
		fmt.Printf("new thread: %s\n", harness.ErrnoName(err))
	})
	fmt.Printf("statuses: %s\n", statuses())
	onThread(func() {
		// A thread with a filter of its own is in the way.
		_, err := install(0, answer(unix.SYS_GETSID, unix.SECCOMP_RET_ERRNO|78))
		tid := unix.Gettid()
		fmt.Printf("its own: %s\n", harness.ErrnoName(err))
		onThread(func() {
			n, err := install(unix.SECCOMP_FILTER_FLAG_TSYNC, answer(unix.SYS_GETPPID, unix.SECCOMP_RET_ERRNO|79))
			fmt.Printf("the thread in the way is answered: %v %s\n", n == tid, harness.ErrnoName(err))
			n, err = install(unix.SECCOMP_FILTER_FLAG_TSYNC|unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH, answer(unix.SYS_GETPPID, unix.SECCOMP_RET_ERRNO|79))
			fmt.Printf("or ESRCH: %d %s\n", n, harness.ErrnoName(err))
			fmt.Printf("nothing was installed: %v\n", unix.Getppid() > 0)
		})
	})
	return 0
}

// statuses is what the threads' status files say, each once.
func statuses() string {
	files, _ := filepath.Glob("/proc/self/task/*/status")
	seen := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		var words []string
		for line := range bytes.Lines(b) {
			if bytes.HasPrefix(line, []byte("Seccomp")) || bytes.HasPrefix(line, []byte("NoNewPrivs")) {
				words = append(words, strings.Join(strings.Fields(string(line)), ""))
			}
		}
		seen[strings.Join(words, " ")] = true
	}
	return fmt.Sprint(seen)
}

type data struct {
	Nr   int32
	Arch uint32
	IP   uint64
	Args [6]uint64
}

type notif struct {
	ID         uint64
	Pid, Flags uint32
	Data       data
}

type response struct {
	ID    uint64
	Val   int64
	Error int32
	Flags uint32
}

func ioctl(fd int, cmd uintptr, arg unsafe.Pointer) (int, error) {
	n, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), cmd, uintptr(arg))
	if e != 0 {
		return -1, e
	}
	return int(n), nil
}

// receive waits for the next call; a signal of the Go runtime's ends the wait.
func receive(listener int, n *notif) (int, error) {
	for {
		if ret, err := ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(n)); err != unix.EINTR {
			return ret, err
		}
	}
}

// supervised answers the calls of a child, which sends its listener by a socket and tells on stdout what it got.
func supervised(t *harness.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	t.Must("socketpair", err)
	theirs := os.NewFile(uintptr(pair[1]), "theirs")
	cmd := harness.Command("seccomp.supervised")
	cmd.ExtraFiles = []*os.File{theirs}
	var out bytes.Buffer
	cmd.Stdout = &out
	t.Must("start", cmd.Start())
	theirs.Close()
	oob := make([]byte, 64)
	tid := make([]byte, 16)
	size, n, _, _, err := unix.Recvmsg(pair[0], tid, oob, 0)
	t.Must("recvmsg", err)
	msgs, err := unix.ParseSocketControlMessage(oob[:n])
	t.Must("control message", err)
	fds, err := unix.ParseUnixRights(&msgs[0])
	t.Must("rights", err)
	listener := fds[0]
	for _, r := range []response{{Val: 4711}, {Error: -int32(unix.EXDEV)}, {Flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}} {
		var got notif
		_, err := receive(listener, &got)
		t.Must("receive", err)
		t.Equal("thread", fmt.Sprint(got.Pid), string(tid[:size])) // of any name: Go's first goroutine keeps to no thread
		t.Observe(fmt.Sprintf("call %d", got.Data.Args[0]), "nr %d arch %#x flags %d", got.Data.Nr, got.Data.Arch, got.Flags)
		r.ID = got.ID
		_, err = ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
		t.Must("send", err)
	}
	t.Observe("end", "%s", status(cmd.Wait()))
	for line := range strings.Lines(out.String()) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		t.Observe(what, "%s", value)
	}
	poll := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN | unix.POLLOUT}}
	_, err = harness.Poll(poll, -1)
	t.Observe("nobody left", "%#x %s", poll[0].Revents, harness.ErrnoName(err))
	var got notif
	_, err = receive(listener, &got)
	t.ObserveErr("receive from nobody", err)
}

func status(err error) string {
	if err != nil {
		return err.Error()
	}
	return "exit 0"
}

func beSupervised([]string) int {
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 1
	}
	fd, err := install(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, answer(unix.SYS_GETSID, unix.SECCOMP_RET_USER_NOTIF))
	if err != nil {
		return 2
	}
	if err := unix.Sendmsg(3, fmt.Append(nil, unix.Gettid()), unix.UnixRights(fd), nil, 0); err != nil {
		return 3
	}
	unix.Close(fd)
	for i := range 3 {
		n, _, e := unix.Syscall(unix.SYS_GETSID, uintptr(i), 0, 0)
		if i == 2 {
			fmt.Printf("result %d: %v\n", i, e == unix.ESRCH || int(n) >= 0)
			continue
		}
		fmt.Printf("result %d: %d %s\n", i, int(n), harness.ErrnoName(e))
	}
	return 0
}

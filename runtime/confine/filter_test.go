// SPDX-License-Identifier: Apache-2.0

package confine

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// TestSecurityPage holds SECURITY.md against the filter.
func TestSecurityPage(t *testing.T) {
	page, err := os.ReadFile("../../SECURITY.md")
	assert.NilError(t, err)
	_, section, found := strings.Cut(string(page), "\n## What the kernel process may ask of the host\n")
	assert.Assert(t, found)
	var listed []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			listed = append(listed, strings.TrimSpace(cells[1]))
		}
	}
	want := []string{"call", "---"}
	for _, c := range Calls {
		want = append(want, c.Names)
	}
	want = append(want, "clone (with the flags of a thread), prctl (PR_SET_VMA)",
		"socket (AF_INET, AF_INET6, AF_PACKET: SOCK_STREAM, SOCK_DGRAM, SOCK_RAW; NETLINK_ROUTE, NETLINK_SOCK_DIAG), socketpair (SOCK_STREAM, SOCK_SEQPACKET)")
	assert.DeepEqual(t, listed, want)
}

// TestSecurityPageOfAgents holds the maker's and the agents' filters against it.
func TestSecurityPageOfAgents(t *testing.T) {
	page, err := os.ReadFile("../../SECURITY.md")
	assert.NilError(t, err)
	assert.Assert(t, strings.Contains(string(page), "\n| "+MakerCalls.Names+"; clone (a process in a fresh network namespace, compared exactly) | the maker, "))
	assert.Assert(t, strings.Contains(string(page), "\n| "+AgentCalls.Names+"; socket (as the kernel process's own, below) | an agent |"))
}

// TestNames holds each group's names against its numbers, by the table.
func TestNames(t *testing.T) {
	table, err := os.ReadFile("../../fixtures/syscalls/syscall_64.tsv")
	assert.NilError(t, err)
	name := map[string]string{}
	for line := range strings.Lines(string(table)) {
		if f := strings.Split(line, "\t"); len(f) > 2 && !strings.HasPrefix(line, "#") {
			name[f[0]] = f[2]
		}
	}
	for _, c := range append([]Call{MakerCalls, AgentCalls}, Calls...) {
		var names []string
		for _, nr := range c.Nrs {
			names = append(names, name[strconv.Itoa(int(nr))])
		}
		assert.Equal(t, strings.Join(names, ", "), c.Names)
	}
}

// TestFilter makes calls in a process that has the filter.
func TestFilter(t *testing.T) {
	if call := os.Getenv("CONFINE_TEST_CALL"); call != "" {
		confined(call)
	}
	if err := everywhere(unix.SYS_GETPID); err != nil {
		t.Skip(err) // the C library's threads make calls of their own; -race needs it
	}
	for _, c := range []struct {
		call string
		dies bool
	}{
		{"getpid", false}, {"thread", false}, {"tcp", false}, {"udp6", false}, {"pair", false}, {"datagrams' pair", true},
		{"raw", false}, {"packet", false}, {"sctp", true}, {"vsock", true}, {"rtnetlink", false}, {"sock_diag", false}, {"audit", true},
		{"open_by_handle_at", true}, {"ptrace", true}, {"socket", true}, {"fork", true}, {"execve", true}, {"mount", true},
		{"prctl", true}, {"x32", true},
	} {
		t.Run(c.call, func(t *testing.T) {
			cmd := exec.Command("/proc/self/exe", "-test.run=^TestFilter$")
			cmd.Env = append(os.Environ(), "CONFINE_TEST_CALL="+c.call)
			out, err := cmd.CombinedOutput()
			if !c.dies {
				assert.NilError(t, err, "%s", out)
				return
			}
			assert.Assert(t, err != nil)
			assert.Assert(t, strings.Contains(string(out), "SIGSYS"), "%s", out)
		})
	}
}

// confined installs the filter, makes the call and ends the process.
func confined(call string) {
	if err := everywhere(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
		panic(err)
	}
	if err := Filter(); err != nil {
		panic(err)
	}
	switch call {
	case "getpid":
		unix.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
	case "thread":
		done := make(chan bool)
		for range 50 {
			go func() { _ = unix.Nanosleep(&unix.Timespec{Nsec: 1e6}, nil); done <- true }()
		}
		for range 50 {
			<-done
		}
	case "open_by_handle_at":
		unix.RawSyscall(unix.SYS_OPEN_BY_HANDLE_AT, ^uintptr(0), 0, 0)
	case "ptrace":
		unix.RawSyscall(unix.SYS_PTRACE, unix.PTRACE_ATTACH, ^uintptr(0), 0)
	case "socket":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	case "tcp":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
	case "udp6":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	case "raw":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	case "sctp":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_SEQPACKET, unix.IPPROTO_SCTP)
	case "vsock":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_VSOCK, unix.SOCK_STREAM, 0)
	case "packet":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_PACKET, unix.SOCK_DGRAM, 0)
	case "rtnetlink":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	case "sock_diag":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_DGRAM, unix.NETLINK_SOCK_DIAG)
	case "audit":
		unix.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_AUDIT)
	case "pair":
		_, _ = unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
		_, _ = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	case "datagrams' pair":
		_, _ = unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	case "fork":
		unix.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0)
	case "execve":
		unix.RawSyscall(unix.SYS_EXECVE, 0, 0, 0)
	case "mount":
		unix.RawSyscall(unix.SYS_MOUNT, 0, 0, 0)
	case "prctl":
		unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 1, 0)
	case "x32":
		unix.RawSyscall(unix.SYS_GETPID|1<<30, 0, 0, 0)
	}
	os.Exit(0)
}

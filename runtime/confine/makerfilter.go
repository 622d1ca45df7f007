// SPDX-License-Identifier: Apache-2.0

package confine

import "golang.org/x/sys/unix"

// MakerCalls and AgentCalls are what the maker of network namespaces, and an agent in one, may ask of the host, as SECURITY.md lists it. An
// agent has the maker's filter too, and its own as soon as it is set up.
var (
	MakerCalls = Call{"recvmsg, sendmsg, close, close_range, dup2, openat, open_tree, fchdir, chroot, seccomp, socket, openat2, getdents64, exit_group", []uint32{
		unix.SYS_RECVMSG, unix.SYS_SENDMSG, unix.SYS_CLOSE, unix.SYS_CLOSE_RANGE, unix.SYS_DUP2, unix.SYS_OPENAT, unix.SYS_OPEN_TREE,
		unix.SYS_FCHDIR, unix.SYS_CHROOT, unix.SYS_SECCOMP, unix.SYS_SOCKET, unix.SYS_OPENAT2, unix.SYS_GETDENTS64, unix.SYS_EXIT_GROUP}}
	AgentCalls = Call{"recvmsg, sendmsg, close, openat2, getdents64, exit_group", []uint32{
		unix.SYS_RECVMSG, unix.SYS_SENDMSG, unix.SYS_CLOSE, unix.SYS_OPENAT2, unix.SYS_GETDENTS64, unix.SYS_EXIT_GROUP}}
)

// plain is a filter's part for calls whose arguments don't matter. The call's number is loaded before and after.
func plain(calls ...Call) []unix.SockFilter {
	prog := []unix.SockFilter{
		load(dataArch), jump(unix.BPF_JEQ, unix.AUDIT_ARCH_X86_64, 1, 0), ret(unix.SECCOMP_RET_KILL_PROCESS),
		load(dataNr),
	}
	for _, c := range calls {
		for _, nr := range c.Nrs {
			prog = append(prog, jump(unix.BPF_JEQ, nr, 0, 1), ret(unix.SECCOMP_RET_ALLOW))
		}
	}
	return prog
}

// sockets are the kinds of sockets that the kernel process may have, its own and those that an agent makes for it: streams, datagrams and
// raw ones of AF_INET, AF_INET6 and AF_PACKET, and those of netlink's ROUTE and SOCK_DIAG. Other calls go on behind it.
func sockets(refuse uint32) []unix.SockFilter {
	mask := unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: sockTypeMask}
	return []unix.SockFilter{
		jump(unix.BPF_JEQ, unix.SYS_SOCKET, 0, 13), load(dataArg0),
		jump(unix.BPF_JEQ, unix.AF_NETLINK, 6, 0),
		jump(unix.BPF_JEQ, unix.AF_INET, 2, 0), jump(unix.BPF_JEQ, unix.AF_INET6, 1, 0), jump(unix.BPF_JEQ, unix.AF_PACKET, 0, 6),
		load(dataArg1), mask, jump(unix.BPF_JGT, unix.SOCK_RAW, 3, 4), // SOCK_STREAM, SOCK_DGRAM and SOCK_RAW are 1 to 3
		load(dataArg2), jump(unix.BPF_JEQ, unix.NETLINK_ROUTE, 2, 0), jump(unix.BPF_JEQ, unix.NETLINK_SOCK_DIAG, 1, 0),
		ret(refuse), ret(unix.SECCOMP_RET_ALLOW),
	}
}

// makerProgram is the maker's filter: it makes processes in fresh network namespaces, and no others.
func makerProgram() []unix.SockFilter {
	const kill = unix.SECCOMP_RET_KILL_PROCESS
	return append(plain(MakerCalls),
		jump(unix.BPF_JEQ, unix.SYS_CLONE, 0, 3), load(dataArg0), jump(unix.BPF_JEQ, uint32(agentFlags), 0, 1),
		ret(unix.SECCOMP_RET_ALLOW), ret(kill))
}

// agentProgram is an agent's filter.
func agentProgram() []unix.SockFilter {
	const kill = unix.SECCOMP_RET_KILL_PROCESS
	return append(append(plain(AgentCalls), sockets(kill)...), ret(kill))
}

// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/hostio"
)

// Filters of packets (SO_ATTACH_FILTER) run at the host, which sees the packets. What it gets was checked here before.

// FilterLocked tells whether the filter may not be changed (SO_LOCK_FILTER).
func (s *Socket) FilterLocked() bool {
	v, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_LOCK_FILTER)
	return err == nil && v != 0
}

// AttachFilter sets the socket's filter, or by SO_ATTACH_REUSEPORT_CBPF that of its group: EINVAL for what is no program.
func (s *Socket) AttachFilter(name int, insns []bpf.Insn) error {
	if _, err := bpf.NewSocket(insns); err != nil {
		return err
	}
	prog := make([]unix.SockFilter, len(insns))
	for i, in := range insns {
		prog[i] = unix.SockFilter{Code: in.Code, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return hostio.AttachFilter(s.fd, name, prog)
}

// Filter is the socket's filter as it was given (SO_GET_FILTER).
func (s *Socket) Filter() ([]bpf.Insn, error) {
	prog, err := hostio.Filter(s.fd)
	if err != nil {
		return nil, err
	}
	insns := make([]bpf.Insn, len(prog))
	for i, in := range prog {
		insns[i] = bpf.Insn{Code: in.Code, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return insns, nil
}

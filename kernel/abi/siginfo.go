// SPDX-License-Identifier: Apache-2.0

package abi

import "encoding/binary"

// SigInfoSize is the size of siginfo_t as the application has it.
const SigInfoSize = 128

// SigInfo is the part of siginfo_t that the kernel fills in (struct
// kernel_siginfo): three words and a union, whose members are the methods.
type SigInfo struct {
	Signo, Errno, Code int32
	_                  int32
	Fields             [32]byte
}

// Values of si_code that are not special to one signal, and those of SIGCHLD.
const (
	SI_USER    = 0
	SI_KERNEL  = 0x80
	SI_QUEUE   = -1
	SI_TIMER   = -2
	SI_MESGQ   = -3
	SI_ASYNCIO = -4
	SI_SIGIO   = -5
	SI_TKILL   = -6

	CLD_EXITED    = 1
	CLD_KILLED    = 2
	CLD_DUMPED    = 3
	CLD_TRAPPED   = 4
	CLD_STOPPED   = 5
	CLD_CONTINUED = 6

	SYS_SECCOMP       = 1 // of SIGSYS
	SYS_USER_DISPATCH = 2
)

func (s *SigInfo) word(off int) int32       { return int32(binary.LittleEndian.Uint32(s.Fields[off:])) }
func (s *SigInfo) setWord(off int, v int32) { binary.LittleEndian.PutUint32(s.Fields[off:], uint32(v)) }
func (s *SigInfo) long(off int) uint64      { return binary.LittleEndian.Uint64(s.Fields[off:]) }
func (s *SigInfo) setLong(off int, v uint64) {
	binary.LittleEndian.PutUint64(s.Fields[off:], v)
}

// Pid and UID are the sender of kill, sigqueue and SIGCHLD.
func (s *SigInfo) Pid() int32        { return s.word(0) }
func (s *SigInfo) SetPid(v int32)    { s.setWord(0, v) }
func (s *SigInfo) UID() uint32       { return uint32(s.word(4)) }
func (s *SigInfo) SetUID(v uint32)   { s.setWord(4, int32(v)) }
func (s *SigInfo) Value() uint64     { return s.long(8) } // si_value of sigqueue, timers, mqueues
func (s *SigInfo) SetValue(v uint64) { s.setLong(8, v) }

// Status, Utime and Stime (clock ticks) belong to SIGCHLD.
func (s *SigInfo) Status() int32     { return s.word(8) }
func (s *SigInfo) SetStatus(v int32) { s.setWord(8, v) }
func (s *SigInfo) Utime() int64      { return int64(s.long(16)) }
func (s *SigInfo) SetUtime(v int64)  { s.setLong(16, uint64(v)) }
func (s *SigInfo) Stime() int64      { return int64(s.long(24)) }
func (s *SigInfo) SetStime(v int64)  { s.setLong(24, uint64(v)) }

// Addr is where a fault was.
func (s *SigInfo) Addr() uint64     { return s.long(0) }
func (s *SigInfo) SetAddr(v uint64) { s.setLong(0, v) }

// TimerID and Overrun belong to POSIX timers.
func (s *SigInfo) TimerID() int32     { return s.word(0) }
func (s *SigInfo) SetTimerID(v int32) { s.setWord(0, v) }
func (s *SigInfo) Overrun() int32     { return s.word(4) }
func (s *SigInfo) SetOverrun(v int32) { s.setWord(4, v) }

// Band and FD belong to SIGIO.
func (s *SigInfo) Band() int64     { return int64(s.long(0)) }
func (s *SigInfo) SetBand(v int64) { s.setLong(0, uint64(v)) }
func (s *SigInfo) FD() int32       { return s.word(8) }
func (s *SigInfo) SetFD(v int32)   { s.setWord(8, v) }

// CallAddr, Syscall and Arch belong to SIGSYS.
func (s *SigInfo) CallAddr() uint64     { return s.long(0) }
func (s *SigInfo) SetCallAddr(v uint64) { s.setLong(0, v) }
func (s *SigInfo) Syscall() int32       { return s.word(8) }
func (s *SigInfo) SetSyscall(v int32)   { s.setWord(8, v) }
func (s *SigInfo) Arch() uint32         { return uint32(s.word(12)) }
func (s *SigInfo) SetArch(v uint32)     { s.setWord(12, int32(v)) }

// Marshal writes siginfo_t into p, which has SigInfoSize bytes.
func (s *SigInfo) Marshal(p []byte) {
	clear(p[:SigInfoSize])
	binary.LittleEndian.PutUint32(p, uint32(s.Signo))
	binary.LittleEndian.PutUint32(p[4:], uint32(s.Errno))
	binary.LittleEndian.PutUint32(p[8:], uint32(s.Code))
	copy(p[16:], s.Fields[:])
}

// Unmarshal reads siginfo_t from p; what is behind the kernel's part is lost.
func (s *SigInfo) Unmarshal(p []byte) {
	s.Signo = int32(binary.LittleEndian.Uint32(p))
	s.Errno = int32(binary.LittleEndian.Uint32(p[4:]))
	s.Code = int32(binary.LittleEndian.Uint32(p[8:]))
	copy(s.Fields[:], p[16:])
}

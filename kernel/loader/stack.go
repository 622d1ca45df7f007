// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"crypto/rand"
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"
)

// Limits of the strings of an exec (execve(2), "Limits on size of arguments").
const (
	maxStringLen = 131072  // MAX_ARG_STRLEN, with the NUL
	minArgSpace  = 131072  // ARG_MAX
	maxArgSpace  = 6 << 20 // three quarters of the usual stack limit
	wordSize     = 8
	stackReserve = 128 << 10 // mapped below the strings at the start
)

// Auxiliary vector entries (getauxval(3)).
const (
	atNull           = 0
	atPhdr           = 3
	atPhent          = 4
	atPhnum          = 5
	atPagesz         = 6
	atBase           = 7
	atFlags          = 8
	atEntry          = 9
	atUID            = 11
	atEUID           = 12
	atGID            = 13
	atEGID           = 14
	atPlatform       = 15
	atHwcap          = 16
	atClktck         = 17
	atSecure         = 23
	atRandom         = 25
	atHwcap2         = 26
	atRseqSize       = 27
	atRseqAlign      = 28
	atExecfn         = 31
	atSysinfoEhdr    = 33
	atMinsigstksz    = 51
	platformName     = "x86_64\x00"
	clockTicks       = 100
	alignStackRandom = 8192
)

// hostAux is the host's own auxiliary vector: what it says of the processor
// holds for the application, which runs on the same one.
var hostAux = sync.OnceValue(func() map[uint64]uint64 {
	m := map[uint64]uint64{}
	pairs, err := unix.Auxv()
	if err != nil {
		return m
	}
	for _, p := range pairs {
		m[uint64(p[0])] = uint64(p[1])
	}
	return m
})

// Budget is the room that the strings of an exec have.
type Budget struct{ left int64 }

// NewBudget is what a stack limit allows for argc and envc strings, the name
// of the file aside: E2BIG if not even their pointers fit.
func NewBudget(stackLimit uint64, argc, envc int) (Budget, error) {
	limit := int64(max(min(stackLimit/4, maxArgSpace), minArgSpace))
	pointers := int64(max(argc, 1)+envc) * wordSize
	if limit <= pointers {
		return Budget{}, unix.E2BIG
	}
	return Budget{limit - pointers}, nil
}

// Take counts a string of n bytes without its NUL: E2BIG.
func (b *Budget) Take(n int) error {
	if n+1 > maxStringLen {
		return unix.E2BIG
	}
	if b.left -= int64(n) + 1; b.left < 0 {
		return unix.E2BIG
	}
	return nil
}

// auxPair is one entry of the auxiliary vector.
type auxPair struct{ key, value uint64 }

// stackImage is the initial stack: data goes to [sp, top).
type stackImage struct {
	sp, top            uint64
	strings            uint64 // where the strings begin
	argStart, argEnd   uint64
	envStart, envEnd   uint64
	execfn, random     uint64
	platform           uint64
	data               []byte
	auxStart, auxBytes int
}

// buildStack lays out what a program finds on its stack (create_elf_tables):
// from the top down 8 bytes of zeros, the file's name, the environment's
// strings, the arguments' strings, a gap (random), the platform's name, 16
// random bytes, and the vectors with argc where the stack pointer is. aux
// makes the auxiliary vector once the addresses are known.
func buildStack(top, gap uint64, filename string, argv, envp [][]byte, aux func(*stackImage) []auxPair) *stackImage {
	s := &stackImage{top: top}
	p := top - wordSize - uint64(len(filename)+1)
	s.execfn = p
	s.envEnd = p
	p -= size(envp)
	s.envStart, s.argEnd = p, p
	p -= size(argv)
	s.argStart, s.strings = p, p
	p = (p - gap) &^ 15
	p -= uint64(len(platformName))
	s.platform = p
	p -= 16
	s.random = p
	pairs := aux(s)
	words := 1 + len(argv) + 1 + len(envp) + 1
	s.sp = (p - uint64(words+2*len(pairs))*wordSize) &^ 15
	s.data = make([]byte, top-s.sp)
	s.fill(filename, argv, envp, pairs)
	return s
}

func size(strings [][]byte) (n uint64) {
	for _, s := range strings {
		n += uint64(len(s)) + 1
	}
	return n
}

func (s *stackImage) fill(filename string, argv, envp [][]byte, pairs []auxPair) {
	copy(s.data[s.execfn-s.sp:], filename)
	copy(s.data[s.platform-s.sp:], platformName)
	_, _ = rand.Read(s.data[s.random-s.sp:][:16])
	at := 0
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(s.data[at:], v)
		at += wordSize
	}
	list := func(strings [][]byte, addr uint64) {
		for _, b := range strings {
			put(addr)
			copy(s.data[addr-s.sp:], b)
			addr += uint64(len(b)) + 1
		}
		put(0)
	}
	put(uint64(len(argv)))
	list(argv, s.argStart)
	list(envp, s.envStart)
	s.auxStart = at
	for _, p := range pairs {
		put(p.key)
		put(p.value)
	}
	s.auxBytes = at - s.auxStart
}

// auxv is the vector as /proc/PID/auxv shows it.
func (s *stackImage) auxv() []byte { return s.data[s.auxStart : s.auxStart+s.auxBytes] }

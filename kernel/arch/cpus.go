// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxMask is the size of a mask for the largest NR_CPUS.
const maxMask = 8192 / 64

// FSGSBase tells whether programs may set the bases of fs and gs themselves: then
// the selectors have nothing to say about them (Documentation/arch/x86/x86_64/fsgs.rst).
var FSGSBase = sync.OnceValue(func() bool {
	const atHWCap2, fsgsbase = 26, 2
	auxv, _ := unix.Auxv()
	for _, a := range auxv {
		if a[0] == atHWCap2 {
			return a[1]&fsgsbase != 0
		}
	}
	return false
})

// HostCPUs is the processors that this process may use, as many words as the
// host's masks have; x/sys/unix does not tell how many that is.
func HostCPUs() []uint64 {
	words := make([]uint64, maxMask)
	n, _, e := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, maxMask*8, uintptr(unsafe.Pointer(&words[0])))
	if e != 0 {
		return words[:1]
	}
	return words[:n/8]
}

// cpuid is the instruction.
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// fullXState is the size of an xsave area with all components that programs may have on this host, those among them that need leave, and
// which they are (fpu_user_cfg); 0 if the host doesn't tell.
var fullXState = sync.OnceValues(func() (size int, features uint64) {
	const getXCompSupp, xsaveLeaf = 0x1021, 0xd
	if _, _, e := unix.RawSyscall(unix.SYS_ARCH_PRCTL, getXCompSupp, uintptr(unsafe.Pointer(&features)), 0); e != 0 {
		return 0, 0
	}
	_, now, _, _ := cpuid(xsaveLeaf, 0)
	return int(now), features
})

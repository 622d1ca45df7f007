// SPDX-License-Identifier: Apache-2.0

package platform

// SmapsFields are the sizes that the host tells of a mapping, as
// proc_pid_smaps(5) names them, from Rss on.
var SmapsFields = [...]string{
	"Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Referenced",
	"Anonymous", "KSM", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb",
	"Private_Hugetlb", "Swap", "SwapPss",
}

// Places in Mapped.KB.
const (
	MappedRss       = 0
	MappedAnonymous = 8
	MappedSwap      = 16
)

// Mapped is the host's account of one of its mappings.
type Mapped struct {
	Range
	Shmem bool // what is behind it is shared memory, not a file
	KB    [len(SmapsFields)]uint64
}

// Account is the host's account of a whole address space, in KiB (proc_pid_status(5)).
type Account struct {
	Peak              uint64 // VmHWM: the largest resident size so far
	Anon, File, Shmem uint64 // RssAnon, RssFile, RssShmem
	Swap              uint64 // VmSwap
}

// Bits of the words of HostMemory.Pages. One of the first two is set if the page
// has content: it is present, or in the swap.
const (
	PageThere  = 3 << 62
	PageOfFile = 1 << 61 // or of shared anonymous memory
)

// HostMemory is what an address space tells that can ask the host.
type HostMemory interface {
	// Smaps is what the host has mapped, the platform's own included. ESRCH.
	Smaps() ([]Mapped, error)
	// Account is what is resident, with the platform's own. It costs much less than Smaps. ESRCH.
	Account() (Account, error)
	// Pages is the host's word about each page from start on (proc_pid_pagemap(5)). ESRCH.
	Pages(start uint64, words []uint64) error
	// Faults are the page faults so far. ESRCH.
	Faults() (minor, major uint64, err error)
}

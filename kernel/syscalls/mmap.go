// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall mmap partial huge pages are refused as on a host that has none set aside
func mmap(t *task.Task, addr, length, prot, flags uint64, fd int32, off uint64) (uint64, error) {
	if off%abi.PageSize != 0 {
		return 0, unix.EINVAL
	}
	if readImpliesExec(t, prot) && flags&unix.MAP_ANONYMOUS != 0 {
		prot |= unix.PROT_EXEC
	}
	if flags&unix.MAP_ANONYMOUS != 0 {
		return t.MM().Map(t, addr, length, uint32(prot), uint32(flags), nil, off)
	}
	f, err := t.Files().Get(vfs.FD(fd))
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if m, ok := f.Ops.(offsetMapper); ok {
		if addr != 0 { // it is mapped where the kernel likes
			return 0, unix.EINVAL
		}
		if off, err = m.MapAt(off); err != nil {
			return 0, err
		}
	}
	switch flags & unix.MAP_TYPE {
	case unix.MAP_SHARED, unix.MAP_SHARED_VALIDATE:
		if f.Writable() && vfs.IsAppendOnly(f.Inode) {
			return 0, unix.EACCES
		}
	}
	file := mm.MapFile{
		Backing:  loader.MappedFile{File: f},
		Readable: f.Readable(), Writable: f.Writable(),
		NoExec: f.Path.Mount != nil && f.Path.Mount.Flags()&unix.MS_NOEXEC != 0,
		HostFD: func(prot, flags uint32) (int, error) { return f.Ops.Mappable(t, f, prot, flags) },
	}
	if readImpliesExec(t, prot) && !file.NoExec {
		prot |= unix.PROT_EXEC
	}
	_, file.DontExpand = f.Ops.(offsetMapper)
	_, file.Zeros = f.Ops.(interface{ MapsZeros() })
	_, file.Late = f.Ops.(interface{ RefusesLate() })
	_, file.Secret = f.Ops.(interface{ SecretMemory() })
	at, err := t.MM().Map(t, addr, length, uint32(prot), uint32(flags), &file, off)
	if err == nil {
		f.NoteMapping()
	}
	return at, err
}

// offsetMapper is a file to whose mmap an offset says what to map: an io_uring.
type offsetMapper interface {
	MapAt(off uint64) (uint64, error)
}

// readImpliesExec is for programs of the time before there was a no-execute
// bit (personality(2), READ_IMPLIES_EXEC).
func readImpliesExec(t *task.Task, prot uint64) bool {
	return t.Personality()&0x0400000 != 0 && prot&unix.PROT_READ != 0
}

//ditto:syscall munmap delegated
func munmap(t *task.Task, addr, length uint64) (int, error) {
	return 0, t.MM().Unmap(t, addr, length)
}

//ditto:syscall mprotect delegated
func mprotect(t *task.Task, start, length, prot uint64) (int, error) {
	if readImpliesExec(t, prot) {
		prot |= unix.PROT_EXEC
	}
	return 0, t.MM().Protect(t, start, length, prot, -1)
}

//ditto:syscall pkey_mprotect delegated
func pkeyMprotect(t *task.Task, start, length, prot uint64, pkey int32) (int, error) {
	return 0, t.MM().Protect(t, start, length, prot, pkey)
}

//ditto:syscall pkey_alloc delegated
func pkeyAlloc(t *task.Task, flags, rights uint64) (uint64, error) {
	return t.MM().Pkey(t, unix.SYS_PKEY_ALLOC, flags, rights)
}

//ditto:syscall pkey_free delegated
func pkeyFree(t *task.Task, pkey int32) (uint64, error) {
	return t.MM().Pkey(t, unix.SYS_PKEY_FREE, uint64(uint32(pkey)))
}

//ditto:syscall mremap delegated
func mremap(t *task.Task, addr, oldLen, newLen, flags, newAddr uint64) (uint64, error) {
	if flags>>32 != 0 {
		return 0, unix.EINVAL
	}
	return t.MM().Remap(t, addr, oldLen, newLen, uint32(flags), newAddr)
}

//ditto:syscall brk delegated
func brk(t *task.Task, addr uint64) (uint64, error) {
	return t.MM().Brk(t, addr)
}

//ditto:syscall mseal full
func mseal(t *task.Task, start, length, flags uint64) error {
	return t.MM().Seal(start, length, flags)
}

//ditto:syscall madvise delegated
func madvise(t *task.Task, start, length uint64, advice int32) (int, error) {
	return 0, t.MM().Advise(t, start, length, advice)
}

//ditto:syscall msync delegated
func msync(t *task.Task, start, length uint64, flags int32) (int, error) {
	return 0, t.MM().Sync(t, start, length, uint32(flags))
}

//ditto:syscall mincore delegated
func mincore(t *task.Task, start, length uint64, vec user.Addr) (int, error) {
	return 0, t.MM().Mincore(t, start, length, vec)
}

//ditto:syscall mlock delegated
func mlock(t *task.Task, start, length uint64) (int, error) {
	return 0, t.MM().Lock(t, start, length, 0)
}

//ditto:syscall mlock2 delegated
func mlock2(t *task.Task, start, length uint64, flags int32) (int, error) {
	return 0, t.MM().Lock(t, start, length, uint32(flags))
}

//ditto:syscall munlock delegated
func munlock(t *task.Task, start, length uint64) (int, error) {
	return 0, t.MM().Unlock(t, start, length)
}

//ditto:syscall mlockall delegated
func mlockall(t *task.Task, flags int32) (int, error) {
	return 0, t.MM().LockAll(t, uint32(flags))
}

//ditto:syscall munlockall delegated
func munlockall(t *task.Task) (int, error) {
	return 0, t.MM().UnlockAll(t)
}

//ditto:syscall remap_file_pages full
func remapFilePages(t *task.Task, start, size, prot, pgoff, flags uint64) (int, error) {
	if prot != 0 {
		return 0, unix.EINVAL
	}
	hostFD := func(b mm.Backing) (int, error) {
		f, ok := b.(loader.MappedFile)
		if !ok {
			return -1, unix.EINVAL
		}
		return f.Ops.Mappable(t, f.File, unix.PROT_READ, unix.MAP_SHARED)
	}
	return 0, t.MM().RemapFilePages(t, start, size, pgoff, hostFD)
}

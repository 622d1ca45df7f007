// SPDX-License-Identifier: Apache-2.0

// This file is the files and the buffers that are registered with a ring. What bears a tag tells with a completion that it is no longer
// registered.

package uring

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// fixedFile is a place in the table of files.
type fixedFile struct {
	file *vfs.File // nil: an empty place
	tag  uint64
}

// FixedBuffer is a place in the table of buffers; one that has no memory is empty.
type FixedBuffer struct {
	user.Bytes
	Tag uint64
}

// postTags tells what is gone.
func (r *Ring) postTags(tags ...uint64) {
	for _, tag := range tags {
		if tag != 0 {
			r.post(cqe{userData: tag}, true)
		}
	}
}

// FixedFile is a registered file, with a reference: EBADF.
func (r *Ring) FixedFile(i uint32) (*vfs.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if uint64(i) >= uint64(len(r.files)) || r.files[i].file == nil {
		return nil, unix.EBADF
	}
	return r.files[i].file.IncRef(), nil
}

// SetFiles registers files, with their references and, if there are any, tags: EBUSY.
func (r *Ring) SetFiles(files []*vfs.File, tags []uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files != nil {
		return unix.EBUSY
	}
	r.files = make([]fixedFile, len(files))
	for i, f := range files {
		r.files[i].file = f
		if tags != nil {
			r.files[i].tag = tags[i]
		}
	}
	r.fileRange, r.fileHint = [2]uint32{0, uint32(len(files))}, 0
	return nil
}

// DropFiles undoes SetFiles: ENXIO.
func (r *Ring) DropFiles() error {
	r.mu.Lock()
	files := r.files
	r.files = nil
	r.mu.Unlock()
	if files == nil {
		return unix.ENXIO
	}
	for _, f := range slices.Backward(files) {
		if f.file != nil {
			f.file.DecRef()
		}
		r.postTags(f.tag)
	}
	return nil
}

// Places is how many files are registered, empty places among them: ENXIO.
func (r *Ring) Places() (uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		return 0, unix.ENXIO
	}
	return uint32(len(r.files)), nil
}

// SetFile puts a file (nil: none) with its reference and a tag into a place: ENXIO, EINVAL, and then the reference stays with the
// caller. It tells whether there was one before.
func (r *Ring) SetFile(i uint32, f *vfs.File, tag uint64) (had bool, err error) {
	r.mu.Lock()
	if r.files == nil {
		r.mu.Unlock()
		return false, unix.ENXIO
	}
	if uint64(i) >= uint64(len(r.files)) {
		r.mu.Unlock()
		return false, unix.EINVAL
	}
	old := r.files[i]
	if r.files[i] = (fixedFile{f, tag}); f != nil {
		r.fileHint = i + 1
	} else if old.file != nil {
		r.fileHint = i
	}
	r.mu.Unlock()
	if old.file != nil {
		old.file.DecRef()
	}
	r.postTags(old.tag)
	return old.file != nil, nil
}

// AddFile puts a file with its reference into a free place: ENFILE.
func (r *Ring) AddFile(f *vfs.File) (uint32, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, from := range []uint32{r.fileHint, r.fileRange[0]} {
		for i := from; i < r.fileRange[1] && int(i) < len(r.files); i++ {
			if r.files[i].file == nil {
				r.files[i].file, r.fileHint = f, i+1
				return i, nil
			}
		}
	}
	return 0, unix.ENFILE
}

// SetFileRange is IORING_REGISTER_FILE_ALLOC_RANGE: EINVAL.
func (r *Ring) SetFileRange(first, n uint32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if uint64(first)+uint64(n) > uint64(len(r.files)) {
		return unix.EINVAL
	}
	r.fileRange, r.fileHint = [2]uint32{first, first + n}, first
	return nil
}

// SetBuffers registers buffers: EBUSY.
func (r *Ring) SetBuffers(b []FixedBuffer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buffers != nil {
		return unix.EBUSY
	}
	r.buffers = b
	return nil
}

// Buffers is how many are registered, empty places among them.
func (r *Ring) Buffers() uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return uint32(len(r.buffers))
}

// SetBuffer puts a buffer into a place: EINVAL.
func (r *Ring) SetBuffer(i uint32, b FixedBuffer) error {
	r.mu.Lock()
	if uint64(i) >= uint64(len(r.buffers)) {
		r.mu.Unlock()
		return unix.EINVAL
	}
	old := r.buffers[i]
	r.buffers[i] = b
	r.mu.Unlock()
	r.postTags(old.Tag)
	return nil
}

// CloneBuffers takes n buffers (0: all) of another ring, or of itself, from a place on into places of its own (io_clone_buffers). The
// copies have no tags. ENXIO, EINVAL, EOVERFLOW, and EBUSY for a ring that has buffers which are not to be replaced.
func (r *Ring) CloneBuffers(src *Ring, from, to, n uint32, replace bool) error {
	src.mu.Lock()
	theirs := slices.Clone(src.buffers)
	src.mu.Unlock()
	r.mu.Lock()
	mine := r.buffers
	places := uint64(n) + uint64(to)
	switch {
	case n == 0 && (to != 0 || from != 0):
		r.mu.Unlock()
		return unix.EINVAL
	case mine != nil && !replace:
		r.mu.Unlock()
		return unix.EBUSY
	case len(theirs) == 0:
		r.mu.Unlock()
		return unix.ENXIO
	case n == 0:
		n, places = uint32(len(theirs)), uint64(len(theirs))
	}
	switch {
	case uint64(n) > uint64(len(theirs)), places > MaxBuffers:
		r.mu.Unlock()
		return unix.EINVAL
	case uint64(n)+uint64(from) > uint64(len(theirs)):
		r.mu.Unlock()
		return unix.EOVERFLOW
	}
	all := make([]FixedBuffer, max(int(places), len(mine)))
	copy(all, mine)
	var gone []uint64
	for i := range n {
		gone = append(gone, all[to+i].Tag)
		all[to+i] = FixedBuffer{Bytes: theirs[from+i].Bytes}
	}
	r.buffers = all
	r.mu.Unlock()
	slices.Reverse(gone)
	r.postTags(gone...)
	return nil
}

// MaxBuffers is how many a ring may have (IORING_MAX_REG_BUFFERS).
const MaxBuffers = 1 << 14

// DropBuffers undoes SetBuffers: ENXIO.
func (r *Ring) DropBuffers() error {
	r.mu.Lock()
	buffers := r.buffers
	r.buffers = nil
	r.mu.Unlock()
	if buffers == nil {
		return unix.ENXIO
	}
	for _, b := range slices.Backward(buffers) {
		r.postTags(b.Tag)
	}
	return nil
}

// FixedBuffer tells whether [addr, addr+n) lies in a registered buffer: EFAULT.
func (r *Ring) FixedBuffer(i uint16, addr uint64, n uint32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if int(i) >= len(r.buffers) {
		return unix.EFAULT
	}
	b := r.buffers[i]
	if addr < uint64(b.Addr) || addr+uint64(n) < addr || addr+uint64(n) > uint64(b.Addr)+b.Len {
		return unix.EFAULT
	}
	return nil
}

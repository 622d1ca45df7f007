// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// put copies a result of fixed layout out to the application.
func put(t *task.Task, addr user.Addr, v any) error {
	b, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		panic(err)
	}
	_, err = t.Memory().CopyOut(addr, b)
	return err
}

// get copies an argument of fixed layout in; v is a pointer.
func get(t *task.Task, addr user.Addr, v any) error {
	b := make([]byte, binary.Size(v))
	if _, err := t.Memory().CopyIn(addr, b); err != nil {
		return err
	}
	if _, err := binary.Decode(b, binary.LittleEndian, v); err != nil {
		panic(err)
	}
	return nil
}

// put32 and put64 are put for one word, without allocation.
func put32(t *task.Task, addr user.Addr, v uint32) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	_, err := t.Memory().CopyOut(addr, b[:])
	return err
}

func put64(t *task.Task, addr user.Addr, v uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	_, err := t.Memory().CopyOut(addr, b[:])
	return err
}

// put64Last is put64 for what a call does last: it may be written when the thread goes on.
func put64Last(t *task.Task, addr user.Addr, v uint64) error {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	_, err := t.Memory().CopyOutLast(addr, b[:], false)
	return err
}

func get64(t *task.Task, addr user.Addr) (uint64, error) {
	var b [8]byte
	_, err := t.Memory().CopyIn(addr, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

// getStruct copies in a struct that grows with kernel versions, size bytes of
// it, into v (a pointer to its newest layout). What the application's is
// longer by must be zero: E2BIG (copy_struct_from_user).
func getStruct(t *task.Task, addr user.Addr, size uint64, v any) error {
	known := binary.Size(v)
	b := make([]byte, max(uint64(known), size))
	if _, err := t.Memory().CopyIn(addr, b[:size]); err != nil {
		return err
	}
	for _, rest := range b[known:] {
		if rest != 0 {
			return unix.E2BIG
		}
	}
	if _, err := binary.Decode(b[:known], binary.LittleEndian, v); err != nil {
		panic(err)
	}
	return nil
}

// get32 is get for one word, without allocation, as get64 is.
func get32(t *task.Task, addr user.Addr) (uint32, error) {
	var b [4]byte
	_, err := t.Memory().CopyIn(addr, b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

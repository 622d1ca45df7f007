// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// CopyArgs copies in the argument and environment strings of an exec, within
// the limits for a stack limit: EFAULT, E2BIG. Without arguments there is one
// empty argument, as Linux has it since 5.18.
func CopyArgs(mem user.Memory, argv, envp user.Addr, filename string, stackLimit uint64) (args, env [][]byte, err error) {
	r := pageReader{mem: mem}
	argAddrs, err := r.pointers(argv)
	if err != nil {
		return nil, nil, err
	}
	envAddrs, err := r.pointers(envp)
	if err != nil {
		return nil, nil, err
	}
	b, err := NewBudget(stackLimit, len(argAddrs), len(envAddrs))
	if err != nil {
		return nil, nil, err
	}
	if err := b.Take(len(filename)); err != nil {
		return nil, nil, err
	}
	if env, err = r.strings(envAddrs, &b); err != nil {
		return nil, nil, err
	}
	if args, err = r.strings(argAddrs, &b); err != nil {
		return nil, nil, err
	}
	if len(args) == 0 {
		args = [][]byte{{}}
	}
	return args, env, nil
}

// pageReader reads an application's memory in order. Strings mostly lie side
// by side, so it keeps the page that it read last.
type pageReader struct {
	mem  user.Memory
	base user.Addr // of what is kept
	have []byte
	page [abi.PageSize]byte
}

// at is the readable memory from addr to the end of its page, at least one byte.
func (r *pageReader) at(addr user.Addr) ([]byte, error) {
	if off := addr - r.base; addr >= r.base && uint64(off) < uint64(len(r.have)) {
		return r.have[off:], nil
	}
	n := abi.PageSize - int(addr%abi.PageSize)
	got, err := r.mem.CopyIn(addr, r.page[:n])
	r.base, r.have = addr, r.page[:got]
	if got == 0 {
		return nil, err
	}
	return r.have, nil
}

// pointers reads a list that ends with a null pointer. A null list is empty.
func (r *pageReader) pointers(list user.Addr) (addrs []user.Addr, err error) {
	if list == 0 {
		return nil, nil
	}
	for {
		var word [wordSize]byte
		for done := 0; done < wordSize; {
			b, err := r.at(list + user.Addr(done))
			if err != nil {
				return nil, err
			}
			done += copy(word[done:], b)
		}
		a := binary.LittleEndian.Uint64(word[:])
		if a == 0 {
			return addrs, nil
		}
		if len(addrs) == maxArgSpace/wordSize {
			return nil, unix.E2BIG
		}
		addrs = append(addrs, user.Addr(a))
		list += wordSize
	}
}

func (r *pageReader) strings(addrs []user.Addr, b *Budget) ([][]byte, error) {
	out := make([][]byte, 0, len(addrs)+1)
	for _, a := range addrs {
		s, err := r.string(a)
		if err != nil {
			return nil, err
		}
		if err := b.Take(len(s)); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (r *pageReader) string(a user.Addr) ([]byte, error) {
	var s []byte
	for len(s) < maxStringLen {
		b, err := r.at(a + user.Addr(len(s)))
		if err != nil {
			return nil, err
		}
		if end := bytes.IndexByte(b, 0); end >= 0 {
			return append(s, b[:end]...), nil
		}
		s = append(s, b...)
	}
	return nil, unix.E2BIG
}

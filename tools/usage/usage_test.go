// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/table"
)

func TestSites(t *testing.T) {
	for _, c := range []struct {
		name string
		code []byte
		want []int
	}{
		{"mov and syscall", []byte{0xb8, 0x27, 0, 0, 0, 0x0f, 0x05}, []int{39}},
		{"with an instruction between", []byte{0xb8, 0x01, 0x01, 0, 0, 0x49, 0x89, 0xca, 0x0f, 0x05}, []int{257}},
		{"xor is number 0", []byte{0x31, 0xc0, 0x0f, 0x05}, []int{0}},
		{"the nearest counts", []byte{0xb8, 1, 0, 0, 0, 0xb8, 2, 0, 0, 0, 0x0f, 0x05}, []int{2}},
		{"two", []byte{0xb8, 1, 0, 0, 0, 0x0f, 0x05, 0xb8, 3, 0, 0, 0, 0x0f, 0x05}, []int{1, 3}},
		{"the number is no number", []byte{0xb8, 0, 0, 0, 0x7f, 0x0f, 0x05}, nil},
		{"at the start", []byte{0x0f, 0x05}, nil},
		{"nothing", []byte{0x90, 0x0f}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Assert(t, cmp.Equal(sites(c.code), c.want), "got %v", sites(c.code))
		})
	}
}

func TestWrappersLeadToSyscalls(t *testing.T) {
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	for symbol, name := range glibc {
		s := facts.ByName(name)
		assert.Assert(t, s != nil && !s.Absent(), "%s: %s", symbol, name)
	}
	assert.Equal(t, wrapped(facts, "vserver"), "")
	assert.Equal(t, wrapped(facts, "statx"), "statx")
	assert.Equal(t, wrapped(facts, "printf"), "")
}

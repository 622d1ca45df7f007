// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func TestReasons(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.tsv")
	assert.NilError(t, os.WriteFile(file, []byte("# comment\n\nread write\tEIO ENO*\tno broken disk\nopen*\tEIO\tlikewise\n"), 0o644))
	reasons, err := readReasons(file)
	assert.NilError(t, err)
	for _, tt := range []struct{ syscall, name, want string }{
		{"read", "EIO", "no broken disk"}, {"write", "ENOMEM", "no broken disk"}, {"openat", "EIO", "likewise"},
		{"openat", "ENOMEM", ""}, {"close", "EIO", ""},
	} {
		assert.Equal(t, find(reasons, tt.syscall, tt.name), tt.want, "%s %s", tt.syscall, tt.name)
	}
	assert.NilError(t, os.WriteFile(file, []byte("read\tEIO\t\n"), 0o644))
	_, err = readReasons(file)
	assert.ErrorContains(t, err, "r.tsv:1")
}

// The figures of the tree itself can be printed, and each line of the list explains something that is documented.
func TestTree(t *testing.T) {
	var out strings.Builder
	assert.NilError(t, run(&out, true))
	assert.Assert(t, strings.Contains(out.String(), "flags and commands: "))
	assert.Assert(t, strings.Contains(out.String(), "deliberate faults in handlers: "))
	assert.Assert(t, strings.Contains(out.String(), "pairs of flags: "))
	assert.Assert(t, strings.Contains(out.String(), "random programs: "))
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	c, err := gen.Measure(root, facts)
	assert.NilError(t, err)
	reasons, err := readReasons(filepath.Join(root, "fixtures", "conformance", "unexercised.tsv"))
	assert.NilError(t, err)
	left := slices.Concat(c.Flags.Left, c.Errnos.Left)
	for _, r := range reasons {
		assert.Assert(t, slices.ContainsFunc(left, func(m gen.Missed) bool { return find([]reason{r}, m.Syscall, m.Name) != "" }),
			"nothing is left for %v %v to explain", r.syscalls, r.names)
	}
}

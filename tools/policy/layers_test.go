// SPDX-License-Identifier: Apache-2.0

// This file holds the direction of imports.

package policy

import (
	"strings"
	"testing"
)

const module = "github.com/ditto-kernel/ditto/"

// layers are the packages of the kernel and the runtime from the bottom to the top: a package imports those of its own
// layer and below. An entry covers the directories below it that have no entry of their own.
var layers = [][]string{
	{"kernel/abi", "kernel/bpf"},
	{"kernel/user", "kernel/wait", "kernel/cred", "kernel/acl"},
	{"kernel/platform"},
	{"kernel/arch"}, // signal frames are made of the platform's registers
	{"kernel/platform/fake", "kernel/platform/stub", "kernel/mm", "kernel/elfcore", "kernel/strace", "kernel/hostpoll", "kernel/hostio"},
	{"kernel/futex", "kernel/seccomp", "kernel/netns", "kernel/keys"},
	{"kernel/vfs", "kernel/ktime", "kernel/landlock"},
	{"kernel/task"},
	{"kernel/fs", "kernel/socket", "kernel/ipc", "kernel/loader", "kernel/coredump", "kernel/aio", "kernel/uring"},
	{"kernel/syscalls"},
	{"kernel/boot"},
	{"runtime"},
}

// layer is the index of a package's layer, by the longest entry that covers it; -1 if there is none.
func layer(pkg string) int {
	best, length := -1, 0
	for i, dirs := range layers {
		for _, dir := range dirs {
			if (pkg == dir || strings.HasPrefix(pkg, dir+"/")) && len(dir) > length {
				best, length = i, len(dir)
			}
		}
	}
	return best
}

func top(pkg string) string {
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// refusal says why a package may not import another of the module, or "".
func refusal(from, to string) string {
	switch top(from) {
	case "kernel", "runtime":
		switch {
		case layer(from) < 0:
			return "has no layer: give it one in tools/policy"
		case layer(to) < 0:
			return "is not for the kernel"
		case layer(to) > layer(from):
			return "is above it: declare a small interface instead"
		}
	default: // conformance, syscall-tests, tools: each by itself, judging from outside
		if top(from) != top(to) {
			return "is another part of the tree"
		}
	}
	return ""
}

func TestImportsPointDownwards(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, spec := range f.syntax.Imports {
			to, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module)
			if !ours || f.test {
				continue
			}
			if why := refusal(f.dir(), to); why != "" {
				t.Errorf("%s: imports %s, which %s", f.name, to, why)
			}
		}
	}
}

// A package that imports nothing of ours needs its layer too.
func TestEveryPackageHasALayer(t *testing.T) {
	for _, f := range goFiles(t) {
		if dir := f.dir(); (top(dir) == "kernel" || top(dir) == "runtime") && layer(dir) < 0 {
			t.Errorf("%s: package %s has no layer in tools/policy", f.name, dir)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"kernel/mm", "kernel/platform", true},
		{"kernel/platform", "kernel/mm", false},
		{"kernel/platform/stub", "kernel/platform", true},
		{"kernel/fs/overlay", "kernel/fs/tmpfs", true},
		{"kernel/vfs", "kernel/fs/tmpfs", false},
		{"runtime/cli", "kernel/boot", true},
		{"kernel/boot", "runtime/cli", false},
		{"kernel/task", "tools/table", false},
		{"conformance/runner", "kernel/abi", false},
		{"syscall-tests/uname", "syscall-tests/harness", true},
		{"kernel/nowhere", "kernel/abi", false},
	} {
		if got := refusal(c.from, c.to); (got == "") != c.ok {
			t.Errorf("%s imports %s: %q", c.from, c.to, got)
		}
	}
}

// unsafe and assembly are where layouts are shared with C or the processor, and in the tests of raw syscalls.
func TestUnsafeStaysInItsPlace(t *testing.T) {
	for _, f := range goFiles(t) {
		in := false
		for _, dir := range []string{"kernel/abi", "kernel/arch", "kernel/hostio", "kernel/platform/stub"} {
			in = in || f.dir() == dir || strings.HasPrefix(f.dir(), dir+"/")
		}
		if top(f.dir()) != "kernel" || in || f.test {
			continue
		}
		for _, spec := range f.syntax.Imports {
			if spec.Path.Value == `"unsafe"` {
				t.Errorf("%s: imports unsafe", f.name)
			}
		}
	}
}

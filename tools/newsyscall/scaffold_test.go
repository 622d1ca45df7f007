// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func TestHandlerParameters(t *testing.T) {
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	for name, want := range map[string]string{
		"pread64": "t *task.Task, fd int32, buf user.Bytes, pos int64",
		"openat":  "t *task.Task, dfd int32, filename user.Path, flags int32, mode uint16",
		"mmap":    "t *task.Task, addr user.Addr, len_ uint64, prot uint64, flags uint64, fd int32, off uint64",
		"getpid":  "t *task.Task",
		"add_key": "t *task.Task, type_ user.Addr, description user.Addr, payload user.Bytes, ringid int32",
	} {
		assert.Equal(t, params(facts.ByName(name)), want)
	}
}

func TestHandlerNames(t *testing.T) {
	for name, want := range map[string]string{"getpid": "getpid", "add_key": "addKey", "lsm_get_self_attr": "lsmGetSelfAttr", "close": "close_", "select": "select_"} {
		assert.Equal(t, handlerName(name), want)
	}
}

// No handler is called as a package that a file of kernel/syscalls imports.
func TestHandlersAreNoPackages(t *testing.T) {
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	handlers := map[string]bool{}
	for i := range facts.Syscalls {
		handlers[handlerName(facts.Syscalls[i].Name)] = true
	}
	files, err := filepath.Glob(filepath.Join(root, "kernel/syscalls/*.go"))
	assert.NilError(t, err)
	assert.Assert(t, len(files) > 0)
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		assert.NilError(t, err)
		for _, i := range f.Imports {
			name := path.Base(strings.Trim(i.Path.Value, `"`))
			assert.Assert(t, i.Name != nil || !handlers[name], "%s imports %s", file, name)
		}
	}
}

func TestKnownAsAWhole(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "fixtures", "known-differences")
	assert.NilError(t, os.MkdirAll(dir, 0o755))
	assert.NilError(t, os.WriteFile(filepath.Join(dir, "a.tsv"), []byte("bpf/*/*\t*\treason\nadd_key/c/one\tx\treason\nadd_key/*/*\t*\tas bpf\n"), 0o644))
	got, err := knownAsAWhole(root, "add_key")
	assert.NilError(t, err)
	assert.DeepEqual(t, got, []string{"fixtures/known-differences/a.tsv:3"})
}

// Every scaffold is formatted Go, and the generator takes its handler.
func TestEveryScaffoldGenerates(t *testing.T) {
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	fresh := t.TempDir()
	assert.NilError(t, os.Symlink(filepath.Join(root, "fixtures"), filepath.Join(fresh, "fixtures")))
	files := map[string]string{}
	source, err := os.ReadFile(filepath.Join(root, "kernel/user/user.go"))
	assert.NilError(t, err)
	files["kernel/user/user.go"] = string(source)
	for i := range facts.Syscalls {
		s := &facts.Syscalls[i]
		if s.Absent() {
			continue
		}
		for name, text := range tests(s) {
			files[name] = text
		}
		files["kernel/syscalls/"+s.Name+".go"] = handler(s)
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".go") {
			formatted, err := format.Source([]byte(text))
			assert.NilError(t, err, name)
			assert.Equal(t, string(formatted), text, name)
		}
		path := filepath.Join(fresh, name)
		assert.NilError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		assert.NilError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	generated, err := gen.Files(fresh)
	assert.NilError(t, err)
	assert.Assert(t, strings.Contains(string(generated["COVERAGE.md"]), " 0 missing, 17 absent."))
}

func TestExistingFilesAreKept(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "a.go")
	assert.NilError(t, os.WriteFile(path, []byte("mine"), 0o644))
	assert.NilError(t, write(root, map[string]string{"a.go": "theirs", "b.go": "new"}))
	kept, err := os.ReadFile(path)
	assert.NilError(t, err)
	assert.Equal(t, string(kept), "mine")
	_, err = os.Stat(filepath.Join(root, "b.go"))
	assert.NilError(t, err)
}

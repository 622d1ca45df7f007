// SPDX-License-Identifier: Apache-2.0

// Package gen generates what the syscall table decides: the dispatch table with its argument decoding, the tracer's
// tables, the stub's marshalling table, and COVERAGE.md. Everything is computed in memory, from checked-in files only,
// so that a test can tell whether what is checked in is fresh.
package gen

import (
	"path/filepath"

	"github.com/ditto-kernel/ditto/tools/table"
)

// Files returns every generated file, by its path from the repository's root.
func Files(root string) (map[string][]byte, error) {
	t, err := table.Load(root)
	if err != nil {
		return nil, err
	}
	directives, err := Directives(t, filepath.Join(root, "kernel", "syscalls"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files["kernel/syscalls/table_gen.go"], err = dispatch(root, t, directives); err != nil {
		return nil, err
	}
	if files["kernel/platform/stub/capture_gen.h"], err = captureHeader(t); err != nil {
		return nil, err
	}
	if files["kernel/strace/table_gen.go"], err = tracer(t); err != nil {
		return nil, err
	}
	cases, err := countCases(root)
	if err != nil {
		return nil, err
	}
	if files["COVERAGE.md"], err = coverage(root, t, directives, cases); err != nil {
		return nil, err
	}
	return files, nil
}

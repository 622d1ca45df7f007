// SPDX-License-Identifier: Apache-2.0

// Command gentable writes the files that are generated from fixtures/syscalls and the handlers' directives. With
// -check it writes nothing, and fails when a checked-in file is stale.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail if a generated file is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "gentable:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	files, err := gen.Files(root)
	if err != nil {
		return err
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		path := filepath.Join(root, name)
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if check {
			return fmt.Errorf("%s is stale: run make generate", name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", name)
	}
	return nil
}

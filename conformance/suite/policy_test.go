// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// Every folder of syscall-tests is a syscall of the table, and holds only files that the suite takes.
func TestFoldersAreSyscalls(t *testing.T) {
	root := filepath.Join("..", "..")
	table, err := os.ReadFile(filepath.Join(root, "fixtures", "syscalls", "syscall_64.tsv"))
	assert.NilError(t, err)
	known := map[string]bool{"harness": true}
	for line := range strings.Lines(string(table)) {
		if f := strings.Split(line, "\t"); len(f) > 2 {
			known[f[2]] = true
		}
	}
	dirs, err := os.ReadDir(filepath.Join(root, "syscall-tests"))
	assert.NilError(t, err)
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		if !known[d.Name()] {
			t.Errorf("syscall-tests/%s is no syscall of the table", d.Name())
		}
		if d.Name() != "harness" {
			checkFolder(t, filepath.Join(root, "syscall-tests", d.Name()))
		}
	}
}

func checkFolder(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Base(dir)
	files, err := os.ReadDir(dir)
	assert.NilError(t, err)
	for _, f := range files {
		// A Go package is seen as a whole, by the file that has its name.
		_, hasGo := os.Stat(filepath.Join(dir, goFile(name)))
		ofGo := strings.HasSuffix(f.Name(), ".go") && hasGo == nil
		if !ofGo && !(strings.HasPrefix(f.Name(), name+".") && strings.HasSuffix(f.Name(), ".c")) {
			t.Errorf("%s/%s: neither of a package with %s.go nor %s.c nor %s.TOPIC.c, so the suite does not see it", dir, f.Name(), name, name, name)
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		assert.NilError(t, err)
		lines := strings.SplitN(string(text), "\n", 3)
		if lines[0] != "// SPDX-License-Identifier: Apache-2.0" {
			t.Errorf("%s/%s: no licence line", dir, f.Name())
		}
		if strings.HasSuffix(f.Name(), ".c") && lines[1] != "//go:build ignore" {
			t.Errorf("%s/%s: the second line is not //go:build ignore", dir, f.Name())
		}
	}
}

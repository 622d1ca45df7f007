// SPDX-License-Identifier: Apache-2.0

// The Go program: a main package, written on the fly into the output directory, that imports every folder with Go
// cases. It isn't checked in, so nothing has to be kept in step when a folder comes or goes.

package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const module = "github.com/ditto-kernel/ditto"

func buildGo(ctx context.Context, c Config) (program string, err error) {
	tests, err := c.sources(".go")
	if err != nil || len(tests) == 0 {
		return "", err
	}
	inputs, err := goInputs(c, tests)
	if err != nil {
		return "", err
	}
	key, err := hash(c.Root, inputs, runtime.Version())
	if err != nil {
		return "", err
	}
	program = filepath.Join(c.Out, "bin", "go-"+key)
	if exists(program) {
		return program, nil
	}
	// The underscore keeps the folder out of ./... patterns.
	dir := filepath.Join(c.Out, "_go-"+key)
	for _, d := range []string{dir, filepath.Dir(program)} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return "", err
		}
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(goMain(tests)), 0o644); err != nil {
		return "", err
	}
	out, err := run(ctx, dir, program, func(tmp string) []string { return []string{"go", "build", "-o", tmp, "."} })
	if err != nil {
		return "", fmt.Errorf("building the Go tests: %w\n%s", err, out)
	}
	return program, nil
}

// goInputs is every file that the Go program is made of.
func goInputs(c Config, tests []string) ([]string, error) {
	var inputs []string
	dirs := []string{filepath.Join(c.Root, "syscall-tests", "harness")}
	for _, t := range tests {
		dirs = append(dirs, filepath.Dir(t))
	}
	for _, d := range dirs {
		files, err := filepath.Glob(filepath.Join(d, "*.go"))
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, files...)
	}
	return append(inputs, filepath.Join(c.Root, "go.mod"), filepath.Join(c.Root, "go.sum")), nil
}

func goMain(tests []string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "// Written by conformance; it goes away again.\npackage main\n\nimport (\n\t%q\n\n", module+"/syscall-tests/harness")
	for _, t := range tests {
		fmt.Fprintf(&s, "\t_ %q\n", module+"/syscall-tests/"+filepath.Base(filepath.Dir(t)))
	}
	s.WriteString(")\n\nfunc main() { harness.Main() }\n")
	return s.String()
}

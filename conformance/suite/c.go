// SPDX-License-Identifier: Apache-2.0

// The C program: an object per source, linked with the harness.

package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
)

// Warnings are for what is likely a mistake; handing a call a null or a wild pointer on purpose is not.
var cflags = []string{"-O1", "-g", "-pthread", "-D_GNU_SOURCE", "-Wall", "-Wno-nonnull", "-Wno-unused-result",
	"-Wno-array-bounds", "-Wno-stringop-overflow", "-Wno-stringop-overread", "-Wno-format-truncation"}

const compilers = 2

func buildC(ctx context.Context, c Config) (program string, failed []*BuildError, err error) {
	tests, err := c.sources(".c")
	if err != nil || len(tests) == 0 {
		return "", nil, err
	}
	version, err := exec.CommandContext(ctx, "cc", "--version").Output()
	if err != nil {
		return "", nil, fmt.Errorf("the C tests need a C compiler, and cc does not run: %w", err)
	}
	harness, err := filepath.Glob(filepath.Join(c.Root, "syscall-tests", "harness", "*.c"))
	if err != nil {
		return "", nil, err
	}
	objects, failed, err := compileAll(ctx, c, append(harness, tests...), string(version))
	if err != nil {
		return "", nil, err
	}
	key, err := hash("", nil, append(objects, "link")...)
	if err != nil {
		return "", nil, err
	}
	program = filepath.Join(c.Out, "bin", "c-"+key)
	if exists(program) {
		return program, failed, nil
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return "", nil, err
	}
	out, err := run(ctx, c.Root, program, func(tmp string) []string {
		return slices.Concat([]string{"cc", "-pthread", "-o", tmp}, objects, []string{"-lrt"})
	})
	if err != nil {
		return "", nil, fmt.Errorf("linking the C tests: %w\n%s", err, out)
	}
	return program, failed, nil
}

// compileAll compiles what has no object yet. The objects come in the order of the sources, without those that failed.
func compileAll(ctx context.Context, c Config, sources []string, version string) ([]string, []*BuildError, error) {
	if err := os.MkdirAll(filepath.Join(c.Out, "obj"), 0o755); err != nil {
		return nil, nil, err
	}
	objects := make([]string, len(sources))
	fails := make([]*BuildError, len(sources))
	errs := make([]error, len(sources))
	var wg sync.WaitGroup
	slots := make(chan struct{}, compilers)
	for i, src := range sources {
		slots <- struct{}{}
		wg.Go(func() {
			objects[i], fails[i], errs[i] = compile(ctx, c, src, version)
			<-slots
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, nil, err
		}
	}
	objects = slices.DeleteFunc(objects, func(o string) bool { return o == "" })
	fails = slices.DeleteFunc(fails, func(e *BuildError) bool { return e == nil })
	return objects, fails, nil
}

// included is a source and the headers of the tree that it includes, and they, each once.
func included(src string) ([]string, error) {
	files := []string{src}
	for i := 0; i < len(files); i++ {
		text, err := os.ReadFile(files[i])
		if err != nil {
			return nil, err
		}
		for _, m := range includeLine.FindAllSubmatch(text, -1) {
			file := filepath.Join(filepath.Dir(files[i]), string(m[1]))
			if exists(file) && !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files, nil
}

var includeLine = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*include[ \t]*"([^"]+)"`)

func compile(ctx context.Context, c Config, src, version string) (string, *BuildError, error) {
	files, err := included(src)
	if err != nil {
		return "", nil, err
	}
	key, err := hash(c.Root, files, append([]string{version}, cflags...)...)
	if err != nil {
		return "", nil, err
	}
	object := filepath.Join(c.Out, "obj", filepath.Base(src)+"-"+key+".o")
	if exists(object) {
		return object, nil, nil
	}
	rel, err := filepath.Rel(c.Root, src)
	if err != nil {
		return "", nil, err
	}
	out, err := run(ctx, c.Root, object, func(tmp string) []string {
		return slices.Concat([]string{"cc", "-c", "-o", tmp}, cflags, []string{rel})
	})
	if err != nil && ctx.Err() == nil {
		return "", &BuildError{rel, out}, nil
	}
	return object, nil, err
}

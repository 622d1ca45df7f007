// SPDX-License-Identifier: Apache-2.0

// This file builds a kernel with a fault, and runs the cases.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var errNoBuild = errors.New("does not build")

type trial struct {
	root, dir   string
	conformance string
	baseline    map[string]string // the verdict of each case
}

func newTrial(ctx context.Context, root string) (*trial, error) {
	dir, err := os.MkdirTemp("", "ditto-mutate-")
	if err != nil {
		return nil, err
	}
	baseline, err := readBaseline(filepath.Join(root, "fixtures", "conformance", "baseline.tsv"))
	if err != nil {
		return nil, err
	}
	t := &trial{root: root, dir: dir, conformance: filepath.Join(dir, "conformance"), baseline: baseline}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	return t, t.build(ctx, t.conformance, "./conformance/cmd/conformance")
}

func (t *trial) build(ctx context.Context, out, pkg string, flags ...string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", out}, flags...), pkg)...)
	cmd.Dir = t.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %w\n%s", errNoBuild, err, text)
	}
	return nil
}

// try gives the cases that see the fault: those whose verdict is worse than the baseline has it. A case that fails natively
// says nothing. A sandbox that does not even start is seen by each.
func (t *trial) try(ctx context.Context, f fault) (seenBy []string, err error) {
	ditto, err := t.faulty(ctx, f)
	if err != nil {
		return nil, err
	}
	results := filepath.Join(t.dir, "results.json")
	if err := os.RemoveAll(results); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, t.conformance, "--silence", "15s", "--results", results,
		"--sandbox", "ditto="+ditto+" do", "--syscall", strings.Join(f.Calls, ","))
	cmd.Dir = t.root
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	verdicts, err := readVerdicts(results)
	if errors.Is(err, fs.ErrNotExist) && exit != nil && strings.Contains(string(out), "does not run") {
		return []string{"all: the sandbox does not start"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the suite left no results: %w\n%s", err, out)
	}
	return worse(t.baseline, verdicts), nil
}

// faulty builds a kernel with the fault.
func (t *trial) faulty(ctx context.Context, f fault) (ditto string, err error) {
	text, err := os.ReadFile(filepath.Join(t.root, f.File))
	if err != nil {
		return "", err
	}
	faulty := filepath.Join(t.dir, "faulty.go")
	changed := string(text[:f.From]) + f.Text + string(text[f.To:])
	if err := os.WriteFile(faulty, []byte(changed), 0o644); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(t.root, f.File): faulty}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(t.dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o644); err != nil {
		return "", err
	}
	ditto = filepath.Join(t.dir, "ditto")
	return ditto, t.build(ctx, ditto, "./runtime/cmd/ditto", "-overlay", list)
}

// SPDX-License-Identifier: Apache-2.0

// Package engine runs programs on both sides, compares what they saw, and makes a small program of one that differs.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Build compiles the executor, unless out has it already.
func Build(ctx context.Context, root, out string) (string, error) {
	dir := filepath.Join(root, "tools", "fuzz", "executor")
	sources, err := filepath.Glob(filepath.Join(dir, "*.[ch]"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, s := range sources {
		data, err := os.ReadFile(s)
		if err != nil {
			return "", err
		}
		sum.Write(data)
	}
	program := filepath.Join(out, "executor-"+hex.EncodeToString(sum.Sum(nil)[:6]))
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	c := slices.DeleteFunc(sources, func(s string) bool { return filepath.Ext(s) != ".c" })
	// Static and at a fixed address: the arena lies at the same place on both sides.
	args := slices.Concat([]string{"-O2", "-g", "-static", "-no-pie", "-pthread", "-Wall", "-Wno-unused-result", "-Wno-format-truncation", "-o", program + ".new"}, c)
	if text, err := exec.CommandContext(ctx, "cc", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling the executor: %w\n%s", err, text)
	}
	return program, os.Rename(program+".new", program)
}

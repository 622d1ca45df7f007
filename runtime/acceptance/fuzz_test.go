// SPDX-License-Identifier: Apache-2.0

package acceptance

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/fuzz/engine"
	"github.com/ditto-kernel/ditto/tools/fuzz/generate"
	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
	"github.com/ditto-kernel/ditto/tools/table"
)

// TestFileOperations runs random sequences of file operations step by step natively and in the sandbox, on each kind of
// file system, and wants both to see the same. `make fsoak` does it for ten minutes with seeds of its own.
func TestFileOperations(t *testing.T) {
	for _, place := range engine.Places {
		t.Run(place, func(t *testing.T) {
			fuzz(t, place, 6, func(table *table.Table, seed uint64) *prog.Program {
				return generate.Files(table, seed, 150, 0)
			})
		})
	}
}

// fuzz compares programs from seed 1 on, so that the test is the same each time.
func fuzz(t *testing.T, place string, programs int, generate func(*table.Table, uint64) *prog.Program) {
	t.Helper()
	need(t, "cc:gcc")
	if os.Geteuid() != 0 {
		t.Skip("needs root: the native side has namespaces of its own")
	}
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	known, err := engine.LoadKnown(filepath.Join(root, "fixtures", "fuzz", "known.tsv"))
	assert.NilError(t, err)
	dir := t.TempDir()
	executor, err := engine.Build(t.Context(), root, dir)
	assert.NilError(t, err)
	pair, err := engine.NewPair(place, executor, dir, []string{ditto, "do"})
	assert.NilError(t, err)
	defer pair.Stop()
	r := &engine.Run{
		Place: place, Pairs: []*engine.Pair{pair}, Known: known, First: 1, Programs: programs, KeepGoing: true, Most: 5, Until: time.Now().Add(hang),
		Generate: func(seed uint64) *prog.Program { return generate(facts, seed) },
		Report:   func(place string, d *engine.Difference) { t.Errorf("on %s:\n%s", place, d) },
	}
	start := time.Now()
	assert.NilError(t, r.Go(t.Context()))
	t.Log(r.Summary(time.Since(start)))
	assert.Equal(t, r.Done, programs)
}

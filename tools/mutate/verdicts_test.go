// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"gotest.tools/v3/assert"
)

func TestWhichCasesSeeAFault(t *testing.T) {
	dir := t.TempDir()
	results, baseline := filepath.Join(dir, "results.json"), filepath.Join(dir, "baseline.tsv")
	assert.NilError(t, os.WriteFile(results, []byte(`{"cases": [
		{"case": "a/c/same", "sandbox": {"ditto": {"verdict": "same"}}},
		{"case": "a/c/now_skipped", "sandbox": {"ditto": {"verdict": "skipped"}}},
		{"case": "a/c/always_skipped", "sandbox": {"ditto": {"verdict": "skipped"}}},
		{"case": "a/c/broken", "sandbox": {"ditto": {"verdict": "broken"}}},
		{"case": "a/c/differs", "sandbox": {"ditto": {"verdict": "differs"}}},
		{"case": "a/c/unknown_hangs", "sandbox": {"ditto": {"verdict": "timeout"}}}]}`), 0o644))
	assert.NilError(t, os.WriteFile(baseline, []byte("# comment\na/c/same\tsame\na/c/now_skipped\tsame\na/c/always_skipped\tskipped\na/c/broken\tsame\na/c/differs\tsame\n"), 0o644))
	verdicts, err := readVerdicts(results)
	assert.NilError(t, err)
	base, err := readBaseline(baseline)
	assert.NilError(t, err)
	assert.DeepEqual(t, worse(base, verdicts), []string{"a/c/differs", "a/c/now_skipped", "a/c/unknown_hangs"})
}

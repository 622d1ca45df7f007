// SPDX-License-Identifier: Apache-2.0

package result

import (
	"encoding/xml"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

func someRun() *File {
	row := func(id string, v Verdict, reason string, diffs ...Difference) Row {
		return Row{Case: id, Sandbox: map[string]Column{"ditto": {Outcome: Outcome{MS: 1500}, Verdict: v, Reason: reason, Diffs: diffs}}}
	}
	return &File{
		Started: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Seconds: 12.5, Sandboxes: []string{"ditto"},
		Machine: Machine{Kernel: "6.18.0", CPU: "a processor", Cores: 2, Commit: "abc"},
		Rows: []Row{
			row("dup/c/a", Same, ""), row("dup/c/b", Differs, "", Difference{"ret", "3", "<4>"}), row("dup/go/a", Known, "for a reason"),
			row("read/c/a", Skipped, "needs root"), row("read/c/b", Timeout, ""),
		},
	}
}

func TestHistory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sub", "history.jsonl")
	none, err := ReadHistory(name)
	assert.NilError(t, err)
	assert.Equal(t, len(none), 0)
	first := NewRecord(someRun())
	second := first
	second.Commit = "def"
	assert.NilError(t, AppendHistory(name, first))
	assert.NilError(t, AppendHistory(name, second))
	got, err := ReadHistory(name)
	assert.NilError(t, err)
	assert.DeepEqual(t, got, []Record{first, second})
	assert.Equal(t, got[0].Cases(), 5)
	assert.Equal(t, got[0].Verdicts[Known], 1)
	assert.Equal(t, got[0].CPU, "a processor")
}

func TestJUnit(t *testing.T) {
	var out strings.Builder
	assert.NilError(t, someRun().WriteJUnit(&out))
	var got junitSuites
	assert.NilError(t, xml.Unmarshal([]byte(out.String()), &got))
	assert.Equal(t, len(got.Suites), 2)
	dup, read := got.Suites[0], got.Suites[1]
	assert.Equal(t, dup.Name, "ditto.dup")
	assert.Equal(t, dup.Tests, 3)
	assert.Equal(t, dup.Failures, 1)
	assert.Equal(t, dup.Time, "4.500")
	assert.Equal(t, dup.Cases[1].Name, "c/b")
	assert.Equal(t, dup.Cases[1].Failure.Text, "ret: native \"3\", here \"<4>\"\n")
	assert.Assert(t, dup.Cases[0].Failure == nil && dup.Cases[2].Failure == nil)
	assert.Assert(t, strings.Contains(dup.Cases[2].Out, "for a reason"))
	assert.Equal(t, read.Skipped, 1)
	assert.Equal(t, read.Errors, 1)
}

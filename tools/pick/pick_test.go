// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func TestPick(t *testing.T) {
	facts := &table.Table{Syscalls: []table.Syscall{
		{Number: 0, Name: "rare", Entry: "sys_rare", Users: 1},
		{Number: 1, Name: "done", Entry: "sys_done", Users: 9},
		{Number: 2, Name: "untested", Entry: "sys_untested", Users: 3},
		{Number: 3, Name: "half", Entry: "sys_half", Users: 7},
		{Number: 4, Name: "gone", Users: 0},
		{Number: 5, Name: "flagged", Entry: "sys_flagged", Users: 2},
	}}
	directives := map[string]*gen.Directive{
		"done": {Status: gen.Full}, "untested": {Status: gen.Full}, "flagged": {Status: gen.Full}, "half": {Status: gen.Partial, Note: "no waiting"},
	}
	got := pick(facts, directives, map[string]bool{"done": true, "half": true, "flagged": true},
		map[string][]string{"flagged": {"X_A", "X_B"}, "half": {"Y"}})
	want := []task{
		{"half", "partial", "no waiting", 7},
		{"untested", "full", "write its tests", 3},
		{"flagged", "full", "never exercised: X_A X_B", 2},
		{"rare", "missing", "make new SYSCALL=rare", 1},
		{"gone", "absent", "write its tests", 0},
	}
	assert.Assert(t, cmp.Equal(got, want, cmp.AllowUnexported(task{})), cmp.Diff(want, got, cmp.AllowUnexported(task{})))
}

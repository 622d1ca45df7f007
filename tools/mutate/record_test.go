// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

func TestRecordGoesOn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mutants.tsv")
	r, err := openRecord(name)
	assert.NilError(t, err)
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	seen, not := fault{File: "a.go", Line: 1, What: "EINVAL to EPERM", Calls: []string{"open"}}, fault{File: "a.go", Line: 2, What: "< to <="}
	assert.NilError(t, r.add(seen, "open/c/flags", day))
	assert.NilError(t, r.add(not, "", day))
	again, err := openRecord(name)
	assert.NilError(t, err)
	assert.Equal(t, again.caught, 1)
	assert.Equal(t, again.missed, 1)
	assert.Assert(t, again.tried[seen.String()] && again.tried[not.String()])

	assert.NilError(t, os.WriteFile(name, []byte("# said\nodd\n"), 0o644))
	_, err = openRecord(name)
	assert.ErrorContains(t, err, `"odd\n"`)
}

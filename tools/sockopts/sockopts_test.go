// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"

	"gotest.tools/v3/assert"
)

func TestTheHeaderIsFresh(t *testing.T) {
	options, err := load("../../fixtures/sockopts/options.tsv")
	assert.NilError(t, err)
	assert.Assert(t, len(options) > 200, "%d options", len(options))
	got, err := os.ReadFile("../../syscall-tests/harness/sockopts.h")
	assert.NilError(t, err)
	assert.Equal(t, string(got), string(cHeader(options)))
}

func TestTheFixtureHasWhatXSysHas(t *testing.T) {
	options, err := load("../../fixtures/sockopts/options.tsv")
	assert.NilError(t, err)
	have := map[option]bool{}
	for _, o := range options {
		have[option{level: o.level, value: o.value}] = true
	}
	macros := map[string]int{}
	assert.NilError(t, fromXSys(macros))
	for _, o := range sorted(macros) {
		assert.Check(t, have[option{level: o.level, value: o.value}], "%s is not in the fixture: go run ./tools/sockopts", o.name)
	}
}

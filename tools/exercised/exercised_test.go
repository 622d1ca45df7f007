// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/table"
)

func TestCount(t *testing.T) {
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	const trace = `10 keyctl(0x1, 0, 0, 0, 0)           = 0x2f
11 keyctl(0xffffffff, 0, 0, 0, 0)  = -1 EOPNOTSUPP (Operation not supported)
11 perf_event_open(0x7ffc, 0, 0xffffffff, 0xffffffff, 0xa <unfinished ...>
10 request_key(0x7ffc, 0x7ffc, 0, 0xfffffffd <unfinished ...>
11 <... perf_event_open resumed>) = -1 EINVAL (Invalid argument)
10 <... request_key resumed>) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
10 openat(0xffffff9c, 0x1000, 0, 0) = -1 ENOENT (No such file or directory)
keyctl(0x2`
	got, err := count(strings.NewReader(trace), facts, []string{"keyctl", "perf_event_open", "request_key"})
	assert.NilError(t, err)
	assert.DeepEqual(t, got, []string{"keyctl\tEOPNOTSUPP", "keyctl\tKEYCTL_JOIN_SESSION_KEYRING", "perf_event_open\tEINVAL",
		"perf_event_open\tPERF_FLAG_FD_CLOEXEC", "perf_event_open\tPERF_FLAG_FD_OUTPUT"})
}

// Nothing is counted that the sandbox's own tracer sees.
func TestLacking(t *testing.T) {
	root, err := table.Root()
	assert.NilError(t, err)
	facts, err := table.Load(root)
	assert.NilError(t, err)
	names, err := lacking(root, facts)
	assert.NilError(t, err)
	assert.Assert(t, slices.Contains(names, "swapon") && !slices.Contains(names, "openat"), names)
}

// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"
	"time"

	"gotest.tools/v3/assert"
	"gotest.tools/v3/assert/cmp"

	"github.com/ditto-kernel/ditto/kernel/platform/fake"
)

func TestParseLoad(t *testing.T) {
	l := parseLoad([]byte("cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 3 40 5 6 7 800 9 9\ncpu2 10 0 0 4 0 0 0 0 0 0\nintr 5 1 1 1 1 1 1 1 1\n"))
	assert.DeepEqual(t, l.busy, []time.Duration{190 * time.Millisecond, 0, 100 * time.Millisecond})
	assert.DeepEqual(t, l.idle, []time.Duration{450 * time.Millisecond, 0, 40 * time.Millisecond})
	for _, bad := range []string{"", "cpu", "cpu0 1 2", "cpux 1 2 3 4 5 6 7\n", "cpu99999999 1 2 3 4 5 6 7 8\n"} {
		assert.Assert(t, cmp.Len(parseLoad([]byte(bad)).busy, 0), "%q", bad)
	}
}

func TestLoadSince(t *testing.T) {
	const s = time.Second
	before := load{busy: []time.Duration{5 * s, 7 * s}, idle: []time.Duration{s, s}, own: 3 * s}
	now := load{busy: []time.Duration{6 * s, 7 * s}, idle: []time.Duration{s, 2 * s}, own: 3*s + s/4}
	others, idle := now.since(&before, s)
	assert.Equal(t, others, 0.75)
	assert.DeepEqual(t, idle, []float64{0, 1})
	now.own = 9 * s // an account that lags behind
	others, _ = now.since(&before, s)
	assert.Equal(t, others, 0.0)
}

func TestContested(t *testing.T) {
	both, first := []uint64{3}, []uint64{1}
	for _, tt := range []struct {
		what    string
		others  float64
		idle    []float64
		mask    []uint64
		running int
		want    float64
	}{
		{"nothing is known yet", 0, nil, both, 1, 0},
		{"a processor has nothing to do", 1, []float64{0, 0.5}, both, 1, 0},
		{"one processor is left for the one task", 1.05, []float64{0, 0}, both, 1, 0},
		{"one processor is left for two tasks", 1.05, []float64{0, 0}, both, 2, 1.05},
		{"more tasks than processors, and nobody else", 0.1, []float64{0, 0}, both, 9, 0},
		{"both are wanted", 1.5, []float64{0, 0}, both, 1, 1.5},
		{"the other one is idle, which the task may not use", 0.5, []float64{0, 1}, first, 1, 1},
		{"the one it may use is idle", 1, []float64{0.9, 0}, first, 1, 0},
	} {
		p := pressure{others: tt.others, idle: tt.idle}
		assert.Equal(t, p.contested(tt.mask, tt.running), tt.want, tt.what)
	}
}

// A look is taken at most once in a window, and one after a long time says nothing.
func TestPressureLooks(t *testing.T) {
	k := New(fake.New())
	looks := 0
	text := "cpu0 0 0 0 0 0 0 0 0\n"
	k.HostStat = func() ([]byte, error) { looks++; return []byte(text), nil }
	p := &k.pressure
	p.look(k)
	p.look(k)
	assert.Equal(t, looks, 1)
	assert.Equal(t, p.contested([]uint64{1}, 1), 0.0)
	text = "cpu0 1000 0 0 0 0 0 0 0\n"
	p.at = p.at.Add(-time.Second)
	p.look(k)
	assert.Equal(t, looks, 2)
	assert.Assert(t, p.contested([]uint64{1}, 1) > 1, "others %v", p.others)
	p.at = p.at.Add(-time.Minute)
	p.look(k)
	assert.Equal(t, looks, 3)
	assert.Equal(t, p.contested([]uint64{1}, 1), 0.0)
}

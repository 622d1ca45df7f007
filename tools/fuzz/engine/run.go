// SPDX-License-Identifier: Apache-2.0

// This file runs one program after the other.

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

// Run is a search for differences.
type Run struct {
	Pair      *Pair
	Known     Known
	First     uint64 // seed
	Programs  int    // 0: till the time is over
	Until     time.Time
	KeepGoing bool
	Most      int // differences to go on after
	Generate  func(seed uint64) *prog.Program
	Report    func(place string, d *Difference)
	Show      func(p *prog.Program, native, sandbox []string)

	Done, Steps, Unstable, Listed, Found int

	seen map[string]bool
}

// tries is how often a difference must show before it counts.
const tries = 3

// Go runs until the time or the programs are over, or a difference is found. It answers what else went wrong.
func (r *Run) Go(ctx context.Context) error {
	r.seen = map[string]bool{}
	for seed := r.First; ctx.Err() == nil && time.Now().Before(r.Until); seed++ {
		if r.Programs > 0 && r.Done == r.Programs {
			break
		}
		if err := r.one(r.Generate(seed)); err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
		if r.Found > 0 && (!r.KeepGoing || r.Found >= r.Most) {
			break
		}
	}
	return nil
}

func (r *Run) one(p *prog.Program) error {
	r.Done++
	r.Steps += len(p.Ops)
	d, err := r.compare(p)
	if err != nil {
		return err
	}
	if d == nil {
		return nil
	}
	if r.Known.Has(r.Pair.Place, d) {
		r.Listed++
		return nil
	}
	if r.seen[d.Signature()] {
		return nil
	}
	first := *d
	if d, err = r.Pair.Confirm(p, tries); err != nil {
		return err
	}
	if d == nil {
		r.Unstable++
		if r.Unstable <= 20 {
			fmt.Fprintf(os.Stderr, "seen once, and not again: seed %d, %s\n  %s\n  %s\n", p.Seed, first.Signature(), readable(first.Native), readable(first.Sandbox))
		}
		return nil
	}
	r.seen[d.Signature()] = true
	if d, err = r.Pair.Shrink(d, 400); err != nil {
		return err
	}
	if r.Known.Has(r.Pair.Place, d) {
		r.Listed++
		return nil
	}
	r.Found++
	r.Report(r.Pair.Place, d)
	return nil
}

// compare also reports a sandbox that broke down, which is a difference of the worst kind.
func (r *Run) compare(p *prog.Program) (*Difference, error) {
	if r.Show != nil {
		p.Flags |= r.Pair.Flags
		native, err := r.Pair.Native.Run(p)
		if err != nil {
			return nil, err
		}
		sandbox, err := r.Pair.Sandbox.Run(p)
		if err != nil {
			return nil, err
		}
		r.Show(p, native, sandbox)
		return differ(p, native, sandbox), nil
	}
	d, err := r.Pair.Compare(p)
	var lost *Lost
	if errors.As(err, &lost) {
		return nil, fmt.Errorf("%w\nthe program:\n%s", err, p)
	}
	return d, err
}

// Summary is the result in one line.
func (r *Run) Summary(took time.Duration) string {
	return fmt.Sprintf("%d programs, %d steps, %.0f programs/s, from seed %d; %d different, %d known, %d seen only once",
		r.Done, r.Steps, float64(r.Done)/max(took.Seconds(), 0.001), r.First, r.Found, r.Listed, r.Unstable)
}

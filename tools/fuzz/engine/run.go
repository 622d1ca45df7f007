// SPDX-License-Identifier: Apache-2.0

// This file runs one program after the other, on several pairs of sides at once.

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

// Run is a search for differences.
type Run struct {
	Place     string
	Pairs     []*Pair // each works by itself
	Known     Known
	First     uint64 // seed
	Programs  int    // 0: till the time is over
	Until     time.Time
	KeepGoing bool
	Most      int // differences to go on after
	Generate  func(seed uint64) *prog.Program
	Report    func(place string, d *Difference)
	Show      func(p *prog.Program, native, sandbox []string)
	Out       string // the directory for what a sandbox said that broke down

	mu sync.Mutex // guards what follows
	Counts
	next uint64 // the first seed that nobody has taken
	seen map[string]bool
}

// Counts are what a run has done and found.
type Counts struct{ Done, Steps, Unstable, Listed, Ordinary, Again, Found, Lost int }

const (
	tries = 3  // how often a difference must show before it counts
	batch = 32 // how many programs a side gets at once
)

// Go runs until the time or the programs are over, or a difference is found. It answers what else went wrong.
func (r *Run) Go(ctx context.Context) error {
	r.seen, r.next = map[string]bool{}, r.First
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error)
	for _, pair := range r.Pairs {
		go func() {
			err := r.work(ctx, pair)
			if err != nil {
				stop()
			}
			failed <- err
		}()
	}
	var err error
	for range r.Pairs {
		err = errors.Join(err, <-failed)
	}
	return err
}

// take is the next seeds; none when it is time to end.
func (r *Run) take(ctx context.Context) (first uint64, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil || !time.Now().Before(r.Until) || (r.Found > 0 && (!r.KeepGoing || r.Found >= r.Most)) {
		return 0, 0
	}
	first, n = r.next, batch
	if r.Programs > 0 {
		n = min(n, r.Programs-int(first-r.First))
	}
	r.next += uint64(n)
	return first, n
}

// Next is the first seed that has not been run.
func (r *Run) Next() uint64 { return r.next }

func (r *Run) work(ctx context.Context, pair *Pair) error {
	for {
		first, n := r.take(ctx)
		if n == 0 {
			return nil
		}
		var programs []*prog.Program
		for i := range n {
			p := r.Generate(first + uint64(i))
			if pair.Leaves != nil {
				p = p.Keep(func(i int) bool { return !pair.Leaves(p.Ops[i]) })
			}
			programs = append(programs, p)
		}
		for len(programs) > 0 {
			done, err := r.some(pair, programs)
			if err != nil {
				return fmt.Errorf("seed %d and later: %w", programs[0].Seed, err)
			}
			programs = programs[done:]
		}
	}
}

// some runs programs, and answers how many were dealt with: a sandbox that broke down has not seen the rest.
func (r *Run) some(pair *Pair, programs []*prog.Program) (int, error) {
	native, sandbox, err := pair.Both(programs)
	for i := range native {
		if err := r.judge(pair, programs[i], native[i], sandbox[i]); err != nil {
			return i, err
		}
	}
	if err == nil {
		return len(native), nil
	}
	var lost *Lost
	if !errors.As(err, &lost) {
		return len(native), err
	}
	pair.Stop()
	return len(native) + 1, r.lost(programs[len(native)], lost)
}

// lost records a side that broke down, which is a difference of the worst kind.
func (r *Run) lost(p *prog.Program, l *Lost) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Done++
	r.Lost++
	path := filepath.Join(r.Out, fmt.Sprintf("lost_%s_%d.txt", r.Place, p.Seed))
	fmt.Fprintf(os.Stderr, "LOST on %s: seed %d: the %s side %s: %s\n", r.Place, p.Seed, l.Side, l.Why, path)
	if r.Lost >= r.Most {
		return l
	}
	return os.WriteFile(path, []byte(p.String()+"\n"+l.Said), 0o644)
}

func (r *Run) judge(pair *Pair, p *prog.Program, native, sandbox []string) error {
	d, excused, err := pair.differ(p, native, sandbox)
	if err != nil {
		return r.broke(pair, p, err)
	}
	r.mu.Lock()
	if excused {
		r.Ordinary++
	}
	r.Done++
	r.Steps += len(p.Ops)
	if r.Show != nil {
		r.Show(p, native, sandbox)
	}
	settled := d == nil || r.settled(d)
	r.mu.Unlock()
	if settled {
		return nil
	}
	return r.broke(pair, p, r.examine(pair, p, *d))
}

// broke records that a side broke down, if that is what the error says.
func (r *Run) broke(pair *Pair, p *prog.Program, err error) error {
	var lost *Lost
	if errors.As(err, &lost) {
		pair.Stop()
		return r.lost(p, lost)
	}
	return err
}

// settled counts a difference that needs no closer look: it is listed, or was reported before.
func (r *Run) settled(d *Difference) bool {
	if r.Known.Has(r.Place, d) {
		r.Listed++
		return true
	}
	if r.seen[d.Signature()] {
		r.Again++
		return true
	}
	return false
}

// examine makes sure of a difference, makes it small and reports it.
func (r *Run) examine(pair *Pair, p *prog.Program, first Difference) error {
	d, err := pair.Confirm(p, tries)
	if err != nil {
		return err
	}
	if d == nil {
		r.once(&first)
		return nil
	}
	r.mu.Lock()
	settled := r.settled(d)
	r.seen[d.Signature()] = true
	r.mu.Unlock()
	if settled {
		return nil
	}
	if d, err = pair.Shrink(d, 400); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Known.Has(r.Place, d) {
		r.Listed++
		return nil
	}
	r.Found++
	r.Report(r.Place, d)
	return nil
}

// once counts a difference that did not show again.
func (r *Run) once(d *Difference) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Unstable++
	if r.Unstable <= 50 {
		fmt.Fprintf(os.Stderr, "seen once, and not again: seed %d, %s: %s\n  %s\n  %s\n", d.Program.Seed, d.Signature(), d.Call(), readable(d.Native), readable(d.Sandbox))
	}
}

// Summary is the result in one line.
func (r *Run) Summary(took time.Duration) string {
	text := fmt.Sprintf("%d programs, %d steps, %.0f programs/s, from seed %d; %d different (%d times more), %d known, %d seen only once, %d broke down",
		r.Done, r.Steps, float64(r.Done)/max(took.Seconds(), 0.001), r.First, r.Found, r.Again, r.Listed, r.Unstable, r.Lost)
	if r.Ordinary > 0 {
		text += fmt.Sprintf("; %d otherwise than an overlay, but as an ordinary file system", r.Ordinary)
	}
	return text
}

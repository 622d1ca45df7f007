// SPDX-License-Identifier: Apache-2.0

// Command mutate checks that the suite bites: it puts small deliberate faults into the handlers, one at a time, and runs
// the cases of the calls concerned. A fault that no case sees shows where cases are missing.
//
//	go run ./tools/mutate --seed 1 --count 100
//	go run ./tools/mutate --list                  the faults, without trying them
//	go run ./tools/mutate --only lseek            those that this call can reach
//	go run ./tools/mutate --record FILE           go on where the last run stopped; what stands in FILE counts
//
// The tree is not touched: each faulty kernel is built with go build -overlay.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	seed := pflag.Uint64("seed", 1, "which faults are chosen")
	count := pflag.Int("count", 100, "how many")
	list := pflag.Bool("list", false, "print the chosen faults, and try none")
	only := pflag.String("only", "", "only faults that this `SYSCALL` can reach")
	kept := pflag.String("record", "", "write what was tried to this `FILE`, count what stands in it, and don't try that again")
	least := pflag.Int("least", 90, "fail if fewer than so many percent are caught")
	pflag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *seed, *count, *only, *kept, *list, *least); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, seed uint64, count int, only, kept string, list bool, least int) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	faults, err := find(root)
	if err != nil {
		return err
	}
	if only != "" {
		faults = slices.DeleteFunc(faults, func(f fault) bool { return !slices.Contains(f.Calls, only) })
	}
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	if list {
		for _, f := range faults[:min(count, len(faults))] {
			fmt.Println(f)
		}
		return nil
	}
	rec, err := openRecord(kept)
	if err != nil {
		return err
	}
	t, err := newTrial(ctx, root)
	if err != nil {
		return err
	}
	defer os.RemoveAll(t.dir)
	var missed []fault
	tried := 0
	faults = slices.DeleteFunc(faults, func(f fault) bool { return rec.tried[f.String()] })
	for _, f := range faults {
		if tried == count || ctx.Err() != nil {
			break
		}
		start := time.Now()
		seenBy, err := t.try(ctx, f)
		if ctx.Err() != nil {
			break // what it saw is the interruption
		}
		if errors.Is(err, errNoBuild) {
			continue // not a program any more: another fault takes its place
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		tried++
		word := "caught by " + some(seenBy)
		if len(seenBy) == 0 {
			word, missed = "MISSED", append(missed, f)
		}
		if err := rec.add(f, some(seenBy), time.Now()); err != nil {
			return err
		}
		fmt.Printf("%3d %s  %s  (%.0fs)\n", tried, f, word, time.Since(start).Seconds())
	}
	all := rec.caught + rec.missed
	if all == 0 {
		return errors.New("nothing was tried")
	}
	percent := 100 * rec.caught / all
	fmt.Printf("\n%d faults, %d caught (%d%%), seed %d\n", all, rec.caught, percent, seed)
	for _, f := range missed {
		fmt.Println("missed:", f)
	}
	if percent < least {
		return fmt.Errorf("fewer than %d%% were caught", least)
	}
	return nil
}

// some names the first cases of many.
func some(cases []string) string {
	const few = 3
	if len(cases) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(cases[:few], " "), len(cases)-few)
	}
	return strings.Join(cases, " ")
}

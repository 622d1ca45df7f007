// SPDX-License-Identifier: Apache-2.0

// This file keeps the book on what has been run.

package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Ledger is the book, below the root of the tree.
const Ledger = "fixtures/fuzz/ledger.tsv"

const columns = "# date\tcommit\tkind\tplace\tfirst seed\tlast seed\tprograms\tsteps\tdifferent\tlisted\tseen once\tbroke down"

// Enter appends a line for a run. The commit is the one that the tree stood at, whatever was changed in it since.
func Enter(ctx context.Context, root, kind, place string, r *Run) error {
	if r.Done == 0 {
		return nil
	}
	git := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD")
	git.Dir = root
	commit, err := git.Output()
	if err != nil {
		return fmt.Errorf("asking git for the commit: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(root, Ledger), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", time.Now().UTC().Format("2006-01-02T15:04"), strings.TrimSpace(string(commit)),
		kind, place, r.First, r.Next()-1, r.Done, r.Steps, r.Found, r.Listed, r.Unstable, r.Lost)
	return err
}

// Sum is the ledger's sums, in words.
func Sum(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, Ledger))
	if err != nil {
		return "", err
	}
	var runs, programs, steps, different, listed, once, lost int
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var n [8]int
		var at, commit, kind, place string
		_, err := fmt.Sscan(line, &at, &commit, &kind, &place, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7])
		if err != nil || n[2] > n[1]-n[0]+1 {
			return "", fmt.Errorf("%s:%d: want %s: %v", Ledger, i+1, columns[2:], err)
		}
		runs++
		for i, sum := range []*int{&programs, &steps, &different, &listed, &once, &lost} {
			*sum += n[i+2]
		}
	}
	return fmt.Sprintf("fuzzing: %d programs (%d calls) in %d runs; %d differences found, %d sightings of listed ones, %d seen once and not again, %d sandboxes broke down\n",
		programs, steps, runs, different, listed, once, lost), nil
}

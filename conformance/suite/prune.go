// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// How many programs are kept for the next run: all sets of syscalls that one works on at a time have their own.
const keepPrograms = 12

// prune marks the programs that this run uses as fresh, and removes the stalest beyond keepPrograms.
func prune(out string, used []string) {
	now := time.Now()
	for _, u := range used {
		if u != "" {
			os.Chtimes(u, now, now)
		}
	}
	files, _ := filepath.Glob(filepath.Join(out, "bin", "*"))
	age := func(f string) time.Time {
		st, err := os.Stat(f)
		if err != nil {
			return now
		}
		return st.ModTime()
	}
	slices.SortFunc(files, func(a, b string) int { return age(b).Compare(age(a)) })
	if len(files) > keepPrograms {
		for _, f := range files[keepPrograms:] {
			os.Remove(f)
		}
	}
}

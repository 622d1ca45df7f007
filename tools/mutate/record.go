// SPDX-License-Identifier: Apache-2.0

// This file is the record of faults that were tried, so that a run can go on where another stopped: a line for each, with the
// date, the verdict, the fault and the cases that saw it, between tabs.

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

type record struct {
	name           string
	tried          map[string]bool // by what fault.String says
	caught, missed int
}

// openRecord reads a record; one that is not there yet is empty. No name: nothing is kept.
func openRecord(name string) (*record, error) {
	r := &record{name: name, tried: map[string]bool{}}
	if name == "" {
		return r, nil
	}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(f) != 4 {
			return nil, fmt.Errorf("%s: want a date, a verdict, a fault and the cases that saw it, separated by tabs: %q", name, line)
		}
		r.count(f[1] == "caught", f[2])
	}
	return r, nil
}

func (r *record) count(caught bool, fault string) {
	r.tried[fault] = true
	if caught {
		r.caught++
	} else {
		r.missed++
	}
}

// add counts a fault, caught if any case saw it, and writes it down.
func (r *record) add(f fault, seenBy string, now time.Time) error {
	r.count(seenBy != "", f.String())
	if r.name == "" {
		return nil
	}
	word := "missed"
	if seenBy != "" {
		word = "caught"
	}
	w, err := os.OpenFile(r.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", now.UTC().Format(time.DateOnly), word, f, seenBy)
	return errors.Join(err, w.Close())
}

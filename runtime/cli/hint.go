// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"
)

// hint is the help line of the flag that was probably meant, or where the
// help is.
func hint(set *pflag.FlagSet, err error) string {
	var missing *pflag.NotExistError
	name := ""
	if errors.As(err, &missing) {
		name = nearest(set, missing.GetSpecifiedName())
	}
	if name == "" {
		return " (see: ditto " + set.Name() + " --help)"
	}
	for line := range strings.Lines(set.FlagUsages()) {
		if strings.HasPrefix(strings.TrimSpace(line), "--"+name+" ") {
			return "; did you mean: " + strings.Join(strings.Fields(line), " ")
		}
	}
	return "; did you mean --" + name + "?"
}

// nearest is the flag whose name is closest to what was typed, if it is close.
func nearest(set *pflag.FlagSet, typed string) string {
	best, distance := "", 4
	set.VisitAll(func(f *pflag.Flag) {
		d := editDistance(f.Name, typed)
		if strings.HasPrefix(f.Name, typed) {
			d = 1
		}
		if d < distance && d < len(f.Name) {
			best, distance = f.Name, d
		}
	})
	return best
}

// editDistance is the number of letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

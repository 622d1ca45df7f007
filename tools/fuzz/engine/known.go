// SPDX-License-Identifier: Apache-2.0

// This file reads the differences that are known, with their reasons.

package engine

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// Known are the differences that are listed: place, call, results of both sides, reason.
type Known [][4]string

// LoadKnown reads a list. A line is: place, call, native result, sandbox result (patterns, as of a shell), reason.
func LoadKnown(file string) (Known, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var k Known
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 5 || f[4] == "" {
			return nil, fmt.Errorf("%s:%d: want place, call, native, sandbox, reason", file, i+1)
		}
		k = append(k, [4]string{f[0], f[1], f[2], f[3]})
	}
	return k, nil
}

// Has tells whether a difference is listed.
func (k Known) Has(place string, d *Difference) bool {
	call, results, _ := strings.Cut(d.Signature(), " ")
	native, sandbox, _ := strings.Cut(results, " / ")
	for _, line := range k {
		all := true
		for i, s := range []string{place, call, native, sandbox} {
			ok, err := path.Match(line[i], s)
			all = all && ok && err == nil
		}
		if all {
			return true
		}
	}
	return false
}

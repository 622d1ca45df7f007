// SPDX-License-Identifier: Apache-2.0

// This file measures files: single calls on a directory of the host's and on tmpfs, and what people do with trees.

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed cases/files.c
var filesSource []byte

//go:embed cases/trees.sh
var treesScript string

// fileAims are the ratios that the project promises, whatever the file system.
var fileAims = map[string]float64{
	"open-close": 2.5, "stat": 2.5, "read-1": 2.5, "read-4k": 2.5, "write-1": 2.5, "write-4k": 2.5,
	"write-1g": 1.2, "read-1g": 1.2,
	"find-usr": 2, "du-usr": 2, "tar-20000": 2, "untar-20000": 2, "rm-20000": 2, "git-status": 2,
}

// place is a file system under test: the directory natively, and what the sandbox needs to have it.
type place struct {
	name, dir string
	flags     []string
}

func files(runs int, ditto, only string) error {
	dir, err := filepath.Abs("out/bench")
	if err != nil {
		return err
	}
	bin, err := build(dir, "files", filesSource)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "files-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	names, err := exec.Command(bin).Output()
	if err != nil {
		return err
	}
	hostfs := place{"hostfs", work, []string{"--volume", work + ":" + work}}
	for _, p := range []place{hostfs, {"tmpfs", "/dev/shm", nil}} {
		for _, name := range strings.Fields(string(names)) {
			if p.name == "tmpfs" && strings.HasSuffix(name, "1g") || !strings.Contains(name, only) {
				continue // memory would bound it, and the sandbox's tmpfs is small
			}
			inside := append(append([]string{ditto, "do"}, p.flags...), bin, name, p.dir)
			r, err := measure(runs, name+" "+p.name, []string{bin, name, p.dir}, inside)
			if err != nil {
				return err
			}
			r.Aim = fileAims[name]
			fmt.Println(r)
		}
	}
	for _, p := range []place{hostfs, {"overlay", work, nil}} {
		if err := trees(min(runs, 3), ditto, only, p); err != nil {
			return err
		}
	}
	return nil
}

// trees runs the script on both sides in turn, and prints a row for each thing that it does.
func trees(runs int, ditto, only string, p place) error {
	if only != "" && !strings.Contains(treesScript, "timed "+only) {
		return nil
	}
	var order []string
	native, sandbox := map[string][]float64{}, map[string][]float64{}
	for range runs {
		for _, side := range []struct {
			args []string
			to   map[string][]float64
		}{{nil, native}, {append([]string{ditto, "do"}, p.flags...), sandbox}} {
			cmd := exec.Command("bash", "-c", treesScript)
			if side.args != nil {
				cmd = exec.Command(side.args[0], append(side.args[1:], "bash", "-c", treesScript)...)
			}
			cmd.Env = append(os.Environ(), "DIR="+p.dir, "LC_ALL=C")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				return fmt.Errorf("trees on %s, %v: %w\n%s", p.name, side.args, err, stderr.String())
			}
			for line := range strings.Lines(string(out)) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
				ns, err := strconv.ParseFloat(value, 64)
				if err != nil {
					return err
				}
				if !slices.Contains(order, name) {
					order = append(order, name)
				}
				side.to[name] = append(side.to[name], ns)
			}
		}
	}
	for _, name := range order {
		if strings.Contains(name, only) {
			fmt.Println(newRow(name+" "+p.name, native[name], sandbox[name], fileAims[name]))
		}
	}
	return nil
}

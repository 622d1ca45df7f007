// SPDX-License-Identifier: Apache-2.0

// This file has the verbs about the host: install, doctor.

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/runtime/doctor"
	"github.com/ditto-kernel/ditto/runtime/engine"
)

var installVerb = command{
	name: "install", usage: "install [flags] [-- RUNTIME-FLAGS...]", summary: "Make ditto a runtime of Docker's, or take it out again",
	example: "ditto install && systemctl reload docker", max: -1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		f := &installFlags{}
		s.StringVar(&f.config, "config", "/etc/docker/daemon.json", "configuration `FILE` of the daemon")
		s.StringVar(&f.name, "runtime", "ditto", "`NAME` for docker run --runtime")
		s.StringVar(&f.path, "path", "", "`FILE` that is ditto (default: this one)")
		s.BoolVar(&f.remove, "remove", false, "take the runtime out")
		return func(g *globals, args []string) int { return g.done(f.run(args)) }
	},
}

type installFlags struct {
	config, name, path string
	remove             bool
}

func (f *installFlags) run(args []string) error {
	if f.name == "" || f.name == "runc" {
		return fmt.Errorf("install: --runtime %q: that name is Docker's own", f.name)
	}
	if f.remove {
		if f.path != "" || len(args) > 0 {
			return errors.New("install --remove takes the whole entry out: no --path, no runtime flags")
		}
		changed, err := engine.Remove(f.config, f.name)
		return f.report(changed, err, "is not in", "was taken out of")
	}
	r := engine.Runtime{Path: f.path, Args: args}
	if err := f.find(&r); err != nil {
		return err
	}
	changed, err := engine.Add(f.config, f.name, r)
	return f.report(changed, err, "is in", "was added to")
}

// find makes sure that the daemon will find ditto, and that it is a program.
func (f *installFlags) find(r *engine.Runtime) (err error) {
	if r.Path == "" {
		if r.Path, err = os.Executable(); err != nil {
			return err
		}
	}
	if r.Path, err = filepath.Abs(r.Path); err != nil {
		return err
	}
	info, err := os.Stat(r.Path)
	if err == nil && (info.IsDir() || info.Mode()&0o111 == 0) {
		err = fmt.Errorf("%s: not a program", r.Path)
	}
	if err != nil {
		return fmt.Errorf("install: --path: %w", err)
	}
	return nil
}

func (f *installFlags) report(changed bool, err error, before, after string) error {
	switch {
	case err != nil:
		return fmt.Errorf("install: %w", err)
	case !changed:
		fmt.Printf("The runtime %q %s %s already: nothing to do.\n", f.name, before, f.config)
	default:
		fmt.Printf("The runtime %q %s %s. Docker sees it when its daemon reads the file again: systemctl reload docker\n", f.name, after, f.config)
	}
	return nil
}

var doctorVerb = command{
	name: "doctor", usage: "doctor [--format text|json]", summary: "Say what the host offers, and what will not work on it",
	example: "ditto doctor", max: 0,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		format := s.StringP("format", "f", "text", "`FORMAT`: text or json")
		return func(g *globals, _ []string) int {
			if *format != "text" && *format != "json" {
				return g.fail(errors.New("--format: want text or json"))
			}
			self, err := os.Executable()
			if err != nil {
				return g.fail(err)
			}
			list := doctor.Examine(self)
			if *format == "json" {
				err = json.NewEncoder(os.Stdout).Encode(list)
			} else {
				printFindings(list)
			}
			if err == nil && doctor.Failed(list) {
				return 1
			}
			return g.done(err)
		}
	},
}

func printFindings(list []doctor.Finding) {
	marks := map[doctor.Level]string{doctor.OK: "ok", doctor.Warning: "WARN", doctor.Failure: "FAIL"}
	for _, f := range list {
		fmt.Printf("%-5s %-14s %s\n", marks[f.Level], f.Check, f.Detail)
		if f.Advice != "" {
			fmt.Printf("%-5s %-14s -> %s\n", "", "", f.Advice)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

// This file has the verbs spec and features, and those that are not there yet.

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/runtime/oci"
)

var specVerb = command{
	name: "spec", usage: "spec [--bundle DIR] [--rootless]", summary: "Write a config.json to begin with",
	example: "ditto spec --bundle /tmp/bundle", max: 0,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		bundle := s.StringP("bundle", "b", ".", "`DIR` to write it to")
		rootless := s.Bool("rootless", false, "one that works for who isn't root")
		return func(g *globals, _ []string) int {
			spec := oci.Example()
			if *rootless {
				oci.Rootless(spec)
			}
			return g.done(writeExample(spec, filepath.Join(*bundle, "config.json")))
		}
	},
}

func writeExample(spec *specs.Spec, name string) error {
	b, err := json.MarshalIndent(spec, "", "\t")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: remove it first", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Close())
}

var featuresVerb = command{
	name: "features", usage: "features", summary: "Print what configurations may ask for, as JSON",
	example: "ditto features", max: 0,
	flags: func(*pflag.FlagSet) func(*globals, []string) int {
		return func(g *globals, _ []string) int {
			b, err := json.MarshalIndent(oci.Features(), "", "    ")
			if err == nil {
				fmt.Printf("%s\n", b)
			}
			return g.done(err)
		}
	},
}

// notYet is a verb of runc's that Ditto has not.
func notYet(name, summary string) *command {
	return &command{
		name: name, usage: name + " ID", summary: summary, example: "ditto " + name + " web", max: -1,
		flags: func(s *pflag.FlagSet) func(*globals, []string) int {
			s.ParseErrorsAllowlist.UnknownFlags = true
			return func(g *globals, _ []string) int { return g.fail(fmt.Errorf("%s is not supported by Ditto yet", name)) }
		},
	}
}

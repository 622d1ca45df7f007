// SPDX-License-Identifier: Apache-2.0

// This file has the verbs that tell about containers: state, list.

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/runtime/oci"
)

var stateVerb = command{
	name: "state", usage: "state ID", summary: "Print a container's state as JSON",
	example: "ditto state web", min: 1, max: 1,
	flags: func(*pflag.FlagSet) func(*globals, []string) int {
		return func(g *globals, args []string) int {
			return g.done(g.runtime().With(args[0], func(c *oci.Container) error {
				b, err := c.StateJSON()
				if err == nil {
					fmt.Printf("%s\n", b)
				}
				return err
			}))
		}
	},
}

var listVerb = command{
	name: "list", usage: "list [--format table|json] [--quiet]", summary: "List the containers of this root",
	example: "ditto --root /run/docker/runtime-runc/moby list", max: 0,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		format := s.StringP("format", "f", "table", "`FORMAT`: table or json")
		quiet := s.BoolP("quiet", "q", false, "ids only")
		return func(g *globals, _ []string) int {
			list, err := g.runtime().List()
			if err != nil {
				return g.fail(err)
			}
			switch {
			case *quiet:
				for _, c := range list {
					fmt.Println(c.ID)
				}
				return 0
			case *format == "json":
				return g.done(json.NewEncoder(os.Stdout).Encode(list))
			case *format == "table":
				return g.done(table(list))
			}
			return g.fail(errors.New("--format: want table or json"))
		}
	},
}

func table(list []oci.Listed) error {
	w := tabwriter.NewWriter(os.Stdout, 12, 1, 3, ' ', 0)
	fmt.Fprint(w, "ID\tPID\tSTATUS\tBUNDLE\tCREATED\tOWNER\n")
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", c.ID, c.Pid, c.Status, c.Bundle, c.Created.Format(time.RFC3339Nano), c.Owner)
	}
	return w.Flush()
}

// SPDX-License-Identifier: Apache-2.0

// Package cli is ditto's command line: it finds the verb and hands it the rest.
package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Version is what `ditto version` prints; releases set it at link time.
var Version = "dev"

const usage = `Ditto runs programs and containers on a Linux kernel of its own, in user space.

usage: ditto [flags] VERB [flags] [ARGS...]

  do CMD [ARGS...]   run one command in a fresh sandbox
%s
%s  version            print the version

Flags for containers:
%s
Examples:
  ditto do --strace ls /
  ditto run --bundle /tmp/bundle web

"ditto VERB --help" has a verb's flags.
`

// A verb gets the arguments behind its name and returns the exit status.
type verb func(args []string) int

var verbs = map[string]verb{
	"boot":     bootVerb,
	"do":       do,
	"member":   memberVerb,
	"stand-in": standInVerb,
	"version":  version,
}

// commands are the verbs about containers, in the order of the help; hostCommands
// those about the host.
var commands, hostCommands []*command

func init() {
	commands = []*command{&createVerb, &startVerb, &runVerb, &stateVerb, &listVerb, &execVerb, &psVerb,
		&pauseVerb, &resumeVerb, &updateVerb, &eventsVerb, &specVerb, &featuresVerb,
		notYet("checkpoint", "Save a running container (not supported yet)"), notYet("restore", "Bring a saved container back (not supported yet)"),
		&killVerb, &deleteVerb}
	hostCommands = []*command{&installVerb, &doctorVerb, &completionVerb}
}

// Main runs the verb that args names and returns the exit status.
func Main(args []string) int {
	g := newGlobals()
	if err := g.set.Parse(args[1:]); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return help(g)
		}
		return misuse("ditto: " + err.Error() + " (see: ditto --help)")
	}
	if g.version {
		return version(nil)
	}
	if g.set.NArg() == 0 {
		return misuse("ditto: which verb? See: ditto --help")
	}
	name, rest := g.set.Arg(0), g.set.Args()[1:]
	switch name {
	case "help":
		return help(g)
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return complete(g, args[1:])
	}
	if v, ok := verbs[name]; ok {
		return v(rest)
	}
	for _, v := range append(slices.Clone(commands), hostCommands...) {
		if v.name == name {
			if err := g.open(); err != nil {
				return misuse("ditto: " + err.Error())
			}
			return v.run(g, rest)
		}
	}
	return misuse(fmt.Sprintf("ditto: no verb %q. See: ditto --help", name))
}

func help(g *globals) int {
	fmt.Printf(usage, listed(commands), listed(hostCommands), g.set.FlagUsages())
	return 0
}

func listed(verbs []*command) string {
	var list strings.Builder
	for _, v := range verbs {
		fmt.Fprintf(&list, "  %-18s %s\n", v.name, strings.ToLower(v.summary[:1])+v.summary[1:])
	}
	return list.String()
}

func version([]string) int {
	fmt.Printf("ditto version %s\nspec: %s\n", Version, specs.Version)
	return 0
}

func misuse(line string) int {
	fmt.Fprintln(os.Stderr, line)
	return 2
}

// SPDX-License-Identifier: Apache-2.0

// Package cli is ditto's command line: it finds the verb and hands it the rest.
package cli

import (
	"fmt"
	"io"
	"os"
)

// Version is what `ditto version` prints; releases set it at link time.
var Version = "dev"

const usage = `Ditto runs programs on a Linux kernel of its own, in user space.

usage: ditto VERB [flags] [ARGS...]

  do CMD [ARGS...]   run one command in a fresh sandbox
  version            print the version

Example:
  ditto do --strace ls /

"ditto VERB --help" has a verb's flags.
`

// A verb gets the arguments behind its name and returns the exit status.
type verb func(args []string) int

var verbs = map[string]verb{
	"boot":    bootVerb,
	"do":      do,
	"version": version,
}

// Main runs the verb that args names and returns the exit status.
func Main(args []string) int {
	if len(args) < 2 {
		return misuse("ditto: which verb? See: ditto --help")
	}
	switch args[1] {
	case "--help", "-h", "help":
		io.WriteString(os.Stdout, usage)
		return 0
	case "--version":
		return version(nil)
	}
	v, ok := verbs[args[1]]
	if !ok {
		return misuse(fmt.Sprintf("ditto: no verb %q. See: ditto --help", args[1]))
	}
	return v(args[2:])
}

func version([]string) int {
	fmt.Println("ditto", Version)
	return 0
}

func misuse(line string) int {
	fmt.Fprintln(os.Stderr, line)
	return 2
}

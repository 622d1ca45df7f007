// SPDX-License-Identifier: Apache-2.0

// Command conformance runs the syscall tests on native Linux and in sandboxes, compares what they observe, and judges
// the outcome by the baseline and the list of known differences.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/conformance/runner"
)

const usage = `usage: conformance [run] [flags]          run, compare and judge (run --help lists the flags)
       conformance list [flags]           list the cases
       conformance merge -o FILE FILE...  join the results of shards, and judge
       conformance dashboard --out DIR    draw the pages from the last results

examples:
  conformance --syscall openat,openat2
  conformance --native-only --repeat 20 --load --syscall openat
  conformance --sandbox runsc='runsc do' --sandbox ditto='bin/ditto do'
  conformance --verdict differs,crash
`

// errFailed ends the program with status 1 without a further message.
var errFailed = errors.New("failed")

func main() {
	defaultSignals()
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	err := dispatch(ctx, os.Args[1:])
	switch {
	case err == nil:
	case errors.Is(err, errFailed):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(2)
	}
}

func dispatch(ctx context.Context, args []string) error {
	verb := "run"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		verb, args = args[0], args[1:]
	}
	switch verb {
	case "run":
		return runVerb(ctx, args)
	case "list":
		return listVerb(ctx, args)
	case "merge":
		return mergeVerb(args)
	case "dashboard":
		return dashboardVerb(args)
	case "help":
		fmt.Print(usage)
		return nil
	case "busy":
		return busyVerb()
	case runner.NativeVerb:
		return runner.NativeMain(args)
	}
	return fmt.Errorf("no such command: %s\n%s", verb, usage)
}

// SPDX-License-Identifier: Apache-2.0

// Command ditto-man writes ditto's manual pages, one a verb, into a directory.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra/doc"

	"github.com/ditto-kernel/ditto/runtime/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: ditto-man DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "ditto-man:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root := cli.Tree()
	root.DisableAutoGenTag = true // the same from the same source
	return doc.GenManTree(root, &doc.GenManHeader{Title: "DITTO", Section: "1", Source: "Ditto", Manual: "Ditto's commands"}, dir)
}

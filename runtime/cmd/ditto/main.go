// SPDX-License-Identifier: Apache-2.0

// Command ditto runs programs and containers on Ditto, a Linux kernel in user
// space.
package main

import (
	"os"

	"github.com/ditto-kernel/ditto/runtime/cli"
)

func main() { os.Exit(cli.Main(os.Args)) }

// SPDX-License-Identifier: Apache-2.0

// The list verb: the cases that a run with the same flags would take.

package main

import (
	"context"
	"fmt"
	"os"
)

func listVerb(ctx context.Context, args []string) error {
	o, err := parse("list", args)
	if err != nil {
		return err
	}
	cases, failed, err := o.build(ctx)
	if err != nil {
		return err
	}
	for _, c := range cases {
		fmt.Printf("%s\t%s\n", c.ID, c.Needs)
	}
	for _, f := range failed {
		fmt.Fprintln(os.Stderr, f)
		err = errFailed
	}
	return err
}

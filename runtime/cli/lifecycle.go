// SPDX-License-Identifier: Apache-2.0

// This file has the verbs of a container's life: create, start, run, kill,
// delete.

package cli

import (
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/oci"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// createFlags are those of create and run.
func createFlags(s *pflag.FlagSet) *oci.CreateOptions {
	o := &oci.CreateOptions{}
	s.StringVarP(&o.Bundle, "bundle", "b", ".", "`DIR` with config.json")
	s.StringVar(&o.PidFile, "pid-file", "", "`FILE` to write the process id to")
	s.StringVar(&o.ConsoleSocket, "console-socket", "", "unix socket at `PATH` that gets the terminal's master")
	s.Bool("no-pivot", false, "accepted: the kernel process's own root is always left behind")
	s.Bool("no-new-keyring", false, "accepted: there are no keyrings")
	s.IntVar(&o.PreserveFDs, "preserve-fds", 0, "`N` more descriptors of the caller's for the process, behind the standard streams and those of LISTEN_FDS")
	return o
}

var createVerb = command{
	name: "create", usage: "create [flags] ID", summary: "Create a container from a bundle; it waits for start",
	example: "ditto create --bundle /tmp/bundle web", min: 1, max: 1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		o := createFlags(s)
		return func(g *globals, args []string) int {
			o.ID = args[0]
			if _, err := g.runtime().Create(o); err != nil {
				return g.fail(err)
			}
			return 0
		}
	},
}

var startVerb = command{
	name: "start", usage: "start ID", summary: "Let the process of a created container run",
	example: "ditto start web", min: 1, max: 1,
	flags: func(*pflag.FlagSet) func(*globals, []string) int {
		return func(g *globals, args []string) int { return g.done(g.runtime().Start(args[0])) }
	},
}

var killVerb = command{
	name: "kill", usage: "kill [--all] ID [SIGNAL]", summary: "Send a signal to a container's process (default: TERM)",
	example: "ditto kill web KILL", min: 1, max: 2,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		all := s.BoolP("all", "a", false, "to every process of the container")
		return func(g *globals, args []string) int {
			signo := int(unix.SIGTERM)
			if len(args) > 1 {
				var err error
				if signo, err = oci.ParseSignal(args[1]); err != nil {
					return g.fail(err)
				}
			}
			return g.done(g.runtime().Kill(args[0], signo, *all))
		}
	},
}

var deleteVerb = command{
	name: "delete", usage: "delete [--force] ID", summary: "Remove what is left of a container that has stopped",
	example: "ditto delete --force web", min: 1, max: 1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		force := s.BoolP("force", "f", false, "kill it first, if it runs; none there is fine too")
		return func(g *globals, args []string) int { return g.done(g.runtime().Delete(args[0], *force)) }
	},
}

var runVerb = command{
	name: "run", usage: "run [flags] ID", summary: "Create a container, start it, and stay until it ends",
	example: "ditto run --bundle /tmp/bundle web", min: 1, max: 1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		o := createFlags(s)
		detach := s.BoolP("detach", "d", false, "don't stay")
		keep := s.Bool("keep", false, "don't delete it when it has ended")
		s.Bool("no-subreaper", false, "accepted: processes that lost their parent are the kernel process's matter")
		return func(g *globals, args []string) int {
			o.ID, o.Foreground = args[0], !*detach
			return g.run(o, *keep)
		}
	},
}

// run is "ditto run".
func (g *globals) run(o *oci.CreateOptions, keep bool) int {
	r := g.runtime()
	if !o.Foreground {
		if _, err := r.Create(o); err != nil {
			return g.fail(err)
		}
		return g.started(r, o.ID)
	}
	spec, err := oci.LoadSpec(o.Bundle)
	if err != nil {
		return g.fail(err)
	}
	front, err := sandbox.NewFront(o.ConsoleSocket == "" && spec.Process != nil && spec.Process.Terminal)
	if err != nil {
		return g.fail(err)
	}
	defer front.Close()
	o.Winsize = front.Size()
	kernel, err := r.Create(o)
	if err != nil {
		return g.fail(err)
	}
	if status := g.started(r, o.ID); status != 0 {
		return status
	}
	go front.Forward(func(signo int, size *boot.Winsize) { r.Tell(o.ID, signo, size) })
	status := kernel.Wait()
	if !keep {
		if err := r.Delete(o.ID, true); err != nil {
			g.fail(err)
		}
	}
	return status
}

// started starts a container, and leaves none if it can't.
func (g *globals) started(r *oci.Runtime, id string) int {
	err := r.Start(id)
	if err == nil {
		return 0
	}
	_ = r.Delete(id, true)
	return g.fail(err)
}

// done is the exit status for what was done, or not.
func (g *globals) done(err error) int {
	if err != nil {
		return g.fail(err)
	}
	return 0
}

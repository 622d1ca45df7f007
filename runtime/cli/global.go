// SPDX-License-Identifier: Apache-2.0

// This file has the flags that stand before a verb: runc's, as engines give them.

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/runtime/oci"
)

// globals are the flags before the verb.
type globals struct {
	set       *pflag.FlagSet
	root      string
	log       string
	logFormat string
	debug     bool
	systemd   bool
	rootless  string
	version   bool

	logFile *os.File
}

func newGlobals() *globals {
	g := &globals{set: newFlags("")}
	s := g.set
	s.StringVar(&g.root, "root", "", "`DIR` where the state of containers is kept (default: /run/ditto, or $XDG_RUNTIME_DIR/ditto)")
	s.StringVar(&g.log, "log", "", "`FILE` that errors, notes and traces go to (default: standard error)")
	s.StringVar(&g.logFormat, "log-format", "text", "`FORMAT` of the log: text or json")
	s.BoolVar(&g.debug, "debug", false, "log what may help to find a fault, too")
	s.BoolVar(&g.systemd, "systemd-cgroup", false, "cgroupsPath is SLICE:PREFIX:NAME, for systemd")
	s.StringVar(&g.rootless, "rootless", "auto", "without root's rights over the host's control groups: true, false, or auto: by who the caller is")
	s.BoolVarP(&g.version, "version", "v", false, "print the version")
	return g
}

// newFlags is the flag set of a verb, or of ditto itself.
func newFlags(name string) *pflag.FlagSet {
	s := pflag.NewFlagSet(name, pflag.ContinueOnError)
	s.SetInterspersed(false)
	s.SortFlags = false
	s.SetOutput(io.Discard)
	s.Usage = func() {}
	return s
}

// open checks the flags and opens the log.
func (g *globals) open() error {
	if g.logFormat != "text" && g.logFormat != "json" {
		return fmt.Errorf("--log-format %q: want text or json", g.logFormat)
	}
	switch g.rootless {
	case "auto", "true", "false":
	default:
		return fmt.Errorf("--rootless %q: want true, false or auto", g.rootless)
	}
	if g.root == "" {
		g.root = "/run/ditto"
		if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && g.isRootless() {
			g.root = filepath.Join(dir, "ditto")
		}
	}
	if g.log == "" {
		return nil
	}
	var err error
	g.logFile, err = os.OpenFile(g.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	return nil
}

// isRootless tells whether the caller is no root, or only that of a user namespace, as podman's is.
func (g *globals) isRootless() bool {
	if g.rootless != "auto" {
		return g.rootless == "true"
	}
	return os.Getuid() != 0 || inUserNamespace()
}

// inUserNamespace tells whether ids here are not the host's.
func inUserNamespace() bool {
	b, err := os.ReadFile("/proc/self/uid_map")
	var inside, outside, n uint64
	if _, err2 := fmt.Sscan(string(b), &inside, &outside, &n); err != nil || err2 != nil {
		return false
	}
	return inside != 0 || outside != 0 || n != 1<<32-1
}

// runtime is what the flags say about containers.
func (g *globals) runtime() *oci.Runtime {
	return &oci.Runtime{
		Root: g.root, Log: g.logFile, JSONLog: g.logFormat == "json", SystemdCgroup: g.systemd, Rootless: g.isRootless(),
		Notef: func(format string, args ...any) { g.entry("info", fmt.Sprintf(format, args...)) },
	}
}

// entry writes to the log, if there is one; what is less than an error only
// then.
func (g *globals) entry(level, message string) {
	if g.logFile == nil {
		if g.debug {
			fmt.Fprintf(os.Stderr, "ditto: %s: %s\n", level, message)
		}
		return
	}
	now := time.Now().Format(time.RFC3339)
	if g.logFormat == "json" {
		_ = json.NewEncoder(g.logFile).Encode(struct {
			Level string `json:"level"`
			Msg   string `json:"msg"`
			Time  string `json:"time"`
		}{level, message, now})
		return
	}
	fmt.Fprintf(g.logFile, "time=%q level=%s msg=%q\n", now, level, message)
}

// fail reports an error where people and where engines look, and is the exit
// status of a verb that failed.
func (g *globals) fail(err error) int {
	if g.logFile != nil {
		g.entry("error", err.Error())
	}
	fmt.Fprintln(os.Stderr, "ditto:", err)
	return 1
}

// command is a verb that declares its flags, and gets what stands behind them.
type command struct {
	name, usage, summary, example string
	words                         []string // what the first argument may be, for completion; nil: a container
	min, max                      int      // arguments; max < 0: any number
	flags                         func(s *pflag.FlagSet) func(g *globals, args []string) int
}

// run parses the flags of the verb and runs it.
func (v *command) run(g *globals, args []string) int {
	s := newFlags(v.name)
	if v.max >= 0 {
		s.SetInterspersed(true)
	}
	call := v.flags(s)
	if err := s.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			fmt.Printf("%s.\n\nusage: ditto [flags] %s\n\n", v.summary, v.usage)
			if s.HasFlags() {
				fmt.Printf("Flags:\n%s\n", s.FlagUsages())
			}
			fmt.Printf("Example:\n  %s\n", v.example)
			return 0
		}
		return misuse("ditto " + v.name + ": " + err.Error() + hint(s, err))
	}
	if n := s.NArg(); n < v.min || v.max >= 0 && n > v.max {
		return misuse(fmt.Sprintf("ditto %s: wrong number of arguments. usage: ditto [flags] %s", v.name, v.usage))
	}
	return call(g, s.Args())
}

// SPDX-License-Identifier: Apache-2.0

// This file has the verbs pause, resume, update and events.

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/runtime/oci"
)

var pauseVerb = command{
	name: "pause", usage: "pause ID", summary: "Stop everything in a container",
	example: "ditto pause web", min: 1, max: 1,
	flags: func(*pflag.FlagSet) func(*globals, []string) int {
		return func(g *globals, args []string) int { return g.done(g.runtime().Pause(args[0], true)) }
	},
}

var resumeVerb = command{
	name: "resume", usage: "resume ID", summary: "Let a paused container go on",
	example: "ditto resume web", min: 1, max: 1,
	flags: func(*pflag.FlagSet) func(*globals, []string) int {
		return func(g *globals, args []string) int { return g.done(g.runtime().Pause(args[0], false)) }
	},
}

var updateVerb = command{
	name: "update", usage: "update [flags] ID", summary: "Change a container's resources",
	example: "ditto update --memory 268435456 web", min: 1, max: 1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		f := &updateFlags{set: s}
		s.StringVarP(&f.file, "resources", "r", "", "`FILE` with linux.resources as JSON; -: standard input")
		s.Int64Var(&f.memory, "memory", 0, "memory limit in `BYTES`")
		s.Int64Var(&f.reservation, "memory-reservation", 0, "memory reservation in `BYTES`")
		s.Int64Var(&f.swap, "memory-swap", 0, "limit of memory and swap in `BYTES`; -1: none")
		s.Uint64Var(&f.shares, "cpu-share", 0, "`N` CPU shares")
		s.Int64Var(&f.quota, "cpu-quota", 0, "CPU time in a period, in `MICROSECONDS`")
		s.Uint64Var(&f.period, "cpu-period", 0, "the period in `MICROSECONDS`")
		s.Uint64Var(&f.burst, "cpu-burst", 0, "unused CPU time that may be used later, in `MICROSECONDS`")
		s.Int64Var(&f.idle, "cpu-idle", 0, "1: only when nobody else wants a CPU")
		s.Int64Var(&f.rtRuntime, "cpu-rt-runtime", 0, "CPU time of real-time processes in a period, in `MICROSECONDS`")
		s.Uint64Var(&f.rtPeriod, "cpu-rt-period", 0, "that period in `MICROSECONDS`")
		s.StringVar(&f.cpus, "cpuset-cpus", "", "`CPUS` to use, as 0-2,4")
		s.StringVar(&f.mems, "cpuset-mems", "", "`NODES` to use")
		s.Int64Var(&f.pids, "pids-limit", 0, "`N` processes and threads at most; -1: no limit")
		s.Uint16Var(&f.weight, "blkio-weight", 0, "`WEIGHT` of block I/O")
		return f.run
	},
}

type updateFlags struct {
	set                             *pflag.FlagSet
	file                            string
	memory, reservation, swap, pids int64
	shares, period, burst, rtPeriod uint64
	quota, idle, rtRuntime          int64
	cpus, mems                      string
	weight                          uint16
}

func (f *updateFlags) run(g *globals, args []string) int {
	change, err := f.resources()
	if err != nil {
		return g.fail(err)
	}
	return g.done(g.runtime().Update(args[0], change))
}

func (f *updateFlags) resources() (*specs.LinuxResources, error) {
	r := &specs.LinuxResources{}
	if f.file != "" {
		in := io.Reader(os.Stdin)
		if f.file != "-" {
			file, err := os.Open(f.file)
			if err != nil {
				return nil, err
			}
			defer file.Close()
			in = file
		}
		if err := json.NewDecoder(in).Decode(r); err != nil {
			return nil, fmt.Errorf("--resources: %w", err)
		}
		return r, nil
	}
	given := func(name string) bool { return f.set.Changed(name) }
	if given("memory") || given("memory-reservation") || given("memory-swap") {
		r.Memory = &specs.LinuxMemory{}
		pick(given("memory"), &r.Memory.Limit, &f.memory)
		pick(given("memory-reservation"), &r.Memory.Reservation, &f.reservation)
		pick(given("memory-swap"), &r.Memory.Swap, &f.swap)
	}
	if slices.ContainsFunc([]string{"cpu-share", "cpu-quota", "cpu-period", "cpu-burst", "cpu-idle", "cpu-rt-runtime", "cpu-rt-period",
		"cpuset-cpus", "cpuset-mems"}, given) {
		r.CPU = &specs.LinuxCPU{Cpus: f.cpus, Mems: f.mems}
		pick(given("cpu-share"), &r.CPU.Shares, &f.shares)
		pick(given("cpu-quota"), &r.CPU.Quota, &f.quota)
		pick(given("cpu-period"), &r.CPU.Period, &f.period)
		pick(given("cpu-burst"), &r.CPU.Burst, &f.burst)
		pick(given("cpu-idle"), &r.CPU.Idle, &f.idle)
		pick(given("cpu-rt-runtime"), &r.CPU.RealtimeRuntime, &f.rtRuntime)
		pick(given("cpu-rt-period"), &r.CPU.RealtimePeriod, &f.rtPeriod)
	}
	if given("pids-limit") {
		r.Pids = &specs.LinuxPids{Limit: &f.pids}
	}
	if given("blkio-weight") {
		r.BlockIO = &specs.LinuxBlockIO{Weight: &f.weight}
	}
	return r, nil
}

func pick[T any](given bool, into **T, value *T) {
	if given {
		*into = value
	}
}

var eventsVerb = command{
	name: "events", usage: "events [--stats] [--interval DURATION] ID", summary: "Print what a container uses, once or again and again, and when it was short of memory",
	example: "ditto events --stats web", min: 1, max: 1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		once := s.Bool("stats", false, "once")
		interval := s.Duration("interval", 5*time.Second, "`DURATION` between two lines")
		return func(g *globals, args []string) int {
			if *interval <= 0 {
				return g.fail(errors.New("--interval: want more than nothing"))
			}
			return g.done(events(g.runtime(), args[0], *once, *interval))
		}
	},
}

// outOfMemory is how often a container is looked at for processes that were killed.
const outOfMemory = 500 * time.Millisecond

// events prints what a container uses, and when it was short of memory, until it is gone.
func events(r *oci.Runtime, id string, once bool, interval time.Duration) error {
	out := json.NewEncoder(os.Stdout)
	kills, err := r.OOMKills(id)
	if err != nil && !once {
		return err
	}
	for next, first := time.Now(), true; ; first = false {
		if now, err := r.OOMKills(id); err == nil && now > kills && !once {
			kills = now
			if err := out.Encode(oci.Event{Type: "oom", ID: id}); err != nil {
				return err
			}
		}
		if !time.Now().Before(next) {
			next = next.Add(interval)
			e, err := r.Stats(id)
			switch {
			case err != nil && !first && oci.Gone(err):
				return nil
			case err != nil:
				return err
			}
			if err := out.Encode(e); err != nil || once {
				return err
			}
		}
		time.Sleep(min(interval, outOfMemory))
	}
}

// SPDX-License-Identifier: Apache-2.0

// This file finds out whether the host has other work than the sandbox's for its processors, for what a task of low priority
// pays (niced.go). No account of the host says so outright, and none of a thread: one that runs little is let
// run at once, however busy the others are. So the processors' own account (/proc/stat) is compared with the sandbox's.

package task

import (
	"bytes"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// pressure is what the host's processors did lately.
type pressure struct {
	mu     sync.Mutex
	at     time.Time // of the look that now is
	now    load
	others float64   // processors that others than the sandbox kept busy in the last window
	idle   []float64 // the part of it in which each processor had nothing to do
}

// load is an account up to a moment.
type load struct {
	busy, idle []time.Duration // of each processor
	own        time.Duration   // of all processes of the sandbox
}

// A window is as long as the shorter of these at least, for the host counts in hundredths of a second; what is longer than the other says
// nothing of the present.
const (
	pressureWindow = 100 * time.Millisecond
	pressureStale  = 3 * time.Second
)

// look takes a new account if the last one is old enough.
func (p *pressure) look(k *Kernel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	passed := time.Since(p.at)
	if k.HostStat == nil || passed < pressureWindow {
		return
	}
	text, err := k.HostStat()
	if err != nil {
		return
	}
	before := p.now
	p.now, p.at = parseLoad(text), time.Now()
	p.now.own = k.processorTime()
	if passed > pressureStale || len(before.busy) != len(p.now.busy) {
		p.others, p.idle = 0, nil
		return
	}
	p.others, p.idle = p.now.since(&before, passed)
}

// since is what others than the sandbox used meanwhile, in processors, and which part of the time each processor was idle.
func (l *load) since(before *load, passed time.Duration) (others float64, idle []float64) {
	used := -(l.own - before.own)
	idle = make([]float64, len(l.busy))
	for i := range l.busy {
		busy, rest := l.busy[i]-before.busy[i], l.idle[i]-before.idle[i]
		used += busy
		if all := busy + rest; all > 0 {
			idle[i] = float64(rest) / float64(all)
		}
	}
	return max(float64(used)/float64(passed), 0), idle
}

// contested tells how many processors others use, if a task that may use the processors of mask, and of which the sandbox has running ones that
// want to run, gets in their way; 0 if there is room for all.
func (p *pressure) contested(mask []uint64, running int) float64 {
	const room, noise = 0.05, 0.2 // of a processor
	p.mu.Lock()
	defer p.mu.Unlock()
	cpus, idle := 0, 0.0
	for i, part := range p.idle {
		if i/64 < len(mask) && mask[i/64]&(1<<(i%64)) != 0 {
			cpus++
			idle += part
		}
	}
	if cpus == 0 || idle > room*float64(cpus) || p.others < float64(cpus-min(running, cpus))+noise {
		return 0
	}
	return max(p.others, 1)
}

// parseLoad reads the processors' lines of /proc/stat: user nice system idle iowait irq softirq, in USER_HZ. Time that a hypervisor gave to
// others is neither busy nor idle.
func parseLoad(text []byte) (l load) {
	const tick = 10 * time.Millisecond
	for line := range bytes.Lines(text) {
		name, ok := bytes.CutPrefix(line, []byte("cpu"))
		f := bytes.Fields(name)
		if !ok || len(f) < 8 {
			break
		}
		n, err := strconv.Atoi(string(f[0]))
		if name[0] == ' ' || err != nil || n < len(l.busy) || n >= 1<<13 {
			continue // the sum of all
		}
		// One that is switched off has no line.
		for len(l.busy) <= n {
			l.busy, l.idle = append(l.busy, 0), append(l.idle, 0)
		}
		for i, b := range f[1:8] {
			v, _ := strconv.ParseInt(string(b), 10, 64)
			if i == 3 || i == 4 {
				l.idle[n] += time.Duration(v) * tick
			} else {
				l.busy[n] += time.Duration(v) * tick
			}
		}
	}
	return l
}

// processorTime is what the kernel process and all application processes that there ever were have used.
func (k *Kernel) processorTime() time.Duration {
	var total time.Duration
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var ru unix.Rusage
		if unix.Getrusage(who, &ru) == nil {
			total += time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
		}
	}
	k.Tasks(func(t *Task) bool {
		if t.thread != nil {
			user, system := t.thread.CPUTime()
			total += user + system
		}
		return false
	})
	return total
}

// SPDX-License-Identifier: Apache-2.0

// Progress: a live line on a terminal, a line every ten seconds elsewhere.

package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/conformance/result"
)

type progress struct {
	total   int
	isBad   func(side string, o result.Outcome) bool
	started time.Time
	live    bool
	done    chan struct{}
	ended   sync.WaitGroup

	mu       sync.Mutex // guards the counts
	finished int
	bad      int
}

func newProgress(total int, isBad func(string, result.Outcome) bool) *progress {
	p := &progress{total: total, isBad: isBad, started: time.Now(), done: make(chan struct{})}
	_, err := unix.IoctlGetTermios(int(os.Stderr.Fd()), unix.TCGETS)
	p.live = err == nil
	p.ended.Go(p.loop)
	return p
}

func (p *progress) report(side string, o result.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished++
	if p.isBad(side, o) {
		p.bad++
	}
}

func (p *progress) loop() {
	every := 10 * time.Second
	if p.live {
		every = 200 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if p.live {
				fmt.Fprintf(os.Stderr, "\r\x1b[K%s", p.line())
			} else {
				fmt.Fprintln(os.Stderr, p.line())
			}
		case <-p.done:
			if p.live {
				fmt.Fprint(os.Stderr, "\r\x1b[K")
			}
			return
		}
	}
}

func (p *progress) line() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return progressLine(p.finished, p.total, p.bad, time.Since(p.started))
}

// progressLine is the line with a bar, the rate and the time that is left at this rate.
func progressLine(finished, total, bad int, spent time.Duration) string {
	const width = 24
	full := width * finished / max(total, 1)
	line := fmt.Sprintf("[%s%s] %d of %d, %d bad, %.0fs", strings.Repeat("#", full), strings.Repeat(".", width-full), finished, total, bad, spent.Seconds())
	if rate := float64(finished) / spent.Seconds(); finished > 0 && rate > 0 {
		line += fmt.Sprintf(", %.0f/s, %.0fs left", rate, float64(total-finished)/rate)
	}
	return line
}

func (p *progress) stop() {
	close(p.done)
	p.ended.Wait()
}

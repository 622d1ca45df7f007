// SPDX-License-Identifier: Apache-2.0

// Progress: a live line on a terminal, a line every ten seconds elsewhere.

package main

import (
	"fmt"
	"os"
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
	return fmt.Sprintf("%d of %d done, %d to go, %d bad, %.0fs", p.finished, p.total, p.total-p.finished, p.bad,
		time.Since(p.started).Seconds())
}

func (p *progress) stop() {
	close(p.done)
	p.ended.Wait()
}

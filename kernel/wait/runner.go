// SPDX-License-Identifier: Apache-2.0

package wait

import "sync"

// Runner runs functions one after another, in a goroutine that is there as long as there are any: for what an entry's
// function is told of, and may not do under the lock of its queue. The zero Runner is ready.
type Runner struct {
	mu      sync.Mutex
	list    []func()
	running bool
}

// Do has f run soon. It never blocks.
func (r *Runner) Do(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, f)
	if !r.running {
		r.running = true
		go r.run()
	}
}

func (r *Runner) run() {
	for {
		r.mu.Lock()
		if len(r.list) == 0 {
			r.list, r.running = nil, false
			r.mu.Unlock()
			return
		}
		f := r.list[0]
		r.list = r.list[1:]
		r.mu.Unlock()
		f()
	}
}

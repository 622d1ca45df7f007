// SPDX-License-Identifier: Apache-2.0

package hostpoll

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

type chanWatcher chan wait.Mask

func (c chanWatcher) HostReady(m wait.Mask) {
	if m&wait.In != 0 {
		c <- m
	}
}

func TestAPipeBecomesReadable(t *testing.T) {
	p, err := New()
	assert.NilError(t, err)
	defer p.Close()
	r, w, err := os.Pipe()
	assert.NilError(t, err)
	defer r.Close()
	defer w.Close()
	c := make(chanWatcher, 4)
	reg, err := p.Add(int(r.Fd()), c)
	assert.NilError(t, err)
	assert.Equal(t, Ready(int(r.Fd())), wait.Mask(0))
	_, err = w.Write([]byte("x"))
	assert.NilError(t, err)
	assert.Equal(t, <-c&wait.Readable, wait.Readable)
	assert.Equal(t, Ready(int(r.Fd())), wait.Readable)
	reg.Remove()
}

func TestARegularFileIsRefused(t *testing.T) {
	p, err := New()
	assert.NilError(t, err)
	defer p.Close()
	f, err := os.Open("hostpoll.go")
	assert.NilError(t, err)
	defer f.Close()
	_, err = p.Add(int(f.Fd()), make(chanWatcher))
	assert.Equal(t, err, unix.EPERM)
}

// SPDX-License-Identifier: Apache-2.0

// This file starts and stops the daemons of container engines.

package acceptance

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// daemon is an engine's daemon that a test started.
type daemon struct {
	cmd   *exec.Cmd
	log   string // file
	ended chan error
}

// startDaemon starts one, and waits until it answers: until the command that version makes succeeds.
func startDaemon(t *testing.T, cmd *exec.Cmd, log string, version func() *exec.Cmd) *daemon {
	t.Helper()
	f, err := os.Create(log)
	assert.NilError(t, err)
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	assert.NilError(t, cmd.Start())
	d := &daemon{cmd, log, make(chan error, 1)}
	go func() { d.ended <- cmd.Wait() }()
	late := time.After(2 * time.Minute)
	for version().Run() != nil {
		select {
		case err := <-d.ended:
			t.Fatalf("%s: %v\n%s", cmd.Args[0], err, d.logged())
		case <-late:
			_ = cmd.Process.Kill()
			t.Fatalf("%s does not answer:\n%s", cmd.Args[0], d.logged())
		case <-time.After(200 * time.Millisecond):
		}
	}
	return d
}

// logged is the end of its log.
func (d *daemon) logged() string {
	b, _ := os.ReadFile(d.log)
	return string(b[max(0, len(b)-10000):])
}

// stop ends it.
func (d *daemon) stop(t *testing.T) {
	if t.Failed() {
		t.Logf("the log of %s ends:\n%s", d.cmd.Args[0], d.logged())
	}
	_ = d.cmd.Process.Signal(unix.SIGTERM)
	select {
	case <-d.ended:
	case <-time.After(time.Minute):
		t.Errorf("%s does not end", d.cmd.Args[0])
		_ = d.cmd.Process.Kill()
	}
}

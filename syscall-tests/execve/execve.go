// SPDX-License-Identifier: Apache-2.0

// Package execve tests execve from Go: scripts and programs by os/exec, with their arguments, environment and directory.
package execve

import (
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("scripts", "", scripts)
	harness.Case("failures", "", failures)
}

func scripts(t *harness.T) {
	t.Must("write", os.WriteFile("s", []byte("#!/bin/sh -u\necho \"$0\" \"$1\" $# $A\npwd | grep -c .\n"), 0o755))
	cmd := exec.Command("./s", "one two", "three")
	cmd.Env = []string{"A=b"}
	out, err := cmd.CombinedOutput()
	t.ObserveErr("run", err)
	t.Observe("output", "%s", out)
	t.Must("mkdir", os.Mkdir("d", 0o755))
	cmd = exec.Command("../s", "x")
	cmd.Dir = "d"
	cmd.Env = []string{"A=c"}
	out, err = cmd.CombinedOutput()
	t.ObserveErr("elsewhere", err)
	t.Observe("output elsewhere", "%s", out)
}

func failures(t *harness.T) {
	t.Must("write", os.WriteFile("plain", []byte("#!/bin/sh\n"), 0o644))
	t.Must("write", os.WriteFile("garbage", []byte("\x7fELF garbage"), 0o755))
	t.Must("write", os.WriteFile("dangling", []byte("#!/no/such/interpreter\n"), 0o755))
	for _, path := range []string{"./plain", "./garbage", "./dangling", "./none", "/", "./plain/x"} {
		cmd := &exec.Cmd{Path: path, Args: []string{path}}
		t.ObserveErr(path, cmd.Start())
	}
	cmd := &exec.Cmd{Path: "/bin/true", Args: []string{"true", strings.Repeat("x", 1<<17)}}
	t.Errno("argument too long", cmd.Start(), unix.E2BIG)
}

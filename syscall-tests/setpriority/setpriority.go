// SPDX-License-Identifier: Apache-2.0

// Package setpriority tests setpriority from Go: nice of programs that are started by a niced one.
package setpriority

import (
	"fmt"
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("inherited_by_programs", "", inheritedByPrograms)
}

func inheritedByPrograms(t *harness.T) {
	p := exec.Command("/bin/sh", "-c", "read x; nice")
	in, err := p.StdinPipe()
	t.Must("pipe", err)
	out, err := p.StdoutPipe()
	t.Must("pipe", err)
	t.Must("start", p.Start())
	t.Must("setpriority", unix.Setpriority(unix.PRIO_PROCESS, p.Process.Pid, 13))
	fmt.Fprintln(in)
	var nice string
	fmt.Fscan(out, &nice)
	t.Observe("nice", "%s", nice)
	t.Observe("end", "%s", harness.Status(p))
	t.Errno("bad which", unix.Setpriority(7, 0, 0), unix.EINVAL)
}

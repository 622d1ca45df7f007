// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// A profile that allows every call there is but one.
func TestSeccompProfile(t *testing.T) {
	p := &specs.LinuxSeccomp{DefaultAction: specs.ActErrno, Syscalls: []specs.LinuxSyscall{{Action: specs.ActAllow}}}
	for i := range Table {
		if name := Table[i].Name; name != "" && name != "reboot" {
			p.Syscalls[0].Names = append(p.Syscalls[0].Names, name)
		}
	}
	f, err := SeccompProfile(p)
	assert.NilError(t, err)
	assert.Assert(t, f.Allows(unix.SYS_READ) && f.Allows(unix.SYS_OPENAT2) && !f.Allows(unix.SYS_REBOOT))
	_, err = SeccompProfile(&specs.LinuxSeccomp{})
	assert.ErrorContains(t, err, "unknown action")
}

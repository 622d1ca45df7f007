// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
)

func TestRowsShowTheSandboxsOwners(t *testing.T) {
	own := map[uint64]inet.Owner{1588: {UID: 1000, Ino: 7}}
	const line = "   0: 0100007F:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
	const rest = " 1 00000000ed82e0cf 100 0 0 10 0                     \n"
	for _, c := range []struct{ name, row, want string }{
		{"its own", line + "1588" + rest, "   0: 0100007F:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 7 1 00000000ed82e0cf 100 0 0 10 0                        \n"},
		{"another's", line + "1589" + rest, line + "1589" + rest},
		{"the head", "  sl  local_address rem_address   st\n", "  sl  local_address rem_address   st\n"},
		{"unpadded", "a b c d e f g 0 i 1588 k\n", "a b c d e f g 1000 i 7 k\n"},
		{"empty", "\n", "\n"},
	} {
		assert.Equal(t, string(ownRow([]byte(c.row), 7, 9, own, cred.InitialNS)), c.want, c.name)
	}
}

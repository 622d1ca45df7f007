// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

func TestDifferFromBoth(t *testing.T) {
	const dump = "2\n    . mode 40755\n    ./a size "
	for _, c := range []struct {
		name                      string
		native, ordinary, sandbox string
		want                      string // step, native, sandbox
	}{
		{"all alike", "0 3\n1 0\nexit 0", "0 3\n1 0\nexit 0", "0 3\n1 0\nexit 0", ""},
		{"as an ordinary one", "0 -1 E17\n1 0", "0 0\n1 0", "0 0\n1 0", ""},
		{"as neither", "0 -1 E17\n1 0", "0 0\n1 0", "0 1\n1 0", "0: 0 -1 E17 / 0 1"},
		{"as neither later", "0 -1 E17\n1 4", "0 0\n1 4", "0 0\n1 5", "1: 1 4 / 1 5"},
		{"where only the ordinary one still counts", "0 -1 E17\n1 9", "0 0\n1 4", "0 0\n1 5", "1: 1 4 / 1 5"},
		{"as the overlay where the ordinary one differs", "0 0\n1 4", "0 1\n1 3", "0 0\n1 5", "1: 1 4 / 1 5"},
		{"parted from both", "0 -1 E17\n1 -1 E95\n2 7", "0 0\n1 0\n2 8", "0 0\n1 -1 E95\n2 9", ""},
		{"a dump as the ordinary one's", dump + "1", dump + "2", dump + "2", ""},
		{"a dump as neither's", dump + "1", dump + "2", dump + "3", "2:     ./a size 1 /     ./a size 3"},
		{"a dump as one's here, the other's there", dump + "1\n    ./b 1", dump + "2\n    ./b 2", dump + "1\n    ./b 2", ""},
		{"a dump as one's here, as neither's there", dump + "1\n    ./b 1", dump + "2\n    ./b 2", dump + "1\n    ./b 3", "2:     ./b 1 /     ./b 3"},
		{"a file less than one, as the other", dump + "1\n    ./b 1", dump + "2", dump + "1", ""},
		{"a line too much", dump + "1", dump + "1", dump + "1\n    ./b", "2: (nothing) /     ./b"},
		{"the end", "0 0\nexit 0", "0 0\nexit 0", "0 0\nsignal 11", "-1: exit 0 / signal 11"},
		{"the end too early", "0 0\n1 0\nexit 0", "0 0\n1 0\nexit 0", "0 0\nsignal 11", "-1: exit 0 / signal 11"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cut := func(s string) []string { return strings.Split(s, "\n") }
			d := differFromBoth(&prog.Program{}, cut(c.native), cut(c.ordinary), cut(c.sandbox))
			got := ""
			if d != nil {
				got = fmt.Sprintf("%d: %s / %s", d.Step, d.Native, d.Sandbox)
			}
			assert.Equal(t, got, c.want)
		})
	}
}

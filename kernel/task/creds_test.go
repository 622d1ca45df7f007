// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// TestCapabilitiesFollowUserIDs is capabilities(7), "Effect of user ID changes
// on capabilities".
func TestCapabilitiesFollowUserIDs(t *testing.T) {
	all := cred.AllCaps
	for _, c := range []struct {
		name       string
		from       [3]cred.UID
		bits       uint32
		to         [3]cred.UID
		p, e, amb  cred.Caps // before: permitted, effective, ambient
		wp, we, wa cred.Caps
	}{
		{"all ids leave 0", [3]cred.UID{0, 0, 0}, 0, [3]cred.UID{5, 5, 5}, all, all, 1, 0, 0, 0},
		{"only the effective one leaves", [3]cred.UID{0, 0, 0}, 0, [3]cred.UID{0, 5, 0}, all, all, 1, all, 0, 1},
		{"the effective one comes back", [3]cred.UID{0, 5, 0}, 0, [3]cred.UID{0, 0, 0}, all, 0, 0, all, all, 0},
		{"keepcaps keeps permitted", [3]cred.UID{0, 0, 0}, SecureKeepCaps, [3]cred.UID{5, 5, 5}, all, all, 1, all, 0, 0},
		{"no fixup", [3]cred.UID{0, 0, 0}, SecureNoSetuidFixup, [3]cred.UID{5, 5, 5}, all, all, 1, all, all, 1},
		{"between others", [3]cred.UID{5, 5, 5}, 0, [3]cred.UID{6, 6, 6}, 6, 2, 1, 6, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := cred.Root()
			got.RUID, got.EUID, got.SUID = c.from[0], c.from[1], c.from[2]
			got.Permitted, got.Effective, got.Ambient, got.Securebits = c.p, c.e, c.amb, c.bits
			SetUIDs(got, c.to[0], c.to[1], c.to[2])
			assert.Equal(t, [3]cred.UID{got.RUID, got.EUID, got.SUID}, c.to)
			assert.Equal(t, got.FSUID, c.to[1])
			assert.Equal(t, [3]cred.Caps{got.Permitted, got.Effective, got.Ambient}, [3]cred.Caps{c.wp, c.we, c.wa})
		})
	}
}

func TestSetCaps(t *testing.T) {
	const setpcap = cred.Caps(1 << unix.CAP_SETPCAP)
	for _, c := range []struct {
		name        string
		have        cred.Creds
		e, p, i     cred.Caps
		want        error
		wantAmbient cred.Caps
	}{
		{"less of all", cred.Creds{Permitted: 7, Effective: 7, Inheritable: 7, Bounding: 7, Ambient: 7}, 1, 3, 1, nil, 1},
		{"permitted can't grow", cred.Creds{Permitted: 3}, 0, 7, 0, unix.EPERM, 0},
		{"effective within permitted", cred.Creds{Permitted: 7}, 4, 3, 0, unix.EPERM, 0},
		{"inheritable from permitted", cred.Creds{Permitted: 4, Bounding: 4}, 0, 4, 4, nil, 0},
		{"inheritable from nowhere", cred.Creds{Permitted: 3, Bounding: 7}, 0, 3, 4, unix.EPERM, 0},
		{"CAP_SETPCAP takes it from the bounding set",
			cred.Creds{Permitted: setpcap, Effective: setpcap, Bounding: 4}, 0, setpcap, 4, nil, 0},
		{"but not beyond", cred.Creds{Permitted: setpcap, Effective: setpcap}, 0, setpcap, 4, unix.EPERM, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.have
			err := SetCaps(&got, c.e, c.p, c.i)
			assert.Equal(t, err, c.want)
			if err == nil {
				assert.Equal(t, got.Ambient, c.wantAmbient)
			}
		})
	}
}

func TestSecurebits(t *testing.T) {
	for _, c := range []struct {
		name      string
		old, bits uint64
		setpcap   bool
		want      error
	}{
		{"set", 0, SecureNoRoot, true, nil},
		{"without the capability", 0, SecureNoRoot, false, unix.EPERM},
		{"locked", SecureNoRoot << 1, SecureNoRoot | SecureNoRoot<<1, true, unix.EPERM},
		{"a lock stays", SecureNoRoot << 1, 0, true, unix.EPERM},
		{"unknown", 0, 1 << 20, true, unix.EPERM},
		{"those for everyone", 0, SecureExecRestrict, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := &cred.Creds{Securebits: uint32(c.old)}
			if c.setpcap {
				got = cred.Root()
				got.Securebits = uint32(c.old)
			}
			assert.Equal(t, SetSecurebits(got, c.bits), c.want)
		})
	}
}

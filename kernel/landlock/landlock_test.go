// SPDX-License-Identifier: Apache-2.0

package landlock

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func enforced(t *testing.T, d *Domain, h Handled, rules func(*Ruleset)) *Domain {
	t.Helper()
	r, err := NewRuleset(h)
	assert.NilError(t, err)
	if rules != nil {
		rules(r)
	}
	d, err = d.Restrict(r)
	assert.NilError(t, err)
	return d
}

func TestRulesetsThatAreNone(t *testing.T) {
	for _, tt := range []struct {
		h    Handled
		want error
	}{
		{Handled{}, unix.ENOMSG},
		{Handled{Files: vfs.RightsAll + 1}, unix.EINVAL},
		{Handled{Ports: PortsAll + 1}, unix.EINVAL},
		{Handled{Scopes: ScopesAll + 1}, unix.EINVAL},
		{Handled{Files: vfs.RightsAll, Ports: PortsAll, Scopes: ScopesAll}, nil},
	} {
		_, err := NewRuleset(tt.h)
		assert.Equal(t, err, tt.want, "%+v", tt.h)
	}
}

func TestADomainHasSixteenLayers(t *testing.T) {
	r, err := NewRuleset(Handled{Scopes: ScopeSignal})
	assert.NilError(t, err)
	var d *Domain
	for i := range maxLayers {
		d, err = d.Restrict(r)
		assert.NilError(t, err)
		assert.Equal(t, d.Layers(), i+1)
	}
	_, err = d.Restrict(r)
	assert.Equal(t, err, unix.E2BIG)
}

// A domain has the rules that there were when it was made.
func TestLaterRulesChangeNothing(t *testing.T) {
	r, err := NewRuleset(Handled{Ports: BindTCP})
	assert.NilError(t, err)
	d, err := (*Domain)(nil).Restrict(r)
	assert.NilError(t, err)
	assert.NilError(t, r.AllowPort(80, BindTCP))
	c := &cred.Creds{Domain: d}
	port80 := []byte{unix.AF_INET, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	assert.Equal(t, MayUseAddress(c, unix.AF_INET, port80, BindTCP), unix.EACCES)
	assert.NilError(t, MayUseAddress(c, unix.AF_INET, port80, ConnectTCP))
	c.Domain = enforced(t, nil, Handled{Ports: BindTCP}, func(r *Ruleset) { assert.NilError(t, r.AllowPort(80, BindTCP)) })
	assert.NilError(t, MayUseAddress(c, unix.AF_INET, port80, BindTCP))
}

func TestWhoIsWithinWhat(t *testing.T) {
	top := enforced(t, nil, Handled{Scopes: ScopeSignal}, nil)
	left := enforced(t, top, Handled{Files: vfs.RightReadFile}, nil)
	right := enforced(t, top, Handled{Scopes: ScopeSignal}, nil)
	creds := func(d *Domain) *cred.Creds {
		if d == nil {
			return &cred.Creds{} // no typed nil
		}
		return &cred.Creds{Domain: d}
	}
	for _, tt := range []struct {
		what          string
		who, target   *Domain
		trace, signal bool
	}{
		{"free to free", nil, nil, true, true},
		{"free to restricted", nil, left, true, true},
		{"restricted to free", top, nil, false, false},
		{"to the same", top, top, true, true},
		{"to one restricted more", top, left, true, true},
		{"to one restricted less, whose scope it is in", left, top, false, true},
		{"out of its own scope", right, top, false, false},
		{"beside, within the common scope", left, right, false, true},
		{"beside, out of its own scope", right, left, false, false},
	} {
		assert.Equal(t, MayTrace(creds(tt.who), creds(tt.target)), tt.trace, tt.what)
		assert.Equal(t, MayReach(creds(tt.who).Domain, creds(tt.target).Domain, ScopeSignal), tt.signal, tt.what)
		assert.Assert(t, MayReach(creds(tt.who).Domain, creds(tt.target).Domain, ScopeAbstract), tt.what)
	}
}

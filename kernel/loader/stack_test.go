// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func strs(s ...string) (b [][]byte) {
	for _, s := range s {
		b = append(b, []byte(s))
	}
	return b
}

func TestStack(t *testing.T) {
	const top = 0x7ffd00000000
	for _, tt := range []struct{ argv, envp [][]byte }{
		{strs("a"), nil},
		{strs("prog", "", "two"), strs("A=b", "C=")},
		{strs(""), strs("X=y")},
	} {
		var pairs []auxPair
		s := buildStack(top, 4321, "/bin/prog", tt.argv, tt.envp, func(s *stackImage) []auxPair {
			pairs = []auxPair{{atExecfn, s.execfn}, {atRandom, s.random}, {atPlatform, s.platform}, {atNull, 0}}
			return pairs
		})
		assert.Equal(t, s.sp%16, uint64(0))
		word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(s.data[at-s.sp:]) }
		str := func(at uint64) string { return cstring(s.data[at-s.sp:]) }
		sp := s.sp
		assert.Equal(t, word(sp), uint64(len(tt.argv)))
		sp += 8
		for _, list := range [][][]byte{tt.argv, tt.envp} {
			for _, want := range list {
				assert.Equal(t, str(word(sp)), string(want))
				sp += 8
			}
			assert.Equal(t, word(sp), uint64(0))
			sp += 8
		}
		for _, p := range pairs {
			assert.Equal(t, word(sp), p.key)
			assert.Equal(t, word(sp+8), p.value)
			sp += 16
		}
		assert.Equal(t, str(s.execfn), "/bin/prog")
		assert.Equal(t, str(s.platform), "x86_64")
		assert.Equal(t, word(top-8), uint64(0))
		assert.Assert(t, bytes.Equal(s.data[s.argStart-s.sp:s.argEnd-s.sp], append(bytes.Join(tt.argv, []byte{0}), 0)))
		assert.Equal(t, s.execfn, s.envEnd)
	}
}

type layoutOnly struct {
	platform.Platform
	layout platform.Layout
}

func (p layoutOnly) Layout() platform.Layout { return p.layout }

// TestAuxvHasTheHostsEntries compares the keys, in order, with the vector that
// this very process got from Linux.
func TestAuxvHasTheHostsEntries(t *testing.T) {
	l := &loading{creds: cred.Root(), Request: &Request{Platform: layoutOnly{layout: platform.Layout{VDSO: 0x1000}}}}
	var ours, native []uint64
	for _, p := range l.aux(&stackImage{}, &placed{program: &program{}}, 0) {
		ours = append(ours, p.key)
	}
	raw := readFile(t, "/proc/self/auxv")
	for ; len(raw) >= 16; raw = raw[16:] {
		native = append(native, binary.LittleEndian.Uint64(raw))
	}
	assert.DeepEqual(t, native, ours)
	assert.Assert(t, os.Getpagesize() == 4096)
}

func TestBudget(t *testing.T) {
	_, err := NewBudget(0, 20000, 0)
	assert.ErrorIs(t, err, unix.E2BIG)
	b, err := NewBudget(8<<20, 1, 0)
	assert.NilError(t, err)
	assert.ErrorIs(t, b.Take(maxStringLen), unix.E2BIG)
	n := 0
	for b.Take(maxStringLen-1) == nil {
		n++
	}
	assert.Equal(t, n, 15) // 2 MiB less a pointer
}

func TestExecCreds(t *testing.T) {
	user := func() *cred.Creds { return cred.User(1000, 1000, nil) }
	capable := func() *cred.Creds {
		c := user()
		c.Permitted, c.Effective, c.Inheritable = 0xf, 0xf, 3
		c.Ambient = 1
		return c
	}
	nnp := user()
	nnp.NoNewPrivs = true
	noRoot := cred.Root()
	noRoot.Securebits = secureNoRoot | secureKeepCaps
	const suid, sgid, x = unix.S_ISUID, unix.S_ISGID, 0o755
	for _, tt := range []struct {
		name      string
		old       *cred.Creds
		mode      uint32
		uid       cred.UID
		fc        *fileCaps
		nosuid    bool
		traced    bool
		euid      cred.UID
		permitted cred.Caps
		effective cred.Caps
		ambient   cred.Caps
		secure    bool
	}{
		{name: "user", old: user(), mode: x, euid: 1000},
		{name: "root", old: cred.Root(), mode: x, permitted: cred.AllCaps, effective: cred.AllCaps},
		{name: "set-uid root", old: user(), mode: suid | x, permitted: cred.AllCaps, effective: cred.AllCaps, secure: true},
		{name: "set-uid user", old: user(), mode: suid | x, uid: 7, euid: 7, secure: true},
		{name: "set-uid user by root", old: cred.Root(), mode: suid | x, uid: 7, euid: 7, permitted: cred.AllCaps, secure: true},
		{name: "set-uid, nosuid", old: user(), mode: suid | x, nosuid: true, euid: 1000},
		{name: "set-uid, no new privileges", old: nnp, mode: suid | x, euid: 1000},
		{name: "set-uid, traced", old: user(), mode: suid | x, traced: true, euid: 1000, secure: true},
		{name: "set-uid user by root, traced", old: cred.Root(), mode: suid | x, uid: 7, traced: true, euid: 7,
			permitted: cred.AllCaps, secure: true},
		{name: "file capabilities, traced", old: user(), mode: x, fc: &fileCaps{permitted: 5, effective: true}, traced: true,
			euid: 1000, secure: true},
		{name: "set-gid without execute", old: user(), mode: sgid | 0o705, euid: 1000},
		{name: "set-gid", old: user(), mode: sgid | x, euid: 1000, secure: true},
		{name: "ambient", old: capable(), mode: x, euid: 1000, permitted: 1, effective: 1, ambient: 1},
		{name: "ambient and set-uid", old: capable(), mode: suid | x, uid: 7, euid: 7, secure: true},
		{name: "file capabilities", old: user(), mode: x, fc: &fileCaps{permitted: 5, effective: true}, euid: 1000,
			permitted: 5, effective: 5, secure: true},
		{name: "file capabilities, inheritable", old: capable(), mode: x, fc: &fileCaps{inheritable: 6}, euid: 1000,
			permitted: 2, secure: true},
		{name: "file capabilities, nosuid", old: user(), mode: x, fc: &fileCaps{permitted: 5}, nosuid: true, euid: 1000},
		{name: "file capabilities, no new privileges", old: nnp, mode: x, fc: &fileCaps{permitted: 5, effective: true},
			euid: 1000, secure: true},
		{name: "noroot", old: noRoot, mode: x},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, secure, err := execCreds(tt.old, &vfs.Attr{Mode: tt.mode, UID: tt.uid, GID: 55}, tt.fc, tt.nosuid, tt.traced)
			assert.NilError(t, err)
			assert.Equal(t, c.EUID, tt.euid)
			assert.Equal(t, c.SUID, tt.euid)
			assert.Equal(t, c.FSUID, tt.euid)
			assert.Equal(t, c.Permitted, tt.permitted)
			assert.Equal(t, c.Effective, tt.effective)
			assert.Equal(t, c.Ambient, tt.ambient)
			assert.Equal(t, secure, tt.secure)
			assert.Equal(t, c.Securebits&secureKeepCaps, uint32(0))
		})
	}
	limited := user()
	limited.Bounding = 1
	_, _, err := execCreds(limited, &vfs.Attr{Mode: x}, &fileCaps{permitted: 2, effective: true}, false, false)
	assert.ErrorIs(t, err, unix.EPERM)
}

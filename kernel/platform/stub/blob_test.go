// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"unsafe"

	"gotest.tools/v3/assert"
)

func TestBlobHeader(t *testing.T) {
	assert.Equal(t, header(0), uint64(magic))
	assert.Assert(t, fastEntry() > TextBase && fastEntry() < textEnd())
	assert.Assert(t, textEnd() < TextBase+1<<20)
}

// The blob that is checked in is what its sources give, where the compiler is
// the one that built it.
func TestBlobIsFresh(t *testing.T) {
	want, err := os.ReadFile("stub.bin.compiler")
	assert.NilError(t, err)
	got, err := exec.Command("sh", "-c", "gcc --version | head -n 1").Output()
	if err != nil || !bytes.Equal(got, want) {
		t.Skipf("the blob was built by %q; here is %q", want, got)
	}
	out := filepath.Join(t.TempDir(), "stub.bin")
	msg, err := exec.Command("blob/build.sh", out).CombinedOutput()
	assert.NilError(t, err, "%s", msg)
	fresh, err := os.ReadFile(out)
	assert.NilError(t, err)
	assert.Assert(t, bytes.Equal(fresh, blob), "stub.bin is stale: run blob/build.sh")
}

// TestHandedOverLines: what every call needs stands in two lines of the cache, and a small result in the rest of them.
func TestHandedOverLines(t *testing.T) {
	const line = 64
	var s Slot
	assert.Equal(t, unsafe.Offsetof(s.CopyOuts), uintptr(2*line))
	assert.Equal(t, unsafe.Offsetof(s.Args)+unsafe.Sizeof(CopyOut{}), uintptr(InlineOffset))
	assert.Equal(t, InlineOffset+InlineSize, 2*line)
	assert.Equal(t, unsafe.Offsetof(s.Ops)%line, uintptr(0))
	assert.Equal(t, unsafe.Offsetof(s.Tid)%line, uintptr(0))
}

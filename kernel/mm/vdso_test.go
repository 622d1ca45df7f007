// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// hostVDSO is this process's.
func hostVDSO(t *testing.T) []byte {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	assert.NilError(t, err)
	for line := range strings.Lines(string(maps)) {
		var start, end int64
		if strings.HasSuffix(line, "[vdso]\n") {
			_, err := fmt.Sscanf(line, "%x-%x", &start, &end)
			assert.NilError(t, err)
			mem, err := os.Open("/proc/self/mem")
			assert.NilError(t, err)
			defer mem.Close()
			image := make([]byte, end-start)
			_, err = mem.ReadAt(image, start)
			assert.NilError(t, err)
			return image
		}
	}
	t.Skip("no vDSO here")
	return nil
}

func TestAskingVDSO(t *testing.T) {
	image := hostVDSO(t)
	asked, err := askingVDSO(image)
	assert.NilError(t, err)
	f, err := elf.NewFile(bytes.NewReader(asked))
	assert.NilError(t, err)
	symbols, err := f.DynamicSymbols()
	assert.NilError(t, err)
	found := 0
	for _, s := range symbols {
		code := asked[s.Value : s.Value+min(s.Size, uint64(len(clockGettime)))]
		if is := bytes.Equal(code, clockGettime); strings.HasSuffix(s.Name, "clock_gettime") {
			assert.Assert(t, is, "%s: % x", s.Name, code)
			found++
		} else {
			assert.Assert(t, bytes.Equal(code, image[s.Value:s.Value+uint64(len(code))]), s.Name)
		}
	}
	assert.Assert(t, found > 0)

	_, err = askingVDSO([]byte("no ELF"))
	assert.ErrorContains(t, err, "the host's vDSO")
}

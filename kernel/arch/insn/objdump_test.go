// SPDX-License-Identifier: Apache-2.0

package insn

import (
	"bufio"
	"encoding/hex"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A disassembler and Decode agree on the length of all instructions of the C library, which has every kind of vectors.
func TestLengthsOfTheCLibrary(t *testing.T) {
	libs, _ := filepath.Glob("/lib/x86_64-linux-gnu/libc.so.6")
	if _, err := exec.LookPath("objdump"); err != nil || libs == nil {
		t.Skip("needs objdump and the C library in Debian's place")
	}
	cmd := exec.Command("objdump", "-d", "--insn-width=16", "-j", ".text", libs[0])
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n, bad := 0, 0
	for s := bufio.NewScanner(out); s.Scan(); {
		f := strings.Split(s.Text(), "\t")
		if len(f) < 3 || strings.Contains(f[2], "(bad)") {
			continue
		}
		code, err := hex.DecodeString(strings.ReplaceAll(f[1], " ", ""))
		if err != nil || len(code) == 0 {
			continue
		}
		n++
		i, ok := Decode(append(code, 0x90, 0x90, 0x90, 0x90))
		if ok && i.Len != len(code) && strings.HasPrefix(f[2], "data16") {
			continue
		}
		if !ok || i.Len != len(code) {
			if bad++; bad < 20 {
				t.Errorf("%x %s: length %d, known: %v", code, f[2], i.Len, ok)
			}
		}
	}
	_ = cmd.Wait()
	if n < 10000 {
		t.Errorf("only %d instructions", n)
	}
}

// SPDX-License-Identifier: Apache-2.0

// Package statmount tests statmount from Go: what it says of a mount agrees with mountinfo.
package statmount

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const sysStatmount = 457

func init() {
	harness.Case("agrees_with_mountinfo", "kernel>=6.11", agreesWithMountinfo)
}

// agreesWithMountinfo compares the mounts that a container has anyway.
func agreesWithMountinfo(t *harness.T) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	t.Must("mountinfo", err)
	byID := map[uint64][]string{}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		id, _ := strconv.ParseUint(words[0], 10, 64)
		byID[id] = words
	}
	for _, path := range []string{"/", "/proc", "/dev/shm", "/tmp"} {
		var old, unique unix.Statx_t
		t.Must(path, unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_MNT_ID, &old))
		t.Must(path, unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_MNT_ID_UNIQUE, &unique))
		words := byID[old.Mnt_id]
		if words == nil {
			t.Fatalf("%s is on no mount of mountinfo", path)
		}
		request := [3]uint64{24, unique.Mnt_id, 0x3b} // all but its options
		var answer [4096]byte
		_, _, errno := unix.Syscall6(sysStatmount, uintptr(unsafe.Pointer(&request)), uintptr(unsafe.Pointer(&answer)), uintptr(len(answer)), 0, 0, 0)
		t.Equal(path, errno, unix.Errno(0))
		str := func(at int) string {
			s := answer[512+binary.LittleEndian.Uint32(answer[at:]):]
			return string(s[:bytes.IndexByte(s, 0)])
		}
		dash := 6
		for words[dash] != "-" {
			dash++
		}
		t.Equal(path+": type", str(36), words[dash+1])
		t.Equal(path+": root", str(104), words[3])
		t.Equal(path+": point", str(108), words[4])
		dev := strconv.Itoa(int(binary.LittleEndian.Uint32(answer[16:]))) + ":" + strconv.Itoa(int(binary.LittleEndian.Uint32(answer[20:])))
		t.Equal(path+": device", dev, words[2])
		t.Equal(path+": id", binary.LittleEndian.Uint32(answer[56:]), uint32(old.Mnt_id))
		t.Equal(path+": parent", strconv.Itoa(int(binary.LittleEndian.Uint32(answer[60:]))), words[1])
	}
}

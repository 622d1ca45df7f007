// SPDX-License-Identifier: Apache-2.0

// Needs: the words after a case's name, decided by asking the running system. Only here is the kernel's version
// looked at.

package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unmetNeed is the first need that is not met, or "".
func unmetNeed(needs, dir string) string {
	for _, need := range strings.Fields(needs) {
		if !met(need, dir) {
			return need
		}
	}
	return ""
}

func met(need, dir string) bool {
	switch {
	case need == "root":
		return os.Geteuid() == 0
	case need == "nonroot":
		return os.Geteuid() != 0
	}
	if v, ok := strings.CutPrefix(need, "kernel>="); ok {
		return kernelAtLeast(v)
	}
	if n, ok := strings.CutPrefix(need, "cores>="); ok {
		var set unix.CPUSet
		want, err := strconv.Atoi(n)
		return err == nil && unix.SchedGetaffinity(0, &set) == nil && set.Count() >= want
	}
	if c, ok := strings.CutPrefix(need, "cap:"); ok {
		return hasCap(c)
	}
	if f, ok := strings.CutPrefix(need, "fs:"); ok {
		return fsHas(f, filepath.Join(dir, "need"))
	}
	if f, ok := strings.CutPrefix(need, "file:"); ok {
		return unix.Access(f, unix.F_OK) == nil
	}
	fmt.Fprintln(os.Stderr, "unknown need:", need)
	os.Exit(2)
	return false
}

func kernelAtLeast(version string) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	var major, minor, wantMajor, wantMinor int
	fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor)
	fmt.Sscanf(version, "%d.%d", &wantMajor, &wantMinor)
	return major > wantMajor || major == wantMajor && minor >= wantMinor
}

func hasCap(number string) bool {
	n, err := strconv.Atoi(number)
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return err == nil && n < 64 && unix.Capget(&hdr, &data[0]) == nil && data[n/32].Effective>>(n%32)&1 == 1
}

// fsHas tries a feature of the file system under the case's directory.
func fsHas(feature, path string) bool {
	flags := unix.O_CREAT | unix.O_RDWR
	switch feature {
	case "o_tmpfile":
		path, flags = filepath.Dir(path), unix.O_TMPFILE|unix.O_RDWR
	case "o_direct":
		flags |= unix.O_DIRECT
	}
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	if feature != "o_tmpfile" {
		defer unix.Unlink(path)
	}
	switch feature {
	case "xattr":
		return unix.Fsetxattr(fd, "user.need", []byte("1"), 0) == nil
	case "acl":
		justAMode := []byte("\x02\x00\x00\x00\x01\x00\x06\x00\xff\xff\xff\xff\x04\x00\x04\x00\xff\xff\xff\xff\x20\x00\x04\x00\xff\xff\xff\xff")
		return unix.Fsetxattr(fd, "system.posix_acl_access", justAMode, 0) == nil
	case "fallocate":
		return unix.Fallocate(fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, 1) == nil
	}
	return true
}

// SPDX-License-Identifier: Apache-2.0

// Package umask tests umask from Go: every mask bit against every mode bit.
package umask

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_bit_masks_its_own", "", eachBit)
	harness.Case("started_processes_inherit", "", inherits)
	harness.Child("umask.is_037", func([]string) int {
		if unix.Umask(0) == 0o037 {
			return 0
		}
		return 1
	})
}

func eachBit(t *harness.T) {
	for bit := range 9 {
		unix.Umask(1 << bit)
		path := fmt.Sprint("f", bit)
		fd, err := unix.Open(path, unix.O_CREAT|unix.O_WRONLY|unix.O_CLOEXEC, 0o777)
		t.Must("open", err)
		var st unix.Stat_t
		t.Must("fstat", unix.Fstat(fd, &st))
		unix.Close(fd)
		t.Equal(path, st.Mode&0o7777, uint32(0o777&^(1<<bit)))
		t.Must("mkdir", unix.Mkdir("d"+path, 0o777))
		t.Must("stat", unix.Stat("d"+path, &st))
		t.Equal("d"+path, st.Mode&0o7777, uint32(0o777&^(1<<bit)))
	}
}

func inherits(t *harness.T) {
	unix.Umask(0o037)
	t.Equal("child", harness.Status(harness.Command("umask.is_037")), "exit 0")
}

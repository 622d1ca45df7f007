// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The blob is rebuilt by blob/build.sh, which also notes the compiler.
//
//go:embed stub.bin
var blob []byte

func ptr[T any](p *T) unsafe.Pointer { return unsafe.Pointer(p) }

func forkExec(path string, files []uintptr) (int, error) {
	return syscall.ForkExec(path, []string{"ditto-stub"}, &syscall.ProcAttr{
		Env:   []string{},
		Files: files,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
}

// tidyZygote takes away what execve left in the zygote besides the stub, so
// that every address space starts empty, closes the descriptors that only
// execve needed, and learns where the vDSO is.
func (p *Platform) tidyZygote(pid int) error {
	p.layout = platform.Layout{
		Min: 0x1_0000,
		Max: TextBase,
		Reserved: []platform.Range{
			{Start: TableBase, End: TableBase + TableSize},
		},
	}
	number, err := procPid(pid)
	if err != nil {
		return err
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", number))
	if err != nil {
		return err
	}
	defer f.Close()
	var ops []*platform.Op
	for sc := bufio.NewScanner(f); sc.Scan(); {
		from, rest, _ := strings.Cut(sc.Text(), "-")
		to, _, _ := strings.Cut(rest, " ")
		start, err := strconv.ParseUint(from, 16, 64)
		if err != nil {
			return err
		}
		end, err := strconv.ParseUint(to, 16, 64)
		if err != nil {
			return err
		}
		switch name := sc.Text(); {
		case strings.HasSuffix(name, "[vdso]"):
			p.layout.VDSO, p.layout.VDSOSize = start, end-start
		case strings.Contains(name, "[vvar"):
			if p.layout.VVAR == 0 {
				p.layout.VVAR = start
			}
			p.layout.VVARSize = end - p.layout.VVAR
		case strings.HasSuffix(name, "[stack]"), strings.HasSuffix(name, "[heap]"):
			ops = append(ops, &platform.Op{Nr: unix.SYS_MUNMAP, Args: [6]uint64{start, end - start}})
		}
	}
	for fd := uint64(0); fd < 3; fd++ {
		ops = append(ops, &platform.Op{Nr: unix.SYS_CLOSE, Args: [6]uint64{fd}})
	}
	for _, op := range ops {
		if err := p.zt.Do(op); err != nil {
			return err
		}
		if err := op.Err(); err != nil {
			return fmt.Errorf("tidying up: host call %d: %w", op.Nr, err)
		}
	}
	return nil
}

// procPid is what /proc calls a process of ours. The kernel process may live
// in a pid namespace that is younger than the /proc that it sees.
func procPid(pid int) (int, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0, os.NewSyscallError("pidfd_open", err)
	}
	defer unix.Close(fd)
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(info)) {
		if value, ok := strings.CutPrefix(line, "Pid:"); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n > 0 {
				return n, nil
			}
		}
	}
	return 0, fmt.Errorf("no Pid in the fdinfo of a pidfd")
}

// SPDX-License-Identifier: Apache-2.0

// This file knows where programs work: a volume of the host, tmpfs, an overlay.

package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

// Places are the file systems that can be compared.
var Places = []string{"hostfs", "tmpfs", "overlay"}

// prepared is how many directories are filled beforehand for one start on an overlay.
const prepared = 100

// Pair is both sides with the same kind of file system beneath them.
type Pair struct {
	Place           string
	Native, Sandbox *Side
	Ordinary        *Side // of an overlay: a native file system without layers
	Flags           int   // of the programs

	// Leaves tells which operations are left out, since the sides can't be alike.
	Leaves func(prog.Op) bool
}

// asOnDisk tells what the sandbox's root does as a root on a disk would, whose place it takes, and an overlay with a tmpfs
// as its upper layer otherwise: FALLOC_FL_ZERO_RANGE, which no tmpfs has, and truncate(2) to the size that a file has, which
// leaves times there and moves them on ext4. The other two places see both.
func asOnDisk(op prog.Op) bool {
	return op.Name == "truncate" || op.Name == "fallocate" && op.Args[1].Value&unix.FALLOC_FL_ZERO_RANGE != 0
}

// NewPair makes the sides for a place. dir is a directory of the host for them to work in, sandbox what stands before a
// command to run it in the sandbox, with flags of "ditto do" to come.
func NewPair(place, executor, dir string, sandbox []string) (*Pair, error) {
	var err error
	if dir, err = filepath.Abs(filepath.Join(dir, place)); err != nil {
		return nil, err
	}
	for _, sub := range []string{"native", "sandbox", "scratch"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	native, inside, scratch := filepath.Join(dir, "native"), filepath.Join(dir, "sandbox"), filepath.Join(dir, "scratch")
	p := &Pair{Place: place, Native: &Side{Name: "native"}, Sandbox: &Side{Name: "sandbox"}}
	switch place {
	case "hostfs":
		p.Flags = prog.SameFS | prog.OwnBlocks
		p.Native.Args = []string{executor, "--isolate", native}
		p.Native.Fresh = func() error { return empty(native) }
		p.Sandbox.Args = append(sandbox[:len(sandbox):len(sandbox)], "--volume", inside+":"+inside, executor, inside)
		p.Sandbox.Fresh = func() error { return empty(inside) }
	case "tmpfs":
		p.Flags = prog.SameFS
		// By the same path, for getcwd tells it. What is mounted there natively nobody else sees.
		p.Native.Args = []string{executor, "--isolate", "--tmpfs", inside}
		p.Sandbox.Args = append(sandbox[:len(sandbox):len(sandbox)], executor, "--tmpfs", inside)
	case "overlay":
		// The same lower directory under both: the sandbox's root is an overlay of the host's by itself.
		p.Flags = prog.Prepared
		p.Leaves = asOnDisk
		p.Native.Args = []string{executor, "--isolate", "--overlay", inside, scratch, native}
		p.Sandbox.Args = append(sandbox[:len(sandbox):len(sandbox)], executor, inside)
		p.Native.Uses, p.Sandbox.Uses = prepared, prepared
		p.Ordinary = &Side{Name: "ordinary native", Args: []string{executor, "--isolate", "--tmpfs", inside}}
		if err := empty(inside); err != nil {
			return nil, err
		}
		if text, err := exec.Command(executor, "--prepare", fmt.Sprint(prepared), inside).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("preparing %s: %w\n%s", inside, err, text)
		}
	default:
		return nil, fmt.Errorf("%q: the places are %v", place, Places)
	}
	return p, nil
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// Pin keeps all sides on the n-th of the processors that there are for this process, counted round and round.
func (p *Pair) Pin(n int) error {
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	n %= all.Count()
	cpu := 0
	for ; n > 0 || !all.IsSet(cpu); cpu++ {
		if all.IsSet(cpu) {
			n--
		}
	}
	for _, s := range []*Side{p.Native, p.Sandbox, p.Ordinary} {
		if s != nil {
			s.CPU, s.Pinned = cpu, true
		}
	}
	return nil
}

// Stop ends all sides.
func (p *Pair) Stop() {
	p.Native.Stop()
	p.Sandbox.Stop()
	if p.Ordinary != nil {
		p.Ordinary.Stop()
	}
}

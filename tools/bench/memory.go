// SPDX-License-Identifier: Apache-2.0

// This file measures what files cost in memory: those that a walk leaves in the cache, and small ones on tmpfs.

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const manyFiles = 20000

func memory(ditto string) error {
	dir, err := filepath.Abs("out/bench")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if dir, err = os.MkdirTemp(dir, "memory-"); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i := range manyFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("f", i)), nil, 0o644); err != nil {
			return err
		}
	}
	for _, m := range []struct{ what, command string }{
		{"dentry, cached", "find " + dir + " -type f -exec cat {} +"}, // a file whose attributes alone are asked for gets none
		{"file of 10 B, tmpfs", fmt.Sprintf("mkdir /dev/shm/d; for i in $(seq %d); do echo 123456789 >/dev/shm/d/$i; done", manyFiles)},
	} {
		if err := grows(ditto, dir, m.what, m.command); err != nil {
			return err
		}
	}
	return nil
}

// grows tells by how much the sandbox's processes grow by a command.
func grows(ditto, dir, what, command string) error {
	cmd := exec.Command(ditto, "do", "--volume", dir+":"+dir, "bash", "-c", "true; find /bin -maxdepth 1 >/dev/null; echo; read x; "+command+"; echo; read x")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer in.Close()
	lines := bufio.NewReader(out)
	var kib [2]int64
	for i := range kib {
		if _, err := lines.ReadString('\n'); err != nil {
			return err
		}
		time.Sleep(3 * time.Second) // the collector gives back what is free
		_, kib[i] = usage(cmd.Process.Pid)
		fmt.Fprintln(in)
	}
	fmt.Printf("%-20s %.0f bytes each, of %d\n", what, float64(kib[1]-kib[0])*1024/manyFiles, manyFiles)
	return nil
}

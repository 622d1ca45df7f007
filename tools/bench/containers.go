// SPDX-License-Identifier: Apache-2.0

// This file measures containers beside those of other runtimes in the same run: how long one lives that does nothing, how long a
// process in one takes, what one needs that waits; and the same by way of Docker.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// containers measures each runtime that is on this machine; ditto is the first.
func containers(runs int, ditto string) error {
	ditto, err := filepath.Abs(ditto)
	if err != nil {
		return err
	}
	if os.Getuid() != 0 {
		fmt.Println("containers           only as root: not measured")
		return nil
	}
	runtimes := []string{ditto}
	for _, other := range []string{"runc", "runsc"} {
		if path, err := exec.LookPath(other); err == nil {
			runtimes = append(runtimes, path)
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		fmt.Println("containers           busybox is not on this machine: not measured")
		return nil
	}
	bundle, err := filepath.Abs("out/bench/bundle")
	if err != nil {
		return err
	}
	if err := makeRoot(bundle, busybox); err != nil {
		return err
	}
	for _, measure := range []func(int, []string, string) error{alive, executed, waiting} {
		if err := measure(runs, runtimes, bundle); err != nil {
			return err
		}
	}
	return docker(runs, ditto, bundle)
}

// makeRoot makes a root file system of busybox.
func makeRoot(bundle, busybox string) error {
	bin := filepath.Join(bundle, "rootfs/bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	content, err := os.ReadFile(busybox)
	if err == nil {
		err = os.WriteFile(filepath.Join(bin, "busybox"), content, 0o755)
	}
	for _, name := range []string{"sh", "true", "sleep"} {
		if e := os.Symlink("busybox", filepath.Join(bin, name)); err == nil && !errors.Is(e, os.ErrExist) {
			err = e
		}
	}
	return err
}

// configure has the bundle run a command.
func configure(runtime, bundle string, args ...string) error {
	name := filepath.Join(bundle, "config.json")
	_ = os.Remove(name)
	if out, err := exec.Command(runtime, "spec", "--bundle", bundle).CombinedOutput(); err != nil {
		return fmt.Errorf("%s spec: %w: %s", runtime, err, out)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	process := config["process"].(map[string]any)
	process["terminal"], process["args"] = false, args
	if text, err = json.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// took is how many milliseconds a command takes.
func took(name string, args ...string) (float64, error) {
	cmd := exec.Command(name, args...)
	begin := time.Now()
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%v: %w", cmd.Args, err)
	}
	return float64(time.Since(begin).Microseconds()) / 1000, err
}

// beside runs something in turn for each runtime, and prints the medians, and by how much the first one's is more than each other's, turn
// by turn; the aim is about the first one.
func beside(runs int, what, aim string, runtimes []string, once func(runtime string) (float64, error)) error {
	times := make([][]float64, len(runtimes))
	for range runs {
		for i, r := range runtimes {
			ms, err := once(r)
			if err != nil {
				return err
			}
			times[i] = append(times[i], ms)
		}
	}
	line := fmt.Sprintf("%-20s", what)
	for i, r := range runtimes {
		line += fmt.Sprintf(" %s %.0f ms (%.0f to %.0f)", filepath.Base(r), median(times[i]), slices.Min(times[i]), slices.Max(times[i]))
		if i > 0 {
			line += fmt.Sprintf(" ratio %.2f", median(ratios(times[0], times[i])))
		}
		line += "  "
	}
	fmt.Println(line + " aim " + aim)
	return nil
}

func ratios(a, b []float64) (r []float64) {
	for i := range a {
		r = append(r, a[i]/b[i])
	}
	return r
}

const benched = "ditto-bench"

func alive(runs int, runtimes []string, bundle string) error {
	if err := configure(runtimes[0], bundle, "true"); err != nil {
		return err
	}
	return beside(runs, "run", "1.3 times runc", runtimes, func(runtime string) (float64, error) {
		return took(runtime, "run", "--bundle", bundle, benched)
	})
}

func executed(runs int, runtimes []string, bundle string) error {
	return withWaiting(runtimes, bundle, func(map[string]int) error {
		return beside(runs, "exec", "50 ms", runtimes, func(runtime string) (float64, error) {
			return took(runtime, "exec", benched+filepath.Base(runtime), "true")
		})
	})
}

// withWaiting has a container that waits under each runtime, and the processes of the host's for them.
func withWaiting(runtimes []string, bundle string, f func(pids map[string]int) error) error {
	if err := configure(runtimes[0], bundle, "sleep", "1000"); err != nil {
		return err
	}
	pids := map[string]int{}
	for _, runtime := range runtimes {
		id, pidFile := benched+filepath.Base(runtime), filepath.Join(bundle, "pid")
		_ = exec.Command(runtime, "delete", "--force", id).Run()
		if _, err := took(runtime, "run", "--detach", "--pid-file", pidFile, "--bundle", bundle, id); err != nil {
			return err
		}
		defer exec.Command(runtime, "delete", "--force", id).Run()
		text, err := os.ReadFile(pidFile)
		if err != nil {
			return err
		}
		if pids[runtime], err = strconv.Atoi(string(text)); err != nil {
			return err
		}
	}
	return f(pids)
}

func waiting(_ int, runtimes []string, bundle string) error {
	return withWaiting(runtimes, bundle, func(pids map[string]int) error {
		time.Sleep(2 * time.Second)
		line := fmt.Sprintf("%-20s", "idle container")
		for _, r := range runtimes {
			_, kib := usage(pids[r])
			line += fmt.Sprintf(" %s %.1f MiB  ", filepath.Base(r), float64(kib)/1024)
		}
		fmt.Println(line + " aim 30 MiB")
		return nil
	})
}

// docker measures "docker run" under a daemon of its own.
func docker(runs int, ditto, bundle string) error {
	if _, err := exec.LookPath("dockerd"); err != nil {
		fmt.Println("docker run           dockerd is not on this machine: not measured")
		return nil
	}
	dir, err := os.MkdirTemp("", "ditto-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config, socket := filepath.Join(dir, "daemon.json"), "unix://"+filepath.Join(dir, "sock")
	if err := os.WriteFile(config, []byte("{}"), 0o644); err != nil {
		return err
	}
	daemon := exec.Command("sh", "-c", `busybox ip link set lo up; exec dockerd "$@"`, "dockerd", "--config-file", config, "--data-root", dir+"/data", "--exec-root", dir+"/exec",
		"--pidfile", dir+"/pid", "--host", socket, "--storage-driver", "vfs", "--add-runtime", "ditto="+ditto)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	daemon.Stdout, daemon.Stderr = log, log
	daemon.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if err := daemon.Start(); err != nil {
		return err
	}
	defer daemon.Wait()
	defer daemon.Process.Signal(syscall.SIGTERM)
	client := func(args ...string) []string { return append([]string{"--host", socket}, args...) }
	for late := time.Now().Add(time.Minute); exec.Command("docker", client("version")...).Run() != nil; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(late) {
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("dockerd does not answer: %s", text[max(0, len(text)-2000):])
		}
	}
	load := exec.Command("sh", "-c", `tar -C "$1" -c . | docker --host "$2" import - bench`, "sh", filepath.Join(bundle, "rootfs"), socket)
	if out, err := load.CombinedOutput(); err != nil {
		return fmt.Errorf("docker import: %w: %s", err, out)
	}
	return beside(runs, "docker run", "1.3 times runc", []string{"ditto", "runc"}, func(runtime string) (float64, error) {
		return took("docker", client(strings.Fields("run --rm --network none --runtime "+runtime+" bench true")...)...)
	})
}

// SPDX-License-Identifier: Apache-2.0

// This file is about many containers, and about killing what makes them at any moment: nothing may be left, and the same
// name must be free again. DITTO_SOAK (`make soak`) makes the numbers large.

package acceptance

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func often(few, many int) int {
	if os.Getenv("DITTO_SOAK") != "" {
		return many
	}
	return few
}

// together does something n times, four at a time.
func together(n int, do func(i int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wg.Wait()
}

func TestManyContainersAtOnce(t *testing.T) {
	b := newBundle(t)
	b.runs("sleep", "1000")
	n := often(6, 50)
	each := func(do func(id string)) {
		together(n, func(i int) { do(fmt.Sprintf("ditto-test-many-%d", i)) })
	}
	quietly := func(args ...string) string {
		out, err := b.command(args...).CombinedOutput()
		assert.Check(t, err == nil, "%v: %v: %s", args, err, out)
		return string(out)
	}
	each(func(id string) {
		assert.Check(t, b.detached("run", "--detach", "--bundle", b.dir, id))
	})
	assert.Equal(t, len(strings.Fields(b.do("list", "--quiet"))), n)
	each(func(id string) {
		assert.Check(t, quietly("exec", id, "sh", "-c", "echo $((6*7))") == "42\n")
	})
	each(func(id string) { quietly("delete", "--force", id) })
	b.nothingLeft("ditto-test-many-*")
}

// detached runs a verb whose container keeps the standard streams.
func (b *bundle) detached(args ...string) error {
	cmd := b.command(args...)
	log, err := os.OpenFile(filepath.Join(b.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%v: %w: %s", args, err, text)
	}
	return nil
}

func TestContainersComeAndGo(t *testing.T) {
	b := newBundle(t)
	b.runs("sh", "-c", "exit 7")
	processes := hostProcesses(t)
	for range often(10, 500) {
		o := run(t, b.command("run", "--bundle", b.dir, "ditto-test-cycle"))
		assert.Equal(t, o.Status, "exit status 7", o.Stderr)
	}
	b.nothingLeft("ditto-test-cycle")
	assert.Equal(t, len(hostProcesses(t)), len(processes), "%v, and before: %v", hostProcesses(t), processes)
}

// hostProcesses are the processes that run this test's ditto. The stubs end with their kernel process, whose pid namespace
// is theirs.
func hostProcesses(t *testing.T) (pids []int) {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	assert.NilError(t, err)
	for _, dir := range dirs {
		exe, err := os.Readlink(filepath.Join(dir, "exe"))
		if err == nil && exe == ditto {
			pid, err := strconv.Atoi(filepath.Base(dir))
			assert.NilError(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}

// TestKilledAtAnyMoment kills the command or the kernel process while something is done to a container.
func TestKilledAtAnyMoment(t *testing.T) {
	b := newBundle(t)
	b.runs("sleep", "1000")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const id = "ditto-test-victim"
	for range often(12, 200) {
		b.killOnce(id, random)
		b.do("delete", "--force", id)
		b.nothingLeft(id)
	}
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	assert.Equal(t, b.do("exec", id, "echo", "alive"), "alive\n")
	b.do("delete", "--force", id)
	b.nothingLeft(id)
	assert.Equal(t, len(hostProcesses(t)), 0, "%v", hostProcesses(t))
}

// TestKilledHalfway kills a command in one of its hooks: the hook ends too, and what was done is no obstacle to who comes next.
func TestKilledHalfway(t *testing.T) {
	const id = "ditto-test-halfway"
	for _, c := range []struct {
		hook string
		verb []string
	}{{"createRuntime", []string{"create"}}, {"createContainer", []string{"create"}}, {"poststop", []string{"delete", "--force"}}, {"poststop", []string{"delete"}}} {
		for _, next := range [][]string{{"create"}, {"delete"}, {"delete", "--force"}} {
			t.Run(fmt.Sprint(c.verb, " in ", c.hook, " then ", next), func(t *testing.T) {
				b := newBundle(t)
				verb := func(args []string) []string {
					if args[0] == "create" {
						args = append(args, "--bundle", b.dir)
					}
					return append(args, id)
				}
				said := filepath.Join(t.TempDir(), "said")
				assert.NilError(t, unix.Mkfifo(said, 0o600))
				script := fmt.Sprintf("exec > %s && rm %[1]s && echo halfway && exec sleep 1000", said) // once
				b.config["hooks"] = map[string]any{c.hook: []any{map[string]any{"path": "/bin/sh", "args": []string{"sh", "-c", "test ! -e " + said + " || { " + script + "; }"}}}}
				b.runs("sleep", "1000")
				if c.verb[0] != "create" {
					b.do("create", "--bundle", b.dir, id)
					b.refuses("already exists", "create", "--bundle", b.dir, id)
				}
				cmd := b.command(verb(c.verb)...)
				assert.NilError(t, cmd.Start())
				hook, err := os.Open(said)
				assert.NilError(t, err)
				defer hook.Close()
				_, err = hook.Read(make([]byte, len("halfway\n")))
				assert.NilError(t, err)
				assert.NilError(t, cmd.Process.Kill())
				_ = cmd.Wait()
				_, err = io.ReadAll(hook) // until it has ended
				assert.NilError(t, err)
				b.do(verb(next)...)
				if next[0] == "create" {
					assert.Equal(t, b.status(id), "created")
					b.do("delete", id)
				}
				b.nothingLeft(id)
				assert.Equal(t, len(hostProcesses(t)), 0, "%v", hostProcesses(t))
			})
		}
	}
}

// killOnce does one thing to a container, and kills who does it, or the
// container's kernel process, after up to as long as that takes.
func (b *bundle) killOnce(id string, random *rand.Rand) {
	b.t.Helper()
	create, start := []string{"create", "--bundle", b.dir, id}, []string{"start", id}
	steps := [][]string{create, start, {"exec", id, "true"}, {"delete", "--force", id}}
	victim := random.IntN(len(steps))
	for _, args := range steps[:victim] {
		assert.NilError(b.t, b.detached(args...))
	}
	cmd := b.command(steps[victim]...)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	assert.NilError(b.t, err)
	defer null.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = null, null, null
	assert.NilError(b.t, cmd.Start())
	time.Sleep(time.Duration(random.IntN(120_000)) * time.Microsecond)
	if kernel := b.kernelProcess(id); kernel > 0 && random.IntN(2) == 0 {
		_ = unix.Kill(kernel, unix.SIGKILL)
	} else {
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
}

// kernelProcess is the id of a container's kernel process, or of the command that creates it, as the record says; 0 if there is
// no record yet.
func (b *bundle) kernelProcess(id string) int {
	var record struct{ Pid int }
	text, err := os.ReadFile(filepath.Join(b.root, id, "state.json"))
	if err != nil || json.Unmarshal(text, &record) != nil {
		return 0
	}
	return record.Pid
}

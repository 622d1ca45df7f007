// SPDX-License-Identifier: Apache-2.0

// The main program of the Go tests: list, run, and the two ways in which the program starts itself again.

package harness

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The report pipe in the process of a case, out of the way of the lowest free descriptors.
const reportFD = 1000

// Main is the whole of the test binary's main function.
func Main() {
	args := os.Args[1:]
	switch {
	case len(args) == 1 && args[0] == "list":
		for _, id := range sortedIDs() {
			fmt.Printf("%s\t%s\n", id, cases[id].needs)
		}
	case len(args) >= 2 && args[0] == "run":
		ids := args[1:]
		if ms, ok := strings.CutPrefix(ids[0], "--limit="); ok {
			n, err := strconv.Atoi(ms)
			if err != nil {
				usage()
			}
			limit, ids = time.Duration(n)*time.Millisecond, ids[1:]
		}
		for _, id := range ids {
			c, ok := cases[id]
			if !ok {
				fmt.Fprintln(os.Stderr, "no such case:", id)
				os.Exit(2)
			}
			runCase(c)
		}
	case len(args) == 2 && args[0] == "case":
		caseMain(cases[args[1]])
	case len(args) >= 2 && args[0] == "child":
		childMain(args[1], args[2:])
	default:
		usage()
	}
}

func usage() {
	fmt.Fprintf(os.Stderr, "usage: %s list | run [--limit=MS] ID...\n", os.Args[0])
	os.Exit(2)
}

// caseMain runs one case: its records go to the pipe that stands at descriptor 3.
func caseMain(c testCase) {
	if err := unix.Dup3(3, reportFD, unix.O_CLOEXEC); err != nil {
		fmt.Fprintln(os.Stderr, "report pipe:", err)
		os.Exit(3)
	}
	unix.Close(3)
	unix.Umask(0o022)
	// No files of crashing children.
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 0, Max: unix.RLIM_INFINITY})
	t := &T{report: writeRecord}
	defer func() {
		if p := recover(); p != nil {
			t.record('C', fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
			t.end()
		}
	}()
	c.run(t)
	t.end()
}

// end is where every case ends that does not crash. A failed case without a message says so.
func (t *T) end() {
	t.record('E', t.failed)
	os.Exit(0)
}

func writeRecord(kind byte, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	if len(b) > 60000 {
		b, _ = json.Marshal("too long a record")
	}
	unix.Write(reportFD, append(append([]byte{kind}, b...), '\n'))
}

var (
	childrenMu sync.Mutex // guards children
	children   = map[string]func(args []string) int{}
)

// Child registers a function that a case runs in a process of its own, by Command(name, args...). Go can't fork:
// the test binary starts itself again. The result is the exit status.
func Child(name string, run func(args []string) int) {
	childrenMu.Lock()
	defer childrenMu.Unlock()
	if _, dup := children[name]; dup {
		panic("two children are called " + name)
	}
	children[name] = run
}

func childMain(name string, args []string) {
	run, ok := children[name]
	if !ok {
		fmt.Fprintln(os.Stderr, "no such child:", name)
		os.Exit(2)
	}
	os.Exit(run(args))
}

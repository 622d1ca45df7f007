// SPDX-License-Identifier: Apache-2.0

// This file is about CPython's own tests, by its `python3 -m test`.

package suites

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"
	"gotest.tools/v3/assert/cmp"
)

// pythonSuites are the modules of CPython's tests, and how they differ.
var pythonSuites = []struct {
	module string
	native []string // stands before the command natively
	flags  []string // of ditto do
	use    string   // more resources that it may use
	not    []string // patterns of tests that run on neither side
	split  bool     // its submodules run by themselves, so that one that hangs hides nothing of the others
	differ []difference
}{
	{module: "test_signal"},
	{module: "test_threading"},
	{module: "test_thread"},
	{module: "test_subprocess"},
	{module: "test_os"},
	{module: "test_posix"},
	{module: "test_time", native: withoutClock()},
	{module: "test_mmap"},
	{module: "test_resource"},
	{module: "test_fork1"},
	{module: "test_wait3"},
	{module: "test_wait4"},
	{module: "test_multiprocessing_fork"},
	{module: "test_faulthandler"},
	{module: "test_concurrent_futures"},

	{module: "test_io"},
	{module: "test_fileio"},
	{module: "test_file"},
	{module: "test_largefile"},
	{module: "test_shutil"},
	{module: "test_tempfile"},
	{module: "test_glob"},
	{module: "test_pathlib"},
	{module: "test_stat"},
	{module: "test_fcntl"},
	{module: "test_pty"},
	{module: "test_tty"},
	{module: "test_openpty"},
	{module: "test_select"},
	{module: "test_epoll"},
	{module: "test_poll"},
	{module: "test_mailbox"},
	{module: "test_zipfile"},
	{module: "test_tarfile"},
	{module: "test_sqlite3"},

	// Where the host has AF_VSOCK but no hypervisor that answers, its test waits for a connection for ever, natively.
	{module: "test_socket", flags: hostNetwork, not: []string{"ThreadedVSOCKSocketStreamTest"}, differ: []difference{
		{"test* (test.test_socket.BasicVSOCKTest.test*)", "a sandbox has no AF_VSOCK, as a kernel without it: it would lead to the hypervisor"}}},
	{module: "test_asyncio", flags: hostNetwork, split: true},
	{module: "test_ssl", flags: hostNetwork},
	{module: "test_socketserver", flags: hostNetwork, use: ",network"}, // of loopback only
	{module: "test_selectors", flags: hostNetwork},
	{module: "test_httpservers", flags: hostNetwork},
	{module: "test_ftplib", flags: hostNetwork},
	{module: "test_smtplib", flags: hostNetwork},
	{module: "test_urllib2_localnet", flags: hostNetwork},
	{module: "test_xmlrpc", flags: hostNetwork},
}

var hostNetwork = []string{"--network=host"}

// withoutClock stands before a command that sets the machine's clock if it may, which it may
// not in a sandbox.
func withoutClock() []string {
	if os.Geteuid() != 0 {
		return nil
	}
	return []string{"setpriv", "--bounding-set=-sys_time"}
}

func TestPython(t *testing.T) {
	for _, s := range pythonSuites {
		t.Run(s.module, func(t *testing.T) {
			python := pythonWith(t, s.module)
			argv := []string{python, "-m", "test", "-v", "-u", "cpu,subprocess,walltime" + s.use, "--timeout", "3000"}
			for _, n := range s.not {
				argv = append(argv, "-i", n)
			}
			whole := suite{name: s.module, limit: time.Hour, native: s.native, flags: s.flags, parse: parsePython, differ: s.differ}
			if !s.split {
				whole.argv = append(argv, s.module)
				compare(t, whole)
				return
			}
			for _, sub := range submodules(t, python, s.module) {
				if strings.HasPrefix(sub, "test_windows_") {
					continue // have no tests here
				}
				t.Run(sub, func(t *testing.T) {
					part := whole
					part.name, part.limit = s.module+"."+sub, 10*time.Minute
					part.argv = append(slices.Clone(argv), s.module+"."+sub)
					compare(t, part)
				})
			}
		})
	}
}

// submodules are the names of the modules of a package of tests.
func submodules(t *testing.T, python, module string) []string {
	t.Helper()
	const list = "import sys, pkgutil, importlib as i\n" +
		"print(*(m.name for m in pkgutil.iter_modules(i.import_module('test.' + sys.argv[1]).__path__) if m.name.startswith('test_')))"
	out, err := exec.Command(python, "-c", list, module).Output()
	assert.NilError(t, err)
	names := strings.Fields(string(out))
	assert.Assert(t, len(names) > 0)
	return names
}

// pythonWith is the first python3 of this machine whose test package has a module: Debian has
// that package for itself, and others leave some modules out.
func pythonWith(t *testing.T, module string) string {
	t.Helper()
	home, _ := os.UserHomeDir()
	others, _ := filepath.Glob(filepath.Join(home, ".pyenv/versions/3.*/bin/python3"))
	slices.SortFunc(others, func(a, b string) int { return minor(b) - minor(a) })
	for _, python := range append([]string{"python3", "/usr/bin/python3"}, others...) {
		find := "import sys, importlib.util as u; print(sys.executable); sys.exit(not u.find_spec('test." + module + "'))"
		if out, err := exec.Command(python, "-c", find).Output(); err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	t.Skipf("no python3 here has test.%s: install libpython3-testsuite", module)
	return ""
}

// minor is the y of a path that ends with 3.y.z/bin/python3.
func minor(python string) (y int) {
	fmt.Sscanf(filepath.Base(filepath.Dir(filepath.Dir(python))), "3.%d", &y)
	return y
}

var (
	// A test's first line, and what stands at the end of one of the lines that follow, or of the same.
	pythonTest    = regexp.MustCompile(`(?m)^(?:\d+:\d+:\d+ .*)?(\w+ \([\w.<>]+\))(?: \.\.\. |$)`)
	pythonVerdict = regexp.MustCompile(`(?m)(ok|FAIL|ERROR|skipped|expected failure|unexpected success)(?: ['"].*)?$`)
	// What is said of the failures, at the end.
	pythonFailure = regexp.MustCompile(`(?m)^={70}\n(FAIL|ERROR): (.*)\n`)
	pythonName    = regexp.MustCompile(`^\w+(?: \([^()]*\))?`)
	pythonEnd     = regexp.MustCompile(`(?m)^Ran \d+ tests? in `)
)

// parsePython reads what unittest prints with -v. A test's own output may stand
// between its name and its verdict.
func parsePython(output string) verdicts {
	got := verdicts{}
	for output != "" {
		run := output // of a module; a package has many
		if end := pythonEnd.FindStringIndex(output); end != nil {
			run = output[:end[1]]
		}
		got.readPython(run)
		output = output[len(run):]
	}
	return got
}

func (got verdicts) readPython(output string) {
	progress := output
	if end := pythonFailure.FindStringIndex(output); end != nil {
		progress = output[:end[0]]
	} else if end := pythonEnd.FindStringIndex(output); end != nil {
		progress = output[:end[0]]
	}
	starts := pythonTest.FindAllStringSubmatchIndex(progress, -1)
	for i, m := range starts {
		end := len(progress)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		name, said := progress[m[2]:m[3]], progress[m[3]:end]
		v := verdict{Word: "no verdict", Detail: tail(said)}
		if words := pythonVerdict.FindAllStringSubmatch(said, -1); len(words) > 0 {
			v = verdict{Word: words[len(words)-1][1]}
		}
		got[name] = v
	}
	for _, m := range pythonFailure.FindAllStringSubmatchIndex(output, -1) {
		// Without a subtest's arguments, which may hold addresses and process ids.
		name := pythonName.FindString(output[m[4]:m[5]])
		body := output[m[1]:]
		if end := pythonFailure.FindStringIndex(body); end != nil {
			body = body[:end[0]]
		} else if end := pythonEnd.FindStringIndex(body); end != nil {
			body = body[:end[0]]
		}
		v := verdict{output[m[2]:m[3]], got[name].Detail + output[m[4]:m[5]] + "\n" + body}
		got[name] = verdict{v.Word, tail(v.Detail)}
	}
}

func TestParsePython(t *testing.T) {
	line := strings.Repeat("=", 70) + "\n"
	rule := strings.Repeat("-", 70) + "\n"
	got := parsePython(`== CPython 3.11.7
0:00:00 load avg: 4.92 Run tests sequentially
0:00:00 load avg: 4.92 [1/1] test_os
test_a (test.test_os.A.test_a) ... ok
test_b (test.test_os.A.test_b)
What it is about. ... skipped 'needs more'
test_c (test.test_os.A.test_c) ... a child's output
FAIL
test_d (test.test_os.A.test_d) ... 
  test_d (test.test_os.A.test_d) (n=1) ... ERROR
test_e (test.test_os.A.test_e) ... expected failure
test_f (test.test_os.A) ... Segmentation fault

` + line + "ERROR: setUpClass (test.test_os.B)\n" + rule + "OSError: one\n\n" +
		line + "FAIL: test_c (test.test_os.A.test_c)\n" + rule + "AssertionError: two\n\n" +
		line + "ERROR: test_d (test.test_os.A.test_d) (n=1)\n" + rule + "OSError: three\n\n" +
		rule + "Ran 5 tests in 1.2s\n\nFAILED\n" + `0:00:09 load avg: 4.92 [1/1] test_os.other
test_g (test.test_os.other.G.test_g) ... ok
test_h (test.test_os.other.G.test_h) ... FAIL

` + line + "FAIL: test_h (test.test_os.other.G.test_h)\n" + rule + "AssertionError: four\n\n" + rule + "Ran 2 tests in 0.2s\n\nFAILED\n")
	words := map[string]string{}
	for name, v := range got {
		words[name] = v.Word
	}
	assert.DeepEqual(t, words, map[string]string{
		"test_a (test.test_os.A.test_a)": "ok",
		"test_b (test.test_os.A.test_b)": "skipped",
		"test_c (test.test_os.A.test_c)": "FAIL",
		"test_d (test.test_os.A.test_d)": "ERROR",
		"test_e (test.test_os.A.test_e)": "expected failure",
		"test_f (test.test_os.A)":        "no verdict",

		"test_g (test.test_os.other.G.test_g)": "ok",
		"test_h (test.test_os.other.G.test_h)": "FAIL",
		"setUpClass (test.test_os.B)":          "ERROR",
	})
	assert.Check(t, cmp.Contains(got["test_c (test.test_os.A.test_c)"].Detail, "AssertionError: two"))
}

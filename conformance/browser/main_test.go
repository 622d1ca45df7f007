// SPDX-License-Identifier: Apache-2.0

// The dashboard in a real browser. Its pages are drawn once, from results made here, and shown by one Chromium.

package browser_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/browser"
	"github.com/ditto-kernel/ditto/conformance/dashboard"
	"github.com/ditto-kernel/ditto/conformance/result"
)

var (
	chromium *browser.Browser
	site     string       // the folder of the pages
	results  *result.File // what they were drawn from
)

var (
	desk  = browser.Screen{Width: 1280, Height: 800}
	phone = browser.Screen{Width: 380, Height: 700}
)

func dark(s browser.Screen) browser.Screen {
	s.Dark = true
	return s
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "ditto-browser-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	root := filepath.Join("..", "..")
	results, site = made(), filepath.Join(dir, "site")
	file := filepath.Join(dir, "results.json")
	if err := results.Write(file); err != nil {
		return 1, err
	}
	if err := dashboard.Draw(dashboard.Config{Root: root, Results: file, Out: site}); err != nil {
		return 1, err
	}
	if chromium, err = browser.Start(context.Background()); err != nil {
		return 1, err
	}
	defer chromium.Close()
	return m.Run(), nil
}

// Some syscalls with cases of every kind. The pages of the others have none.
var subjects = strings.Fields("read openat openat2 mmap ptrace futex clone3 io_uring_enter fcntl ioctl landlock_create_ruleset set_mempolicy_home_node")

// made makes results with every verdict and with what is hard to show: marks of HTML, long words, many lines.
func made() *result.File {
	f := &result.File{
		Started: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Seconds: 123, Sandboxes: []string{"ditto", "other"},
		Machine: result.Machine{Kernel: "6.18.0-test", CPU: "A processor <with> a name", Cores: 2, Commit: "0123456789ab"},
	}
	for i, name := range subjects {
		for k := range 3*i + 1 {
			f.Rows = append(f.Rows, row(fmt.Sprintf("%s/%s/case_%d_with_quite_a_long_name_that_has_to_break", name, []string{"c", "go"}[k%2], k), i, k))
		}
	}
	return f
}

func row(id string, i, k int) result.Row {
	verdicts := []result.Verdict{result.Same, result.Known, result.Skipped, result.Differs, result.Crash, result.Timeout, result.Broken}
	v := result.Same
	if k%4 == 1 {
		v = verdicts[(i+k/4)%len(verdicts)]
	}
	native := result.Outcome{Case: id, Result: "ok", Obs: [][2]string{
		{"ret", fmt.Sprint(k)}, {"marks <b>", "<i>&amp;</i>"}, {"a " + strings.Repeat("long", 40), strings.Repeat("0123456789abcdef", 30)},
	}}
	sandbox := result.Outcome{Case: id, Result: "ok", Obs: append([][2]string{}, native.Obs...)}
	reason := ""
	if v != result.Same {
		reason = fmt.Sprintf("because of %s %d", v, k)
		sandbox.Obs[0][1] = "-1 EINVAL"
		sandbox.Obs = sandbox.Obs[:2]
	}
	column := result.Column{Outcome: sandbox, Verdict: v, Reason: reason}
	return result.Row{Case: id, Needs: []string{"", "root"}[k%2], Native: native, Sandbox: map[string]result.Column{"ditto": column, "other": column}}
}

// page is a tab with a page of the dashboard; the test fails if its script does.
type page struct {
	*browser.Tab
	t *testing.T
}

func open(t *testing.T, s browser.Screen, name string) page {
	t.Helper()
	tab, err := chromium.Open(s)
	assert.NilError(t, err)
	t.Cleanup(func() {
		assert.DeepEqual(t, tab.Errors(), []string(nil))
		tab.Close()
	})
	p := page{tab, t}
	p.load(name)
	return p
}

func (p page) load(name string) {
	p.t.Helper()
	file, fragment, _ := strings.Cut(name, "#")
	u := url.URL{Scheme: "file", Path: filepath.Join(site, file), Fragment: fragment}
	assert.NilError(p.t, p.Load(u.String()))
}

func (p page) press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		assert.NilError(p.t, p.Press(k))
	}
}

// eval evaluates an expression of JavaScript.
func eval[T any](p page, format string, args ...any) T {
	p.t.Helper()
	v, err := browser.Eval[T](p.Tab, fmt.Sprintf(format, args...))
	assert.NilError(p.t, err, format)
	return v
}

func (p page) text(selector string) string {
	p.t.Helper()
	return eval[string](p, "document.querySelector(%q).innerText.replace(/\\s+/g, ' ').trim()", selector)
}

func (p page) texts(selector string) []string {
	p.t.Helper()
	return eval[[]string](p, "[...document.querySelectorAll(%q)].map((e) => e.innerText.replace(/\\s+/g, ' ').trim())", selector)
}

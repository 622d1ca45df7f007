// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/result"
)

func draw(t *testing.T, run *result.File) (page func(name string) string) {
	t.Helper()
	dir := t.TempDir()
	c := Config{Root: filepath.Join("..", ".."), Results: filepath.Join(dir, "results.json"), Out: filepath.Join(dir, "out")}
	if run != nil {
		assert.NilError(t, run.Write(c.Results))
	}
	assert.NilError(t, Draw(c))
	return func(name string) string {
		b, err := os.ReadFile(filepath.Join(c.Out, name))
		assert.NilError(t, err)
		return string(b)
	}
}

func outcome(result_ string, obs ...[2]string) result.Outcome {
	return result.Outcome{Result: result_, Obs: obs}
}

func TestDraw(t *testing.T) {
	row := func(id string, v result.Verdict, native, sandbox result.Outcome) result.Row {
		return result.Row{Case: id, Native: native, Sandbox: map[string]result.Column{"ditto": {Outcome: sandbox, Verdict: v}}}
	}
	page := draw(t, &result.File{Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Sandboxes: []string{"ditto"}, Rows: []result.Row{
		row("openat/c/a", result.Same, outcome("ok", [2]string{"x", "1"}), outcome("ok", [2]string{"x", "1"})),
		row("openat/go/b", result.Crash, outcome("ok", [2]string{"y", "<b>1</b>"}, [2]string{"z", "3"}), outcome("crash", [2]string{"y", "2"})),
		row("dup/c/a", result.Known, outcome("ok"), outcome("ok")),
		row("dup/c/b", result.Same, outcome("ok"), outcome("ok")),
		row("dup3/c/b", result.Same, outcome("ok"), outcome("ok")),
	}})
	index := page("index.html")
	for name, state := range map[string]string{"openat": "differs", "dup": "known", "dup3": "same", "read": "untested"} {
		assert.Assert(t, strings.Contains(index, `data-name="`+name+`"`), name)
		assert.Assert(t, regexp.MustCompile(`data-name="`+name+`" data-number="\d+" data-state="`+state+`"`).MatchString(index), "%s is not %s", name, state)
	}
	assert.Assert(t, strings.Contains(index, "2026-01-02 03:04 UTC"))
	openat := page("syscall/openat.html")
	for _, want := range []string{"&lt;b&gt;1&lt;/b&gt;", "(none)", "ditto: crash", "openat/go/b", "long openat("} {
		assert.Assert(t, strings.Contains(openat, want), want)
	}
	assert.Assert(t, !strings.Contains(openat, "<b>"))
	assert.Equal(t, strings.Count(openat, " open>"), 1, "cases that differ are open, others are not")
}

// Every page stands on its own: no reference leads out of the folder.
func TestNoNetwork(t *testing.T) {
	page := draw(t, nil)
	for _, name := range []string{"index.html", "syscall/read.html", "style.css", "grid.js"} {
		assert.Assert(t, !strings.Contains(page(name), "://"), name)
	}
}

func TestEverySyscallHasAPage(t *testing.T) {
	page := draw(t, nil)
	index := page("index.html")
	links := regexp.MustCompile(`href="(syscall/[a-z0-9_]+\.html)"`).FindAllStringSubmatch(index, -1)
	assert.Assert(t, len(links) > 350, "%d links", len(links))
	for _, l := range links {
		assert.Assert(t, strings.Contains(page(l[1]), "</html>"), l[1])
	}
}

// SPDX-License-Identifier: Apache-2.0

// Does each number of the pages come from the results?

package browser_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/result"
)

// The states in the order of the pages, and the verdicts that they stand for.
var order = []string{"same", "known", "differs", "skipped", "untested", "absent"}

func state(v result.Verdict) string {
	switch v {
	case result.Differs, result.Crash, result.Timeout, result.Broken:
		return "differs"
	}
	return string(v)
}

// counted counts the cases of a syscall by state, or all cases.
func counted(name string) map[string]int {
	n := map[string]int{}
	for _, r := range results.Rows {
		if name == "" || strings.HasPrefix(r.Case, name+"/") {
			n[state(r.Sandbox["ditto"].Verdict)]++
		}
	}
	return n
}

// rows reads the columns of a generated page or fixture whose lines start with what a row's do.
func rows(t *testing.T, file, separator string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", file))
	assert.NilError(t, err)
	defer f.Close()
	var out [][]string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "#") {
			out = append(out, strings.Split(lines.Text(), separator))
		}
	}
	assert.NilError(t, lines.Err())
	return out
}

func TestTotals(t *testing.T) {
	p := open(t, desk, "index.html")
	n := counted("")
	assert.Equal(t, p.text(".tile:nth-child(2) .big"), fmt.Sprintf("%d cases", len(results.Rows)))
	var want []string
	glyph := map[string]string{"same": "✓", "known": "≈", "differs": "≠", "skipped": "–"}
	for _, s := range order {
		if n[s] > 0 {
			want = append(want, fmt.Sprintf("%d %s %s", n[s], s, glyph[s]))
		}
	}
	assert.DeepEqual(t, p.texts(".tile:nth-child(2) .legend li"), want)
	assert.Equal(t, p.text(".run"), "Run of 2026-03-04 05:06 UTC at 0123456789ab on Linux 6.18.0-test, A processor <with> a name, 123 s; sandboxes: ditto other.")

	status, syscalls := map[string]int{}, 0
	for _, f := range rows(t, "COVERAGE.md", "|") {
		if len(f) > 5 && strings.Contains(f[2], "`") {
			status[strings.TrimSpace(f[3])]++
			syscalls++
		}
	}
	want = nil
	for _, s := range []string{"full", "partial", "delegated", "denied", "missing", "absent"} {
		if status[s] > 0 {
			want = append(want, fmt.Sprintf("%d %s", status[s], s))
		}
	}
	assert.Equal(t, p.text(".tile:nth-child(1) .big"), fmt.Sprintf("%d syscalls", syscalls))
	assert.DeepEqual(t, p.texts(".tile:nth-child(1) .legend li"), want)
	assert.Equal(t, p.text("#shown"), fmt.Sprintf("%d of %d", syscalls, syscalls))
}

// The shares of flags and errnos are what the recorded calls carried of what is documented.
func TestExercised(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range []string{"exercised.tsv", "exercised.native.tsv"} { // on both sides, and natively only
		for _, f := range rows(t, "fixtures/conformance/"+file, "\t") {
			if len(f) > 1 {
				seen[f[0]+" "+f[1]] = true
			}
		}
	}
	sets := map[string][]string{}
	for _, f := range rows(t, "fixtures/syscalls/sets.tsv", "\t") {
		sets[f[0]] = append(sets[f[0]], f[1])
	}
	share := func(all, hit *int, syscall string, names []string) {
		for _, n := range names {
			*all++
			if seen[syscall+" "+n] {
				*hit++
			}
		}
	}
	var flags, hitFlags, errnos, hitErrnos int
	for _, f := range rows(t, "fixtures/syscalls/arguments.tsv", "\t") {
		for _, argument := range f[min(3, len(f)):] {
			kind, set, _ := strings.Cut(argument, ":")
			if kind == "flags" || kind == "cmd" {
				share(&flags, &hitFlags, f[1], sets[set])
			}
		}
	}
	for _, f := range rows(t, "fixtures/syscalls/errnos.tsv", "\t") {
		if len(f) > 2 && f[0] != "number" {
			share(&errnos, &hitErrnos, f[1], strings.Fields(f[2]))
		}
	}
	p := open(t, desk, "index.html")
	assert.Equal(t, p.text(".tile:nth-child(3) .soft"), fmt.Sprintf("%d of %d documented", hitFlags, flags))
	assert.Equal(t, p.text(".tile:nth-child(4) .soft"), fmt.Sprintf("%d of %d documented", hitErrnos, errnos))
}

// Each cell has the state of the worst case, and says so in words.
func TestCells(t *testing.T) {
	p := open(t, desk, "index.html")
	for _, name := range subjects {
		n, want := counted(name), ""
		for _, s := range []string{"differs", "known", "same", "skipped"} {
			if n[s] > 0 {
				want = s
				break
			}
		}
		got := eval[[]string](p, `(() => { const c = document.querySelector('li[data-name="%s"]');
			return [c.dataset.state, c.querySelector(".glyph").getAttribute("aria-label"), c.firstElementChild.title.split(", ").at(-1)] })()`, name)
		total := 0
		for _, k := range n {
			total += k
		}
		assert.DeepEqual(t, got, []string{want, want, fmt.Sprintf("%d cases", total)})
	}
	assert.Equal(t, eval[string](p, `document.querySelector('li[data-name="write"]').dataset.state`), "untested")
}

// A syscall's page has all of its cases with all that both sides saw, as it was seen.
func TestCases(t *testing.T) {
	p := open(t, desk, "index.html")
	for _, name := range []string{"openat2", "ptrace", "set_mempolicy_home_node"} {
		p.load("syscall/" + name + ".html")
		var want []string
		n := counted(name)
		for _, s := range order {
			if n[s] > 0 {
				want = append(want, fmt.Sprintf("%d %s", n[s], s))
			}
		}
		chips := p.texts("section[aria-labelledby=cases] > .chips .chip")
		for i := range chips {
			_, chips[i], _ = strings.Cut(chips[i], " ")
		}
		assert.DeepEqual(t, chips, want)
		for _, r := range results.Rows {
			if strings.HasPrefix(r.Case, name+"/") {
				checkCase(t, p, r)
			}
		}
	}
}

func checkCase(t *testing.T, p page, r result.Row) {
	t.Helper()
	v := r.Sandbox["ditto"].Verdict
	assert.Equal(t, eval[bool](p, `document.getElementById(%q).open`, r.Case), state(v) == "differs", r.Case)
	assert.Equal(t, eval[string](p, `document.getElementById(%q).querySelector("summary .chip").lastChild.textContent.trim()`, r.Case), state(v), r.Case)
	got := eval[[][]string](p, `[...document.getElementById(%q).querySelectorAll("tbody tr")].map((r) => [...r.children].map((c) => c.textContent))`, r.Case)
	var want [][]string
	for i, o := range r.Native.Obs {
		line := []string{o[0], o[1]}
		for _, s := range results.Sandboxes {
			cell := "≠ (none)"
			if obs := r.Sandbox[s].Outcome.Obs; i < len(obs) {
				cell = obs[i][1]
				if cell != o[1] {
					cell = "≠ " + cell
				}
			}
			line = append(line, cell)
		}
		want = append(want, line)
	}
	assert.DeepEqual(t, got, want)
	if v != result.Same {
		text := eval[string](p, `document.getElementById(%q).textContent`, r.Case)
		assert.Assert(t, strings.Contains(text, fmt.Sprintf("ditto: %s, %s", v, r.Sandbox["ditto"].Reason)), text)
	}
}

// Every link of a page leads to something of the folder.
func TestLinks(t *testing.T) {
	p := open(t, desk, "index.html")
	for _, name := range []string{"index.html", "syscall/ptrace.html", "syscall/read.html", "source/kernel/syscalls/dup.go.html"} {
		p.load(name)
		links := eval[[]string](p, `[...document.querySelectorAll("a[href], link[href], script[src], img[src]")].map((a) => new URL(a.href || a.src).pathname)`)
		assert.Assert(t, len(links) > 3, name)
		for _, l := range links {
			assert.Assert(t, strings.HasPrefix(l, site), "%s: %s", name, l)
			_, err := os.Stat(l)
			assert.NilError(t, err, name)
		}
	}
}

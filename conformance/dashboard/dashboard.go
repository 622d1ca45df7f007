// SPDX-License-Identifier: Apache-2.0

// Package dashboard draws the results of the last run as static pages: a grid of all syscalls, and a page for each
// with its cases and what both sides saw. One folder, no network, works from a file:// address.
package dashboard

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ditto-kernel/ditto/conformance/result"
)

//go:embed static
var static embed.FS

// Config says from what and where to draw.
type Config struct {
	Root    string // the tree: fixtures and COVERAGE.md
	Results string // a run's results
	Out     string // the folder
	Source  string // what stands before a path of the tree in a link to it, "" for pages of the folder's own
}

// syscallPage is one syscall with all that its page shows.
type syscallPage struct {
	Number    string
	Name      string
	Prototype string
	Status    string // from COVERAGE.md: full, partial, delegated, denied, missing, absent
	Notes     string
	State     string // the colour: same, known, differs, skipped, untested, absent
	Counts    map[string]int
	Cases     []casePage
	Files     []link
	Family    string
	Matrix    []marks
	Prev      string // the syscalls before and after it, by number
	Next      string

	handler place
}

// Exercised is the share of the matrix, in percent; -1 without one.
func (p *syscallPage) Exercised() int {
	seen, all := 0, 0
	for _, m := range p.Matrix {
		seen, all = seen+m.Seen, all+len(m.Marks)
	}
	if all == 0 {
		return -1
	}
	return 100 * seen / all
}

// Totals are the verdicts of its cases.
func (p *syscallPage) Totals() []total { return totals(p.Counts, states) }

type link struct{ Text, URL string }

type casePage struct {
	ID, Needs string
	Lang      string // C or Go
	Name      string
	URL       string // of its source
	State     string
	Columns   []columnPage // one per sandbox
	Rows      []obsRow
	Checks    []string // failed natively
}

type columnPage struct {
	Sandbox, Verdict, Reason string
	Checks                   []string
	Detail                   string
}

type obsRow struct {
	Name, Native string
	Cells        []cell
	Differs      bool
}

type cell struct {
	Text    string
	Differs bool
}

// states in the order in which they are shown.
var states = []string{"same", "known", "differs", "skipped", "untested", "absent"}

// meanings say what a syscall of a state is like.
var meanings = map[string]string{
	"same":     "all cases observe the same on both sides",
	"known":    "what differs is listed with its reason",
	"differs":  "something differs and should not",
	"skipped":  "this machine can't try it",
	"untested": "no case is recorded",
	"absent":   "Linux has it no longer, and it has no case",
}

// glyphs say the state without colour.
var glyphs = map[string]string{
	"same": "✓", "known": "≈", "differs": "≠", "skipped": "–", "untested": "·", "absent": "×",
}

// Draw writes the pages.
func Draw(c Config) error {
	pages, err := readTable(c.Root)
	if err != nil {
		return err
	}
	run, err := result.ReadFile(c.Results)
	if os.IsNotExist(err) {
		run, err = &result.File{}, nil
	}
	if err != nil {
		return err
	}
	if err := readCoverage(filepath.Join(c.Root, "COVERAGE.md"), pages); err != nil {
		return err
	}
	for _, read := range []func(string, []*syscallPage) error{readMatrix, readFamilies, findHandlers} {
		if err := read(c.Root, pages); err != nil {
			return err
		}
	}
	history, err := readTrend(c.Root)
	if err != nil {
		return err
	}
	addCases(pages, run)
	src := &sources{c: c, files: map[string]string{}}
	for _, p := range pages {
		p.settle(src)
	}
	return write(c, newIndex(pages, run, history), src)
}

// readTable reads the syscalls and their prototypes, in the order of their numbers.
func readTable(root string) ([]*syscallPage, error) {
	f, err := os.Open(filepath.Join(root, "fixtures", "syscalls", "prototypes.tsv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var pages []*syscallPage
	in := bufio.NewScanner(f)
	for in.Scan() {
		fields := strings.Split(in.Text(), "\t")
		if len(fields) < 3 || fields[0] == "" || fields[0][0] < '0' || fields[0][0] > '9' {
			continue
		}
		p := &syscallPage{Number: fields[0], Name: fields[2], Counts: map[string]int{}}
		if len(fields) > 6 && fields[4] != "" {
			p.Prototype = fmt.Sprintf("%s %s(%s)", fields[4], p.Name, strings.ReplaceAll(fields[6], ";", ","))
		}
		pages = append(pages, p)
	}
	return pages, in.Err()
}

// readCoverage takes status and notes from the generated page. No page, no statuses.
func readCoverage(name string, pages []*syscallPage) error {
	b, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	byName := map[string]*syscallPage{}
	for _, p := range pages {
		byName[p.Name] = p
	}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 5 {
			continue
		}
		if p := byName[strings.Trim(cells[2], " `")]; p != nil {
			p.Status = strings.TrimSpace(cells[3])
			p.Notes = strings.TrimSpace(cells[len(cells)-2])
		}
	}
	return nil
}

func addCases(pages []*syscallPage, run *result.File) {
	byName := map[string]*syscallPage{}
	for _, p := range pages {
		byName[p.Name] = p
	}
	for _, r := range run.Rows {
		if p := byName[result.Syscall(r.Case)]; p != nil {
			p.Cases = append(p.Cases, newCase(r, run.Sandboxes))
		}
	}
}

func newCase(r result.Row, sandboxes []string) casePage {
	lang := map[string]string{"c": "C", "go": "Go"}[result.Lang(r.Case)]
	c := casePage{ID: r.Case, Lang: lang, Name: result.Name(r.Case), Needs: r.Needs, Checks: r.Native.Checks, State: "untested"}
	values := make([]map[string]string, len(sandboxes))
	for i, s := range sandboxes {
		col := r.Sandbox[s]
		c.Columns = append(c.Columns, columnPage{s, string(col.Verdict), col.Reason, col.Outcome.Checks, col.Outcome.Detail})
		values[i] = map[string]string{}
		for _, o := range col.Outcome.Obs {
			values[i][o[0]] = o[1]
		}
		if i == 0 {
			c.State = stateOf(col.Verdict)
		}
	}
	for _, o := range r.Native.Obs {
		row := obsRow{Name: o[0], Native: o[1]}
		for i := range sandboxes {
			v, ok := values[i][o[0]]
			if !ok {
				v = "(none)"
			}
			row.Cells = append(row.Cells, cell{v, v != o[1]})
			row.Differs = row.Differs || v != o[1]
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func stateOf(v result.Verdict) string {
	switch v {
	case result.Same, result.Known, result.Skipped:
		return string(v)
	case "":
		return "untested"
	}
	return "differs"
}

// settle decides the colour, the worst of its cases, and links to the sources.
func (p *syscallPage) settle(src *sources) {
	files := src.tests(p.Name)
	for i := range p.Cases {
		k := &p.Cases[i]
		p.Counts[k.State]++
		if at := src.find(files, result.Lang(k.ID), result.Name(k.ID)); at.File != "" {
			k.URL = src.url(at)
		}
	}
	p.State = "untested"
	if p.Status == "absent" {
		p.State = "absent"
	}
	for _, s := range []string{"differs", "known", "same", "skipped"} { // the worst first
		if p.Counts[s] > 0 {
			p.State = s
			break
		}
	}
	if p.handler.File != "" && src.read(p.handler.File) != "" {
		p.Files = append(p.Files, link{"handler: " + p.handler.File, src.url(p.handler)})
	}
	for _, f := range files {
		if src.read(f) != "" {
			p.Files = append(p.Files, link{f, src.url(place{File: f})})
		}
	}
}

func write(c Config, x index, src *sources) error {
	t, err := template.New("").Funcs(template.FuncMap{
		"glyph":     func(state string) string { return glyphs[state] },
		"meaning":   func(state string) string { return meanings[state] },
		"breakable": breakable,
	}).ParseFS(static, "static/*.html")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.Out, "syscall"), 0o755); err != nil {
		return err
	}
	for _, name := range []string{"style.css", "grid.js", "mark.svg"} {
		b, err := static.ReadFile("static/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(c.Out, name), b, 0o644); err != nil {
			return err
		}
	}
	if err := render(t, "index.html", filepath.Join(c.Out, "index.html"), x); err != nil {
		return err
	}
	for i, p := range x.Syscalls {
		if i > 0 {
			p.Prev, x.Syscalls[i-1].Next = x.Syscalls[i-1].Name, p.Name
		}
	}
	for _, p := range x.Syscalls {
		if err := render(t, "syscall.html", filepath.Join(c.Out, "syscall", p.Name+".html"), p); err != nil {
			return err
		}
	}
	return src.write(t)
}

// breakable lets a long name break after its underscores, not in a word.
func breakable(name string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(name), "_", "_<wbr>"))
}

func render(t *template.Template, name, out string, data any) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := t.ExecuteTemplate(f, name, data); err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	return f.Close()
}

type total struct {
	State string
	Count int
	Share float64 // percent
}

type index struct {
	Syscalls []*syscallPage
	Families []string
	States   []total // of syscalls
	Statuses []total // of the implementation
	Cases    []total // of cases
	NCases   int
	Flags    marks // sums: no names
	Errnos   marks
	Run      *result.File
	When     string
	Trend    *trend
}

// Sum is how many names there are.
func (m marks) Sum() int { return len(m.Marks) }

// Percent of the names that were seen.
func (m marks) Percent() float64 { return 100 * float64(m.Seen) / float64(max(1, len(m.Marks))) }

func newIndex(pages []*syscallPage, run *result.File, history *trend) index {
	x := index{Syscalls: pages, Run: run, Trend: history}
	byState, statuses, cases := map[string]int{}, map[string]int{}, map[string]int{}
	for _, p := range pages {
		byState[p.State]++
		if p.Status != "" {
			statuses[p.Status]++
		}
		for s, n := range p.Counts {
			cases[s] += n
			x.NCases += n
		}
		if p.Family != "" && !slices.Contains(x.Families, p.Family) {
			x.Families = append(x.Families, p.Family)
		}
		for _, m := range p.Matrix {
			to := &x.Flags
			if m.Title == "Errnos" {
				to = &x.Errnos
			}
			to.Marks, to.Seen = append(to.Marks, m.Marks...), to.Seen+m.Seen
		}
	}
	slices.Sort(x.Families)
	x.States = totals(byState, states)
	x.Cases = totals(cases, states)
	x.Statuses = totals(statuses, []string{"full", "partial", "delegated", "denied", "missing", "absent"})
	if !run.Started.IsZero() {
		x.When = run.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return x
}

func totals(count map[string]int, order []string) []total {
	var out []total
	all := 0
	for _, n := range count {
		all += n
	}
	for _, s := range order {
		if count[s] > 0 {
			out = append(out, total{s, count[s], 100 * float64(count[s]) / float64(all)})
		}
	}
	return slices.Clip(out)
}

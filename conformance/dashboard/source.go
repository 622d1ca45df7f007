// SPDX-License-Identifier: Apache-2.0

// This file links to sources: where the tree can be read elsewhere, there, and else to pages of this folder's own.

package dashboard

import (
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// place is a line of a file of the tree.
type place struct {
	File string
	Line int
}

// sourcePage is a file with numbered lines.
type sourcePage struct {
	Path, Up string
	Lines    template.HTML
}

// sources are the files that pages link to.
type sources struct {
	c     Config
	files map[string]string // their text, by path
}

// read gives the text of a file of the tree, "" if there is none.
func (s *sources) read(file string) string {
	if text, ok := s.files[file]; ok {
		return text
	}
	b, err := os.ReadFile(filepath.Join(s.c.Root, file))
	if err != nil {
		return ""
	}
	s.files[file] = string(b)
	return string(b)
}

// url is the address of a place, seen from a syscall's page.
func (s *sources) url(at place) string {
	line := ""
	if at.Line > 0 {
		line = fmt.Sprintf("#L%d", at.Line)
	}
	if s.c.Source != "" {
		return s.c.Source + at.File + line
	}
	return "../source/" + at.File + ".html" + line
}

// tests are the files of a syscall's cases.
func (s *sources) tests(name string) []string {
	var out []string
	files, _ := filepath.Glob(filepath.Join(s.c.Root, "syscall-tests", name, "*"))
	for _, f := range files {
		if ext := filepath.Ext(f); ext == ".c" || ext == ".go" {
			out = append(out, "syscall-tests/"+name+"/"+filepath.Base(f))
		}
	}
	return out
}

var caseWord = regexp.MustCompile(`^(?:CASE\((\w+)|.*harness\.Case\("(\w+)"|[A-Z_]{3,}\((?:[A-Z_]+, \d+, )?(\w+),)`)

// find is the line that makes a case: its own, or that of the table which several are made by.
func (s *sources) find(files []string, lang, name string) place {
	best := place{}
	length := 0
	for _, f := range files {
		if path.Ext(f) != "."+lang {
			continue
		}
		n := 0
		for line := range strings.Lines(s.read(f)) {
			n++
			m := caseWord.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			word := m[1] + m[2] + m[3]
			if word == name {
				return place{f, n}
			}
			if m[3] != "" && strings.HasPrefix(name, word+"_") && len(word) > length {
				best, length = place{f, n}, len(word)
			}
		}
	}
	return best
}

// write writes a page for each file that was linked to.
func (s *sources) write(t *template.Template) error {
	if s.c.Source != "" {
		return nil
	}
	for file, text := range s.files {
		out := filepath.Join(s.c.Out, "source", file+".html")
		if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
			return err
		}
		up := strings.Repeat("../", strings.Count(file, "/")+1)
		p := sourcePage{Path: file, Up: up, Lines: numbered(text)}
		if err := render(t, "source.html", out, p); err != nil {
			return err
		}
	}
	return nil
}

// numbered makes the rows of a file's lines. The template's own loop takes ten times as long for the tree's half a million.
func numbered(text string) template.HTML {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		n++
		fmt.Fprintf(&b, `<tr id="L%d"><th><a href="#L%d">%d</a></th><td>`, n, n, n)
		template.HTMLEscape(&b, []byte(strings.TrimSuffix(line, "\n")))
		b.WriteString("</td></tr>\n")
	}
	return template.HTML(b.String())
}

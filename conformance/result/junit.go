// SPDX-License-Identifier: Apache-2.0

// The results as JUnit's XML, which other tools read: a suite a sandbox and syscall, a test a case.

package result

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuites struct {
	XMLName xml.Name      `xml:"testsuites"`
	Suites  []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`

	ms int64
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
	Out     string     `xml:"system-out,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the results of all sandboxes.
func (f *File) WriteJUnit(w io.Writer) error {
	SortRows(f.Rows)
	var all junitSuites
	for _, sandbox := range f.Sandboxes {
		var suite *junitSuite
		for _, r := range f.Rows {
			name := sandbox + "." + Syscall(r.Case)
			if suite == nil || suite.Name != name {
				suite = &junitSuite{Name: name}
				all.Suites = append(all.Suites, suite)
			}
			suite.add(r, r.Sandbox[sandbox])
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "\t")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(r Row, c Column) {
	k := junitCase{Class: s.Name, Name: strings.TrimPrefix(r.Case, Syscall(r.Case)+"/"), Time: seconds(c.Outcome.MS)}
	text := &junitText{Message: string(c.Verdict)}
	if c.Reason != "" {
		text.Message += ": " + c.Reason
	}
	for _, d := range c.Diffs {
		text.Text += fmt.Sprintf("%s: native %q, here %q\n", d.Name, d.Native, d.Sandbox)
	}
	switch c.Verdict {
	case Same:
	case Known:
		k.Out = text.Message + "\n" + text.Text
	case Skipped, "":
		k.Skipped = text
		s.Skipped++
	case Broken, Crash, Timeout:
		k.Error = text
		s.Errors++
	default:
		k.Failure = text
		s.Failures++
	}
	s.Tests++
	s.ms += c.Outcome.MS
	s.Time = seconds(s.ms)
	s.Cases = append(s.Cases, k)
}

func seconds(ms int64) string { return fmt.Sprintf("%.3f", float64(ms)/1000) }

// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

// goFile is one parsed file of the tree.
type goFile struct {
	name   string // from the root
	test   bool
	syntax *ast.File
	fset   *token.FileSet
}

func (f goFile) dir() string { return path.Dir(f.name) }

func root(t *testing.T) string {
	t.Helper()
	dir, err := table.Root()
	assert.NilError(t, err)
	return dir
}

// skipped are the directories that are not part of the tree.
var skipped = map[string]bool{".git": true, "bin": true, "out": true, "testdata": true}

// treeFiles lists the files of the tree: those that git would show, or all where there is no git.
var treeFiles = sync.OnceValues(func() ([]string, error) {
	dir, err := table.Root()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = dir
	if out, err := cmd.Output(); err == nil {
		var names []string
		for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				names = append(names, name)
			}
		}
		return names, nil
	}
	var names []string
	err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && skipped[d.Name()] {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() {
			rel, err := filepath.Rel(dir, p)
			names = append(names, rel)
			return err
		}
		return nil
	})
	return names, err
})

func files(t *testing.T) []string {
	t.Helper()
	names, err := treeFiles()
	assert.NilError(t, err)
	assert.Assert(t, len(names) > 20, "the tree has %d files?", len(names))
	return names
}

var parseAll = sync.OnceValues(func() ([]goFile, error) {
	names, err := treeFiles()
	if err != nil {
		return nil, err
	}
	dir, err := table.Root()
	if err != nil {
		return nil, err
	}
	var all []goFile
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		all = append(all, goFile{name, strings.HasSuffix(name, "_test.go"), f, fset})
	}
	return all, nil
})

func goFiles(t *testing.T) []goFile {
	t.Helper()
	all, err := parseAll()
	assert.NilError(t, err)
	return all
}

func TestPackagesSayWhatTheyAre(t *testing.T) {
	said, seen := map[string]bool{}, map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		seen[f.dir()] = true
		if doc := f.syntax.Doc.Text(); strings.HasPrefix(doc, "Package "+f.syntax.Name.Name+" ") || strings.HasPrefix(doc, "Command ") {
			said[f.dir()] = true
		}
	}
	for dir := range seen {
		if !said[dir] {
			t.Errorf("%s: no file says what the package is (// Package x ..., // Command x ...)", dir)
		}
	}
}

func TestSourcesNameTheirLicence(t *testing.T) {
	const line = "SPDX-License-Identifier: Apache-2.0"
	for _, name := range files(t) {
		base := path.Base(name)
		data, err := os.ReadFile(filepath.Join(root(t), name))
		assert.NilError(t, err)
		script := bytes.HasPrefix(data, []byte("#!"))
		switch path.Ext(base) {
		case ".go", ".c", ".h", ".S", ".s", ".ld", ".lds":
		default:
			if !script && base != "Makefile" {
				continue
			}
		}
		lines := strings.SplitN(string(data), "\n", 3)
		if script {
			lines = lines[1:]
		}
		if len(lines) == 0 || !strings.Contains(lines[0], line) {
			t.Errorf("%s: does not begin with %q", name, line)
		}
	}
}

// Generated files are what the generator makes of the fixtures, the directives and the suite as they are now.
func TestGeneratedFilesAreFresh(t *testing.T) {
	want, err := gen.Files(root(t))
	assert.NilError(t, err)
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(root(t), name))
		assert.NilError(t, err)
		if !bytes.Equal(got, text) {
			t.Errorf("%s is stale: run make generate", name)
		}
	}
}

func TestSkipsHaveReasons(t *testing.T) {
	for _, f := range goFiles(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if sel.Sel.Name == "SkipNow" || (sel.Sel.Name == "Skip" || sel.Sel.Name == "Skipf") && len(call.Args) == 0 {
				t.Errorf("%s: skips without saying why", f.fset.Position(call.Pos()))
			}
			return true
		})
	}
}

// machinePaths are directories of the machine that the test runs on which have no place in a file: the checkout itself,
// git's own copy of it, and Go's caches.
func machinePaths(t *testing.T) []string {
	t.Helper()
	paths := []string{root(t)}
	for _, args := range [][]string{{"git", "rev-parse", "--path-format=absolute", "--git-common-dir"}, {"go", "env", "GOMODCACHE"}, {"go", "env", "GOCACHE"}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = root(t)
		if out, err := cmd.Output(); err == nil {
			paths = append(paths, strings.TrimSuffix(strings.TrimSpace(string(out)), "/.git"))
		}
	}
	return paths
}

func TestNothingNamesThisMachine(t *testing.T) {
	var needles [][]byte
	for _, p := range machinePaths(t) {
		if strings.Count(p, "/") >= 2 { // a name directly below / may be an ordinary word
			needles = append(needles, []byte(p))
		}
	}
	for _, name := range files(t) {
		data, err := os.ReadFile(filepath.Join(root(t), name))
		assert.NilError(t, err)
		for _, needle := range needles {
			if bytes.Contains(data, needle) {
				t.Errorf("%s: names %s, a path of this machine", name, needle)
			}
		}
	}
}

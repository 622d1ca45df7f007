// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/table"
)

// Statuses that a directive can give. A row without a directive is missing, or absent when Linux has no entry point.
const (
	Missing   = "missing"
	Full      = "full"
	Partial   = "partial"
	Delegated = "delegated"
	Denied    = "denied"
	Absent    = "absent"
)

// Directive is one `//ditto:syscall NAME STATUS` comment.
type Directive struct {
	Syscall *table.Syscall
	Status  string
	Errno   string // of a denied call
	Note    string // what is missing from a partial one
	Pos     token.Position
	Handler *Handler // nil for a directive that stands by itself
}

// Handler is the function that a directive stands over.
type Handler struct {
	Func    string
	Params  []Param // after the task
	Result  bool    // returns a value beside its error
	imports map[string]string
}

// Param is one parameter of a handler.
type Param struct {
	Name string
	Expr ast.Expr
}

const prefix = "//ditto:syscall"

// Directives reads the directives of the Go files in dir (kernel/syscalls), by syscall name.
func Directives(t *table.Table, dir string) (map[string]*Directive, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	found := map[string]*Directive{}
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_gen.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := fileDirectives(t, fset, filepath.Base(name), src, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func fileDirectives(t *table.Table, fset *token.FileSet, name string, src []byte, found map[string]*Directive) error {
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	over := map[*ast.CommentGroup]*ast.FuncDecl{}
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
			over[fn.Doc] = fn
		}
	}
	for _, group := range f.Comments {
		for _, comment := range group.List {
			if !strings.HasPrefix(comment.Text, prefix) {
				continue
			}
			d, err := parseDirective(t, comment.Text)
			pos := fset.Position(comment.Pos())
			if err != nil {
				return fmt.Errorf("%s: %w", pos, err)
			}
			d.Pos = pos
			if fn := over[group]; fn != nil {
				if d.Handler, err = readHandler(f, fn); err != nil {
					return fmt.Errorf("%s: %w", fset.Position(fn.Pos()), err)
				}
			}
			if d.Handler == nil && d.Status != Denied && d.Status != Delegated {
				return fmt.Errorf("%s: %s %s needs a handler below its directive", pos, d.Syscall.Name, d.Status)
			}
			if first := found[d.Syscall.Name]; first != nil {
				return fmt.Errorf("%s: %s has a directive already, at %s", pos, d.Syscall.Name, first.Pos)
			}
			found[d.Syscall.Name] = d
		}
	}
	return nil
}

func parseDirective(t *table.Table, text string) (*Directive, error) {
	words := strings.Fields(strings.TrimPrefix(text, prefix))
	if len(words) < 2 {
		return nil, fmt.Errorf("%q: want %s NAME STATUS", text, prefix)
	}
	d := &Directive{Syscall: t.ByName(words[0]), Status: words[1], Note: strings.Join(words[2:], " ")}
	switch {
	case d.Syscall == nil:
		return nil, fmt.Errorf("no syscall is named %q", words[0])
	case d.Syscall.Absent():
		return nil, fmt.Errorf("no entry point in Linux for %s: it needs no directive", words[0])
	}
	switch d.Status {
	case Full:
		if d.Note != "" {
			return nil, fmt.Errorf("%s full, but %q: a call that lacks something is partial", words[0], d.Note)
		}
	case Partial:
		if d.Note == "" {
			return nil, fmt.Errorf("%s partial: say in words what is missing", words[0])
		}
	case Delegated:
	case Denied:
		if len(words) < 3 || !isErrno(words[2]) {
			return nil, fmt.Errorf("%s denied: name the errno that it answers", words[0])
		}
		d.Errno, d.Note = words[2], strings.Join(words[3:], " ")
	default:
		return nil, fmt.Errorf("%s: unknown status %q (full, partial, delegated or denied)", words[0], d.Status)
	}
	return d, nil
}

func isErrno(name string) bool {
	for e := unix.Errno(1); e < 134; e++ {
		if unix.ErrnoName(e) == name {
			return true
		}
	}
	return false
}

// readHandler takes a handler's signature apart: a task first, then the arguments; an error last.
func readHandler(f *ast.File, fn *ast.FuncDecl) (*Handler, error) {
	h := &Handler{Func: fn.Name.Name, imports: importNames(f)}
	if fn.Recv != nil || fn.Type.TypeParams != nil {
		return nil, fmt.Errorf("%s: a handler is a plain function", h.Func)
	}
	for _, field := range fn.Type.Params.List {
		names := field.Names
		if len(names) == 0 {
			names = []*ast.Ident{ast.NewIdent("_")}
		}
		for _, name := range names {
			h.Params = append(h.Params, Param{name.Name, field.Type})
		}
	}
	if len(h.Params) == 0 || exprString(h.Params[0].Expr) != "*task.Task" {
		return nil, fmt.Errorf("%s: the first parameter must be *task.Task", h.Func)
	}
	h.Params = h.Params[1:]
	results := fn.Type.Results
	n := results.NumFields()
	if n < 1 || n > 2 || exprString(results.List[len(results.List)-1].Type) != "error" {
		return nil, fmt.Errorf("%s: must return error, or a number and error", h.Func)
	}
	h.Result = n == 2
	return h, nil
}

func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

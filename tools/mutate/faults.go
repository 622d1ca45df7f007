// SPDX-License-Identifier: Apache-2.0

// This file finds the places where a fault can be put.

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

// fault is one small change of a file.
type fault struct {
	File     string // below the root
	Line     int
	From, To int // offsets of what is replaced
	Text     string
	What     string
	Calls    []string // whose cases should see it
}

func (f fault) String() string {
	calls := f.Calls
	if len(calls) > 4 {
		calls = append(slices.Clone(calls[:4]), "...")
	}
	return fmt.Sprintf("%s:%d: %s (%s)", f.File, f.Line, f.What, strings.Join(calls, " "))
}

// mostCalls is how many calls' cases are run for one fault.
const mostCalls = 5

// wakers are the files outside of the handlers that wake who waits, and the calls that wait.
var wakers = map[string][]string{
	"kernel/fs/anon/eventfd.go":  {"eventfd2", "poll", "epoll_wait"},
	"kernel/fs/anon/timerfd.go":  {"timerfd_settime", "poll"},
	"kernel/fs/anon/inotify.go":  {"inotify_add_watch", "poll"},
	"kernel/fs/pipe/pipe.go":     {"pipe2", "read", "write", "poll"},
	"kernel/fs/pipe/end.go":      {"pipe2", "read", "write", "poll", "splice"},
	"kernel/fs/pipe/fifo.go":     {"openat", "mknod"},
	"kernel/fs/mqueue/mqueue.go": {"mq_timedsend", "mq_timedreceive", "poll"},
	"kernel/ipc/msgop.go":        {"msgsnd", "msgrcv"},
	"kernel/ipc/semop.go":        {"semop", "semtimedop", "semctl"},
	"kernel/vfs/locks.go":        {"fcntl", "flock"},
}

// find lists the faults of all handlers, and of the wakers, in the order of the files.
func find(root string) ([]fault, error) {
	facts, err := table.Load(root)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, "kernel", "syscalls")
	directives, err := gen.Directives(facts, dir)
	if err != nil {
		return nil, err
	}
	p, err := parse(root, dir)
	if err != nil {
		return nil, err
	}
	reach := p.reach(directives)
	var all []fault
	for _, f := range p.files {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || len(reach[fn.Name.Name]) == 0 {
				continue
			}
			all = append(all, p.in(f, fn, reach[fn.Name.Name])...)
		}
	}
	wakes, err := findWakes(root)
	return append(all, wakes...), err
}

type source struct {
	name   string // below the root
	text   []byte
	syntax *ast.File
}

type pkg struct {
	fset  *token.FileSet
	files []source
	funcs map[string]*ast.FuncDecl
}

func parse(root, dir string) (*pkg, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p := &pkg{fset: token.NewFileSet(), funcs: map[string]*ast.FuncDecl{}}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_gen.go") {
			continue
		}
		if err := p.add(root, name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *pkg) add(root, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(p.fset, name, text, 0)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return err
	}
	p.files = append(p.files, source{rel, text, syntax})
	for _, d := range syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			p.funcs[fn.Name.Name] = fn
		}
	}
	return nil
}

// reach is, for each function, the calls whose handlers come to it, the nearest first.
func (p *pkg) reach(directives map[string]*gen.Directive) map[string][]string {
	reach := map[string][]string{}
	var names []string
	for name, d := range directives {
		if d.Handler != nil && (d.Status == gen.Full || d.Status == gen.Partial) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	next := map[string][]string{} // call: functions at this distance
	for _, name := range names {
		next[name] = []string{directives[name].Handler.Func}
	}
	seen := map[[2]string]bool{}
	for range 4 {
		for _, name := range names {
			var further []string
			for _, fn := range next[name] {
				decl := p.funcs[fn]
				if decl == nil || decl.Body == nil || seen[[2]string{name, fn}] {
					continue
				}
				seen[[2]string{name, fn}] = true
				reach[fn] = append(reach[fn], name)
				ast.Inspect(decl.Body, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok && p.funcs[id.Name] != nil {
						further = append(further, id.Name)
					}
					return true
				})
			}
			next[name] = further
		}
	}
	return reach
}

// in lists the faults of one function.
func (p *pkg) in(f source, fn *ast.FuncDecl, calls []string) []fault {
	var found []fault
	add := func(n ast.Node, text, what string) {
		from, to := p.fset.Position(n.Pos()), p.fset.Position(n.End())
		was := strings.Join(strings.Fields(string(f.text[from.Offset:to.Offset])), " ")
		found = append(found, fault{f.name, from.Line, from.Offset, to.Offset, text, what + ": " + was + " becomes " + text, calls[:min(len(calls), mostCalls)]})
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			for _, r := range n.Results {
				if e, ok := errno(r); ok {
					add(r, "unix."+otherErrno(e), "wrong errno")
				}
			}
		case *ast.BinaryExpr:
			if text, what := p.otherwise(f, n); text != "" {
				add(n, text, what)
			}
		}
		return true
	})
	return found
}

func errno(e ast.Expr) (string, bool) {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	x, ok := s.X.(*ast.Ident)
	name := s.Sel.Name
	return name, ok && x.Name == "unix" && len(name) > 2 && name[0] == 'E' && name == strings.ToUpper(name) && !strings.Contains(name, "_")
}

func otherErrno(e string) string {
	if e == "EINVAL" {
		return "EPERM"
	}
	return "EINVAL"
}

// otherwise is a comparison with a fault: a flag that is ignored, a bound that is off by one.
func (p *pkg) otherwise(f source, b *ast.BinaryExpr) (text, what string) {
	part := func(n ast.Node) string {
		return string(f.text[p.fset.Position(n.Pos()).Offset:p.fset.Position(n.End()).Offset])
	}
	if and, ok := b.X.(*ast.BinaryExpr); ok && (and.Op == token.AND || and.Op == token.AND_NOT) && part(b.Y) == "0" {
		switch b.Op {
		case token.NEQ:
			return "(" + part(and.X) + ")*0 != 0", "ignored flag"
		case token.EQL:
			return "(" + part(and.X) + ")*0 == 0", "ignored flag"
		}
	}
	bounds := map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}
	if op, ok := bounds[b.Op]; ok {
		return part(b.X) + " " + op + " " + part(b.Y), "off by one"
	}
	return "", ""
}

// findWakes lists the statements that wake who waits.
func findWakes(root string) ([]fault, error) {
	var all []fault
	for name, calls := range wakers {
		p := &pkg{fset: token.NewFileSet(), funcs: map[string]*ast.FuncDecl{}}
		err := p.add(root, filepath.Join(root, name))
		if os.IsNotExist(err) {
			return nil, fmt.Errorf("%w: put what became of it into the list of wakers", err)
		}
		if err != nil {
			return nil, err
		}
		f := p.files[0]
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			s, ok := n.(*ast.ExprStmt)
			if !ok {
				return true
			}
			from, to := p.fset.Position(s.Pos()), p.fset.Position(s.End())
			was := string(f.text[from.Offset:to.Offset])
			call, _, _ := strings.Cut(was, "(")
			if strings.HasSuffix(call, ".Notify") || strings.HasSuffix(strings.ToLower(call), "wake") || strings.HasSuffix(call, ".WakeAll") {
				all = append(all, fault{f.name, from.Line, from.Offset, to.Offset, "{}", "missing wake-up: " + was + " is gone", calls})
			}
			return true
		})
	}
	slices.SortFunc(all, func(a, b fault) int { return strings.Compare(fmt.Sprint(a.File, a.From), fmt.Sprint(b.File, b.From)) })
	return all, nil
}

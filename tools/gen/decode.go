// SPDX-License-Identifier: Apache-2.0

// This file fits a handler's parameters to the prototype of its syscall, and writes the conversion of each register.

package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"

	"github.com/ditto-kernel/ditto/tools/table"
)

const module = "github.com/ditto-kernel/ditto"

// basic is a Go type that a register can become.
type basic struct {
	bits   int
	signed bool
}

var basics = map[string]basic{
	"int16": {16, true}, "uint16": {16, false}, "int32": {32, true}, "uint32": {32, false},
	"int64": {64, true}, "uint64": {64, false}, "int": {64, true}, "uint": {64, false}, "uintptr": {64, false},
}

// decoder fits handlers to prototypes. It resolves named types by reading the source of the packages they come from.
type decoder struct {
	root    string
	pkgs    map[string]map[string]ast.Expr // import path, type name: what it is declared as
	files   map[string]map[string]string   // import path: the imports of its files
	imports map[string]string              // of the generated file: path by name
}

func newDecoder(root string) *decoder {
	return &decoder{root: root, pkgs: map[string]map[string]ast.Expr{}, files: map[string]map[string]string{}, imports: map[string]string{}}
}

// arguments returns the Go expressions that a call of the handler passes after the task, in terms of a *[6]uint64
// named a.
func (d *decoder) arguments(s *table.Syscall, h *Handler) ([]string, error) {
	var out []string
	next := 0
	for _, p := range h.Params {
		if next >= len(s.Args) {
			return nil, fmt.Errorf("%s has a parameter %s too many: %s takes %d arguments", h.Func, p.Name, s.Name, len(s.Args))
		}
		expr, used, err := d.argument(s, next, h, p)
		if err != nil {
			return nil, fmt.Errorf("%s: parameter %s: %w", h.Func, p.Name, err)
		}
		out = append(out, expr)
		next += used
	}
	if next != len(s.Args) {
		return nil, fmt.Errorf("%s takes no parameter for argument %q of %s", h.Func, s.Args[next].Name, s.Name)
	}
	return out, nil
}

func (d *decoder) argument(s *table.Syscall, i int, h *Handler, p Param) (expr string, used int, err error) {
	arg := s.Args[i]
	name := exprString(p.Expr)
	if d.isUser(h, p.Expr, "Bytes") {
		d.imports["user"] = module + "/kernel/user"
		if arg.Class != table.Pointer || i+1 >= len(s.Args) || s.Args[i+1].Class == table.Pointer {
			return "", 0, fmt.Errorf("user.Bytes needs a pointer and its length, and %s has %q", s.Name, arg.CType+" "+arg.Name)
		}
		length := register(s.Args[i+1].Class, i+1)
		if s.Args[i+1].Class != table.Uint64 {
			length = "uint64(" + length + ")"
		}
		return fmt.Sprintf("%s{Addr: user.Addr(a[%d]), Len: %s}", name, i, length), 2, nil
	}
	under, err := d.resolve(module+"/kernel/syscalls", h.imports, p.Expr, 0)
	if err != nil {
		return "", 0, err
	}
	if err := fits(arg, under, name); err != nil {
		return "", 0, err
	}
	if sel, ok := p.Expr.(*ast.SelectorExpr); ok {
		pkg := exprString(sel.X)
		if path, ok := d.imports[pkg]; ok && path != h.imports[pkg] {
			return "", 0, fmt.Errorf("package %s is both %s and %s", pkg, path, h.imports[pkg])
		}
		d.imports[pkg] = h.imports[pkg]
	}
	return convert(arg.Class, i, name), 1, nil
}

// register is the argument as the kernel's entry code narrows it.
func register(c table.Class, i int) string {
	switch c {
	case table.Uint64, table.Pointer:
		return fmt.Sprintf("a[%d]", i)
	}
	return fmt.Sprintf("%s(a[%d])", c, i)
}

func convert(c table.Class, i int, goType string) string {
	if reg := register(c, i); !strings.HasPrefix(reg, goType+"(") && goType != "uint64" {
		return goType + "(" + reg + ")"
	} else if goType == "uint64" && c != table.Uint64 && c != table.Pointer {
		return "uint64(" + reg + ")"
	} else {
		return reg
	}
}

// fits refuses a Go type that would change the value the kernel sees. The same width in the other sign keeps every
// bit, and is allowed: Linux itself declares descriptors both ways.
func fits(arg table.Arg, under, name string) error {
	b, ok := basics[under]
	if under == "user.Addr" {
		b, ok = basic{64, false}, arg.Class.Bits() == 64
	}
	if !ok {
		return fmt.Errorf("type %s can't hold %q", name, arg.CType+" "+arg.Name)
	}
	c := arg.Class
	wider := b.bits > c.Bits() && (!c.Signed() || b.signed)
	if b.bits == c.Bits() || wider || b.bits == 32 && narrowed(arg) {
		return nil
	}
	return fmt.Errorf("type %s does not keep the value of %q: use %s", name, arg.CType+" "+arg.Name, c)
}

// narrowed reports whether the kernel itself cuts a wider argument to 32 bits: descriptors and process ids, however
// they are declared.
func narrowed(arg table.Arg) bool {
	switch arg.Kind.Name {
	case "fd", "dirfd", "pid":
		return true
	}
	return false
}

func (d *decoder) isUser(h *Handler, e ast.Expr, name string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == name && h.imports[exprString(sel.X)] == module+"/kernel/user"
}

// resolve follows a type to the basic type below it, or to user.Addr.
func (d *decoder) resolve(pkg string, imports map[string]string, e ast.Expr, depth int) (string, error) {
	if depth > 10 {
		return "", fmt.Errorf("type %s goes round in circles", exprString(e))
	}
	switch e := e.(type) {
	case *ast.Ident:
		if _, ok := basics[e.Name]; ok {
			return e.Name, nil
		}
		if pkg == module+"/kernel/user" && e.Name == "Addr" {
			return "user.Addr", nil
		}
		if err := d.load(pkg); err != nil {
			return "", err
		}
		if decl := d.pkgs[pkg][e.Name]; decl != nil {
			return d.resolve(pkg, d.files[pkg], decl, depth+1)
		}
		return "", fmt.Errorf("type %s is not declared in %s", e.Name, pkg)
	case *ast.SelectorExpr:
		path, ok := imports[exprString(e.X)]
		if !ok {
			return "", fmt.Errorf("type %s: no import of that name", exprString(e))
		}
		return d.resolve(path, nil, e.Sel, depth+1)
	}
	return "", fmt.Errorf("type %s can't be decoded from a register", exprString(e))
}

// load reads the type declarations of a package of this module.
func (d *decoder) load(pkg string) error {
	if d.pkgs[pkg] != nil {
		return nil
	}
	rel, ok := strings.CutPrefix(pkg, module+"/")
	if !ok {
		return fmt.Errorf("a type of package %s: only this module's types are decoded", pkg)
	}
	decls, imports := map[string]ast.Expr{}, map[string]string{}
	names, err := filepath.Glob(filepath.Join(d.root, rel, "*.go"))
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for name, path := range importNames(f) {
			imports[name] = path
		}
		for _, decl := range f.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					decls[ts.Name.Name] = ts.Type
				}
			}
		}
	}
	d.pkgs[pkg], d.files[pkg] = decls, imports
	return nil
}

func exprString(e ast.Expr) string { return types.ExprString(e) }

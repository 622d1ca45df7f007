// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/ditto-kernel/ditto/tools/table"
)

// goNames are what the parameters can't be called: words of Go, and what the handler's file has already.
var goNames = map[string]bool{"t": true, "len": true, "cap": true, "new": true, "string": true, "int": true, "user": true, "task": true, "unix": true}

func paramName(name string) string {
	name = strings.TrimLeft(name, "_")
	if token.IsKeyword(name) || goNames[name] {
		return name + "_"
	}
	return name
}

// params is the Go parameter list of a handler.
func params(s *table.Syscall) string {
	list := []string{"t *task.Task"}
	for i := 0; i < len(s.Args); i++ {
		a := s.Args[i]
		goType := a.Class.String()
		switch {
		case a.Kind.Name == "path":
			goType = "user.Path"
		case a.Kind.Of == "buf" && a.Kind.Bytes == i+1:
			goType = "user.Bytes"
			i++
		case a.Kind.Name == "fd" || a.Kind.Name == "dirfd" || a.Kind.Name == "pid":
			goType = "int32"
		case a.Kind.Name == "addr":
			goType = "user.Addr"
		}
		list = append(list, paramName(a.Name)+" "+goType)
	}
	return strings.Join(list, ", ")
}

// prototype is the call as the kernel declares it.
func prototype(s *table.Syscall) string {
	var args []string
	for _, a := range s.Args {
		sep := " "
		if strings.HasSuffix(a.CType, "*") {
			sep = ""
		}
		args = append(args, strings.ReplaceAll(a.CType, "__user ", "")+sep+a.Name)
	}
	return fmt.Sprintf("%s(%s)", s.Name, strings.Join(args, ", "))
}

func handler(s *table.Syscall) string {
	list := params(s)
	userImport := ""
	if strings.Contains(list, "user.") {
		userImport = "\t\"github.com/ditto-kernel/ditto/kernel/user\"\n"
	}
	return fmt.Sprintf(`// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
%s)

// %s: %s
//
//ditto:syscall %s partial scaffold only
func %s(%s) (int, error) {
	return 0, unix.ENOSYS
}
`, userImport, handlerName(s.Name), prototype(s), s.Name, handlerName(s.Name), list)
}

// packages are those with a syscall's name that files of kernel/syscalls import.
var packages = map[string]bool{"bpf": true, "futex": true, "pipe": true, "poll": true, "seccomp": true, "sync": true, "time": true}

// handlerName is the syscall's name as Go writes it, unless Go has taken it.
func handlerName(name string) string {
	words := strings.Split(strings.Trim(name, "_"), "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	name = strings.Join(words, "")
	if token.IsKeyword(name) || name == "close" || packages[name] {
		return name + "_"
	}
	return name
}

// questions are what the cases should ask, as a comment of the C test.
func questions(s *table.Syscall) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s: which questions do these cases ask?\n//\n// %s\n", s.Name, prototype(s))
	if len(s.Errnos) > 0 {
		fmt.Fprintf(&b, "// documented errnos: %s\n", strings.Join(s.Errnos, " "))
	}
	for _, a := range s.Args {
		if a.Kind.Name == "flags" || a.Kind.Name == "cmd" {
			fmt.Fprintf(&b, "// %s: the set %s of fixtures/syscalls/sets.tsv\n", a.Name, a.Kind.Of)
		}
	}
	return b.String()
}

func tests(s *table.Syscall) map[string]string {
	pkg := s.Name
	if token.IsKeyword(pkg) {
		pkg += "_"
	}
	dir := "syscall-tests/" + s.Name + "/" + s.Name
	return map[string]string{
		dir + ".c": fmt.Sprintf(`// SPDX-License-Identifier: Apache-2.0
//go:build ignore

%s#include "../harness/harness.h"

CASE(todo) {
	OBSERVE_RET("with no arguments", syscall(SYS_%s, 0, 0, 0, 0, 0, 0));
	CHECK(!"write the cases of %s");
}
`, questions(s), s.Name, s.Name),
		dir + ".go": fmt.Sprintf(`// SPDX-License-Identifier: Apache-2.0

// Package %s tests %s from Go: say here which questions it asks.
package %s

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("todo", "", todo)
}

func todo(t *harness.T) {
	t.Check(false, "write the cases of %s")
}
`, pkg, s.Name, pkg, s.Name),
	}
}

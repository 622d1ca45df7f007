// SPDX-License-Identifier: Apache-2.0

// This file writes kernel/strace/table_gen.go: how the tracer prints the arguments of each syscall, and the sets that
// it finds names in.

package gen

import (
	"bytes"
	"fmt"
	"go/format"

	"github.com/ditto-kernel/ditto/tools/table"
)

func tracer(t *table.Table) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("// SPDX-License-Identifier: Apache-2.0\n\n" + heading + "\npackage strace\n\n")
	fmt.Fprintf(&out, "// calls says how to print each syscall, by number.\nvar calls = [%d]call{\n", t.Newest()+1)
	for i := range t.Syscalls {
		s := &t.Syscalls[i]
		fmt.Fprintf(&out, "%d: {name: %q", s.Number, s.Name)
		if s.NoReturn {
			out.WriteString(", noReturn: true")
		}
		if s.Result != "" {
			fmt.Fprintf(&out, ", result: result%s", camel(s.Result))
		}
		if _, counted := pairSets[s.Name]; counted {
			out.WriteString(", pairs: true")
		}
		if len(s.Args) > 0 {
			out.WriteString(", args: []arg{")
			for i, a := range s.Args {
				if i > 0 {
					out.WriteString(", ")
				}
				traceArg(&out, t, a)
			}
			out.WriteString("}")
		}
		out.WriteString("},\n")
	}
	out.WriteString("}\n\nvar (\n")
	for _, name := range sortedKeys(t.Sets) {
		traceSet(&out, t.Sets[name])
	}
	out.WriteString(")\n")
	return format.Source(out.Bytes())
}

func traceArg(out *bytes.Buffer, t *table.Table, a table.Arg) {
	k := a.Kind
	fmt.Fprintf(out, "{kind: kind%s, bits: %d", camel(k.Name), a.Class.Bits())
	if a.Class.Signed() {
		out.WriteString(", signed: true")
	}
	switch k.Name {
	case "flags", "cmd":
		fmt.Fprintf(out, ", set: &set%s", camel(k.Of))
	case "struct":
		fmt.Fprintf(out, ", dir: %s, of: %q, size: %d", [...]string{"0", "in", "out", "in|out"}[k.Dir], k.Of, t.Structs[k.Of].Size)
		// Indexes are written plus one, so that none is zero.
		for _, f := range []struct {
			name  string
			value int
		}{{"elems", k.Elems}, {"count", k.Count + 1}, {"bytes", k.Bytes + 1}, {"bytesAt", k.BytesAt + 1}} {
			if f.value != 0 {
				fmt.Fprintf(out, ", %s: %d", f.name, f.value)
			}
		}
	}
	out.WriteString("}")
}

func traceSet(out *bytes.Buffer, s *table.Set) {
	fmt.Fprintf(out, "set%s = set{%q, []member{\n", camel(s.Name), s.Name)
	for _, m := range s.Members {
		mask := m.Mask
		if m.Cmd {
			mask = 0xffffffff
		}
		field := m.Cmd || m.Field
		fmt.Fprintf(out, "{%q, %#x, %#x, %t},\n", m.Name, m.Value&mask, mask, field)
	}
	out.WriteString("}}\n")
}

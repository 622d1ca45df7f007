// SPDX-License-Identifier: Apache-2.0

// This file writes a program as a case of the conformance suite.

package prog

import (
	"fmt"
	"strings"
)

// Case is a C file with the program as one case, for syscall-tests. What the operations do in other threads is done in
// one here, and what needs the executor (dumps) is left out: a person makes a good case of it.
func (p *Program) Case(name, why string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// SPDX-License-Identifier: Apache-2.0\n//go:build ignore\n\n// %s\n// Found by the fuzzer, seed %d.\n", why, p.Seed)
	b.WriteString("#include \"../harness/harness.h\"\n#include \"../harness/creds.h\"\n\n")
	p.caseData(&b)
	fmt.Fprintf(&b, "CASE(%s, \"root\") {\n\tlong r[32];\n\tmemset(r, -1, sizeof r);\n", name)
	b.WriteString("\tmemcpy(arena, start, sizeof start);\n")
	ends := map[int]bool{}
	for i, op := range p.Ops {
		p.caseOp(&b, i, op)
		if op.What == Fork {
			ends[i+op.Body] = true
		}
		if ends[i] {
			b.WriteString("\t}\n")
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// caseData is the arena: as long as what the operations point to.
func (p *Program) caseData(b *strings.Builder) {
	data := strings.TrimRight(string(p.Data), "\x00")
	fmt.Fprintf(b, "static char arena[%#x] __attribute__((aligned(4096)));\nstatic const unsigned char start[] = {", p.Arena)
	for i := range len(data) {
		if i%24 == 0 {
			b.WriteString("\n\t")
		}
		fmt.Fprintf(b, "%d,", data[i])
	}
	b.WriteString("\n};\n\n")
}

func (p *Program) caseOp(b *strings.Builder, i int, op Op) {
	var args []string
	for _, a := range op.Args {
		args = append(args, caseArg(a))
	}
	fmt.Fprintf(b, "\t// %s\n", p.Line(op))
	name := fmt.Sprintf("%d %s", i, op.Name)
	switch op.What {
	case Call:
		call := strings.Join(append([]string{"syscall(SYS_" + op.Name}, args...), ", ") + ")"
		if op.Store != NoStore {
			call = fmt.Sprintf("r[%d] = %s", op.Store, call)
		}
		macro := "OBSERVE_RET"
		if op.Ret != RetValue {
			macro = "OBSERVE_OK"
		}
		if op.As > 0 {
			fmt.Fprintf(b, "\tIN_CHILD(NULL) {\n\t\tbecome_nobody(); // uid 1000 in the program\n\t\t%s(\"%s\", %s);\n\t}\n", macro, name, call)
			return
		}
		fmt.Fprintf(b, "\t%s(\"%s\", %s);\n", macro, name, call)
	case Poke, Peek:
		fmt.Fprintf(b, "\tmemcpy((void *)(%s), (void *)(%s), %s);\n", args[0], args[1], args[2])
	case Fork:
		b.WriteString("\tIN_CHILD(NULL) {\n")
	}
}

func caseArg(a Arg) string {
	switch a.Kind {
	case Slot:
		return fmt.Sprintf("r[%d]", a.Slot)
	case SlotPlus:
		return fmt.Sprintf("r[%d] + %d", a.Slot, a.Value)
	case Arena:
		return fmt.Sprintf("arena + %#x", a.Value)
	case Pages:
		return fmt.Sprintf("0x60000000l + %#x", a.Value)
	case Memory:
		return fmt.Sprintf("*(int *)(arena + %#x)", a.Value)
	}
	return fmt.Sprintf("%#xul", uint64(a.Value))
}

// SPDX-License-Identifier: Apache-2.0

// This file reads the C side of an argument: its type decides how a 64-bit register is narrowed, as the kernel's own
// entry code narrows it.

package table

import (
	"fmt"
	"strings"
)

// Class is what the C type of an argument means for its register.
type Class int

const (
	Pointer Class = iota // an address of the application
	Int32                // int and its kin: the low 32 bits, signed
	Uint32               // unsigned int and its kin: the low 32 bits
	Int64                // long and its kin
	Uint64               // unsigned long and its kin
	Uint16               // umode_t: the low 16 bits
)

// String names the class as the Go type that holds it.
func (c Class) String() string {
	return [...]string{"user.Addr", "int32", "uint32", "int64", "uint64", "uint16"}[c]
}

// Bits is the width that the kernel looks at.
func (c Class) Bits() int { return [...]int{64, 32, 32, 64, 64, 16}[c] }

// Signed reports whether the kernel sign-extends it.
func (c Class) Signed() bool { return c == Int32 || c == Int64 }

// Arg is one argument of a syscall.
type Arg struct {
	CType string // as the kernel declares it
	Name  string // as the kernel names it
	Class Class
	Kind  Kind
}

// classes are the scalar types of the prototypes; what is not here must be a pointer.
var classes = map[string]Class{
	"int": Int32, "pid_t": Int32, "key_t": Int32, "key_serial_t": Int32, "clockid_t": Int32, "timer_t": Int32,
	"mqd_t": Int32, "rwf_t": Int32, "__s32": Int32,
	"unsigned int": Uint32, "unsigned": Uint32, "u32": Uint32, "__u32": Uint32, "uid_t": Uint32, "gid_t": Uint32,
	"qid_t": Uint32, "enum landlock_rule_type": Uint32,
	"long": Int64, "loff_t": Int64, "off_t": Int64,
	"unsigned long": Uint64, "size_t": Uint64, "u64": Uint64, "__u64": Uint64, "aio_context_t": Uint64,
	"umode_t": Uint16,
	// Pointers behind a typedef.
	"cap_user_header_t": Pointer, "cap_user_data_t": Pointer,
}

func parseArgs(list string) ([]Arg, error) {
	var args []Arg
	for _, decl := range strings.Split(list, ";") {
		decl = strings.TrimSpace(decl)
		if decl == "" {
			continue
		}
		cut := strings.LastIndexAny(decl, " *")
		if cut < 0 {
			return nil, fmt.Errorf("argument %q has no name", decl)
		}
		a := Arg{CType: strings.TrimSpace(decl[:cut+1]), Name: decl[cut+1:]}
		var err error
		if a.Class, err = classify(a.CType); err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	return args, nil
}

func classify(ctype string) (Class, error) {
	if strings.Contains(ctype, "*") {
		return Pointer, nil
	}
	c, ok := classes[strings.TrimPrefix(ctype, "const ")]
	if !ok {
		return 0, fmt.Errorf("unknown C type %q: add it to classes", ctype)
	}
	return c, nil
}

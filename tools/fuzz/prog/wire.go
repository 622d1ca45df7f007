// SPDX-License-Identifier: Apache-2.0

package prog

import "encoding/binary"

const magic = 0x31667a64

// The sizes of the executor's structures.
const (
	headerSize = 24
	opSize     = 184
)

// lasting are the calls that change an address space for good, and whose programs get one of their own.
var lasting = map[string]bool{
	"mseal": true, "membarrier": true, "mlockall": true, "munlockall": true, "pkey_alloc": true, "pkey_free": true,
	"process_madvise": true, "process_mrelease": true, "shmat": true, "brk": true,
}

// Encode is the program as the executor reads it; directory is the number of the one that it works in.
func (p *Program) Encode(directory int) []byte {
	flags := p.Flags
	for _, op := range p.Ops {
		if lasting[op.Name] {
			flags |= OwnMemory
		}
	}
	le := binary.LittleEndian
	out := make([]byte, 0, headerSize+opSize*len(p.Ops)+len(p.Data))
	for _, v := range []int{magic, len(p.Ops), len(p.Data), p.Arena, flags, directory} {
		out = le.AppendUint32(out, uint32(v))
	}
	for _, op := range p.Ops {
		flags := byte(0)
		if op.Async {
			flags = 1
		}
		if op.NotDir {
			flags |= 2
		}
		out = le.AppendUint16(out, uint16(op.Nr))
		out = append(out, byte(op.What), byte(op.Thread), flags, byte(op.Ret), byte(op.Store), byte(op.As),
			byte(len(op.Args)), byte(len(op.Norms)))
		out = le.AppendUint16(out, uint16(op.Body))
		out = le.AppendUint32(out, uint32(op.Index))
		for i := range 6 {
			var a Arg
			if i < len(op.Args) {
				a = op.Args[i]
			}
			out = le.AppendUint32(out, uint32(a.Kind))
			out = le.AppendUint32(out, uint32(a.Slot))
			out = le.AppendUint64(out, uint64(a.Value))
		}
		for i := range 6 {
			var n Norm
			if i < len(op.Norms) {
				n = op.Norms[i]
			}
			out = le.AppendUint32(out, uint32(n.Format))
			out = le.AppendUint32(out, uint32(n.Offset))
			out = le.AppendUint32(out, uint32(n.Length))
		}
	}
	return append(out, p.Data...)
}

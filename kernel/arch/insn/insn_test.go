// SPDX-License-Identifier: Apache-2.0

package insn

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Where the registers of TestAccesses point to.
const (
	ip = 0x400000
	a  = 0x10000 // rax
	b  = 0x20000 // rbx
	c  = 3       // rcx
	di = 0x30000
	si = 0x40000
	bp = 0x50000
	sp = 0x60000
	fs = 0x7000000
	gs = 0x8000000
)

func rd(addr, n uint64) Access    { return Access{Addr: addr, Size: n, Reads: true} }
func wr(addr, n uint64) Access    { return Access{Addr: addr, Size: n, Writes: true} }
func rw(addr, n uint64) Access    { return Access{Addr: addr, Size: n, Reads: true, Writes: true} }
func some(x Access) Access        { x.Perhaps = true; return x }
func list(all ...Access) []Access { return all }

// The code is what GNU as makes of the text beside it.
func TestAccesses(t *testing.T) {
	r := platform.Regs{Rip: ip, Rax: a, Rbx: b, Rcx: c, Rdi: di, Rsi: si, Rbp: bp, Rsp: sp, R12: 0x100000, R13: 2, Fs_base: fs, Gs_base: gs}
	for _, tt := range []struct {
		code, text string
		want       []Access
	}{
		{"488903", "mov %rax,(%rbx)", list(wr(b, 8))},
		{"8b448b08", "mov 8(%rbx,%rcx,4),%eax", list(rd(b+20, 4))},
		{"c6051000000001", "movb $1,0x10(%rip)", list(wr(ip+7+0x10, 1))},
		{"0145fc", "add %eax,-4(%rbp)", list(rw(bp-4, 4))},
		{"3907", "cmp %eax,(%rdi)", list(rd(di, 4))},
		{"488d03", "lea (%rbx),%rax", nil},
		{"50", "push %rax", list(wr(sp-8, 8))},
		{"6650", "push %ax", list(wr(sp-2, 2))},
		{"58", "pop %rax", list(rd(sp, 8))},
		{"ff33", "push (%rbx)", list(wr(sp-8, 8), rd(b, 8))},
		{"8f442408", "pop 8(%rsp)", list(rd(sp, 8), wr(sp+16, 8))},
		{"e803000000", "call", list(wr(sp-8, 8))},
		{"ff13", "call *(%rbx)", list(wr(sp-8, 8), rd(b, 8))},
		{"ff23", "jmp *(%rbx)", list(rd(b, 8))},
		{"c3", "ret", list(rd(sp, 8))},
		{"c9", "leave", list(rd(bp, 8))},
		{"c8100000", "enter $16,$0", list(wr(sp-8, 8))},
		{"c8100002", "enter $16,$2", list(wr(sp-24, 24), rd(bp-8, 8))},
		{"f3a4", "rep movsb", list(rd(si, 1), wr(di, 1))},
		{"f348ab", "rep stosq", list(wr(di, 8))},
		{"66ad", "lodsw", list(rd(si, 2))},
		{"a6", "cmpsb", list(rd(si, 1), rd(di, 1))},
		{"af", "scasl", list(rd(di, 4))},
		{"488703", "xchg %rax,(%rbx)", list(rw(b, 8))},
		{"f00fc103", "lock xadd %eax,(%rbx)", list(rw(b, 4))},
		{"f0480fc70b", "lock cmpxchg16b (%rbx)", list(rw(b, 16))},
		{"0fb603", "movzbl (%rbx),%eax", list(rd(b, 1))},
		{"0fbf03", "movswl (%rbx),%eax", list(rd(b, 2))},
		{"480fa303", "bt %rax,(%rbx)", list(rd(b+a/8, 8))},
		{"0fab03", "bts %eax,(%rbx)", list(rw(b+a/8, 4))},
		{"480fba2303", "btq $3,(%rbx)", list(rd(b, 8))},
		{"0f9403", "sete (%rbx)", list(wr(b, 1))},
		{"660f4503", "cmovne (%rbx),%ax", list(rd(b, 2))},
		{"480fc303", "movnti %rax,(%rbx)", list(wr(b, 8))},
		{"6b0303", "imul $3,(%rbx),%eax", list(rd(b, 4))},
		{"c12302", "shll $2,(%rbx)", list(rw(b, 4))},
		{"0fa503", "shld %cl,%eax,(%rbx)", list(rw(b, 4))},
		{"f713", "notl (%rbx)", list(rw(b, 4))},
		{"f61b", "negb (%rbx)", list(rw(b, 1))},
		{"f60301", "testb $1,(%rbx)", list(rd(b, 1))},
		{"f723", "mull (%rbx)", list(rd(b, 4))},
		{"48ff03", "incq (%rbx)", list(rw(b, 8))},
		{"4f0fbe4cecff", "movsbq -1(%r12,%r13,8),%r9", list(rd(0x100000+16-1, 1))},
		{"488b04cd00000000", "mov 0(,%rcx,8),%rax", list(rd(8*c, 8))},
		{"486303", "movslq (%rbx),%rax", list(rd(b, 4))},
		{"8c1b", "mov %ds,(%rbx)", list(wr(b, 2))},
		{"64488b042510000000", "mov %fs:0x10,%rax", list(rd(fs+0x10, 8))},
		{"65488903", "mov %rax,%gs:(%rbx)", list(wr(gs+b, 8))},
		{"678a03", "mov (%ebx),%al", list(rd(b, 1))},
		{"a28877665544332211", "movabs %al,0x1122334455667788", list(wr(0x1122334455667788, 1))},
		{"d7", "xlat", list(rd(b+a&0xff, 1))},
		{"9c", "pushf", list(wr(sp-8, 8))},
		{"9d", "popf", list(rd(sp, 8))},
		{"f20f38f003", "crc32b (%rbx),%eax", list(rd(b, 1))},
		{"0f38f103", "movbe %eax,(%rbx)", list(wr(b, 4))},
		{"0f180b", "prefetcht0 (%rbx)", nil},
		{"660f1f03", "nopw (%rbx)", nil},
		{"0f05", "syscall", nil},

		{"0f1003", "movups (%rbx),%xmm0", list(rd(b, 16))},
		{"0f2903", "movaps %xmm0,(%rbx)", list(wr(b, 16))},
		{"f20f1003", "movsd (%rbx),%xmm0", list(rd(b, 8))},
		{"f30f1103", "movss %xmm0,(%rbx)", list(wr(b, 4))},
		{"f30f7e03", "movq (%rbx),%xmm0", list(rd(b, 8))},
		{"660fd603", "movq %xmm0,(%rbx)", list(wr(b, 8))},
		{"660f6e03", "movd (%rbx),%xmm0", list(rd(b, 4))},
		{"f2480f2a03", "cvtsi2sdq (%rbx),%xmm0", list(rd(b, 8))},
		{"f30f5a03", "cvtss2sd (%rbx),%xmm0", list(rd(b, 4))},
		{"f2480f2c03", "cvttsd2si (%rbx),%rax", list(rd(b, 8))},
		{"f30fe603", "cvtdq2pd (%rbx),%xmm0", list(rd(b, 8))},
		{"f30f5803", "addss (%rbx),%xmm0", list(rd(b, 4))},
		{"660f2e03", "ucomisd (%rbx),%xmm0", list(rd(b, 8))},
		{"660f3a0b0301", "roundsd $1,(%rbx),%xmm0", list(rd(b, 8))},
		{"660fe703", "movntdq %xmm0,(%rbx)", list(wr(b, 16))},
		{"0f1303", "movlps %xmm0,(%rbx)", list(wr(b, 8))},
		{"660f1603", "movhpd (%rbx),%xmm0", list(rd(b, 8))},
		{"f20f1203", "movddup (%rbx),%xmm0", list(rd(b, 8))},
		{"660f3a140301", "pextrb $1,%xmm0,(%rbx)", list(wr(b, 1))},
		{"660fc40301", "pinsrw $1,(%rbx),%xmm0", list(rd(b, 2))},
		{"0ffe03", "paddd (%rbx),%mm0", list(rd(b, 8))},
		{"0f6003", "punpcklbw (%rbx),%mm0", list(rd(b, 4))},
		{"660ff103", "psllw (%rbx),%xmm0", list(rd(b, 16))},
		{"660ff7c8", "maskmovdqu %xmm0,%xmm1", list(some(wr(di, 16)))},
		{"0fae13", "ldmxcsr (%rbx)", list(rd(b, 4))},
		{"0fae1b", "stmxcsr (%rbx)", list(wr(b, 4))},
		{"0fae03", "fxsave (%rbx)", list(some(wr(b, 512)))},

		{"c5fe6f03", "vmovdqu (%rbx),%ymm0", list(rd(b, 32))},
		{"c5fe7f4320", "vmovdqu %ymm0,0x20(%rbx)", list(wr(b+0x20, 32))},
		{"c4e27d7803", "vpbroadcastb (%rbx),%ymm0", list(rd(b, 1))},
		{"c4e2f9b90b", "vfmadd231sd (%rbx),%xmm0,%xmm1", list(rd(b, 8))},
		{"c4e27d3003", "vpmovzxbw (%rbx),%ymm0", list(rd(b, 16))},
		{"c4e2752e03", "vmaskmovps %ymm0,%ymm1,(%rbx)", list(some(wr(b, 32)))},
		{"c4e37d380301", "vinserti128 $1,(%rbx),%ymm0,%ymm0", list(rd(b, 16))},
		{"c4e37d390301", "vextracti128 $1,%ymm0,(%rbx)", list(wr(b, 16))},
		{"62f1fe486f4301", "vmovdqu64 0x40(%rbx),%zmm0", list(rd(b+0x40, 64))},
		{"62f17f497f43ff", "vmovdqu8 %zmm0,-0x40(%rbx){%k1}", list(some(wr(b-0x40, 64)))},
		{"62f17d20744701", "vpcmpeqb 0x20(%rdi),%ymm16,%k0", list(rd(di+0x20, 32))},
		{"62f17d58fe4b01", "vpaddd 4(%rbx){1to16},%zmm0,%zmm1", list(rd(b+4, 4))},
		{"62f27e48314301", "vpmovdb %zmm0,0x10(%rbx)", list(wr(b+0x10, 16))},

		{"dd03", "fldl (%rbx)", list(rd(b, 8))},
		{"db3b", "fstpt (%rbx)", list(wr(b, 10))},
		{"df3b", "fistpll (%rbx)", list(wr(b, 8))},
		{"d933", "fnstenv (%rbx)", list(wr(b, 28))},
		{"66d933", "fnstenv (%rbx), of 16 bits", list(wr(b, 14))},
		{"db03", "fildl (%rbx)", list(rd(b, 4))},
	} {
		t.Run(tt.text, func(t *testing.T) {
			code, err := hex.DecodeString(tt.code)
			assert.NilError(t, err)
			i, ok := Decode(code)
			assert.Assert(t, ok)
			assert.Equal(t, i.Len, len(code))
			if d := cmp.Diff(tt.want, i.Accesses(&r, nil)); d != "" {
				t.Error(d)
			}
			_, ok = Decode(code[:len(code)-1])
			assert.Assert(t, !ok, "known though its last byte is missing")
		})
	}
}

// A string operation with a count of 0 touches nothing.
func TestNoTurnsLeft(t *testing.T) {
	i, ok := Decode([]byte{0xf3, 0xa4})
	assert.Assert(t, ok && i.Repeats())
	assert.Equal(t, len(i.Accesses(&platform.Regs{Rsi: si, Rdi: di}, nil)), 0)
}

// Gathers and scatters are known, but not where they go.
func TestScatters(t *testing.T) {
	for _, code := range []string{"c4e275900c03", "62f27d49900403", "62f27d49a00403"} {
		b, err := hex.DecodeString(code)
		assert.NilError(t, err)
		i, ok := Decode(b)
		assert.Assert(t, ok && i.Scatters(), code)
		assert.Equal(t, i.Len, len(b))
		assert.Equal(t, len(i.Accesses(&platform.Regs{}, nil)), 0)
	}
}

func TestBranches(t *testing.T) {
	for _, tt := range []struct {
		code                []byte
		branch, conditional bool
	}{
		{[]byte{0x90}, false, false},
		{[]byte{0x0f, 0x05}, false, false},
		{[]byte{0xeb, 0}, true, false},
		{[]byte{0xe9, 0, 0, 0, 0}, true, false},
		{[]byte{0xe8, 0, 0, 0, 0}, true, false},
		{[]byte{0xc3}, true, false},
		{[]byte{0xf3, 0xc3}, true, false},
		{[]byte{0xff, 0xd0}, true, false},
		{[]byte{0xff, 0xe0}, true, false},
		{[]byte{0xff, 0xc0}, false, false},
		{[]byte{0x74, 0}, true, true},
		{[]byte{0xe2, 0}, true, true},
		{[]byte{0x0f, 0x84, 0, 0, 0, 0}, true, true},
		{[]byte{0x0f, 0x94, 0xc0}, false, false},
	} {
		i, ok := Decode(tt.code)
		assert.Assert(t, ok, "%x", tt.code)
		assert.Equal(t, i.Branch(), tt.branch, "%x", tt.code)
		assert.Equal(t, i.Branch() && i.Conditional(), tt.conditional, "%x", tt.code)
	}
}

func TestOverlaps(t *testing.T) {
	x := Access{Addr: 100, Size: 8}
	for addr, want := range map[uint64]bool{98: false, 99: true, 100: true, 107: true, 108: false} {
		assert.Equal(t, x.Overlaps(addr, 2), want, "at %d", addr)
	}
	top := Access{Addr: ^uint64(0) - 3, Size: 8} // around the end
	assert.Assert(t, top.Overlaps(0, 4) && !top.Overlaps(4, 4))
}

// Any bytes are an instruction or none; what is one has a length that fits, and is the same whatever follows.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"488903", "62f17d58fe4b01", "c4e37d380301", "f348ab", "66f30f7e03", "64a28877665544332211"} {
		code, _ := hex.DecodeString(s)
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		i, ok := Decode(code)
		if !ok {
			return
		}
		if i.Len < 1 || i.Len > len(code) || i.Len > MaxLen {
			t.Fatalf("%x: %d bytes", code, i.Len)
		}
		again, ok := Decode(code[:i.Len])
		if !ok || again != i {
			t.Fatalf("%x: another without what follows", code)
		}
		r := platform.Regs{Rip: ip, Rcx: 1}
		for _, x := range i.Accesses(&r, nil) {
			if x.Size == 0 || x.Size > 4096 || !x.Reads && !x.Writes {
				t.Fatalf("%x: %+v", code, x)
			}
		}
	})
}

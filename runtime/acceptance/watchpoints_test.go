// SPDX-License-Identifier: Apache-2.0

package acceptance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// watchpoints have gdb use debug registers. There is nothing to compare with: the processors of virtual machines often
// accept them and never trap. What gdb prints is what its manual says.
var watchpoints = []struct {
	name     string
	commands []string
	want     []string // lines, of those that tell of watchpoints and breakpoints
}{
	{"watch", []string{"watch counter", "c", "c", "c", "p $_siginfo.si_code", "delete 2", "c"}, []string{
		"Hardware watchpoint 2: counter",
		"Hardware watchpoint 2: counter", "Old value = 0", "New value = 1",
		"Hardware watchpoint 2: counter", "Old value = 1", "New value = 3",
		"Hardware watchpoint 2: counter", "Old value = 3", "New value = 6",
		"$1 = 4", // TRAP_HWBKPT
		"[Inferior 1 (process N) exited normally]"}},
	{"watch on a condition", []string{"watch counter if counter > 2", "c", "p counter", "delete 2", "c"}, []string{
		"Hardware watchpoint 2: counter",
		"Hardware watchpoint 2: counter", "Old value = 1", "New value = 3",
		"$1 = 3",
		"[Inferior 1 (process N) exited normally]"}},
	{"awatch", []string{"awatch other", "c", "c", "c"}, []string{
		"Hardware access (read/write) watchpoint 2: other",
		"Hardware access (read/write) watchpoint 2: other", "Old value = 0", "New value = 6",
		`Thread 1 "watched" hit Hardware access (read/write) watchpoint 2: other`, "Value = 6",
		"[Inferior 1 (process N) exited normally]"}},
	{"rwatch", []string{"rwatch other", "c", "p other", "c"}, []string{
		"Hardware read watchpoint 2: other",
		`Thread 1 "watched" hit Hardware read watchpoint 2: other`, "Value = 6",
		"$1 = 6",
		"[Inferior 1 (process N) exited normally]"}},
	{"hbreak", []string{"hbreak twice", "c", "p n", "delete 2", "hbreak adds", "c", "p *(int *)p", "c"}, []string{
		"Hardware assisted breakpoint 2 at ADDR: file watched.c, line N.",
		"Breakpoint 2, twice (n=7) at watched.c:N",
		"$1 = 7",
		"Hardware assisted breakpoint 3 at ADDR: file watched.c, line N.",
		`Thread 2 "watched" hit Breakpoint 3, adds (p=ADDR) at watched.c:N`,
		"$2 = 14",
		"[Inferior 1 (process N) exited normally]"}},
	{"four at once, and one too many", []string{"watch counter", "watch other", "watch total", "watch text[0]", "watch text[15]", "c", "delete 6",
		"c", "c", "c", "c", "c"}, []string{
		"Hardware watchpoint 2: counter", "Hardware watchpoint 3: other", "Hardware watchpoint 4: total",
		"Hardware watchpoint 5: text[0]", "Hardware watchpoint 6: text[15]",
		"Hardware watchpoint 2: counter", "Old value = 0", "New value = 1",
		"Hardware watchpoint 2: counter", "Old value = 1", "New value = 3",
		"Hardware watchpoint 2: counter", "Old value = 3", "New value = 6",
		"Hardware watchpoint 3: other", "Old value = 0", "New value = 6",
		`Hardware watchpoint 5: text[0]`, `Old value = 0 '\000'`, `New value = 104 'h'`}},
	{"in a thread", []string{"watch total", "c", "delete 2", "c"}, []string{
		"Hardware watchpoint 2: total",
		`Thread 2 "watched" hit Hardware watchpoint 2: total`, "Old value = 5", "New value = 19",
		"[Inferior 1 (process N) exited normally]"}},
}

const watched = `
cat >watched.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <string.h>

volatile int counter, other;
volatile long total = 5;
char text[16];
int twice(int n) { return n * 2; }
void *adds(void *p) { total += *(int *)p; return NULL; }

int main(void) {
	int n = 7;
	for (int i = 1; i <= 3; i++)
		counter = counter + i;
	other = counter;
	n = twice(n);
	strcpy(text, "hello");
	pthread_t t;
	pthread_create(&t, NULL, adds, &n);
	pthread_join(t, NULL);
	return other - 6;
}
END
gcc -g -O0 -pthread -o watched watched.c
gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'break main' -ex run`

func TestWatchpoints(t *testing.T) {
	need(t, "gdb", "gcc")
	for _, p := range watchpoints {
		t.Run(p.name, func(t *testing.T) {
			script := watched
			for _, c := range p.commands {
				script += " -ex '" + c + "'"
			}
			cmd := do("bash", "-c", script+" ./watched 2>&1"+normal+` | sed -E 's/line [0-9]+/line N/; s/watched.c:[0-9]+/watched.c:N/'`)
			cmd.Dir = t.TempDir()
			o := run(t, cmd)
			var got []string
			for _, line := range strings.Split(o.Stdout, "\n") {
				for _, about := range []string{"Hardware ", "Old value", "New value", "Value =", "Breakpoint 2", "Breakpoint 3", "$", "[Inferior 1"} {
					if strings.HasPrefix(line, about) || strings.Contains(line, " hit ") {
						got = append(got, strings.TrimSpace(line))
						break
					}
				}
			}
			if d := cmp.Diff(p.want, got); d != "" {
				t.Errorf("gdb (-want +got):\n%s\nall of it:\n%s", d, o.Stdout)
			}
			assert.Equal(t, o.Status, "exit status 0")
		})
	}
}

// byBlocks steps through a piece of code from one branch that is taken to the next, and prints where it stopped.
const byBlocks = `
cat >blocks.c <<'END'
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

void code(void), taken(void), called(void), last(void);
__asm__(".text\n.globl code,taken,called,last\n"
	"code: int3\n nop\n xor %eax,%eax\n jnz 1f\n nop\n jz taken\n nop\n"
	"taken: nop\n nop\n call called\n"
	"1: mov $3,%ecx\n2: nop\n dec %ecx\n jnz 2b\n nop\n jmp last\n"
	"called: nop\n ret\n"
	"last: mov $60,%eax\n xor %edi,%edi\n syscall\n");

int main(void) {
	struct user_regs_struct r;
	int st, pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		code();
	}
	for (waitpid(pid, &st, 0); WIFSTOPPED(st); waitpid(pid, &st, 0)) {
		ptrace(PTRACE_GETREGS, pid, 0, &r);
		printf("%s ", r.rip == (long)taken ? "taken" : r.rip == (long)called ? "called" : r.rip == (long)last ? "last" :
			r.rip > (long)called ? "elsewhere" : r.rip == (long)code + 1 ? "begin" : r.rip < (long)taken ? "early" : "loop");
		ptrace(33, pid, 0, 0); // PTRACE_SINGLEBLOCK
	}
	printf("end %d\n", WEXITSTATUS(st));
	return 0;
}
END
gcc -o blocks blocks.c && ./blocks`

// Here too the processors of virtual machines often know no better than to stop at each instruction.
func TestStepsByBlocks(t *testing.T) {
	need(t, "gcc")
	cmd := do("bash", "-c", byBlocks)
	cmd.Dir = t.TempDir()
	o := run(t, cmd)
	// The call, its return, and twice back to the loop's head.
	assert.Equal(t, o.Stdout, "begin taken called loop loop loop last end 0\n", "%s", o.Stderr)
}

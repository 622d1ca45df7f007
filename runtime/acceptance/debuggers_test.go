// SPDX-License-Identifier: Apache-2.0

package acceptance

import "testing"

// debuggers trace other programs. What they print is the same every time once
// addresses and process ids are names.
var debuggers = []struct {
	name   string
	needs  []string
	script string
}{
	{name: "strace of a pipeline", needs: []string{"strace"}, script: `
# A log for each process: in one for all, a call is cut in two where another process's stands between its beginning and its end.
strace -ff -qq -e trace=execve,pipe2,dup2,write,exit_group -e signal=all -o log sh -c 'echo a | cat'
cat log.* | grep -v ELF |
	sed -E 's/0x[0-9a-f]+( \/\* [0-9]+ vars \*\/)?/PTR/g; s/si_pid=[0-9]+/si_pid=N/; s/si_utime=.*}/T}/' | sort`},
	{name: "strace counts", needs: []string{"strace"}, script: `
strace -c -f -o counts sh -c 'for i in 1 2 3; do /bin/true; done'
awk '$NF == "execve" || $NF == "exit_group" { print $4, $NF }' counts`},
	{name: "strace of one that runs", needs: []string{"strace"}, script: `
mkfifo fifo
sh -c 'echo $$ >pid; while read x; do echo got $x; done <fifo' >out &
exec 3>fifo
until [ -s pid ]; do sleep 0.01; done
p=$(cat pid)
strace -o log -p $p 2>err &
until grep -q 'TracerPid:.[1-9]' /proc/$p/status; do sleep 0.01; done
echo one >&3
until grep -qs 'got one' out; do sleep 0.01; done
kill -INT $!
while grep -q 'TracerPid:.[1-9]' /proc/$p/status; do sleep 0.01; done
echo two >&3
exec 3>&-
wait
grep 'write(1' log; tail -1 log; sed 's/[0-9][0-9]*/N/g' err; cat out`},
	{name: "strace injects", needs: []string{"strace", "perl"}, script: `
strace -qq -e inject=unlink,unlinkat:error=EROFS -e trace=unlink,unlinkat -o log rm -f nothing; echo status $?
sed 's/(.*)  */() /' log
strace -qq -e inject=getppid:retval=77 -e trace=getppid -e signal=none -o log perl -e 'print getppid(), "\n"'
cat log`},
	{name: "gdb, a breakpoint", needs: []string{"gdb", "gcc"}, script: program + `
gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'break leaf' -ex run -ex bt -ex finish -ex stepi -ex next -ex next \
	-ex 'p square(7)' -ex 'p $_siginfo.si_code' -ex c ./prog 2>&1` + normal},
	{name: "gdb, a crash", needs: []string{"gdb", "gcc"}, script: program + `
gdb -nx -batch -ex 'set debuginfod enabled off' -ex run -ex bt -ex 'p $_siginfo.si_signo' -ex 'p $_siginfo._sifields._sigfault' \
	-ex 'x/2i $pc' -ex 'info registers eflags cs ss' -ex 'p $xmm0.v16_int8[0] == $xmm0.v16_int8[0]' -ex kill --args ./prog crash 2>&1` + normal},
	{name: "gdb, a core file", needs: []string{"gdb", "gcc"}, script: program + `
ulimit -c unlimited
exec 2>/dev/null # where the shell tells of the crash, with the process's id
./prog crash; echo status $?
gdb -nx -batch -ex 'set debuginfod enabled off' -ex bt -ex 'p $_siginfo._sifields._sigfault' -ex 'p depth' \
	-ex 'info registers eflags cs ss' -ex 'info auxv' -ex 'x/s *(char **)environ != 0 ? "environment" : ""' prog core 2>&1` + normal + ` |
	grep -v 'reg-xstate\|AT_\(SYSINFO\|PHDR\|BASE\|ENTRY\|RANDOM\|EXECFN\|HWCAP\|RSEQ\|MINSIG\|UID\|EUID\|GID\|EGID\|SECURE\)'`},
	{name: "gdb, a child", needs: []string{"gdb", "gcc"}, script: program + `
gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'set follow-fork-mode child' -ex 'break in_child' -ex run -ex bt -ex c \
	--args ./prog fork 2>&1` + normal + ` | grep -v 'Thread debugging\|libthread_db'`},
	{name: "gdb, threads", needs: []string{"gdb", "gcc"}, script: program + `
gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'break in_thread' -ex run -ex 'p n' -ex 'thread apply all -s -q bt 1' -ex delete -ex c \
	--args ./prog thread 2>&1` + normal + ` | grep '^Break\|in_thread\|main\|exited normally\|^\$'`},
	{name: "gdb, one that runs", needs: []string{"gdb", "gcc"}, script: program + `
./prog loop >out &
until grep -qs ready out; do sleep 0.01; done
gdb -nx -batch -ex 'set debuginfod enabled off' -p $! -ex 'break turn' -ex c -ex 'bt 2' -ex 'p go_on' -ex delete -ex 'p square(6)' \
	-ex 'set var go_on = 0' -ex detach 2>&1` + normal + ` | grep -v 'nanosleep\|^Using\|^\[Thread\|internal_syscall\|No such file\|usleep\|^[0-9]*.*/sysdeps'
wait $!; echo status $?; cat out`},
}

// program is what gdb looks at.
const program = `
cat >prog.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int depth, go_on = 1, rounds;
int square(int n) { return n * n; }
int leaf(int n) { depth = n; return n * 2; }
int middle(int n) { int r = leaf(n + 1); return r + 1; }
void turn(int n) { rounds = n; usleep(1000); }
void in_child(void) { depth = 5; }
void *in_thread(void *n) { depth = *(int *)n; return n; }

int main(int argc, char **argv) {
	int r = middle(argc), n = 9;
	setbuf(stdout, NULL);
	printf("r=%d\n", r);
	if (argc < 2)
		return 0;
	if (!strcmp(argv[1], "crash"))
		*(volatile int *)16 = 1;
	if (!strcmp(argv[1], "fork")) {
		if (fork() == 0) {
			in_child();
			_exit(3);
		}
		wait(&n);
		return n >> 8;
	}
	if (!strcmp(argv[1], "thread")) {
		pthread_t t;
		pthread_create(&t, NULL, in_thread, &n);
		pthread_join(t, NULL);
	}
	if (!strcmp(argv[1], "loop")) {
		puts("ready");
		while (go_on)
			turn(2);
		puts("left");
	}
	return 0;
}
END
gcc -g -O0 -pthread -o prog prog.c
`

// normal gives addresses and ids names.
const normal = ` | sed -E 's/0x[0-9a-f]+/ADDR/g; s/(process|LWP) [0-9]+/\1 N/g; s/Thread ADDR \(LWP N\)/THREAD/'`

func TestDebuggers(t *testing.T) {
	for _, p := range debuggers {
		t.Run(p.name, func(t *testing.T) {
			need(t, p.needs...)
			sameBothSides(t, p.script)
		})
	}
}

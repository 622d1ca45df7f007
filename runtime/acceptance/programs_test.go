// SPDX-License-Identifier: Apache-2.0

package acceptance

import "testing"

// work is a script whose output is the same every time.
type work struct {
	name   string
	needs  []string // command:package
	env    []string
	script string
}

// programs are what people run.
var programs = []work{
	{name: "bash loop", script: `bash -c 'for i in $(seq 200); do echo $i | wc -c; done'`},
	{name: "ls -lR", script: `ls -lR /usr/share/doc`},
	{name: "find", script: `find / -xdev -name "*.so*" | sort`},
	{name: "python", needs: []string{"python3"}, script: `python3 -c '
import json, sqlite3, subprocess, threading
total, lock = 0, threading.Lock()
def add(n):
    global total
    for i in range(1000):
        with lock:
            total += n
threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
out = subprocess.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"in", capture_output=True)
db = sqlite3.connect(":memory:")
db.execute("create table t (a integer, b text)")
db.executemany("insert into t values (?, ?)", [(i, str(i * i)) for i in range(100)])
rows = db.execute("select sum(a), max(length(b)) from t").fetchone()
print(json.dumps({"total": total, "out": out.stdout.decode(), "err": out.stderr.decode(), "status": out.returncode, "rows": rows}, sort_keys=True))
'`},
	{name: "python http", needs: []string{"python3"}, script: `python3 -c '
import http.server, threading, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"x" * int(self.path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[::-1])
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d/" % server.server_port
for n in 0, 10, 100000, 3000000:
    print(n, len(urllib.request.urlopen(url + str(n)).read()))
data = bytes(i % 251 for i in range(500000))
print(urllib.request.urlopen(url, data).read()[::-1] == data)
server.shutdown()
server.server_close()
try:
    urllib.request.urlopen(url)
except OSError as e:
    print(e.reason)
'`},
	{name: "perl", needs: []string{"perl"}, script: `perl -e '
$| = 1;
my @kids;
for my $n (1 .. 5) {
    pipe(my $r, my $w) or die;
    my $pid = fork() // die;
    if (!$pid) { close $r; print $w $n ** 2, "\n"; close $w; exit $n }
    close $w;
    push @kids, [$pid, $r];
}
for (@kids) { my ($pid, $r) = @$_; my $line = <$r>; waitpid($pid, 0); print "child says $line", "status ", $? >> 8, "\n" }
open(my $p, "-|", "seq 3 | tac") or die; print while <$p>; close $p; print "status $?\n";
'`},
	{name: "gcc", needs: []string{"gcc", "as:binutils"}, script: `
cat >prog.c <<'END'
#include <stdio.h>
#include <math.h>
#include <stdlib.h>
int main(int argc, char **argv) { printf("%s %d %.6f\n", argv[1], argc, sqrt(atof(argv[1]))); return argc; }
END
gcc -O2 -Wall -o prog prog.c -lm && ./prog 2 three; echo status $?; gcc -c broken.c; echo status $?`},
	{name: "go", needs: []string{"go:golang"}, env: []string{"GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off"}, script: `
go version
mkdir hello hello/greet
cd hello
printf 'module example.org/hello\n\ngo 1.21\n' >go.mod
cat >main.go <<'END'
package main

import (
	"fmt"
	"os"

	"example.org/hello/greet"
)

func main() { fmt.Println(greet.To(os.Args[1])) }
END
cat >greet/greet.go <<'END'
package greet

func To(name string) string { return "hello, " + name }
END
go vet ./... && go build -trimpath -o ../prog . && ../prog world`},
	{name: "git", needs: []string{"git"}, env: []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=C",
		"GIT_COMMITTER_EMAIL=c@example.org", "GIT_AUTHOR_DATE=2024-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2024-01-02T03:04:05Z",
	}, script: `
git init -q -b main repo && cd repo
for i in 1 2 3; do echo "line $i" >>file; mkdir -p d$i; echo $i >d$i/f; git add . ; git commit -q -m "change $i"; done
git log --stat --format='%H %an %ad %s'
git checkout -q -b side HEAD~1 && echo side >>other && git add other && git commit -q -m side && git merge -q -m merge main
git gc -q && git fsck --full --strict 2>&1; git log --graph --oneline; git status --short; git diff HEAD~1 --stat`},
	{name: "tar", script: `tar -C / -cf - usr/include | tar t | sha256sum; tar -C / -cf - --sort=name usr/include | sha256sum`},
	{name: "node", needs: []string{"node:nodejs"}, script: `node -e '
const { spawn } = require("child_process");
setTimeout(() => {
  console.log("timer");
  const child = spawn("sh", ["-c", "read x; echo got $x; exit 4"]);
  child.stdout.on("data", d => process.stdout.write("child: " + d));
  child.on("close", (code, signal) => console.log("closed", code, signal));
  child.stdin.end("hello\n");
}, 20)'`},
	{name: "java", needs: []string{"java:default-jre-headless"}, script: `java -version`},
	{name: "xz and sort", needs: []string{"xz:xz-utils"}, script: `
seq 7000000 | head -c 50000000 >data
xz -0 -k data && xz -t data.xz && xz -dc data.xz | cmp - data && sha256sum data.xz
sort --parallel=2 -S 30M -T . -k1.3 data | sha256sum`},
	{name: "shell jobs", script: `bash -c '
set -m
trap "echo caught USR1" USR1
trap "echo bye" EXIT
kill -USR1 $$
sleep 1000 & first=$!
kill -STOP $first; until jobs -s | grep -q sleep; do :; done; jobs | sed "s/  */ /g"
kill -CONT $first; until jobs -r | grep -q sleep; do :; done; jobs | sed "s/  */ /g"
kill -TERM %1; wait $first; echo status $?
(trap "exit 9" TERM; echo up >ready; while :; do sleep 0.01; done) & second=$!
until [ -s ready ]; do :; done
kill -TERM $second; wait $second; echo status $?
exit 6
' 2>&1; echo status $?`},
	{name: "chromium, without and with its own sandbox", needs: []string{"chromium", "setpriv:util-linux"}, script: `
export HOME=$(TMPDIR=/tmp mktemp -d) DBUS_SESSION_BUS_ADDRESS=/dev/null; cd $HOME
page='data:text/html,<p>text<script>document.write(1+1); fetch("data:,x").then(r => r.text()).then(t => document.body.append(t))</script>'
browse() { chromium --headless --disable-gpu --virtual-time-budget=1000 --dump-dom "$@" "$page" 2>/dev/null; echo status $?; }
browse --no-sandbox --user-data-dir=$HOME/root
chown 65534:65534 $HOME
export -f browse; export page; setpriv --reuid 65534 --regid 65534 --clear-groups bash -c "browse --user-data-dir=$HOME/nobody"
cd /; rm -rf $HOME`},
	{name: "static PIE", needs: []string{"gcc"}, script: `
printf '#include <stdio.h>\n#include <stdlib.h>\n_Thread_local int n = 7; int main(void) { char *p = malloc(100000); return printf("%%d %%d\\n", n, p != NULL) - 4; }' >x.c
gcc -static-pie -o x x.c && ./x; echo status $?
/sbin/ldconfig -p | wc -l; /sbin/ldconfig -N -X -v 2>/dev/null | sort | sha256sum`},
	{name: "shell pipes", script: `seq 100000 | tee >(tail -1 >last) | awk '{ s += $1 } END { print s }'; while [ ! -s last ]; do :; done; cat last
exec 3<>fifo 2>/dev/null; mkfifo p; (echo through the fifo >p &) ; cat p; yes | head -c 1000000 | md5sum; echo "${PIPESTATUS[@]}"`},
}

func TestPrograms(t *testing.T) {
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			need(t, p.needs...)
			sameBothSides(t, p.script, p.env...)
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

// This file is about what containers are for: servers out of Debian's packages, with data in a volume. Each starts, answers
// requests from outside, ends when it is told to, and has its data when it comes again: the same under runc and under ditto.
// DITTO_IMAGES (`make images`) makes it all of them; without, those for which the other tests have the programs.

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// service is a server as a container.
type service struct {
	name     string
	packages []string
	always   bool // its packages are there where the tests run
	files    map[string]string
	user     int // 0: root
	args     []string
	stop     string
	// The requests before and after a restart, by a shell on the host, in the container's network. ready is asked until it succeeds.
	ready, first, second string
}

const counterPy = `
import http.server, pathlib, signal, sqlite3, sys
db = sqlite3.connect("/data/count.db", isolation_level=None)
db.execute("create table if not exists hits (path text)")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        db.execute("insert into hits values (?)", (self.path,))
        n = db.execute("select count(*) from hits where path = ?", (self.path,)).fetchone()[0]
        body = f"{self.path} {n}\n".encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
signal.signal(signal.SIGTERM, lambda *a: sys.exit(4))
http.server.ThreadingHTTPServer.daemon_threads = True
http.server.HTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
`

const counterJS = `
const http = require('http'), fs = require('fs');
const read = () => { try { return JSON.parse(fs.readFileSync('/data/count.json')); } catch { return {}; } };
const server = http.createServer((q, r) => {
  const hits = read(); hits[q.url] = (hits[q.url] || 0) + 1;
  fs.writeFileSync('/data/new', JSON.stringify(hits)); fs.renameSync('/data/new', '/data/count.json');
  r.end(q.url + ' ' + hits[q.url] + '\n');
}).listen(8000, '0.0.0.0');
process.on('SIGTERM', () => server.close(() => process.exit(4)));
`

const counterJava = `
import com.sun.net.httpserver.*; import java.net.*; import java.nio.file.*; import java.util.*;
public class Counter {
  public static void main(String[] args) throws Exception {
    Path file = Path.of("/data/count.properties"); Properties hits = new Properties();
    if (Files.exists(file)) try (var in = Files.newInputStream(file)) { hits.load(in); }
    HttpServer server = HttpServer.create(new InetSocketAddress("0.0.0.0", 8000), 0);
    server.setExecutor(java.util.concurrent.Executors.newFixedThreadPool(4));
    server.createContext("/", e -> {
      String path = e.getRequestURI().getPath(); byte[] body;
      synchronized (hits) {
        int n = Integer.parseInt(hits.getProperty(path, "0")) + 1; hits.setProperty(path, "" + n);
        try (var out = Files.newOutputStream(file)) { hits.store(out, null); }
        body = (path + " " + n + "\n").getBytes();
      }
      e.sendResponseHeaders(200, body.length); try (var out = e.getResponseBody()) { out.write(body); }
    });
    server.start();
  }
}
`

const hits = "for i in 1 2 3; do busybox wget -qO- http://127.0.0.1:8000/a; done; busybox wget -qO- http://127.0.0.1:8000/b"

var services = []service{
	{name: "python", packages: []string{"python3"}, always: true, files: map[string]string{"/app/server.py": counterPy},
		args: []string{"/usr/bin/python3", "/app/server.py"}, stop: "TERM",
		ready: "busybox wget -qO- http://127.0.0.1:8000/up", first: hits, second: hits},
	{name: "node", packages: []string{"nodejs"}, always: true, files: map[string]string{"/app/server.js": counterJS},
		args: []string{"/usr/bin/node", "/app/server.js"}, stop: "TERM",
		ready: "busybox wget -qO- http://127.0.0.1:8000/up", first: hits, second: hits},
	{name: "java", packages: []string{"openjdk-17-jdk-headless"}, files: map[string]string{"/app/Counter.java": counterJava},
		args: []string{"/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "/app/Counter.java"}, stop: "TERM",
		ready: "busybox wget -qO- http://127.0.0.1:8000/up", first: hits, second: hits},
	{name: "redis", packages: []string{"redis-server"}, user: 999,
		args: []string{"/usr/bin/redis-server", "--dir", "/data", "--appendonly", "yes", "--protected-mode", "no", "--bind", "0.0.0.0"}, stop: "TERM",
		ready: "redis-cli ping | grep PONG", first: "redis-cli set k v; redis-cli rpush list a b c; redis-cli incr n",
		second: "redis-cli get k; redis-cli lrange list 0 -1; redis-cli incr n; redis-cli dbsize"},
	{name: "nginx", packages: []string{"nginx-light"},
		files: map[string]string{"/app/nginx.conf": "daemon off; user root; worker_processes 2; pid /run/pid; error_log stderr; events {} http { access_log off; client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi; uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi; server { listen 8000; root /data; location /put { dav_methods PUT; create_full_put_path on; } } }"},
		args:  []string{"/usr/sbin/nginx", "-c", "/app/nginx.conf"}, stop: "QUIT",
		ready: "curl -s http://127.0.0.1:8000/", first: "curl -s -o /dev/null -w '%{http_code}\\n' -X PUT -d page http://127.0.0.1:8000/put/page; curl -s http://127.0.0.1:8000/put/page; curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8000/none",
		second: "curl -s http://127.0.0.1:8000/put/page"},
	{name: "postgres", packages: []string{"postgresql-15", "dash", "coreutils"}, user: 999,
		args: []string{"/bin/sh", "-c", `set -e; PATH=/usr/lib/postgresql/15/bin:$PATH; test -d /data/db || initdb -D /data/db --auth trust --no-sync >&2
echo 'host all all 127.0.0.1/32 trust' >> /data/db/pg_hba.conf; exec postgres -D /data/db -k /tmp -c listen_addresses=127.0.0.1`}, stop: "INT",
		ready:  "psql -h 127.0.0.1 -U postgres -Atc 'select 1'",
		first:  "psql -h 127.0.0.1 -U postgres -At -c 'create table t (n int primary key, s text)' -c \"insert into t select i, md5(i::text) from generate_series(1, 5000) i\" -c 'select count(*), max(s) from t'",
		second: "psql -h 127.0.0.1 -U postgres -At -c 'select count(*), max(s) from t' -c 'delete from t where n > 100' -c 'vacuum t' -c 'select count(*) from t'"},
}

func TestImages(t *testing.T) {
	need(t, "runc", "nsenter:util-linux", "tar", "dpkg-query:dpkg")
	for _, s := range services {
		t.Run(s.name, func(t *testing.T) {
			if !s.always && os.Getenv("DITTO_IMAGES") == "" {
				t.Skip("its packages are more than the other tests need: make images")
			}
			if !s.always {
				need(t, "curl")
			}
			b := newBundle(t)
			s.image(t, filepath.Join(b.dir, "rootfs"))
			var seen [2][]string
			for i, runtime := range []string{"runc", ditto} {
				seen[i] = s.life(b, runtime)
			}
			if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
				t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
			}
			t.Logf("%q", seen[0])
		})
	}
}

// image makes a root file system of packages as they are on this machine, and of what they depend on.
func (s *service) image(t *testing.T, root string) {
	t.Helper()
	assert.NilError(t, os.RemoveAll(root))
	for _, dir := range []string{"usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "proc", "sys", "dev", "data", "app", "etc"} {
		assert.NilError(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	for _, dir := range []string{"tmp", "run", "var"} { // runc gives a tmpfs the mode of what it covers
		assert.NilError(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
		assert.NilError(t, os.Chmod(filepath.Join(root, dir), 0o777|os.ModeSticky))
	}
	for _, dir := range []string{"bin", "sbin", "lib", "lib64"} {
		assert.NilError(t, os.Symlink("usr/"+dir, filepath.Join(root, dir)))
	}
	var names []string
	all := withDependencies(t, s.packages)
	for _, p := range s.packages {
		assert.Assert(t, slices.Contains(all, p), "the package %s is not on this machine", p)
	}
	for _, p := range all {
		out, err := exec.Command("dpkg-query", "--listfiles", p).Output()
		assert.NilError(t, err, p)
		for name := range strings.Lines(string(out)) {
			name = strings.TrimSpace(name)
			info, err := os.Lstat(name)
			if err == nil && !info.IsDir() && strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "/usr/share/doc/") && !strings.HasPrefix(name, "/usr/share/man/") {
				names = append(names, name[1:])
			}
		}
	}
	cmd := exec.Command("sh", "-c", `tar -C / --no-recursion -cf - -T - | tar -C "$1" --keep-directory-symlink -xf -`, "sh", root)
	cmd.Stdin = strings.NewReader(strings.Join(names, "\n"))
	out, err := cmd.CombinedOutput()
	assert.NilError(t, err, string(out))
	files := map[string]string{"/etc/passwd": "root:x:0:0::/root:/bin/sh\npostgres:x:999:999::/data:/bin/sh\n", "/etc/group": "root:x:0:\npostgres:x:999:\n"}
	for _, more := range []map[string]string{files, s.files} {
		for name, text := range more {
			assert.NilError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
		}
	}
}

// withDependencies are installed packages with those that they depend on, and so on; of alternatives the first that is there.
func withDependencies(t *testing.T, list []string) []string {
	t.Helper()
	var done []string
	for len(list) > 0 {
		p := list[0]
		list = list[1:]
		if slices.Contains(done, p) {
			continue
		}
		out, err := exec.Command("dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}|${Pre-Depends}, ${Depends}\n", p).Output()
		status, depends, _ := strings.Cut(string(out), "|")
		if err != nil || !strings.HasPrefix(status, "ii") {
			continue // a virtual one, or another is there instead
		}
		done = append(done, p)
		for _, d := range strings.Split(strings.TrimSpace(depends), ",") {
			for _, alternative := range strings.Split(d, "|") {
				if f := strings.Fields(alternative); len(f) > 0 {
					name, _, _ := strings.Cut(f[0], ":")
					list = append(list, name)
				}
			}
		}
	}
	return done
}

// life is what is seen of the server's life under a runtime.
func (s *service) life(b *bundle, runtime string) (seen []string) {
	t := b.t
	data := t.TempDir()
	for dir := data; dir != os.TempDir(); dir = filepath.Dir(dir) {
		assert.NilError(t, os.Chmod(dir, 0o755))
	}
	assert.NilError(t, os.Chown(data, s.user, s.user))
	b.part("root")["readonly"] = true
	caps := []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETUID", "CAP_SETGID", "CAP_NET_BIND_SERVICE", "CAP_KILL"}
	p := b.part("process")
	p["capabilities"] = map[string]any{"bounding": caps, "permitted": caps, "effective": caps}
	p["user"] = map[string]any{"uid": s.user, "gid": s.user}
	p["env"] = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"}
	mounts := slices.DeleteFunc(b.config["mounts"].([]any), func(m any) bool {
		return slices.Contains([]any{"/data", "/tmp", "/run", "/var"}, m.(map[string]any)["destination"])
	})
	for _, dir := range []string{"/tmp", "/run", "/var"} {
		mounts = append(mounts, map[string]any{"destination": dir, "type": "tmpfs", "source": "tmpfs", "options": []string{"mode=1777"}})
	}
	b.config["mounts"] = append(mounts, map[string]any{"destination": "/data", "type": "bind", "source": data, "options": []string{"rbind"}})
	b.runs(s.args...)
	for _, requests := range []string{s.first, s.second} {
		seen = append(seen, s.once(b, runtime, requests)...)
	}
	return seen
}

// once is one start, its requests, and the end.
func (s *service) once(b *bundle, runtime, requests string) []string {
	t, id := b.t, "ditto-test-"+s.name
	assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	defer func() { assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)) }()
	engine := func(args ...string) *exec.Cmd {
		return exec.Command(runtime, append([]string{"--root", filepath.Join(b.root, filepath.Base(runtime))}, args...)...)
	}
	defer func() { _ = engine("delete", "--force", id).Run() }()
	log, err := os.Create(filepath.Join(b.dir, "log"))
	assert.NilError(t, err)
	defer log.Close()
	pidFile := filepath.Join(t.TempDir(), "pid")
	start := engine("run", "--detach", "--pid-file", pidFile, "--bundle", b.dir, id)
	start.Stdout, start.Stderr = log, log
	said := func() string {
		text, _ := os.ReadFile(log.Name())
		return string(text[max(0, len(text)-4000):])
	}
	assert.NilError(t, start.Run(), "%s", said())
	pid, err := os.ReadFile(pidFile)
	assert.NilError(t, err)
	ask := func(script string) outcome {
		return run(t, exec.Command("nsenter", "--net=/proc/"+string(pid)+"/ns/net", "sh", "-c", script))
	}
	for late := time.Now().Add(2 * time.Minute); ask(s.ready+" >/dev/null 2>&1").Status != "exit status 0"; time.Sleep(100 * time.Millisecond) {
		assert.Assert(t, time.Now().Before(late), "%s does not answer:\n%s", runtime, said())
	}
	answer := ask("exec 2>&1; " + requests)
	out, err := engine("kill", id, s.stop).CombinedOutput()
	assert.NilError(t, err, string(out))
	begun := time.Now()
	status := b.reaped(pidFile)
	t.Logf("%s: ended %v after the signal", filepath.Base(runtime), time.Since(begun).Round(time.Millisecond))
	return []string{fmt.Sprintf("%s\n%s", answer.Status, answer.Stdout), fmt.Sprintf("ended: %d", status.ExitStatus())}
}

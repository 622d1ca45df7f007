// SPDX-License-Identifier: Apache-2.0

// This file is about two services that Docker Compose brings up: a web server in Python that keeps its counts in Redis, which
// keeps them in a volume. Part of `make images`.

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

const redisWeb = `
import http.server, signal, socket, sys
def redis(*words):
    with socket.create_connection(("redis", 6379)) as s:
        s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in map(str.encode, words)))
        return s.makefile("rb").readline().decode().strip()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{self.path} {redis('INCR', self.path)}\n".encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
signal.signal(signal.SIGTERM, lambda *a: sys.exit(4))
http.server.ThreadingHTTPServer(("0.0.0.0", 80), Handler).serve_forever()
`

const webWithRedis = `version: "2.4"
services:
  web:
    image: services
    runtime: RUNTIME
    command: ["/usr/bin/python3", "/app/web.py"]
    depends_on: [redis]
    ports: ["127.0.0.1:8080:80"]
  redis:
    image: services
    runtime: RUNTIME
    user: "999:999"
    command: ["/usr/bin/redis-server", "--dir", "/data", "--appendonly", "yes", "--protected-mode", "no", "--save", ""]
    volumes: ["data:/data"]
volumes:
  data:
`

func TestComposeWithRedis(t *testing.T) {
	if os.Getenv("DITTO_IMAGES") == "" {
		t.Skip("its packages are more than the other tests need: make images")
	}
	need(t, "nsenter:util-linux", "tar", "dpkg-query:dpkg")
	d := startDocker(t)
	s := service{name: "services", packages: []string{"python3", "redis-server"}, files: map[string]string{"/app/web.py": redisWeb}}
	root := filepath.Join(t.TempDir(), "root")
	s.image(t, root)
	assert.NilError(t, os.Chown(filepath.Join(root, "data"), 999, 999))
	load := exec.Command("sh", "-c", `tar -C "$1" -cf - . | docker --config "$2" --host "$3" import - services`, "sh", root, d.dir, d.host)
	out, err := load.CombinedOutput()
	assert.NilError(t, err, string(out))
	var seen [2][]string
	for i, runtime := range []string{"runc", "ditto"} {
		seen[i] = d.webWithRedis(t, runtime)
	}
	if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
		t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
	}
	t.Logf("%q", seen[0])
}

// webWithRedis is what is seen of the two from outside, before and after both were taken down but for the volume.
func (d *docker) webWithRedis(t *testing.T, runtime string) (seen []string) {
	file := filepath.Join(t.TempDir(), "compose.yml")
	assert.NilError(t, os.WriteFile(file, []byte(strings.ReplaceAll(webWithRedis, "RUNTIME", runtime)), 0o644))
	do := func(args ...string) outcome {
		return run(t, exec.Command("docker-compose", append([]string{"--no-ansi", "-H", d.host, "-p", "with-" + runtime, "-f", file}, args...)...))
	}
	ask := func(path string) outcome { // in the daemon's network
		return run(t, exec.Command("nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", d.pid), "busybox", "wget", "-qO-", "http://127.0.0.1:8080"+path))
	}
	for range 2 {
		o := do("up", "-d")
		assert.Equal(t, o.Status, "exit status 0", o.Stderr)
		for late := time.Now().Add(2 * time.Minute); ask("/up").Status != "exit status 0"; time.Sleep(100 * time.Millisecond) {
			assert.Assert(t, time.Now().Before(late), "%s: the server does not answer: %s", runtime, do("logs").Stdout)
		}
		for _, path := range []string{"/a", "/b", "/a"} {
			seen = append(seen, ask(path).Stdout)
		}
		o = do("ps", "-q")
		seen = append(seen, fmt.Sprintf("%d run", len(strings.Fields(o.Stdout))), "down: "+do("down", "-t", "20").Status)
	}
	seen = append(seen, "down with the volume: "+do("down", "-v").Status)
	return seen
}

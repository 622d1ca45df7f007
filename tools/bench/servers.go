// SPDX-License-Identifier: Apache-2.0

// This file measures servers: requests a second of Redis and nginx, with the client outside, natively and in the sandbox in
// turn; and what open connections take.

package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// rateAim is the share of native requests a second that the project promises.
const rateAim = 0.7

// server is a program to be measured, and the client that does it. PORT and DIR in their arguments are replaced.
type server struct {
	needs   []string
	args    []string
	prepare func(dir, port string) error
	client  func(port string) (map[string]float64, error) // requests a second, by what was asked
}

var allServers = []server{
	{
		needs:  []string{"redis-server", "redis-benchmark"},
		args:   []string{"redis-server", "--port", "PORT", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"},
		client: redisRates,
	},
	{
		needs:   []string{"nginx", "wrk"},
		args:    []string{"nginx", "-c", "DIR/nginx.conf", "-e", "DIR/error.log"},
		prepare: nginxConfig,
		client:  wrkRate,
	},
}

func servers(runs int, ditto string) error {
	for _, s := range allServers {
		if err := s.measure(min(runs, 3), ditto); err != nil {
			return err
		}
	}
	return connections(ditto)
}

func (s *server) measure(runs int, ditto string) error {
	for _, n := range s.needs {
		if _, err := exec.LookPath(n); err != nil {
			fmt.Printf("%-20s %s is not on this machine: not measured\n", s.args[0], n)
			return nil
		}
	}
	dir, err := os.MkdirTemp("", "ditto-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	port, err := freePort()
	if err != nil {
		return err
	}
	if s.prepare != nil {
		if err := s.prepare(dir, port); err != nil {
			return err
		}
	}
	args := slices.Clone(s.args)
	for i := range args {
		args[i] = strings.NewReplacer("PORT", port, "DIR", dir).Replace(args[i])
	}
	native, sandbox := map[string][]float64{}, map[string][]float64{}
	for range runs {
		if err := s.once(args, port, native); err != nil {
			return err
		}
		inside := append([]string{ditto, "do", "--network=host", "--volume", dir + ":" + dir}, args...)
		if err := s.once(inside, port, sandbox); err != nil {
			return err
		}
	}
	for _, what := range slices.Sorted(maps.Keys(native)) {
		var ratios []float64
		for i := range native[what] {
			ratios = append(ratios, sandbox[what][i]/native[what][i])
		}
		fmt.Printf("%-20s native %10.0f /s   sandbox %10.0f /s   share %6.2f (%.2f to %.2f)   aim %g\n", what,
			median(native[what]), median(sandbox[what]), median(ratios), slices.Min(ratios), slices.Max(ratios), rateAim)
	}
	return nil
}

// once starts the server, has the client measure it, and ends it.
func (s *server) once(args []string, port string, to map[string][]float64) error {
	var output bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGTERM)
	if err := listening(port); err != nil {
		return fmt.Errorf("%v: %w\n%s", args, err, output.String())
	}
	rates, err := s.client(port)
	for what, rate := range rates {
		to[what] = append(to[what], rate)
	}
	return err
}

// listening waits for a server.
func listening(port string) (err error) {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var c net.Conn
		if c, err = net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			return c.Close()
		}
	}
	return err
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func redisRates(port string) (map[string]float64, error) {
	rates := map[string]float64{}
	for suffix, flags := range map[string][]string{"": {"-n", "50000"}, " pipelined": {"-n", "400000", "-P", "16"}} {
		args := append([]string{"-p", port, "-t", "get,set", "--csv"}, flags...)
		out, err := exec.Command("redis-benchmark", args...).Output()
		if err != nil {
			return nil, err
		}
		records, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if rate, err := strconv.ParseFloat(r[1], 64); err == nil { // not the heading
				rates["redis "+strings.ToLower(r[0])+suffix] = rate
			}
		}
	}
	return rates, nil
}

func nginxConfig(dir, port string) error {
	config := `daemon off; worker_processes 1; pid DIR/pid; error_log DIR/error.log;
events { worker_connections 512; }
http {
  access_log off; sendfile on; keepalive_requests 1000000;
  client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
  server { listen 127.0.0.1:PORT; root DIR/www; }
}
`
	if err := os.Mkdir(filepath.Join(dir, "www"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "www", "index.html"), bytes.Repeat([]byte("ditto\n"), 200), 0o644); err != nil {
		return err
	}
	_ = os.Chmod(dir, 0o755) // the workers are nobody
	return os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(strings.NewReplacer("PORT", port, "DIR", dir).Replace(config)), 0o644)
}

var perSecond = regexp.MustCompile(`Requests/sec: +([0-9.]+)`)

func wrkRate(port string) (map[string]float64, error) {
	out, err := exec.Command("wrk", "-t1", "-c32", "-d4s", "http://127.0.0.1:"+port+"/").Output()
	if err != nil {
		return nil, err
	}
	m := perSecond.FindSubmatch(out)
	if m == nil || bytes.Contains(out, []byte("Non-2xx")) {
		return nil, fmt.Errorf("wrk: %s", out)
	}
	rate, err := strconv.ParseFloat(string(m[1]), 64)
	return map[string]float64{"nginx": rate}, err
}

// connections has a server in a sandbox hold 10,000 of them, or as many as this process may have descriptors.
func connections(ditto string) error {
	const program = `
import socket, sys, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
s = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
held = [s.accept()[0] for _ in range(int(sys.argv[2]))]
sys.stdin.read()`
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	n := int(min(10000, limit.Max-200))
	port, err := freePort()
	if err != nil {
		return err
	}
	cmd := exec.Command(ditto, "do", "--network=host", "python3", "-c", program, port, fmt.Sprint(n))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer stdin.Close()
	if err := listening(port); err != nil { // one connection, which the server holds
		return err
	}
	time.Sleep(time.Second)
	_, before := usage(cmd.Process.Pid)
	for range n - 1 {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			return err
		}
		defer c.Close()
	}
	time.Sleep(2 * time.Second)
	start, after := usage(cmd.Process.Pid)
	const span = 3 * time.Second
	time.Sleep(span)
	end, _ := usage(cmd.Process.Pid)
	fmt.Printf("%-20s %d open: %.2f KiB each in all the sandbox's processes (PSS), %d ms of processor time in %v   aim 0\n",
		"connections", n, float64(after-before)/float64(n-1), end-start, span)
	return nil
}

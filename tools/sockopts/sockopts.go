// SPDX-License-Identifier: Apache-2.0

// Command sockopts lists every socket option there is, by level: from the C headers of the system it runs on, and from those
// that x/sys/unix was made from, which are newer than most. It writes fixtures/sockopts/options.tsv and, from that,
// syscall-tests/harness/sockopts.h, which the tests of getsockopt and setsockopt go through.
//
//	go run ./tools/sockopts           # both files
//	go run ./tools/sockopts -header   # the C header alone, from the fixture as it is
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ditto-kernel/ditto/tools/table"
)

// level is one level of options: the names that begin with a prefix, but for those that name something else.
type level struct {
	name   string // its C name
	prefix *regexp.Regexp
	not    *regexp.Regexp
}

var levels = []level{
	{"SOL_SOCKET", regexp.MustCompile(`^SO_`), regexp.MustCompile(`^SO_(SECURITY_|DEBUG_|EE_|ORIGINAL_DST|VM_SOCKETS|.*_OLD$|ATM|GET_FILTER|DETACH_BPF|TIMESTAMP$|TIMESTAMPNS$|TIMESTAMPING$|RCVTIMEO$|SNDTIMEO$)`)},
	{"SOL_SOCKET", regexp.MustCompile(`^SO_(TIMESTAMP|TIMESTAMPNS|TIMESTAMPING|RCVTIMEO|SNDTIMEO)$`), nil},
	{"IPPROTO_IP", regexp.MustCompile(`^(IP|MCAST)_`), regexp.MustCompile(`^(IP_(PMTUDISC_|DEFAULT_|MAX|MSS|DF|MF|OFFMASK|RF|RECVRETOPTS|EVIL)|MCAST_(EXCLUDE|INCLUDE))`)},
	{"IPPROTO_IPV6", regexp.MustCompile(`^(IPV6|MCAST)_`), regexp.MustCompile(`^(IPV6_(PMTUDISC_|TLV_|PREFER_|PRIORITY_|FL_|FLOWINFO_(FLOWLABEL|PRIORITY)|RTHDR_|RXHOPOPTS|USER_FLOW|FLOW$|VERSION|RXDSTOPTS|ADD_MEMBERSHIP|DROP_MEMBERSHIP|SRCRT)|MCAST_(EXCLUDE|INCLUDE))`)},
	{"IPPROTO_TCP", regexp.MustCompile(`^TCP_`), regexp.MustCompile(`^TCP_(ACCECN|CM_INQ|ENCAP_|MSS|MD5SIG_(FLAG|MAXKEYLEN)|RECEIVE_ZEROCOPY|REPAIR_(ON|OFF|OFF_NO_WP)$|AO_(KEYF|MAXKEYLEN)|BPF_|CA_|MAX_|MAXWIN|COOKIE|S_DATA|TLP|NLA|ESTAB|SYN|FIN|TIME|CLOSE|LAST|LISTEN|NEW)`)},
	{"IPPROTO_TCP", regexp.MustCompile(`^TCP_(TIMESTAMP|SYNCNT)$`), nil},
	{"IPPROTO_UDP", regexp.MustCompile(`^UDP_`), regexp.MustCompile(`^UDP_(ENCAP_|V[46]_FLOW)`)},
	{"SOL_NETLINK", regexp.MustCompile(`^NETLINK_(ADD_MEMBERSHIP|DROP_MEMBERSHIP|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|RX_RING|TX_RING|LISTEN_ALL_NSID|LIST_MEMBERSHIPS|CAP_ACK|EXT_ACK|GET_STRICT_CHK)$`), nil},
}

type option struct {
	level, name string
	value       int
}

func main() {
	header := flag.Bool("header", false, "write the C header only")
	flag.Parse()
	if err := run(*header); err != nil {
		fmt.Fprintln(os.Stderr, "sockopts:", err)
		os.Exit(1)
	}
}

func run(headerOnly bool) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	fixture := filepath.Join(root, "fixtures/sockopts/options.tsv")
	if !headerOnly {
		macros := map[string]int{}
		if err := fromXSys(macros); err != nil {
			return err
		}
		if err := fromHeaders(macros); err != nil {
			return err
		}
		if err := os.WriteFile(fixture, list(sorted(macros)), 0o644); err != nil {
			return err
		}
	}
	options, err := load(fixture)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "syscall-tests/harness/sockopts.h"), cHeader(options), 0o644)
}

// fromHeaders takes the macros of the system's C headers.
func fromHeaders(macros map[string]int) error {
	args := []string{"-E", "-dM", "-x", "c", "/dev/null"}
	for _, h := range []string{"asm/socket.h", "linux/in.h", "linux/in6.h", "linux/tcp.h", "linux/udp.h", "linux/netlink.h"} {
		args = append(args, "-include", h)
	}
	out, err := exec.Command("cc", args...).Output()
	if err != nil {
		return fmt.Errorf("cc: %w", err)
	}
	take(macros, out, regexp.MustCompile(`(?m)^#define (\w+)\s+(0x[0-9a-fA-F]+|\d+)\s*(?:/\*.*)?$`))
	return nil
}

// fromXSys takes the constants of x/sys/unix.
func fromXSys(macros map[string]int) error {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for _, file := range []string{"zerrors_linux.go", "zerrors_linux_amd64.go", "ztypes_linux.go"} {
		src, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), file))
		if err != nil {
			return err
		}
		take(macros, src, regexp.MustCompile(`(?m)^\s+(\w+)\s+= (0x[0-9a-fA-F]+|\d+)$`))
	}
	return nil
}

func take(macros map[string]int, src []byte, line *regexp.Regexp) {
	for _, m := range line.FindAllSubmatch(src, -1) {
		if v, err := strconv.ParseInt(string(m[2]), 0, 32); err == nil {
			macros[string(m[1])] = int(v)
		}
	}
}

// sorted are the options among the macros. Of names with one value the first of the alphabet stands.
func sorted(macros map[string]int) []option {
	seen := map[option]bool{}
	var all []option
	for name, v := range macros {
		for _, l := range levels {
			if o := (option{l.name, name, v}); l.prefix.MatchString(name) && (l.not == nil || !l.not.MatchString(name)) && !seen[o] {
				seen[o] = true
				all = append(all, o)
			}
		}
	}
	order := func(o option) int { return slices.IndexFunc(levels, func(l level) bool { return l.name == o.level }) }
	slices.SortFunc(all, func(a, b option) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.value, b.value), cmp.Compare(a.name, b.name))
	})
	return slices.CompactFunc(all, func(a, b option) bool { return a.level == b.level && a.value == b.value })
}

func list(options []option) []byte {
	var b bytes.Buffer
	b.WriteString("# Every socket option by level, from the C headers and x/sys/unix: go run ./tools/sockopts\nlevel\tname\tvalue\n")
	for _, o := range options {
		fmt.Fprintf(&b, "%s\t%s\t%d\n", o.level, o.name, o.value)
	}
	return b.Bytes()
}

func load(path string) ([]option, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []option
	for s := bufio.NewScanner(bytes.NewReader(src)); s.Scan(); {
		if f := strings.Split(s.Text(), "\t"); len(f) == 3 && f[0] != "level" {
			v, err := strconv.Atoi(f[2])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			all = append(all, option{f[0], f[1], v})
		}
	}
	return all, nil
}

// cHeader is the list for the C tests. The values stand there as numbers, as older headers lack some.
func cHeader(options []option) []byte {
	var b bytes.Buffer
	b.WriteString(`// SPDX-License-Identifier: Apache-2.0
// Code generated by tools/sockopts from fixtures/sockopts/options.tsv; DO NOT EDIT.
//go:build ignore

#ifndef DITTO_HARNESS_SOCKOPTS_H
#define DITTO_HARNESS_SOCKOPTS_H

static const struct sock_opt {
	const char *name;
	int level, opt;
} sock_opts[] = {
`)
	numbers := map[string]int{"SOL_SOCKET": 1, "IPPROTO_IP": 0, "IPPROTO_IPV6": 41, "IPPROTO_TCP": 6, "IPPROTO_UDP": 17, "SOL_NETLINK": 270}
	for _, o := range options {
		name := o.name
		if strings.HasPrefix(name, "MCAST_") && o.level == "IPPROTO_IPV6" {
			name = "IPV6 " + name
		}
		fmt.Fprintf(&b, "\t{%q, %d, %d},\n", name, numbers[o.level], o.value)
	}
	b.WriteString("};\n\n#endif\n")
	return b.Bytes()
}

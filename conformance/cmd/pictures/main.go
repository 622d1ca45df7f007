// SPDX-License-Identifier: Apache-2.0

// Command pictures draws the dashboard of the last results and takes pictures of its pages: of each kind one, on a desk's
// and on a phone's screen, in light and in dark.
//
//	go run ./conformance/cmd/pictures --out conformance/out/pictures
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/conformance/browser"
	"github.com/ditto-kernel/ditto/conformance/dashboard"
)

// A shot is one page in the state that its picture shows.
type shot struct {
	name, page string
	script     string // run before the picture is taken
}

var shots = []shot{
	{"index", "index.html", ""},
	{"index-filtered", "index.html#status=partial", ""},
	{"index-nothing", "index.html#search=nosuchcall", ""},
	{"syscall", "syscall/openat.html", ""},
	// One case of each kind opened, as a reader would.
	{"syscall-cases", "syscall/ptrace.html", `for (const s of ["same", "known", "differs", "skipped"]) {
		const chip = document.querySelector("details.case .chip." + s);
		if (chip) chip.closest("details").open = true;
	}`},
	{"source", "source/kernel/syscalls/dup.go.html", ""},
}

func main() {
	root := pflag.String("root", ".", "the source tree")
	out := pflag.String("out", "conformance/out/pictures", "where to write them")
	results := pflag.String("results", "", "the results to draw (default out/conformance/results.json of the tree)")
	pflag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *results == "" {
		*results = filepath.Join(*root, "out", "conformance", "results.json")
	}
	if err := run(ctx, *root, *results, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, results, out string) error {
	pages, err := filepath.Abs(filepath.Join(out, "..", "dashboard"))
	if err != nil {
		return err
	}
	if err := dashboard.Draw(dashboard.Config{Root: root, Results: results, Out: pages}); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	b, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	for _, width := range []int64{1280, 380} {
		for _, dark := range []bool{false, true} {
			if err := take(b, browser.Screen{Width: width, Height: 800, Dark: dark}, pages, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// take takes the pictures of all pages on one screen.
func take(b *browser.Browser, s browser.Screen, pages, out string) error {
	tab, err := b.Open(s)
	if err != nil {
		return err
	}
	defer tab.Close()
	scheme := map[bool]string{false: "light", true: "dark"}[s.Dark]
	for _, p := range shots {
		if err := tab.Load("file://" + filepath.Join(pages, p.page)); err != nil {
			return fmt.Errorf("%s: %w", p.page, err)
		}
		if err := tab.Do(p.script); err != nil {
			return fmt.Errorf("%s: %w", p.page, err)
		}
		png, err := tab.Picture()
		if err != nil {
			return fmt.Errorf("%s: %w", p.page, err)
		}
		name := filepath.Join(out, fmt.Sprintf("%s-%d-%s.png", p.name, s.Width, scheme))
		if err := os.WriteFile(name, png, 0o644); err != nil {
			return err
		}
		fmt.Println(name)
	}
	return nil
}

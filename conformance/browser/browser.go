// SPDX-License-Identifier: Apache-2.0

// Package browser shows pages in a real Chromium without a window, for the dashboard's tests and pictures. It waits for
// what the browser reports, never for time to pass.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Screen is what a page is shown on.
type Screen struct {
	Width, Height int64
	Dark          bool
}

// commands are the names under which distributions install it.
var commands = []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}

// Find is the path of the machine's Chromium.
func Find() (string, error) {
	for _, name := range commands {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the dashboard's tests and pictures need chromium: make deps installs it (Debian's package: chromium)")
}

// Browser is a running Chromium.
type Browser struct {
	ctx  context.Context
	stop context.CancelFunc
}

// Start starts one. Close ends it.
func Start(ctx context.Context) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", true),
		// No page but our own files is ever shown: nothing of the network is wanted. As root it runs without its own
		// sandbox, which chromedp sees to.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
	)
	b := &Browser{}
	ctx, b.stop = chromedp.NewExecAllocator(ctx, options...)
	b.ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(b.ctx); err != nil {
		b.Close()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return b, nil
}

// Close ends the browser, and waits until it has.
func (b *Browser) Close() {
	_ = chromedp.Cancel(b.ctx)
	b.stop()
}

// Tab is a window of the browser.
type Tab struct {
	ctx  context.Context
	stop context.CancelFunc

	mu     sync.Mutex
	errors []string
}

// Open opens a tab on a screen.
func (b *Browser) Open(s Screen) (*Tab, error) {
	t := &Tab{}
	t.ctx, t.stop = chromedp.NewContext(b.ctx, chromedp.WithListener(t.listen))
	if err := t.show(s); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// listen notes what goes wrong in the tab's pages.
func (t *Tab) listen(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := event.(*runtime.EventExceptionThrown); ok {
		t.errors = append(t.errors, fmt.Sprint(e.ExceptionDetails))
	}
}

// Errors are the exceptions of its pages' scripts that nobody caught.
func (t *Tab) Errors() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.errors
}

// Close closes the tab.
func (t *Tab) Close() { t.stop() }

// show sets what the tab's pages take their screen for.
func (t *Tab) show(s Screen) error {
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	var options []chromedp.EmulateViewportOption
	if s.Width < 600 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.Do(t.ctx,
		chromedp.EmulateViewport(s.Width, s.Height, options...),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media)
			return err
		}),
	)
}

// Load loads an address, and returns when the page with all that belongs to it is there. It always loads, where a
// navigation that changes nothing but what follows the # would not.
func (t *Tab) Load(url string) error {
	return chromedp.Do(t.ctx, navigate("about:blank"), navigate(url), loaded)
}

// navigate returns when the tab has the new page, if not yet all of it. (That of chromedp waits for events of the page,
// and may take those of the page before for them.)
func navigate(url string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		done, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{URL: url})
		if err == nil && done.ErrorText != "" {
			err = fmt.Errorf("%s: %s", url, done.ErrorText)
		}
		return err
	})
}

// loaded waits until the page has loaded.
var loaded = chromedp.Evaluate[chromedp.Void](`new Promise((done) =>
	document.readyState === "complete" ? done() : addEventListener("load", () => done()))`, chromedp.EvalAwaitPromise)

// Press presses keys, one after the other, as a keyboard does: what a key types comes with its press, so that a page which
// takes the press for itself keeps the letter from being typed.
func (t *Tab) Press(keys string) error {
	return chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			events := kb.Encode(r)
			if len(events) == 3 { // down, char, up
				events[0].Text = events[1].Text
				events = []*input.DispatchKeyEventParams{events[0], events[2]}
			}
			for _, e := range events {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// Follow does what leads from a loaded page to another, and returns when that is there.
func (t *Tab) Follow(do func() error) error {
	pages := chromedp.Events(t.ctx, page.LoadEventFired)
	if err := do(); err != nil {
		return err
	}
	for _, err := range pages {
		return err
	}
	return t.ctx.Err()
}

// Eval evaluates an expression of JavaScript in a tab.
func Eval[T any](t *Tab, expression string) (T, error) {
	return chromedp.Run(t.ctx, chromedp.Evaluate[T](expression))
}

// Do runs JavaScript for what it does.
func (t *Tab) Do(script string) error {
	_, err := Eval[chromedp.Void](t, script)
	return err
}

// Picture is the whole page as a PNG, however long it is.
func (t *Tab) Picture() ([]byte, error) {
	return chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
}

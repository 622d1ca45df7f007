// SPDX-License-Identifier: Apache-2.0

// Can one use the pages: filters, a keyboard alone, a phone, the dark?

package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/browser"
)

// shown are the names of the cells that can be seen.
func (p page) shown() []string {
	p.t.Helper()
	return eval[[]string](p, `[...document.querySelectorAll("#grid li")].filter((c) => c.checkVisibility()).map((c) => c.dataset.name)`)
}

// choose sets a field as a reader does.
func (p page) choose(id, value string) {
	p.t.Helper()
	assert.NilError(p.t, p.Do(fmt.Sprintf(`{ const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})) }`, id, value)))
	assert.Equal(p.t, eval[string](p, `document.getElementById(%q).value`, id), value)
}

func TestFilters(t *testing.T) {
	p := open(t, desk, "index.html")
	all := p.shown()
	// What each cell says of itself decides.
	for _, f := range []struct{ id, value string }{
		{"state", "differs"}, {"state", "known"}, {"state", "same"}, {"state", "untested"},
		{"status", "partial"}, {"status", "denied"}, {"family", "signal"},
	} {
		p.choose(f.id, f.value)
		want := eval[[]string](p, `[...document.querySelectorAll('#grid li[data-%s="%s"]')].map((c) => c.dataset.name)`, f.id, f.value)
		got := p.shown()
		assert.DeepEqual(t, got, want)
		assert.Assert(t, len(got) > 0 && len(got) < len(all), "%s %s: %d", f.id, f.value, len(got))
		assert.Equal(t, p.text("#shown"), fmt.Sprintf("%d of %d", len(got), len(all)))
		p.choose(f.id, "")
	}
	p.choose("search", "openat")
	assert.DeepEqual(t, p.shown(), []string{"openat", "openat2"})
	p.choose("search", "257")
	assert.DeepEqual(t, p.shown(), []string{"openat"})
	p.choose("search", "no such call")
	assert.Equal(t, len(p.shown()), 0)
	assert.Assert(t, eval[bool](p, `document.getElementById("none").checkVisibility()`))
	assert.NilError(t, p.Do(`document.getElementById("clear").click()`))
	assert.DeepEqual(t, p.shown(), all)
	assert.Assert(t, !eval[bool](p, `document.getElementById("none").checkVisibility()`))
}

// Filters work together, and stand in the address.
func TestFiltersInTheAddress(t *testing.T) {
	p := open(t, desk, "index.html")
	p.choose("search", "open")
	p.choose("exercised", "100")
	got, address := p.shown(), eval[string](p, "location.hash")
	assert.Equal(t, address, "#search=open&exercised=100")
	p.load("index.html" + address)
	assert.DeepEqual(t, p.shown(), got)
	// The totals lead to what they count.
	assert.NilError(t, p.Do(`document.querySelector('.legend a[href="#status=denied"]').click()`))
	p.load("index.html" + eval[string](p, "location.hash"))
	assert.Equal(t, eval[string](p, `document.getElementById("status").value`), "denied")
	assert.Equal(t, eval[string](p, `document.getElementById("search").value`), "")
}

// focused is what has the focus: its id, or its name in the grid.
func (p page) focused() string {
	p.t.Helper()
	return eval[string](p, `document.activeElement.id || document.activeElement.parentElement?.dataset.name || document.activeElement.tagName`)
}

func TestKeyboard(t *testing.T) {
	p := open(t, desk, "index.html")
	p.press("/")
	assert.Equal(t, p.focused(), "search")
	p.press("pi", "pe")
	assert.DeepEqual(t, p.shown(), []string{"pipe", "pipe2"})
	p.press(kb.ArrowDown)
	assert.Equal(t, p.focused(), "pipe")
	p.press(kb.ArrowRight)
	assert.Equal(t, p.focused(), "pipe2")
	p.press(kb.ArrowRight) // the end stays the end
	assert.Equal(t, p.focused(), "pipe2")
	p.press(kb.ArrowUp)
	assert.Equal(t, p.focused(), "search")
	p.press(kb.Escape)
	assert.Equal(t, eval[string](p, `document.getElementById("search").value`), "")

	// Down and up keep the column.
	p.press(kb.ArrowDown, kb.ArrowRight, kb.ArrowDown)
	columns := eval[int](p, `getComputedStyle(document.getElementById("grid")).gridTemplateColumns.split(" ").length`)
	assert.Equal(t, p.focused(), p.shown()[columns+1])
	p.press(kb.ArrowUp, kb.ArrowLeft)
	assert.Equal(t, p.focused(), "read")
	p.press(kb.End)
	assert.Equal(t, p.focused(), p.shown()[len(p.shown())-1])
	p.press(kb.Home)
	assert.Equal(t, p.focused(), "read")
	assert.Assert(t, eval[bool](p, `document.activeElement.matches(":focus-visible") && getComputedStyle(document.activeElement).outlineStyle != "none"`))
}

// Enter opens the first that is found; there the keyboard gets into every case, and back.
func TestKeyboardThroughPages(t *testing.T) {
	p := open(t, desk, "index.html")
	p.press("/", "clone3")
	assert.NilError(t, p.Follow(func() error { return p.Press(kb.Enter) }))
	assert.Equal(t, p.text("h1"), "clone3 435")
	reached, opened := map[string]bool{}, 0
	// Until the focus comes around to the top, or leaves the page.
	for range 300 {
		p.press(kb.Tab)
		at := eval[string](p, `(() => { const a = document.activeElement; return a === document.body ? "" : a.tagName + " " + (a.closest("details")?.id ?? a.textContent.trim()) })()`)
		if at == "" || reached[at] {
			break
		}
		reached[at] = true
		if eval[bool](p, `document.activeElement.tagName === "SUMMARY" && !document.activeElement.parentElement.open`) {
			if opened++; opened == 1 {
				p.press(kb.Enter)
				assert.Assert(t, eval[bool](p, `document.activeElement.parentElement.open`))
			}
		}
	}
	assert.Assert(t, opened > 1)
	want := eval[[]string](p, `[...document.querySelectorAll("details")].map((d) => "SUMMARY " + d.id)`)
	want = append(want, "A All syscalls", "A "+eval[string](p, `document.querySelector("a[rel=next]").textContent.trim()`))
	for _, w := range want {
		assert.Assert(t, reached[w], "the keyboard never comes to %q", w)
	}
}

// Every page, as it comes and with all of it unfolded.
var kinds = []string{
	"index.html", "index.html#status=partial", "index.html#search=nothing", "syscall/read.html", "syscall/io_uring_enter.html",
	"syscall/set_mempolicy_home_node.html", "syscall/_sysctl.html", "source/kernel/syscalls/dup.go.html",
}

func TestNarrow(t *testing.T) {
	p := open(t, phone, "index.html")
	assert.Equal(t, eval[int](p, "innerWidth"), 380)
	for _, name := range kinds {
		p.load(name)
		assert.NilError(t, p.Do(`for (const d of document.querySelectorAll("details")) d.open = true`))
		// What is wider must stand in a box that scrolls by itself.
		wide := eval[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest(".scroll, .sr") &&
			e.getBoundingClientRect().right > 380.5).map((e) => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40))`)
		assert.DeepEqual(t, wide, []string{})
		assert.Equal(t, eval[int](p, "document.documentElement.scrollWidth"), 380, name)
		if name == "index.html" {
			small := eval[[]string](p, `[...document.querySelectorAll("#grid a, input, select, button")].filter((e) => e.getBoundingClientRect().height < 36).map((e) => e.textContent)`)
			assert.DeepEqual(t, small, []string{}) // a finger hits it
		}
	}
}

// contrasts lists the texts that are too faint for their ground, by WCAG's formula, with the colours as they come out.
const contrasts = `(() => {
	const parse = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
	const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] };
	const faint = new Set();
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || e.matches("script, option, title")) continue;
		const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(ground(e).slice(0, 3))];
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5) faint.add(e.tagName + "." + e.className + ": " + ratio.toFixed(2));
	}
	return [...faint];
})()`

func TestLightAndDark(t *testing.T) {
	grounds := []string{}
	for _, s := range []browser.Screen{desk, dark(desk)} {
		p := open(t, s, "index.html")
		grounds = append(grounds, eval[string](p, "getComputedStyle(document.body).backgroundColor"))
		for _, name := range kinds {
			p.load(name)
			assert.DeepEqual(t, eval[[]string](p, contrasts), []string{})
		}
		assert.Equal(t, eval[string](p, "getComputedStyle(document.body).backgroundColor"), grounds[len(grounds)-1])
	}
	assert.DeepEqual(t, grounds, []string{"rgb(246, 247, 249)", "rgb(16, 19, 22)"})
}

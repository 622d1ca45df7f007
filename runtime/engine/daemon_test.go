// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"gotest.tools/v3/assert"
)

var ditto = Runtime{Path: "/usr/local/bin/ditto"}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "daemon.json")
	assert.NilError(t, os.WriteFile(file, []byte(text), 0o640))
	return file
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	assert.NilError(t, err)
	return string(text)
}

func TestAddAndRemove(t *testing.T) {
	const added = `{
    "runtimes": {
        "ditto": {
            "path": "/usr/local/bin/ditto"
        }
    }
}
`
	for _, tt := range []struct{ name, before, after, removed string }{
		{"empty file", "", added, "{}\n"},
		{"empty object", "{}", added, "{}\n"},
		{"no runtimes", `{"runtimes": null}`, added, "{}\n"},
		{"others stay, in their order, as they were written",
			`{"zeta": 1.50, "runtimes": {"runsc": {"path": "/x", "unknown": [1e3]}}, "alpha": "\u00e9"}`,
			"{\n    \"zeta\": 1.50,\n    \"runtimes\": {\n        \"runsc\": {\n            \"path\": \"/x\",\n            \"unknown\": [\n                1e3\n            ]\n        },\n" +
				"        \"ditto\": {\n            \"path\": \"/usr/local/bin/ditto\"\n        }\n    },\n    \"alpha\": \"\\u00e9\"\n}\n",
			"{\n    \"zeta\": 1.50,\n    \"runtimes\": {\n        \"runsc\": {\n            \"path\": \"/x\",\n            \"unknown\": [\n                1e3\n            ]\n        }\n    },\n    \"alpha\": \"\\u00e9\"\n}\n"},
		{"an older entry is replaced", `{"runtimes": {"ditto": {"path": "/old"}}}`, added, "{}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := write(t, tt.before)
			changed, err := Add(file, "ditto", ditto)
			assert.NilError(t, err)
			assert.Assert(t, changed)
			assert.Equal(t, read(t, file), tt.after)
			st, err := os.Stat(file)
			assert.NilError(t, err)
			assert.Equal(t, st.Mode().Perm(), os.FileMode(0o640))
			changed, err = Add(file, "ditto", ditto)
			assert.NilError(t, err)
			assert.Assert(t, !changed, "the second time")
			changed, err = Remove(file, "ditto")
			assert.NilError(t, err)
			assert.Assert(t, changed)
			assert.Equal(t, read(t, file), tt.removed)
			changed, err = Remove(file, "ditto")
			assert.NilError(t, err)
			assert.Assert(t, !changed, "removed twice")
		})
	}
}

// What is there already keeps its blanks, too.
func TestNothingToDoLeavesTheFileAlone(t *testing.T) {
	const text = "{ \"runtimes\":{\n\"ditto\" : {\"path\":\"/usr/local/bin/ditto\"}}\n\n}"
	file := write(t, text)
	changed, err := Add(file, "ditto", ditto)
	assert.NilError(t, err)
	assert.Assert(t, !changed)
	assert.Equal(t, read(t, file), text)
}

func TestMissingFileAndDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "etc", "docker", "daemon.json")
	changed, err := Remove(file, "ditto")
	assert.NilError(t, err)
	assert.Assert(t, !changed)
	changed, err = Add(file, "ditto", Runtime{Path: "/d", Args: []string{"--debug"}})
	assert.NilError(t, err)
	assert.Assert(t, changed)
	var config struct{ Runtimes map[string]Runtime }
	assert.NilError(t, json.Unmarshal([]byte(read(t, file)), &config))
	assert.DeepEqual(t, config.Runtimes, map[string]Runtime{"ditto": {Path: "/d", Args: []string{"--debug"}}})
}

func TestSymbolicLinkStays(t *testing.T) {
	file := write(t, "{}")
	link := filepath.Join(t.TempDir(), "link")
	assert.NilError(t, os.Symlink(file, link))
	_, err := Add(link, "ditto", ditto)
	assert.NilError(t, err)
	_, err = os.Readlink(link)
	assert.NilError(t, err)
	assert.Assert(t, read(t, file) != "{}")
}

func TestBadFilesAreLeftAlone(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"{\n  \"a\": 1,\n  oops\n}", "line 3: invalid character 'o'"},
		{"[]", "not a JSON object"},
		{"{\"a\": 1", "ends too early"},
		{"{} {}", "something stands behind"},
		{`{"a": 1, "a": 2}`, `"a" is there twice`},
		{`{"runtimes": []}`, "runtimes: not a JSON object"},
	} {
		file := write(t, tt.text)
		_, err := Add(file, "ditto", ditto)
		assert.ErrorContains(t, err, tt.want)
		assert.ErrorContains(t, err, file)
		assert.Equal(t, read(t, file), tt.text)
	}
	const inUse = `{"default-runtime": "ditto", "runtimes": {"ditto": {"path": "/d"}}}`
	file := write(t, inUse)
	_, err := Remove(file, "ditto")
	assert.ErrorContains(t, err, "default-runtime")
	assert.Equal(t, read(t, file), inUse)
}

func FuzzEdit(f *testing.F) {
	f.Add([]byte(`{"a":1,"runtimes":{"x":{}}}`))
	f.Add([]byte(`{"runtimes":{"ditto":{"path":""}},"default-runtime":"y"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		set := func(o *object) error { o.set("ditto", []byte(`{"path":"/d"}`)); return nil }
		out, err := editText(text, set, nil)
		if err != nil || out == nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q became %q", text, out)
		}
		if again, err := editText(out, set, nil); err != nil || again != nil {
			t.Fatalf("%q: %v, %q", out, err, again)
		}
	})
}

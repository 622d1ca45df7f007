// SPDX-License-Identifier: Apache-2.0

// Package engine makes ditto known to container engines: it adds a runtime to
// the configuration file of Docker's daemon, or takes it out, and leaves
// everything else in the file as it stands there.
package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// Runtime is an entry of "runtimes" in daemon.json.
type Runtime struct {
	Path string   `json:"path"`
	Args []string `json:"runtimeArgs,omitempty"`
}

// Add enters a runtime under a name in the configuration file. It tells
// whether that changed the file.
func Add(file, name string, r Runtime) (changed bool, err error) {
	return edit(file, func(runtimes *object) error {
		entry, err := json.Marshal(r)
		if err != nil {
			return err
		}
		runtimes.set(name, entry)
		return nil
	})
}

// Remove takes the runtime of a name out of the configuration file. It tells
// whether it was there. A default runtime is not taken away.
func Remove(file, name string) (changed bool, err error) {
	return edit(file, func(runtimes *object) error {
		runtimes.remove(name)
		return nil
	}, name)
}

// edit changes the runtimes of a file, and writes it if that made a difference. None of
// the names may be the default runtime.
func edit(file string, change func(runtimes *object) error, names ...string) (changed bool, err error) {
	old, err := os.ReadFile(file)
	missing := errors.Is(err, os.ErrNotExist)
	if err != nil && !missing {
		return false, err
	}
	text, err := editText(old, change, names)
	if err != nil {
		return false, fmt.Errorf("%s: %w", file, err)
	}
	if text == nil || bytes.Equal(text, old) {
		return false, nil
	}
	return true, replace(file, text)
}

// editText is edit on the file's content; nil if nothing changes.
func editText(old []byte, change func(*object) error, names []string) ([]byte, error) {
	config := &object{}
	if len(bytes.TrimSpace(old)) > 0 {
		if err := config.parse(old); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		if quoted, _ := json.Marshal(name); bytes.Equal(config.get("default-runtime"), quoted) {
			return nil, fmt.Errorf("%q is the default-runtime there: choose another one first", name)
		}
	}
	runtimes := &object{}
	if value := config.get("runtimes"); value != nil && string(value) != "null" {
		if err := runtimes.parse(value); err != nil {
			return nil, fmt.Errorf("runtimes: %w", err)
		}
	}
	before := runtimes.text()
	if err := change(runtimes); err != nil {
		return nil, err
	}
	switch after := runtimes.text(); {
	case bytes.Equal(before, after):
		return nil, nil
	case len(runtimes.members) == 0:
		config.remove("runtimes")
	default:
		config.set("runtimes", after)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, config.text(), "", "    "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// object is a JSON object that keeps the order of its members, and their values
// as they were written.
type object struct{ members []member }

type member struct {
	name  string
	value json.RawMessage
}

func (o *object) parse(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return located(text, err)
	}
	if open != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return located(text, err)
		}
		m := member{name: name.(string)}
		if err := d.Decode(&m.value); err != nil {
			return located(text, err)
		}
		if o.get(m.name) != nil {
			return fmt.Errorf("%q is there twice", m.name)
		}
		o.members = append(o.members, m)
	}
	if _, err := d.Token(); err != nil {
		return located(text, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something stands behind the JSON object")
	}
	return nil
}

// located adds the line to an error of syntax.
func located(text []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at := min(int(syntax.Offset), len(text))
		return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:at], []byte("\n")), err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON ends too early")
	}
	return err
}

func (o *object) index(name string) int {
	return slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
}

func (o *object) get(name string) json.RawMessage {
	if i := o.index(name); i >= 0 {
		return o.members[i].value
	}
	return nil
}

func (o *object) set(name string, value []byte) {
	if i := o.index(name); i >= 0 {
		if !sameJSON(o.members[i].value, value) {
			o.members[i].value = value
		}
		return
	}
	o.members = append(o.members, member{name, value})
}

// sameJSON tells whether two values differ in blanks only.
func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

func (o *object) remove(name string) {
	if i := o.index(name); i >= 0 {
		o.members = slices.Delete(o.members, i, i+1)
	}
}

func (o *object) text() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(m.name)
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// replace puts a new file in the place of an old one, whole or not at all,
// with its owner and mode. A symbolic link stays one.
func replace(file string, text []byte) error {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has its name
	if err := fill(f, file, text); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

func fill(f *os.File, like string, text []byte) error {
	mode := os.FileMode(0o644)
	var st unix.Stat_t
	if err := unix.Stat(like, &st); err == nil {
		mode = os.FileMode(st.Mode & 0o777)
		if err := f.Chown(int(st.Uid), int(st.Gid)); err != nil {
			return err
		}
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

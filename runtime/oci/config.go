// SPDX-License-Identifier: Apache-2.0

// Package oci is containers as the OCI runtime specification has them: the
// bundle and its configuration, the state directory, the life of a container
// from create to delete.
package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// configName is the configuration's name in a bundle.
const configName = "config.json"

// LoadSpec reads the configuration of a bundle.
func LoadSpec(bundle string) (*specs.Spec, error) {
	name := filepath.Join(bundle, configName)
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file: is %q a bundle? (ditto spec makes a configuration)", name, bundle)
	}
	if err != nil {
		return nil, err
	}
	s, err := ParseSpec(b)
	if err != nil {
		return nil, fmt.Errorf("%s%w", name, err)
	}
	return s, nil
}

// ParseSpec reads a configuration. An error begins with ":LINE:COLUMN: " if it
// is about a place in the text, else with ": ".
func ParseSpec(b []byte) (*specs.Spec, error) {
	s := &specs.Spec{}
	if err := parse(b, s); err != nil {
		return nil, err
	}
	if s.Version == "" {
		return nil, errors.New(": ociVersion is missing")
	}
	if !strings.HasPrefix(s.Version, "1.") {
		return nil, fmt.Errorf(": ociVersion %q: only versions 1.x are known", s.Version)
	}
	return s, nil
}

// LoadProcess reads a process from a file (exec --process).
func LoadProcess(name string) (*specs.Process, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	p := &specs.Process{}
	if err := parse(b, p); err != nil {
		return nil, fmt.Errorf("%s%w", name, err)
	}
	return p, nil
}

// parse decodes one JSON value and nothing behind it.
func parse(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	err := dec.Decode(into)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return nil
		}
		return fmt.Errorf("%s: something follows the end of the configuration", place(b, dec.InputOffset()))
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: %w", place(b, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s: %s must be %s, and is a %s", place(b, kind.Offset), kind.Field, kind.Type, kind.Value)
	case errors.Is(err, io.EOF):
		return errors.New(": the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the file ends in the middle", place(b, int64(len(b))))
	}
	return fmt.Errorf(": %w", err)
}

// place is ":LINE:COLUMN" of an offset.
func place(b []byte, offset int64) string {
	before := b[:max(0, min(offset, int64(len(b))))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	return fmt.Sprintf(":%d:%d", line, max(column, 1))
}

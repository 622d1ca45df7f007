// SPDX-License-Identifier: Apache-2.0

// This file is a small client of the Kubernetes container runtime interface, for the tests: gRPC over a Unix socket,
// with messages as lists of fields.

package acceptance

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"gotest.tools/v3/assert"
)

// message is a protocol buffer in its encoded form.
type message []byte

// varint adds a field that is a number.
func (m message) varint(field int, v uint64) message {
	return binary.AppendUvarint(binary.AppendUvarint(m, uint64(field)<<3), v)
}

// text adds a field that is a string, bytes or another message.
func (m message) text(field int, v string) message {
	m = binary.AppendUvarint(binary.AppendUvarint(m, uint64(field)<<3|2), uint64(len(v)))
	return append(m, v...)
}

// texts adds one that is repeated.
func (m message) texts(field int, list []string) message {
	for _, v := range list {
		m = m.text(field, v)
	}
	return m
}

// in adds another message.
func (m message) in(field int, v message) message { return m.text(field, string(v)) }

// get finds a field: its text, or its number.
func (m message) get(t *testing.T, field int) (text string, number uint64) {
	t.Helper()
	for len(m) > 0 {
		key, n := binary.Uvarint(m)
		assert.Assert(t, n > 0)
		m = m[n:]
		v, n := binary.Uvarint(m)
		assert.Assert(t, n > 0)
		m = m[n:]
		var s string
		switch key & 7 {
		case 0:
		case 2:
			s, m = string(m[:v]), m[v:]
		default:
			t.Fatalf("field %d has wire type %d", key>>3, key&7)
		}
		if int(key>>3) == field {
			text, number = s, v
		}
	}
	return text, number
}

// cri is a connection to a runtime service.
type cri struct{ http.Client }

func newCRI(socket string) *cri {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	return &cri{http.Client{Transport: &http.Transport{Protocols: protocols, DialContext: dial}}}
}

// call makes a call and returns the answer.
func (c *cri) call(method string, m message) (message, error) {
	frame := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(m))), m...)
	request, err := http.NewRequest(http.MethodPost, "http://localhost/runtime.v1.RuntimeService/"+method, bytes.NewReader(frame))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	for _, h := range []http.Header{response.Header, response.Trailer} {
		if status := h.Get("Grpc-Status"); status != "" && status != "0" {
			return nil, fmt.Errorf("%s: %s", method, h.Get("Grpc-Message"))
		}
	}
	if len(body) < 5 {
		return nil, fmt.Errorf("%s: an answer of %d bytes: %s", method, len(body), response.Status)
	}
	return body[5:], nil
}

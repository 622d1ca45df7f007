// SPDX-License-Identifier: Apache-2.0

// This file is what runs in the sandbox in the name of a process of the host's: an executed process, or
// a container in a sandbox of another's. Engines know the process on the host, the stand-in, by its id.

package cli

import (
	"time"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// reaping is how long a parent may take to note the end of a stand-in.
const reaping = 5 * time.Second

// guest is what a stand-in asks of what it stands for.
type guest struct {
	signal  func(signo int)
	winsize func(boot.Winsize)
	end     func() // at once: nobody stands for it any more
	wait    func() (status uint32)
}

// serve tells the stand-in at the other end that the guest is there, does what it asks until it goes, and tells it how
// the guest ended. It returns when the stand-in's parent has taken note of its end.
func (g *guest) serve(conn *control.Conn) {
	_ = conn.Send(control.Report{Created: true})
	peer := conn.Peer()
	defer peer.Close()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		g.follow(conn)
	}()
	_ = conn.Send(control.Report{Final: true, Status: g.wait()})
	<-gone
	// An engine that reaps this process and the stand-in at once may take this one first.
	peer.AwaitReaped(reaping)
}

// follow does what the stand-in asks, until it goes.
func (g *guest) follow(conn *control.Conn) {
	for {
		var r control.Request
		if err := conn.Receive(&r); err != nil {
			g.end()
			return
		}
		if r.Winsize != nil {
			g.winsize(*r.Winsize)
		}
		if r.Signal != 0 {
			g.signal(r.Signal)
		}
	}
}

// refuse tells a stand-in why there is no guest.
func refuse(conn *control.Conn, err error) {
	_ = conn.Send(control.Report{Final: true, Status: boot.ExitStatus(err), Error: err.Error()})
}

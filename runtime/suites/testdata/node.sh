# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

cat >many.js <<'END'
const http = require("http");
const server = http.createServer((q, r) => {
  let n = 0;
  q.on("data", d => n += d.length);
  q.on("end", () => r.end(q.url + " " + n));
});
server.listen(+process.env.PORT, "127.0.0.1", () => {
  const many = 1000, errors = {};
  let left = many, right = 0;
  const end = () => {
    if (--left) return;
    console.log("== answers: " + right + " " + JSON.stringify(errors));
    server.close(() => console.log("== server: closed"));
  };
  for (let i = 0; i < many; i++) {
    const q = http.request({ port: process.env.PORT, host: "127.0.0.1", path: "/" + i, method: "POST" }, r => {
      let body = "";
      r.on("data", d => body += d);
      r.on("end", () => { right += body === "/" + i + " " + i; end(); });
    });
    q.on("error", e => { errors[e.code] = (errors[e.code] || 0) + 1; end(); });
    q.end("x".repeat(i));
  }
});
END
node many.js
say 'exit status' $?

# The same many connections of net, all open before the first one ends.
cat >net.js <<'END'
const net = require("net");
const many = 1000, errors = {};
let open = 0, left = many, right = 0;
const fail = e => { errors[e.code] = (errors[e.code] || 0) + 1; };
const server = net.createServer({ allowHalfOpen: true }, c => {
  let said = "";
  c.on("data", d => said += d);
  c.on("end", () => c.end(said.toUpperCase()));
  c.on("error", fail);
});
server.listen({ port: +process.env.PORT + 1, host: "127.0.0.1", backlog: 2000 }, () => {
  const all = [];
  for (let i = 0; i < many; i++) {
    let heard = "";
    const c = net.connect(+process.env.PORT + 1, "127.0.0.1", () => {
      c.write("hello ");
      if (++open === many) all.forEach((c, n) => c.end("number " + n));
    });
    all.push(c);
    c.setEncoding("utf8");
    c.on("data", d => heard += d);
    c.on("error", fail);
    c.on("close", () => {
      right += heard === "HELLO NUMBER " + i;
      if (--left === 0) {
        console.log("== net answers: " + right + ", open at once: " + open + " " + JSON.stringify(errors));
        server.close(() => console.log("== net server: closed"));
      }
    });
  }
});
END
node net.js
say 'net exit status' $?

# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

chmod 755 $d
mkdir html
echo hello >html/index.html
head -c 3000000 /dev/zero | tr '\0' x >html/big
chmod -R a+rX html
cat >nginx.conf <<END
user $(id -un);
worker_processes 2;
error_log $d/error.log;
pid $d/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $d/a; proxy_temp_path $d/b; fastcgi_temp_path $d/c; uwsgi_temp_path $d/d; scgi_temp_path $d/e;
  sendfile on;
  server {
    listen 127.0.0.1:$PORT; listen [::1]:$PORT; listen 127.0.0.1:$((PORT + 1)) http2;
    root $d/html;
    location /u { proxy_pass http://unix:$d/up.sock:/; }
  }
  server { listen unix:$d/up.sock; root $d/html; }
}
END
nginx -c $d/nginx.conf -g 'daemon off;' & server=$!
url=http://127.0.0.1:$PORT
until curl -sf $url/ >/dev/null; do kill -0 $server || { cat error.log; exit 1; }; sleep 0.05; done
say headers "$(curl -s -i $url/ | grep -v -E '^(Date|ETag|Last-Mod)' | tr '\r\n' '  ')"
say 'a big file by IPv6' "$(curl -s "http://[::1]:$PORT/big" | md5sum)"
say 'a big file by a Unix socket' "$(curl -s $url/u/big | md5sum)"
say 'HTTP/2' "$(curl -s --http2-prior-knowledge -o /dev/null -w '%{http_version} %{size_download}' http://127.0.0.1:$((PORT + 1))/big)"
say 'a range' "$(curl -s -r 100-199 $url/big | wc -c)"
say 'many at once' "$(seq 40 | xargs -P 8 -I N curl -s -o /dev/null -w '%{size_download}\n' $url/big | sort | uniq -c | tr -s ' ')"
say 'not found' "$(curl -s -o /dev/null -w '%{http_code}' $url/none)"
nginx -c $d/nginx.conf -s reload
say 'after a reload' "$(curl -s $url/)"
nginx -c $d/nginx.conf -s quit
wait $server
say 'exit status' $?

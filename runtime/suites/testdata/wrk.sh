# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

chmod 755 $d
mkdir html
head -c 20000 /dev/zero | tr '\0' x >html/index.html
chmod -R a+rX html
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 2 -keyout key -out cert 2>/dev/null
cat >nginx.conf <<END
user $(id -un);
worker_processes 2;
error_log $d/error.log;
pid $d/nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path $d/a; proxy_temp_path $d/b; fastcgi_temp_path $d/c; uwsgi_temp_path $d/d; scgi_temp_path $d/e;
  server { listen 127.0.0.1:$PORT; root $d/html; }
  server { listen 127.0.0.1:$((PORT + 1)) ssl http2; ssl_certificate $d/cert; ssl_certificate_key $d/key; root $d/html; }
}
END
nginx -c $d/nginx.conf -g 'daemon off;' & server=$!
url=http://127.0.0.1:$PORT/
until curl -sf $url >/dev/null; do kill -0 $server || { cat error.log; exit 1; }; sleep 0.05; done
# Only that it gets through: speed is not compared.
wrk -t 2 -c 100 -d 2s --timeout 20s $url >wrk.log 2>&1
say wrk "$? $(grep -c 'requests in' wrk.log), errors: $(grep -E 'Socket errors|Non-2xx' wrk.log)"
say 'HTTP/2 with TLS' "$(curl -s --cacert cert --resolve localhost:$((PORT + 1)):127.0.0.1 -o /dev/null -w '%{http_version} %{http_code} %{size_download} %{ssl_verify_result}' https://localhost:$((PORT + 1))/)"
nginx -c $d/nginx.conf -s quit
wait $server
say 'exit status' $?

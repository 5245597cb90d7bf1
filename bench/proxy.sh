#!/usr/bin/env bash
# HTTP/1.1 to HTTP/1.1 through one worker each of tablinum, nginx and Caddy before the same nginx, with wrk; interleaved rounds.
# Prints requests a second and CPU microseconds of the proxy per request, medians, and the load beside.
# Usage: bench/proxy.sh TABLINUM [ROUNDS [SECONDS]]
set -euo pipefail
tablinum=$1 rounds=${2:-5} seconds=${3:-4}
folder=$(mktemp -d); pids=()
cleanup() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$folder"; }
trap cleanup EXIT
body=$(head -c 768 /dev/zero | tr '\0' x)
temporary="client_body_temp_path $folder/a; proxy_temp_path $folder/b; fastcgi_temp_path $folder/c; uwsgi_temp_path $folder/d; scgi_temp_path $folder/e;"
cat > "$folder/origin.conf" <<N
daemon off; worker_processes 1; pid $folder/o.pid; error_log /dev/null; events { worker_connections 2048; }
http { access_log off; keepalive_requests 1000000000; $temporary server { listen 127.0.0.1:9700; location / { default_type text/plain; return 200 "$body"; } } }
N
cat > "$folder/nginx.conf" <<N
daemon off; master_process off; pid $folder/n.pid; error_log /dev/null; events { worker_connections 2048; }
http { access_log off; keepalive_requests 1000000000; $temporary upstream app { server 127.0.0.1:9700; keepalive 128; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:9701; location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$host;
    proxy_set_header X-Forwarded-For \$remote_addr; proxy_set_header X-Forwarded-Proto \$scheme; } } }
N
cat > "$folder/Caddyfile" <<N
{
  admin off
  auto_https off
}
http://127.0.0.1:9702 {
  reverse_proxy 127.0.0.1:9700
}
N
cat > "$folder/proxy.yaml" <<N
listen: [127.0.0.1:9703]
limits: {connections_per_address: 10000}
upstreams:
  app: {backends: [http://127.0.0.1:9700], health: {active: false}}
hosts:
  - routes: [{upstream: app}]
N
nginx -p "$folder" -c "$folder/origin.conf" 2>/dev/null & pids+=($!)
nginx -p "$folder" -c "$folder/nginx.conf" 2>/dev/null & nginx_pid=$!; pids+=($nginx_pid)
HOME=$folder GOMAXPROCS=1 caddy run --config "$folder/Caddyfile" --adapter caddyfile >/dev/null 2>&1 & caddy_pid=$!; pids+=($caddy_pid)
"$tablinum" --quiet proxy --config "$folder/proxy.yaml" --cores 1 --no-watch 2>/dev/null & tablinum_pid=$!; pids+=($tablinum_pid)
sleep 2
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }  # ticks of 10 ms
declare -A ports=([tablinum]=9703 [nginx]=9701 [caddy]=9702) process=([tablinum]=$tablinum_pid [nginx]=$nginx_pid [caddy]=$caddy_pid)
for name in tablinum nginx caddy; do curl -sf -o /dev/null "http://127.0.0.1:${ports[$name]}/" || { echo "$name does not answer"; exit 1; }; done
for ((round = 0; round < rounds; ++round)); do
  for name in tablinum nginx caddy; do
    before=$(cpu "${process[$name]}")
    out=$(wrk -t1 -c64 -d"${seconds}s" "http://127.0.0.1:${ports[$name]}/")
    after=$(cpu "${process[$name]}")
    requests=$(awk '/requests in/{print $1}' <<<"$out"); rate=$(awk '/Requests\/sec/{print $2}' <<<"$out")
    if grep -q "Non-2xx\|Socket errors" <<<"$out"; then echo "$name: $(grep "Non-2xx\|Socket errors" <<<"$out")" >&2; fi
    echo "$name $rate $(awk -v t=$((after - before)) -v r="$requests" 'BEGIN{printf "%.2f", t * 10000 / r}')" >> "$folder/rows"
  done
done
median() { grep "^$1 " "$folder/rows" | awk "{print \$$2}" | sort -n | awk '{v[NR]=$1} END{print v[int((NR+1)/2)]}'; }
echo "| proxy | requests/s | CPU µs a request |"; echo "|---|---|---|"
for name in tablinum nginx caddy; do echo "| $name | $(median $name 2) | $(median $name 3) |"; done
awk -v a="$(median nginx 3)" -v b="$(median tablinum 3)" -v c="$(median caddy 3)" 'BEGIN{printf "CPU ratio: %.2f x nginx, %.2f x Caddy\n", a / b, c / b}'
awk -v a="$(median tablinum 2)" -v b="$(median nginx 2)" -v c="$(median caddy 2)" 'BEGIN{printf "rate ratio: %.2f x nginx, %.2f x Caddy\n", a / b, a / c}'
echo "load: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors; $(nginx -v 2>&1), Caddy $(caddy version), $(wrk -v 2>&1 | head -1)"

#!/bin/sh
# The demo's work with no orchestrator: the same agent steps, tests and pushes, one after the other. $1: prepared folder, $2: seconds of an agent call, $3: player command
set -eu
folder=$1; seconds=$2; player=$3
free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
up() { until curl -fs "$1/healthz" >/dev/null; do sleep 0.05; done; }
cd "$folder"; mkdir plain; cd plain
git clone -q ../api.git api; git clone -q ../web.git web
for attempt in 1 2; do
  (cd "$folder/plain" && sleep "$seconds" && $player "$attempt")
  for name in api web; do (cd $name && git add -A && git -c user.name=b -c user.email=b@example.com commit -qm "attempt $attempt" || true); done
  (cd api && npm test >/dev/null 2>&1) & tests=$!
  (cd web && npm test >/dev/null 2>&1)
  wait $tests
  api=$(free_port); web=$(free_port)
  export API_URL=http://127.0.0.1:$api WEB_URL=http://127.0.0.1:$web
  PORT=$api node api/src/server.js >/dev/null 2>&1 & one=$!
  up "$API_URL"
  PORT=$web node web/src/server.js >/dev/null 2>&1 & two=$!
  up "$WEB_URL"
  (cd web && npm run e2e >/dev/null 2>&1) && green=1 || green=0
  kill $one $two; wait $one $two 2>/dev/null || true
  [ $green = 1 ] && break
done
[ $green = 1 ]
for name in api web; do (cd $name && git push -q origin HEAD:refs/heads/plain); done

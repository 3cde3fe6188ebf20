// Programs that connect elsewhere, or exist to do so. git's table is here too: what it may do is git.ts.

import type { Program } from "../programs.ts";

const online = (options: string, operands?: string): Program => ({
  effect: "unknown",
  network: true,
  options,
  ...(operands === undefined ? {} : { operands }),
});

const container: Program = {
  effect: "unknown",
  versions: "--version -v",
  network: true,
  options:
    "-v,--volume:text! --privileged! --mount:text! --device:text! --network,--net:text! --pid:text! --ipc:text! --userns:text! --cap-add:text! --security-opt:text! -H,--host:host! --env-file:read! --config:read! -c,--context:text! --entrypoint:text!",
};

export const connectors: Record<string, Program> = {
  git: { effect: "unknown", special: "git" },
  curl: {
    ...online(
      "--compressed --http1.0 --http1.1 --http2 --http3 --no-progress-meter -N,--no-buffer --progress-bar --fail-with-body --fail-early --retry-delay:text --retry-max-time:text --retry-connrefused --retry-all-errors --max-redirs:text --globoff --limit-rate:text --max-filesize:text -r,--range:text -z,--time-cond:text --tlsv1.2 --tlsv1.3 --tls-max:text --path-as-is -Z,--parallel --parallel-max:text --form-string:text --keepalive-time:text --no-keepalive --tcp-nodelay --raw --url-query:data --form-escape -V,--version -h,--help -o,--output:write! -O,--remote-name! -J! --remote-name-all! --output-dir:write! -K,--config:read! -T,--upload-file:read! -d,--data,--data-ascii,--data-binary,--data-urlencode:data! --data-raw:text! -F,--form:data! --json:data! -D,--dump-header:write! -c,--cookie-jar:write! --trace,--trace-ascii:write! --stderr:write! -x,--proxy:host! --preproxy:host! --socks5:host! --unix-socket:read! --netrc-file:read! --netrc,-n! -b,--cookie:text! -E,--cert:read! --key:read! --cacert:read! --libcurl:write! --hsts:write! --alt-svc:write! --etag-save:write! --engine:text! -w,--write-out:data -H,--header:data -X,--request:text -A,--user-agent:text -e,--referer:text -u,--user:text! -m,--max-time:text --connect-timeout:text --retry:text --url:host --resolve:text! --connect-to:text! -s,--silent -S,--show-error -f,--fail -L,--location -i,--include -I,--head -v,--verbose -k,--insecure! -g -G,--get -4 -6 -#",
      "host*",
    ),
    closed: true,
  },
  wget: online(
    "-O,--output-document:write! -o,--output-file:write! -a,--append-output:write! -P,--directory-prefix:write! -e,--execute:text! --use-askpass:run! -i,--input-file:read! --post-data,--body-data:text! --post-file,--body-file:read! --method:text! --config:read! --load-cookies:read! --save-cookies:write! -r,--recursive! -m,--mirror! --header:text -U,--user-agent:text -t,--tries:text -T,--timeout:text --ca-certificate:read! --rejected-log:write! --warc-file:write! --hsts-file:write! -q -c -nv -S --spider",
    "host*",
  ),
  ssh: { effect: "unknown", special: "remote" },
  mosh: online("--ssh:run!", "host*"),
  scp: online("-o:text! -S:run! -F:read! -i:read! -J:host! -D:run! -P:text -l:text -r -p -q -C -v -B -3", "remote*"),
  sftp: online("-o:text! -S:run! -F:read! -i:read! -b:read! -D:run! -J:host! -P:text", "remote*"),
  rsync: online(
    "-e,--rsh:run! --rsync-path:run! --files-from:read! --log-file:write! --delete! --write-batch,--only-write-batch:write! --partial-dir:write! --backup-dir:write! -T,--temp-dir:write! --password-file:read! --daemon! --config:read! --exclude:text --include:text --exclude-from:read -M,--remote-option:text!",
    "remote*",
  ),
  ftp: online("", "host*"),
  telnet: online("", "host*"),
  nc: online("-e,-c:run!", "host*"),
  ncat: online("-e,--exec:run! -c,--sh-exec:shell! --lua-exec:run!", "host*"),
  netcat: online("-e,-c:run!", "host*"),
  socat: online(""),
  ping: online("-c:text -i:text -w:text -W:text", "host*"),
  dig: online("-f:read!", "host*"),
  nslookup: online("", "host*"),
  host: online("", "host*"),
  traceroute: online("", "host*"),
  whois: online("", "host*"),
  openssl: online("-engine:run! -provider-path:run! -out:write! -config:read!"),
  gh: online("--hostname:host!"),
  glab: online(""),
  docker: container,
  podman: container,
  nerdctl: container,
  "docker-compose": online("-f,--file:run! --env-file:read! --project-directory:folder! -H,--host:host!"),
  kubectl: online("--kubeconfig:read! -s,--server:host! --as:text! --token:text!"),
  helm: online("--post-renderer:run! --kubeconfig:read!"),
  terraform: online("-chdir:folder!"),
  aws: online("--endpoint-url:host! --profile:text!"),
  gcloud: online(""),
  az: online(""),
  vercel: online(""),
  fly: online(""),
  heroku: online(""),
  psql: online("-c,--command:text! -f,--file:read! -o,--output:write! -h,--host:host"),
  mysql: online("-e,--execute:text! -h,--host:host --pager?:run! --tee:write!"),
  "redis-cli": online("-h:host"),
  sqlite3: { effect: "unknown", options: "-init:read! -cmd:text!", longDash: true },
};

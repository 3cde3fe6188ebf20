// Reading the web: real servers on this machine stand for the world, reached by names that a test's own resolver knows.
// Private places are refused whatever leads there; pages come back bounded, readable and with the name of their source.

import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { isPublic } from "../../src/tools/web/address.ts";
import type { WebAccess } from "../../src/tools/web/get.ts";
import { type Bench, codeOf, openBench } from "./toolsFixture.ts";

type Answer = { status?: number; headers?: Record<string, string | number>; body?: string | Buffer; hang?: true };

describe("web__fetch", () => {
  let server: http.Server;
  let bench: Bench;
  let port: number;
  const pages = new Map<string, Answer>();
  const asked: string[] = [];
  const resolved: string[] = [];
  const names = new Map<string, string[][]>();

  const access: WebAccess = {
    resolve: (host) => {
      resolved.push(host);
      const answers = names.get(host) ?? [["127.0.0.1"]];
      return Promise.resolve(answers.length > 1 ? answers.shift()! : answers[0]!);
    },
    // This machine stands for the world, and only it.
    mayReach: (address) => address === "127.0.0.1" || isPublic(address),
  };

  before(async () => {
    server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.headers.host} ${request.url}`);
      const { status = 200, headers = {}, body = "", hang } = pages.get(request.url!) ?? { status: 404, body: "nothing here" };
      if (hang) return;
      response.writeHead(status, headers);
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    for (const list of [asked, resolved]) list.length = 0;
    pages.clear();
    names.clear();
    bench = await openBench({ web: access });
  });
  afterEach(() => bench.close());

  const at = (path: string, host = "docs.example.com"): string => `http://${host}:${port}${path}`;
  const get = (path: string, host?: string) => bench.call("web__fetch", { url: at(path, host) });
  const html = { "content-type": "text/html; charset=utf-8" };

  it("gives a page as readable text, with its address, status and source", async () => {
    pages.set("/guide", {
      headers: html,
      body: `<!doctype html><html><head><title>The  guide</title><style>p { color: red }</style><script>alert("no")</script></head>
        <body><h2>First &amp; foremost</h2><p>Read <a href="/next?a=1">the next page</a> or <a href="javascript:alert(1)">run</a>.</p>
        <ul><li>one</li><li>two</li></ul><ol><li>eins</li><li>zwei</li></ol>
        <pre><code>let a   = 1;\n  b();</code></pre><p hidden>hidden words</p><div style="display : none">unseen words</div>
        <span aria-hidden="true">silent words</span><!-- a comment --><p>zero\u200Bwidth\u202E</p>
        <table><tr><th>name</th><td>value</td></tr></table><p>open <b>end</body></html>`,
    });
    const result = await get("/guide");
    assert.ok(result.ok, result.content);
    const [address, status, ...rest] = result.content.split("\n");
    assert.equal(address, at("/guide"));
    assert.equal(status, "Status 200 OK, text/html");
    assert.equal(
      rest.join("\n").trim(),
      [
        "# The guide",
        "## First & foremost",
        `Read [the next page](${at("/next?a=1")}) or run.`,
        "- one\n- two",
        "1. eins\n2. zwei",
        "```\nlet a   = 1;\n  b();\n```",
        "zerowidth",
        "| name | value |",
        "open end",
      ].join("\n\n"),
    );
    assert.deepEqual(result.details, { taint: ["web:docs.example.com"], url: at("/guide"), status: 200, type: "text/html" });
    assert.deepEqual(asked, [`GET docs.example.com:${port} /guide`]);
  });

  it("gives text and JSON as they are, in their own character set, and says so of an error", async () => {
    pages.set("/data", { headers: { "content-type": "application/vnd.api+json" }, body: '{"a": [1, 2]}' });
    pages.set("/old", { headers: { "content-type": "text/plain; charset=iso-8859-1" }, body: Buffer.from([0x67, 0x72, 0xfc, 0x6e]) });
    assert.match((await get("/data")).content, /\n\n\{"a": \[1, 2\]\}$/);
    assert.match((await get("/old")).content, /\n\ngrün$/);
    const missing = await get("/missing");
    assert.equal(codeOf(missing), "http_status");
    assert.match(missing.content, /\nStatus 404 Not Found[^]*nothing here$/);
    assert.deepEqual((missing.details as { taint: string[] }).taint, ["web:docs.example.com"]);
  });

  it("unpacks, and refuses what is no text with its type and size", async () => {
    const text = { "content-type": "text/plain" };
    pages.set("/gzip", { headers: { ...text, "content-encoding": "gzip" }, body: gzipSync("packed words") });
    pages.set("/br", { headers: { ...text, "content-encoding": "br" }, body: brotliCompressSync("pressed words") });
    pages.set("/strange", { headers: { ...text, "content-encoding": "zstd" }, body: "?" });
    pages.set("/damaged", { headers: { ...text, "content-encoding": "gzip" }, body: "no gzip at all" });
    pages.set("/image", { headers: { "content-type": "image/png", "content-length": 4 }, body: Buffer.from([1, 2, 0, 4]) });
    pages.set("/liar", { headers: text, body: Buffer.from([65, 0, 66]) });
    assert.match((await get("/gzip")).content, /packed words$/);
    assert.match((await get("/br")).content, /pressed words$/);
    assert.equal(codeOf(await get("/strange")), "unreadable");
    assert.equal(codeOf(await get("/damaged")), "unreadable");
    assert.match((await get("/image")).content, /Not shown: it is no text \(image\/png, 4 bytes\)\.$/);
    assert.equal(codeOf(await get("/liar")), "binary");
  });

  it("reads no more than two megabytes, of a packed bomb as well", async () => {
    const big = "words ".repeat(4 * 1024 * 1024);
    const text = { "content-type": "text/plain" };
    pages.set("/big", { headers: text, body: big });
    pages.set("/bomb", { headers: { ...text, "content-encoding": "gzip" }, body: gzipSync(big) });
    for (const path of ["/big", "/bomb"]) {
      const result = await get(path);
      assert.ok(result.ok, result.content);
      assert.match(result.content, /only the first 2,097,152 bytes were read/);
      assert.ok(bench.saved.at(-1)!.length < 2_200_000);
    }
  });

  it("stays quick on markup that never closes", async () => {
    pages.set("/deep", { headers: html, body: `${"<b>".repeat(300_000)}${"</i>".repeat(100_000)}` });
    assert.ok((await get("/deep")).ok);
  });

  it("ends with its signal", async () => {
    pages.set("/never", { hang: true });
    const stop = new AbortController();
    const running = bench.call("web__fetch", { url: at("/never") }, {}, stop.signal);
    for (let i = 0; i < 100_000 && asked.length === 0; i++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.equal(codeOf(await running), "cancelled");
  });

  describe("refuses", () => {
    const refused = async (url: string): Promise<void> => {
      const result = await bench.call("web__fetch", { url });
      assert.ok(!result.ok && ["not_allowed", "invalid_url"].includes(result.code), `${url}: ${result.content}`);
      assert.deepEqual(asked, [], url);
    };

    it("private, local and special addresses in every spelling", async () => {
      const hosts = [
        "localhost",
        "LOCALHOST",
        "app.localhost",
        "printer.local",
        "metadata.google.internal",
        "intranet",
        "example.com.",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.2",
        "127.1",
        "2130706434",
        "0x7f000002",
        "0177.0.0.2",
        "134744072",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:8.8.8.8]",
        "[::7f00:1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::8.8.8.8]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[2001:db8::1]",
        "127。0。0。2",
        "①②⑦.0.0.2",
      ];
      for (const host of hosts) await refused(`http://${host}:${port}/`);
      assert.deepEqual(resolved, []);
    });

    it("other schemes, people in the address, odd ports and what is no address", async () => {
      for (const url of [
        "file:///etc/passwd",
        "ftp://example.com/",
        "data:text/plain,a",
        "gopher://example.com/",
        "example.com",
        "//a.b/",
        "",
      ])
        await assertRefusedOrInvalid(url);
      await refused(`http://user@docs.example.com:${port}/`);
      await refused(`http://user:word@docs.example.com:${port}/`);
      await refused("http://docs.example.com:25/");
      await refused(`http://docs.example.com:${port}/${"a".repeat(5_000)}`);
    });
    const assertRefusedOrInvalid = async (url: string): Promise<void> => {
      const result = await bench.call("web__fetch", { url });
      assert.ok(!result.ok && ["not_allowed", "invalid_url", "invalid_arguments"].includes(result.code), url);
    };

    it("a public name that leads to a private address", async () => {
      for (const address of ["127.0.0.2", "10.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "::ffff:10.0.0.1", "fe80::1%lo"]) {
        names.set("rebound.example.com", [[address]]);
        await refused(at("/", "rebound.example.com"));
      }
    });

    it("a second answer of the resolver: the address that was judged is the one that is asked", async () => {
      pages.set("/", { headers: { "content-type": "text/plain" }, body: "judged" });
      names.set("turning.example.com", [["10.0.0.1", "127.0.0.1"], ["10.0.0.1"]]);
      assert.match((await get("/", "turning.example.com")).content, /judged$/);
      assert.deepEqual(resolved, ["turning.example.com"]);
      await bench.call("web__fetch", { url: at("/", "turning.example.com") }).then((again) => assert.equal(codeOf(again), "not_allowed"));
    });

    it("to follow a redirect into a private place, to another host, or for ever; each turn is judged anew", async () => {
      const to = (location: string): Answer => ({ status: 302, headers: { location } });
      pages.set("/here", to("/there"));
      pages.set("/there", { headers: { "content-type": "text/plain" }, body: "arrived" });
      const arrived = await get("/here");
      assert.match(arrived.content, /arrived$/);
      assert.equal(arrived.content.split("\n")[0], at("/there"));
      pages.set("/www", to(at("/there", "www.docs.example.com")));
      assert.match((await get("/www")).content, /arrived$/);

      for (const target of ["http://127.0.0.2/", "http://localhost/", "http://[::1]/", "file:///etc/passwd", "http://2130706434/"]) {
        pages.set("/away", to(target));
        const result = await get("/away");
        assert.ok(!result.ok && ["not_allowed", "redirected"].includes(result.code), `${target}: ${result.content}`);
      }
      pages.set("/other", to("https://elsewhere.example.org/page"));
      const told = await get("/other");
      assert.equal(codeOf(told), "redirected");
      assert.match(told.content, /https:\/\/elsewhere\.example\.org\/page/);

      names.set("docs.example.com", [["127.0.0.1"], ["10.0.0.1"]]);
      assert.equal(codeOf(await get("/here")), "not_allowed");
      names.clear();
      asked.length = 0;
      pages.set("/round", to("/round"));
      assert.equal(codeOf(await get("/round")), "too_many_redirects");
      assert.equal(asked.length, 6);
    });
  });

  it("is judged by its host before it runs", async () => {
    const judge = (args: unknown) => bench.tools.judge("web__fetch", args, { root: bench.root, writable: false });
    const reach = await judge({ url: "https://Docs.Example.com/a?b" });
    assert.deepEqual([reach.certain, reach.network, reach.hosts], [true, true, ["docs.example.com"]]);
    for (const args of [{}, { url: 7 }, { url: "no address" }, { url: "http://localhost/" }]) {
      const doubtful = await judge(args);
      assert.deepEqual([doubtful.certain, doubtful.network, doubtful.hosts], [false, true, []]);
    }
  });

  it("lets public addresses pass", () => {
    for (const address of ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700:4700::1111", "2a00:1450::1"])
      assert.ok(isPublic(address), address);
    for (const address of ["", "example.com", "1.2.3", "::", "8.8.8.8%eth0"]) assert.ok(!isPublic(address), address);
  });
});

// An external MCP server for tests, on stdio: well-behaved tools, and each way to behave badly.

import { writeFileSync } from "node:fs";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

process.stderr.write("the notes server begins\n");
if (process.argv.includes("--refuse")) {
  process.stderr.write("no database here\n");
  process.exit(1);
}

serveStdio(() => {
  const server = new McpServer({ name: "notes", version: "1" });
  const text = (words: string): { content: { type: "text"; text: string }[] } => ({ content: [{ type: "text", text: words }] });
  const input = z.object({ note: z.string() });
  const harmless = { readOnlyHint: true };
  server.registerTool("add.note", { description: "Keeps a note", inputSchema: input, annotations: harmless }, ({ note }) =>
    text(`kept ${note} in ${process.cwd()} for ${process.env["WHO"] ?? "nobody"}; key ${process.env["ANTHROPIC_API_KEY"] ?? "none"}`),
  );
  server.registerTool("fail", { inputSchema: z.object({}) }, () => ({ ...text("the shelf is full"), isError: true }));
  server.registerTool("crash", { inputSchema: z.object({}) }, () => process.exit(3));
  server.registerTool("flood", { inputSchema: z.object({}) }, () => text("x".repeat(200_000)));
  server.registerTool("hang", { inputSchema: z.object({}) }, () => new Promise<never>(() => undefined));
  const payment = z.object({ amount: z.number(), idempotency_key: z.string() });
  server.registerTool("pay", { inputSchema: payment }, ({ amount, idempotency_key: key }, { mcpReq }) =>
    text(`paid ${amount} under ${key}, ${String(mcpReq._meta?.["agent-orchestrator/idempotency-key"])}`),
  );
  server.registerTool("pid", { inputSchema: z.object({}) }, () => text(String(process.pid)));
  server.registerTool("fill", { inputSchema: z.object({ megabytes: z.number() }) }, async ({ megabytes }) => {
    const kept = Array.from({ length: megabytes }, () => Buffer.alloc(1024 * 1024, 1));
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    return text(String(kept.length));
  });
  server.registerTool("write", { inputSchema: z.object({ path: z.string() }) }, ({ path }) => {
    writeFileSync(path, "");
    return text("written");
  });
  return server;
});

// The floor: the least that a durable agent loop can be, written by hand. Raw node:http with kept connections, an
// append-only SQLite log with two transactions a turn at synchronous=FULL, the tool done by reading the file. No policy,
// no checks of arguments, no budget, no trace, no resume. It sends the same bytes as the product to the same server.

import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

export type Floor = { log: FloorLog; agent: http.Agent; url: string; folder: string };

type FloorLog = { append(kinds: string[], bodies: string[]): void; close(): void };

export function openFloor(file: string, url: string, folder: string): Floor {
  return { log: openLog(file), agent: new http.Agent({ keepAlive: true, maxFreeSockets: 32, scheduling: "lifo" }), url, folder };
}

export function closeFloor(floor: Floor): void {
  floor.agent.destroy();
  floor.log.close();
}

function openLog(file: string): FloorLog {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (seq INTEGER PRIMARY KEY, kind TEXT, body TEXT)");
  const insert: StatementSync = db.prepare("INSERT INTO log (kind, body) VALUES (?, ?)");
  return {
    append(kinds, bodies) {
      db.exec("BEGIN");
      for (const [i, kind] of kinds.entries()) insert.run(kind, bodies[i]!);
      db.exec("COMMIT");
    },
    close: () => db.close(),
  };
}

export type FloorTask = { model: string; system: string; tools: string; goal: string };

/** Turn after turn until an answer asks for no tool, or hands in a result. Returns how many turns it took. */
export async function runFloorAgent(floor: Floor, { model, system, tools, goal }: FloorTask): Promise<number> {
  const prompt = JSON.stringify([{ type: "text", text: system }]);
  const head = `{"model":"${model}","max_tokens":16000,"stream":true,"system":${prompt},"tools":${tools},"messages":[`;
  const messages = [JSON.stringify({ role: "user", content: goal })];
  for (let turn = 1; ; turn++) {
    const { text, call } = await ask(floor, `${head}${messages.join(",")}]}`);
    const content = [{ type: "text", text }, ...(call ? [{ type: "tool_use", id: call.id, name: call.name, input: call.input }] : [])];
    const said = JSON.stringify({ role: "assistant", content });
    messages.push(said);
    floor.log.append(["assistant"], [said]);
    if (!call) return turn;
    const result =
      call.name === "filesystem__read_file" ? readFileSync(join(floor.folder, call.input["path"]!), "utf8") : "The result is taken.";
    const answer = JSON.stringify({ role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: result }] });
    messages.push(answer);
    floor.log.append(["result"], [answer]);
    if (call.name.startsWith("agents__submit")) return turn;
  }
}

type Answer = { text: string; call?: { id: string; name: string; input: Record<string, string> } };

function ask(floor: Floor, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request(`${floor.url}/v1/messages`, { agent: floor.agent, method: "POST", headers }, (response) => {
      const answer = gather();
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => answer.take(chunk));
      response.on("end", () => resolve(answer.done()));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

type Event = {
  type: string;
  content_block?: { type: string; id: string; name: string };
  delta?: { type: string; text?: string; partial_json?: string };
};

function gather(): { take(chunk: string): void; done(): Answer } {
  let rest = "";
  let text = "";
  let json = "";
  let tool: { id: string; name: string } | undefined;
  const take = (chunk: string): void => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      const event = JSON.parse(line.slice(6)) as Event;
      if (event.content_block?.type === "tool_use") tool = event.content_block;
      text += event.delta?.text ?? "";
      json += event.delta?.partial_json ?? "";
    }
  };
  const done = (): Answer =>
    tool ? { text, call: { id: tool.id, name: tool.name, input: JSON.parse(json) as Record<string, string> } } : { text };
  return { take, done };
}

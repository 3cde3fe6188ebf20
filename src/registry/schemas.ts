// The files that define agents and what they may do, as JSON Schemas, for editors; made from what checks the files, so that the two agree.

import { z } from "zod";
import { agentDefinition } from "./blueprintFile.ts";
import { policyFile } from "./policyFile.ts";
import { team } from "./teamFile.ts";

export type KeySchema = { description?: string; type?: string; enum?: string[]; default?: unknown };
export type FileSchema = { properties: Record<string, KeySchema> };

/** The front matter of a blueprint. */
export function agentSchema(): FileSchema {
  return schemaOf(agentDefinition);
}

/** `agents.yaml` and `agents.json`. */
export function teamSchema(): FileSchema {
  return schemaOf(team);
}

/** `policy.yaml`. */
export function policySchema(): FileSchema {
  return schemaOf(policyFile);
}

function schemaOf(type: z.ZodType): FileSchema {
  return z.toJSONSchema(type, { io: "input", target: "draft-7", unrepresentable: "any" }) as unknown as FileSchema;
}

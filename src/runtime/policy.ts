// Where the policy files of this machine and user are, and how one begins.

import { platform } from "node:process";
import { machinePolicyFile, type PolicyPlaces } from "../registry/policies.ts";
import { dataDirOf } from "./places.ts";

export { workspacePolicies } from "../registry/policies.ts";

export function policyPlaces(env: Record<string, string | undefined>): PolicyPlaces {
  return { machineFile: machinePolicyFile(platform, env), dataDir: dataDirOf(env) };
}

/** What a new policy file begins with: nothing that changes anything, and an example of each key. */
export const starterPolicy = `# What agents may do, by rules: deny goes before ask, ask before allow, allow before the level.
# Try a call: ao policy check --tool shell__run --input '{"command":"npm test"}'
version: 1

# What holds where no rule does: default (reading is allowed, the rest is asked), assisted, bypass.
# level: default

rules: []
#  - deny:  { id: no-env, tool: filesystem, path: ["**/.env*"] }
#  - allow: { id: checks, tool: shell, command: ["npm test", "npm run lint *"] }
#  - ask:   { tool: github__create_*, reason: "creates something public" }
#  - allow: { tool: web, host: ["docs.example.org"] }

# What a run may use at most.
# budgets: { usd: 2, tokens: 500000, minutes: 30, turns: 200, depth: 4, parallel: 4 }

# Where commands run, and the hosts that they may reach from there.
# sandbox: { mode: auto, network: { allow: [] }, memory: 2GiB, pids: 256 }

# Calls with the decision that you expect: ao policy test FILE
# tests:
#  - { command: npm test, expect: allow }
`;

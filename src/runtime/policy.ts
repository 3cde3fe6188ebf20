// Where the policy files of this machine and user are.

import { platform } from "node:process";
import { machinePolicyFile, type PolicyPlaces } from "../registry/policies.ts";
import { dataDirOf } from "./places.ts";

export function policyPlaces(env: Record<string, string | undefined>): PolicyPlaces {
  return { machineFile: machinePolicyFile(platform, env), dataDir: dataDirOf(env) };
}

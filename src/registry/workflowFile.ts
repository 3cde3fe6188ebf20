// One workflow from one YAML file: an agent that plans or fixed steps, and the rules around them.

import { z } from "zod";
import type { Workflow } from "../protocol/agents.ts";
import { idPattern, withoutUndefined } from "./blueprintFile.ts";
import { didYouMean } from "./closest.ts";
import { check, readYaml } from "./yamlText.ts";
import type { Fault, YamlText } from "./yamlText.ts";

const word = z.string().min(1);

const step = z.strictObject({
  id: word,
  type: word,
  goal: word,
  language: word.optional(),
  agent: word.optional(),
  model: word.optional(),
  dependsOn: z.array(word).optional(),
  files: z.array(word).optional(),
  about: word.optional(),
  candidate: z.boolean().optional(),
});

const schema = z.strictObject({
  id: z.string().regex(idPattern, "must be lower-case letters, digits, dots and dashes").optional(),
  description: word,
  planner: word.optional(),
  guidance: word.optional(),
  proportion: z.boolean().optional(),
  steps: z.array(step).min(1).optional(),
  review: z
    .strictObject({
      below: z.number().min(0).max(1).default(0.8),
      rounds: z.number().int().min(0).max(10).default(2),
      auto: z.boolean().default(true),
    })
    .prefault({}),
  checkRounds: z.number().int().min(0).max(10).default(2),
});

const keys = Object.keys(schema.shape);

export function readWorkflow(
  text: string,
  fileId: string,
  agentIds: Set<string>,
): { ok: true; workflow: Workflow } | { ok: false; faults: Fault[] } {
  const read = readYaml(text, 1);
  if (!read.ok) return read;
  const checked = check(schema, read.yaml, keys);
  if (!checked.ok) return checked;
  const { id = fileId, steps, ...rest } = checked.value;
  const workflow = withoutUndefined({ id, ...rest, steps: steps?.map(withoutUndefined) }) as Workflow;
  const faults = [...faultsOfShape(workflow), ...faultsOfSteps(workflow, read.yaml, agentIds)];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, workflow };
}

function faultsOfShape(workflow: Workflow): Fault[] {
  if ((workflow.planner === undefined) === (workflow.steps === undefined))
    return [{ line: 1, message: "A workflow has either a planner or steps: give one of the two." }];
  if (!idPattern.test(workflow.id))
    return [{ line: 1, message: `The file's name does not make an id ("${workflow.id}"): give one with id.` }];
  return [];
}

function faultsOfSteps(workflow: Workflow, yaml: YamlText, agentIds: Set<string>): Fault[] {
  const faults: Fault[] = [];
  const unknownAgent = (agent: string, path: PropertyKey[]): void => {
    if (!agentIds.has(agent))
      faults.push({ line: yaml.lineOf(path), message: `There is no agent "${agent}".${didYouMean(agent, agentIds)}` });
  };
  if (workflow.planner !== undefined) unknownAgent(workflow.planner, ["planner"]);
  const steps = workflow.steps ?? [];
  const ids = new Set<string>();
  for (const [i, one] of steps.entries()) {
    if (one.agent !== undefined) unknownAgent(one.agent, ["steps", i, "agent"]);
    // Naming only earlier steps also rules out cycles.
    for (const id of [...(one.dependsOn ?? []), ...(one.about === undefined ? [] : [one.about])])
      if (!ids.has(id))
        faults.push({
          line: yaml.lineOf(["steps", i]),
          message: `Step "${one.id}" names "${id}", which is not a step before it.${didYouMean(id, ids)}`,
        });
    if (ids.has(one.id)) faults.push({ line: yaml.lineOf(["steps", i, "id"]), message: `Two steps have the id "${one.id}".` });
    ids.add(one.id);
  }
  return faults;
}

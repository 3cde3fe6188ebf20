import assert from "node:assert/strict";
import { test } from "node:test";
import { stockReport, type Item } from "../src/index.ts";

const cup: Item = { sku: "C-1", name: "Cup", quantity: 2, price: 4 };

test("marks what is scarce", () => {
  assert.equal(stockReport([cup, { ...cup, name: "Plate", quantity: 9 }]), "Cup: 2 (scarce)\nPlate: 9");
});

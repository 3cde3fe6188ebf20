import assert from "node:assert/strict";
import { test } from "node:test";
import { addStock, findItem, removeStock, type Item } from "../src/index.ts";

const sample: Item = { sku: "T-1", name: "Teapot", quantity: 4, price: 18.5 };

test("finds an item by its stock number, in any case", () => {
  assert.equal(findItem([sample], " t-1 ")?.name, "Teapot");
  assert.equal(findItem([sample], "X"), undefined);
});

test("adds to the stock without changing the list it was given", () => {
  const [more] = addStock([sample], "T-1", 2);
  assert.equal(more?.quantity, 6);
  assert.equal(sample.quantity, 4);
});

test("refuses to take away more than there is", () => {
  assert.equal(removeStock([sample], "T-1", 4)[0]?.quantity, 0);
  assert.throws(() => removeStock([sample], "T-1", 5), RangeError);
});

// Changing and searching the stock. Nothing is changed in place.

import { sameSku, type Item } from "./item.ts";

export function findItem(items: Item[], sku: string): Item | undefined {
  return items.find((item) => sameSku(item.sku, sku));
}

export function addStock(items: Item[], sku: string, count: number): Item[] {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`count must be a whole number of at least 0, not ${count}`);
  return items.map((item) => (sameSku(item.sku, sku) ? { ...item, quantity: item.quantity + count } : item));
}

export function removeStock(items: Item[], sku: string, count: number): Item[] {
  const item = findItem(items, sku);
  if (item && item.quantity < count) throw new RangeError(`only ${item.quantity} of ${item.name} in stock`);
  return items.map((other) => (other === item ? { ...other, quantity: other.quantity - count } : other));
}

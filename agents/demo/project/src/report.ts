// Reports for people.

import type { Item } from "./item.ts";

const scarce = 3;

export function stockReport(items: Item[]): string {
  return items.map((item) => `${item.name}: ${item.quantity}${item.quantity < scarce ? " (scarce)" : ""}`).join("\n");
}

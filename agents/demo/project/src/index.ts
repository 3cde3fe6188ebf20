export { sameSku, type Item } from "./item.ts";
export { addStock, findItem, removeStock } from "./inventory.ts";
export { stockReport } from "./report.ts";

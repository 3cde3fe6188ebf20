// What the shop keeps.

export type Item = {
  sku: string;
  name: string;
  quantity: number;
  price: number;
};

/** Stock numbers are compared without regard to case and surrounding space. */
export function sameSku(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

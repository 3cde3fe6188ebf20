// Ends the whole extension host on purpose: no report is written, and the bed must tell of that.

describe("a test that ends its host", () => {
  it("is not waited for", () => process.exit(3));
});

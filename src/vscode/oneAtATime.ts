// Work that follows what happens: however many occasions come together it is done once, never twice at a time, and once
// more for those that come while it is done.

export function oneAtATime(work: () => Promise<void>): () => void {
  let again: "no" | "planned" | "running" | "late" = "no";
  const plan = (): void => {
    if (again !== "no") return void (again = again === "planned" ? "planned" : "late");
    again = "planned";
    setImmediate(() => {
      again = "running";
      void work()
        .catch(() => undefined)
        .finally(() => {
          const late = again === "late";
          again = "no";
          if (late) plan();
        });
    });
  };
  return plan;
}

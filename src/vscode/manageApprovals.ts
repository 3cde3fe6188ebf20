// The approvals that hold beyond their session: what each covers, where, since when; taken back one after the other.

import * as vscode from "vscode";
import { sayCoverage } from "../core/standing.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The ids of what was taken back. */
export async function manageApprovals({ grants }: Runtime): Promise<string[]> {
  const revoked: string[] = [];
  for (;;) {
    const present = await grants.list();
    if (present.length === 0) {
      const none = vscode.l10n.t("No approval holds beyond its session. Those for a project or for good are listed here.");
      void vscode.window.showInformationMessage(none);
      return revoked;
    }
    const items = present.toReversed().map(({ id, covers, workspace, at, days }) => ({
      id,
      label: sayCoverage(covers),
      description: workspace ?? vscode.l10n.t("in all projects"),
      detail: [
        vscode.l10n.t("since {0}", new Date(at).toLocaleString()),
        ...(days === undefined ? [] : [vscode.l10n.t("for {0} days", days)]),
      ].join(", "),
    }));
    const chosen = await vscode.window.showQuickPick(items, {
      matchOnDescription: true,
      title: vscode.l10n.t("Approvals that hold beyond their session"),
      placeHolder: vscode.l10n.t("Choose one to have it asked again"),
    });
    if (!chosen) return revoked;
    if (await grants.revoke(chosen.id)) revoked.push(chosen.id);
  }
}

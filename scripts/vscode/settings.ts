// The workbench settings of a quiet machine: nothing calls home, nothing pops up, nothing updates itself. Tests and
// `npm start` lay theirs over these.

export type Settings = Record<string, unknown>;

export const quietSettings: Settings = {
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.tips.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "git.enabled": false,
  "chat.commandCenter.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

/** Without trust the folder opens restricted, and no question about it is asked. */
export function trustSettings(trust: boolean): Settings {
  return trust
    ? { "security.workspace.trust.enabled": false }
    : {
        "security.workspace.trust.enabled": true,
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.banner": "never",
      };
}

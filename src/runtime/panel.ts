// The interface's host, for programs that show one.

export { createPanelHost, type PanelHost, type Prompt, type Surroundings } from "../gateways/panel/panelHost.ts";

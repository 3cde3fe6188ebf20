// The interface's host, for programs that show one.

export { createPanelHost, PanelRefusal, type PanelHost, type Surroundings } from "../gateways/panel/panelHost.ts";

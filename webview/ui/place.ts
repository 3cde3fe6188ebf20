// Positions and sizes by the object model: the page's policy forbids style attributes, which Lit's own styleMap would write.

import { type ElementPart, noChange } from "lit";
import { Directive, directive } from "lit/directive.js";

class Place extends Directive {
  override render(_styles: Record<string, string>): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [styles]: [Record<string, string>]): unknown {
    const { style } = element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    return noChange;
  }
}

/** `<div ${place({ left: "3px" })}>` */
export const place = directive(Place);

// Colours of things in charts: the same provider or model has the same one on every screen, as far as there are enough.

const LIGHT = ["#3b4fc4", "#c2570c", "#1b7a43", "#b02a86", "#0b7285", "#6d7a00", "#7c3aed", "#b42525"];
const DARK = ["#8ea2ff", "#ffa94d", "#6fd398", "#f783ac", "#66d9e8", "#d8e14d", "#c4a5ff", "#ff8f8a"];

/** What has a colour by its meaning. */
const MEANT = new Map([
  ["failed", 7],
  ["limited", 1],
  ["caller", 4],
]);

/** A colour for each; all together (the empty name) is the accent, everything else goes by its name. */
export function colorsOf(names: string[], dark: boolean): Map<string, string> {
  const colors = dark ? DARK : LIGHT;
  const others = colors.length - 1;
  const taken = new Set<number>();
  const chosen = new Map<string, string>();
  for (const name of names) {
    if (chosen.has(name)) continue;
    let at = name === "" ? 0 : (MEANT.get(name) ?? 1 + (hash(name) % others));
    // The next that is free, so that two lines of one chart are told apart.
    for (let step = 0; name !== "" && taken.has(at) && step < others; step += 1) at = 1 + (at % others);
    taken.add(at);
    chosen.set(name, colors[at] ?? "");
  }
  return chosen;
}

/** FNV-1a, 32 bits: small, and spreads short names well. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const char of text) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return sum;
}

// Colours of things in charts: the same provider or model has the same one on every screen.

const LIGHT = ["#3b4fc4", "#b4540a", "#1b7a43", "#a3267c", "#0b7285", "#7a5c00", "#6741d9", "#b42525"];
const DARK = ["#8ea2ff", "#ffa94d", "#6fd398", "#f783ac", "#66d9e8", "#ffd43b", "#b197fc", "#ff8f8a"];

/** All together is the accent; everything else by its name. */
export function colorOf(name: string, dark: boolean): string {
  const colors = dark ? DARK : LIGHT;
  const at = name === "" ? 0 : 1 + (hash(name) % (colors.length - 1));
  return colors[at] ?? "#888888";
}

/** FNV-1a, 32 bits: small, and spreads short names well. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const char of text) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return sum;
}

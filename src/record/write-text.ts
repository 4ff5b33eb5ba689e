/** Text up to this many code units is written unit by unit: a call into Node's native code costs more. */
const SHORT_TEXT = 64;
const FIRST_NON_ASCII = 0x80;

/** Writes a text as UTF-8; returns how many bytes it takes. There must be room. */
export function writeText(text: string, arena: Buffer, start: number): number {
  const { length } = text;
  if (length > SHORT_TEXT) return arena.write(text, start, 'utf8');
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= FIRST_NON_ASCII) return arena.write(text, start, 'utf8');
    arena[start + i] = unit;
  }
  return length;
}

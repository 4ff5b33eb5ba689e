/** What may stand in `${NAME:-default}` and means something to YAML. */
const MEANINGFUL = '{}[],:#';

/** Unicode's noncharacters for internal use begin here: no text holds them. */
const FIRST = 0xfdd0;

/**
 * Hides the brackets of variables from YAML, so that they may also stand without quotes in `{ }` and `[ ]`. The length
 * stays, and so do all positions.
 */
export function maskVariables(text: string): string {
  return text.replaceAll(/\$\{[A-Za-z_][^}\s]*\}/g, (variable) => variable.replaceAll(/[{}[\],:#]/g, mask));
}

export function unmaskVariables(text: string): string {
  return text.replaceAll(/[\ufdd0-\ufdd6]/g, (character) => MEANINGFUL[character.charCodeAt(0) - FIRST] as string);
}

function mask(character: string): string {
  return String.fromCharCode(FIRST + MEANINGFUL.indexOf(character));
}

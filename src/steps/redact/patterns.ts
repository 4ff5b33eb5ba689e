import { card } from './card.ts';
import { email } from './email.ts';
import { iban } from './iban.ts';
import { ipv4, ipv6 } from './ip.ts';
import type { NamedDetector } from './redactor.ts';
import { token } from './token.ts';

const withoutGaps = (found: string): string => found.replaceAll(/[ -]/g, '');

/** The patterns that come with the step, by name. */
export const patterns = {
  card: { name: 'card', detect: card, plain: withoutGaps },
  email: { name: 'email', detect: email },
  iban: { name: 'iban', detect: iban, plain: withoutGaps },
  ipv4: { name: 'ipv4', detect: ipv4 },
  ipv6: { name: 'ipv6', detect: ipv6 },
  token: { name: 'token', detect: token },
} satisfies Record<string, NamedDetector>;

export type PatternName = keyof typeof patterns;

export const PATTERN_NAMES = Object.keys(patterns) as [PatternName, ...PatternName[]];

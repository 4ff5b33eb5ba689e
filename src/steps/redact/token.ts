import type { Detector } from './detector.ts';

/** A piece that every such secret has, or its name: most texts have none, and are looked at once only. */
const SIGN =
  /eyJ|bearer|authorization|A(?:KI|SI)A|secret_?access|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|[srp]k_(?:live|test)_|npm_|sk-/i;

/**
 * Secrets that are known by their form: the first group is the secret, or the whole match where there is none. What stands in front of a quantifier without a bound can begin only where
 * nothing of the same characters stands before it, so that the time stays linear.
 */
const FORMS: readonly RegExp[] = [
  // JSON Web Tokens (RFC 7519): base64url of `{"`, twice, and a signature that may be empty.
  /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*/g,
  // Authorization headers (RFC 6750, RFC 7617): the scheme stays, what follows is the secret. Fewer characters after
  // the word "bearer" are prose.
  /\bbearer[ \t]{1,4}([\w.~+/-]{16,}={0,2})/gi,
  /\bauthorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?basic[ \t]{1,4}([\w+/-]{4,}={0,2})/gi,
  // Access keys of AWS, and the secret keys where they are named.
  /(?<![A-Za-z0-9])A(?:KI|SI)A[A-Z2-7]{16}(?![A-Za-z0-9])/g,
  /(?:aws_secret_access_key|secret_?access_?key)["']?[ \t]{0,4}[:=][ \t]{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  // GitHub, GitLab, Slack, Google, Stripe, npm, OpenAI-like: prefixes that were chosen to be found.
  /(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,255}|xox[abeprs]-[\w-]{10,255}|AIza[\w-]{35}|[srp]k_(?:live|test)_[A-Za-z0-9]{16,255}|npm_[A-Za-z0-9]{36}|sk-[\w-]{20,255})/g,
];

/** Finds tokens and keys: JWT, bearer and basic credentials, AWS keys, and the tokens of well-known services. */
export const token: Detector = (text, report) => {
  if (!SIGN.test(text)) return;
  for (const pattern of FORMS) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const end = match.index + match[0].length;
      report(end - (match[1] ?? match[0]).length, end);
    }
  }
};

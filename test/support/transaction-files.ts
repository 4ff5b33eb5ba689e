/**
 * The text of a file of pipelines/transactions, with the names of its topics behind a prefix, so that nobody else on the cluster
 * uses them.
 */
export function withOwnTopics(text: string, prefix: string): string {
  return text
    .replaceAll(/\btx\.(?=known|findings|alerts)/g, `${prefix}.tx.`)
    .replaceAll(/^ {2}(transactions|customers)(?=: \{)/gm, `  ${prefix}.$1`)
    .replaceAll(/\b(from|to|table): (transactions|customers)\b/g, `$1: ${prefix}.$2`);
}

import type { Span } from './problem.ts';

/** What a parser's message becomes: what is wrong and what to write instead. */
export interface Advice {
  readonly span: Span;
  readonly reason: string;
  readonly suggestion?: string;
}

/** Operators that other languages write as words or signs. */
const FOREIGN_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['AND', '&&'],
  ['OR', '||'],
  ['NOT', '!'],
  ['eq', '==='],
  ['ne', '!=='],
  ['is', '==='],
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
  ['mod', '%'],
]);

const FOREIGN_TESTS: ReadonlyMap<string, string> = new Map([
  ['like', 'contains(text, part) or matches(text, /pattern/)'],
  ['LIKE', 'contains(text, part) or matches(text, /pattern/)'],
  ['matches', 'matches(text, /pattern/)'],
  ['contains', 'contains(text, part)'],
  ['startswith', 'starts_with(text, part)'],
  ['endswith', 'ends_with(text, part)'],
  ['IN', '`in`, in lower case'],
  ['between', 'a <= x && x <= b'],
  ['BETWEEN', 'a <= x && x <= b'],
  ['IS', 'is_null(x), or !is_null(x)'],
  ['then', 'condition ? a : b'],
  ['instanceof', 'type_of(x)'],
]);

const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['if', 'write condition ? a : b'],
  ['return', 'write the expression alone'],
  ['let', 'there are no variables'],
  ['const', 'there are no variables'],
  ['var', 'there are no variables'],
  ['for', 'there are no loops'],
  ['while', 'there are no loops'],
  ['switch', 'write condition ? a : b'],
  ['throw', 'an expression cannot fail; use `filter` or `route`'],
]);

/** A word of JavaScript that cannot begin a field path. */
const RESERVED =
  /^(?:break|case|catch|class|continue|debugger|default|do|else|enum|export|extends|finally|import|super|try|with|function|void|yield)$/;

/** Advice on a syntax error that the parser found at `at`. */
export function adviseOnSyntax(text: string, at: number, message: string): Advice {
  const reworded = adviseOnToken(text, at);
  if (reworded !== undefined) return reworded;
  const rest = text.slice(at);
  const said = message.replace(/ \(\d+:\d+\)$/, '');
  if (/^Unterminated string/.test(said))
    return { span: { start: at, end: text.length }, reason: `the text that begins here has no closing ${rest[0] ?? 'quote'}` };
  if (/^Unterminated regular/.test(said))
    return { span: { start: at, end: text.length }, reason: 'the regular expression that begins here has no closing /' };
  if (/^Unterminated comment/.test(said))
    return { span: { start: at, end: text.length }, reason: 'the comment that begins here has no closing */' };
  if (/^Invalid regular expression/.test(said)) return { span: { start: at, end: text.length }, reason: said };
  if (/^Logical expressions and coalesce/.test(said))
    return { span: { start: at, end: at + 2 }, reason: '?? beside || or && needs brackets: (a ?? b) || c' };
  if (rest.startsWith('**'))
    return { span: { start: at, end: at + 2 }, reason: 'a sign before ** needs brackets: -(a ** b) or (-a) ** b' };
  const word = /([a-z]+)\s*[.[]?\s*$/.exec(text.slice(0, at));
  if (word?.[1] !== undefined && RESERVED.test(word[1])) return reservedWord(word[1], word.index);
  if (rest.trim() === '') return { span: { start: at, end: at }, reason: endsEarly(text) };
  const end = at + tokenAt(text, at).length;
  if (/^Assigning to rvalue/.test(said)) return { span: { start: at, end }, reason: 'only a field path can stand before =' };
  if (/^Unexpected (token|character)/.test(said))
    return { span: { start: at, end }, reason: `${quoted(text.slice(at, end))} is not expected here` };
  return { span: { start: at, end }, reason: `${said.charAt(0).toLowerCase()}${said.slice(1)}` };
}

/** Advice on text that stands after a whole expression, at `at`. */
export function adviseOnRest(text: string, at: number): Advice {
  const before = /([A-Za-z_]+)\s*$/.exec(text.slice(0, at));
  const notWord = before?.[1];
  if (notWord === 'not' || notWord === 'NOT') {
    return {
      span: { start: before?.index ?? 0, end: (before?.index ?? 0) + 3 },
      reason: `write ! in place of ${quoted(notWord)}`,
      suggestion: '!',
    };
  }
  const reworded = adviseOnToken(text, at);
  if (reworded !== undefined) return reworded;
  const token = tokenAt(text, at);
  return {
    span: { start: at, end: at + token.length },
    reason: `${quoted(token)} is not expected here: the expression ends before it`,
  };
}

function adviseOnToken(text: string, at: number): Advice | undefined {
  const token = tokenAt(text, at);
  const span = { start: at, end: at + token.length };
  const operator = FOREIGN_OPERATORS.get(token);
  if (operator !== undefined) return { span, reason: `write ${operator} in place of ${quoted(token)}`, suggestion: operator };
  const test = FOREIGN_TESTS.get(token);
  if (test !== undefined) return { span, reason: `there is no operator ${quoted(token)}: write ${test}` };
  const keyword = KEYWORDS.get(token);
  if (keyword !== undefined) return { span, reason: `${quoted(token)} is not part of expressions: ${keyword}` };
  return RESERVED.test(token) ? reservedWord(token, at) : adviseOnSign(text, at);
}

function reservedWord(word: string, at: number): Advice {
  const suggestion = `$value.${word}`;
  return {
    span: { start: at, end: at + word.length },
    reason: `${quoted(word)} is a word of JavaScript; a field of that name is ${suggestion}`,
    suggestion,
  };
}

function adviseOnSign(text: string, at: number): Advice | undefined {
  const span = (length: number): Span => ({ start: at, end: at + length });
  const rest = text.slice(at, at + 3);
  if (rest.startsWith('{{') || text.startsWith('{{', at - 1)) {
    const start = rest.startsWith('{{') ? at : at - 1;
    return { span: { start, end: start + 2 }, reason: 'an expression stands here without {{ }}' };
  }
  if (at > 0 && text.startsWith('<>', at - 1))
    return { span: { start: at - 1, end: at + 1 }, reason: 'write !== in place of <>', suggestion: '!==' };
  if (/^[“”„‘’‚«»]/.test(rest))
    return { span: span(1), reason: `${rest[0]} is a typographic quote: write ' or "`, suggestion: "'" };
  const before = text.slice(0, at);
  if (rest.startsWith('*') && /\bcount\s*\(\s*$/i.test(before))
    return { span: span(1), reason: 'count() without an argument counts records', suggestion: '' };
  if (/\bcount\s*\(\s*distinct\s+$/i.test(before))
    return { span: span(1), reason: 'the number of different values is distinct(value)' };
  if (/^\.(?![.\d])/.test(rest) && /(?:^|[(,=:[!&|?{+\-*%<>~^])\s*$/.test(before))
    return { span: span(1), reason: 'a field path begins with a name, without a dot' };
  const hash = rest.startsWith('#') ? at : text[at - 1] === '#' ? at - 1 : undefined;
  if (hash !== undefined) return { span: { start: hash, end: hash + 1 }, reason: 'a comment begins with // here' };
  if (rest.startsWith(';')) return { span: span(1), reason: 'an expression has no ; at its end: remove it', suggestion: '' };
  return undefined;
}

function endsEarly(text: string): string {
  let open = 0;
  for (const sign of text) {
    if ('([{'.includes(sign)) open += 1;
    else if (')]}'.includes(sign)) open -= 1;
  }
  return open > 0
    ? 'the expression ends before its bracket is closed'
    : 'the expression ends too early: something is missing after its last operator';
}

function tokenAt(text: string, at: number): string {
  return /^(?:[\p{ID_Start}$_@][\p{ID_Continue}$]*|\d[\w.]*|[\s\S])/u.exec(text.slice(at, at + 100))?.[0] ?? '';
}

function quoted(token: string): string {
  return `\`${token}\``;
}

/** What stands for JavaScript's methods and built-in objects. */
export const METHOD_ADVICE: ReadonlyMap<string, string> = new Map([
  ['includes', 'contains(text, part), or x in list'],
  ['startsWith', 'starts_with(text, part)'],
  ['endsWith', 'ends_with(text, part)'],
  ['toLowerCase', 'lower(text)'],
  ['toUpperCase', 'upper(text)'],
  ['trim', 'trim(text)'],
  ['replace', 'replace(text, pattern, by)'],
  ['replaceAll', 'replace(text, pattern, by)'],
  ['split', 'split(text, separator)'],
  ['join', 'join(list, separator)'],
  ['slice', 'substring(text, start, end)'],
  ['substring', 'substring(text, start, end)'],
  ['substr', 'substring(text, start, end)'],
  ['test', 'matches(text, /pattern/)'],
  ['match', 'matches(text, /pattern/) or extract(text, /pattern/)'],
  ['toString', 'string(value)'],
  ['hasOwnProperty', "'name' in object"],
  ['indexOf', 'contains(text, part)'],
  ['at', 'first(list), last(list) or list[0]'],
  ['floor', 'floor(value)'],
  ['ceil', 'ceil(value)'],
  ['round', 'round(value)'],
  ['abs', 'abs(value)'],
  ['min', 'min(a, b)'],
  ['max', 'max(a, b)'],
  ['parse', 'parse_json(text) or parse_timestamp(text)'],
  ['stringify', 'to_json(value)'],
  ['keys', 'keys(object)'],
  ['values', 'values(object)'],
  ['now', '$time, the event time: the wall clock would give another result at each replay'],
]);

/** Functions of other languages, by what they are called here. */
export const FUNCTION_ADVICE: ReadonlyMap<string, string> = new Map([
  ['Number', 'float'],
  ['parseFloat', 'float'],
  ['to_float', 'float'],
  ['parseInt', 'int'],
  ['to_int', 'int'],
  ['String', 'string'],
  ['to_string', 'string'],
  ['upcase', 'upper'],
  ['uppercase', 'upper'],
  ['downcase', 'lower'],
  ['lowercase', 'lower'],
  ['len', 'length'],
  ['size', 'length'],
  ['strlen', 'length'],
  ['typeof', 'type_of'],
  ['match', 'matches'],
  ['regex', 'matches'],
  ['has', 'exists'],
  ['exists_field', 'exists'],
  ['defined', 'exists'],
  ['isnull', 'is_null'],
  ['nvl', 'coalesce'],
  ['ifnull', 'coalesce'],
  ['slice', 'substring'],
  ['substr', 'substring'],
  ['concat', 'join'],
  ['strftime', 'format_timestamp'],
  ['date_format', 'format_timestamp'],
  ['encode_json', 'to_json'],
  ['sha2', 'sha256'],
  ['haversine', 'geo_distance'],
  ['st_distance', 'geo_point_distance'],
  ['cidr_contains', 'cidr_match'],
  ['ip_cidr_contains', 'cidr_match'],
  ['edit_distance', 'levenshtein'],
  ['similarity', 'trigram_similarity'],
  ['datediff', 'date_diff'],
  ['timestampdiff', 'date_diff'],
  ['dateadd', 'date_add'],
  ['timestampadd', 'date_add'],
  ['datepart', 'date_part'],
  ['datetrunc', 'date_trunc'],
  ['mean', 'avg'],
  ['average', 'avg'],
  ['stddev_samp', 'stddev'],
  ['var_samp', 'variance'],
  ['percentile', 'quantile'],
  ['ln', 'log'],
]);

/** Functions of other languages that nothing is called for, and what to write. */
export const FUNCTION_INSTEAD: ReadonlyMap<string, { readonly instead: string; readonly suggestion?: string }> = new Map([
  ['now', { instead: 'use $time, the event time: the wall clock would give another result at each replay', suggestion: '$time' }],
  ['pow', { instead: 'write a ** b' }],
  ['power', { instead: 'write a ** b' }],
  ['hmac', { instead: 'the step redact hashes with a key (action: hash, key), and keeps it secret' }],
  ['hmac_sha256', { instead: 'the step redact hashes with a key (action: hash, key), and keeps it secret' }],
]);

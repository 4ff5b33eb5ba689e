import { from, type Machine } from './machine.ts';

/**
 * What runtimes print of an exception, told from how they do it. A trace joins the line before it where that says by its
 * level that something went wrong, because loggers print the trace behind their own line.
 */

/** A log line with a level from warning upwards among its first words. */
const TROUBLE =
  /^.{0,120}?(?:\b(?:ERROR|ERR|WARN|WARNING|FATAL|SEVERE|CRITICAL|Error|error|fatal|crit|critical|warning|fail|eror|ftl|warn)\b)/;
const BLANK = /^\s*$/;

const JAVA_CLASS = String.raw`(?:[A-Za-z_$][\w$]*\.)+[A-Z$][\w$]*`;
const JAVA_HEADER = new RegExp(`^(?:Exception in thread .*|${JAVA_CLASS}(?:: .*|:?))$`);
const JAVA_FAILURE = /(?:Exception|Error|Throwable|Failure)(?:[:[]|\s*$)|^Exception in thread /;
/** A line that looks like a log record of its own, so that it is no part of a message. */
const RECORD = String.raw`(?:\d{2,4}[-/.:]\d|\[|\{|[A-Z]{4,8}[ :])`;
const MESSAGE_LINE = new RegExp(`^(?!${RECORD})`);

const javaTrace: readonly (readonly [RegExp, string])[] = [
  [/^\s+(?:eval )?at \S/, 'trace'],
  [/^\s*\.\.\. \d+ (?:more|common frames omitted|frames? (?:omitted|truncated|excluded))/, 'trace'],
  [/^\s+- (?:locked|waiting|parking|eliminated|None)\b/, 'trace'],
  [/^\s*(?:Caused by|Suppressed|Wrapped by): /, 'header'],
  [/^\s*\[?CIRCULAR REFERENCE:/, 'trace'],
  [/^\s*nested exception is:/, 'header'],
];
/** Messages of several lines are only known for such by the frames that follow. */
const javaMessage = Array.from({ length: 8 }, (_, i) =>
  from(i === 0 ? 'header' : `message${i}?`, ...javaTrace, [MESSAGE_LINE, `message${i + 1}?`]),
).flat();

const java: Machine = {
  name: 'java',
  transitions: [
    ...from('start', [JAVA_FAILURE, 'header'], [TROUBLE, 'logged'], [/(?:)/, 'plain']),
    ...from('plain', ...javaTrace),
    ...from('logged', ...javaTrace, [JAVA_HEADER, 'header']),
    ...javaMessage,
    ...from('message8?', ...javaTrace),
    ...from('trace', ...javaTrace, [/^\s+[*|]_/, 'trace'], [/^(?:Error has been observed|Original Stack Trace:)/, 'trace']),
  ],
};

const TRACEBACK = /Traceback \(most recent call last\):\s*$/;

const python: Machine = {
  name: 'python',
  transitions: [
    ...from(
      'start',
      [/^\s*\+ Exception Group Traceback \(most recent call last\):/, 'group'],
      [TRACEBACK, 'frames'],
      [
        /^(?:Exception in thread |Exception ignored in|Exception in callback|(?:Task|Future) exception was never retrieved)/,
        'announced',
      ],
      [/^ {2}File "[^"]*", line \d+/, 'frames'],
      [TROUBLE, 'logged'],
    ),
    ...from('logged announced', [TRACEBACK, 'frames'], [/^\s*\+ Exception Group Traceback/, 'group']),
    ...from('announced', [/^(?:future|handle|task|message|context|source_traceback|protocol|transport): ?/, 'announced']),
    ...from('frames', [/^\s+\S/, 'frames'], [BLANK, 'between?'], [/^[A-Za-z_][\w.]*(?:: ?|$)/, 'failed']),
    ...from('failed group', [BLANK, 'between?']),
    ...from('failed between?', [
      /^(?:During handling of the above exception|The above exception was the direct cause)/,
      'chained',
    ]),
    ...from('between?', [BLANK, 'between?']),
    ...from('chained', [BLANK, 'chained'], [TRACEBACK, 'frames'], [/^\s*\+ Exception Group Traceback/, 'group']),
    ...from('group', [/^\s*[|+]/, 'group'], [/^\s+\S/, 'group']),
  ],
};

const GOROUTINE = /^\s*goroutine \d+(?: [^[]*)?\[[^\]]*\]:$/;
const GO_CALL = /^(?:created by \S.*|[^\s:(][^\s:]*\([^:]*\)|\.\.\.(?:additional frames|\d+ frames) elided\.\.\.)$/;

const go: Machine = {
  name: 'go',
  transitions: [
    ...from(
      'start',
      [/(?:^|\s)(?:panic|fatal error|unexpected fault address|runtime error): ?|(?:^|\s)panic serving /, 'panic'],
      [/^SIG[A-Z]+: /, 'panic'],
      [GOROUTINE, 'call'],
      [/^WARNING: DATA RACE$/, 'race'],
    ),
    ...from(
      'panic',
      [GOROUTINE, 'call'],
      [/^\s+\S/, 'panic'],
      [/^(?:panic: |fatal error: |\[signal |\[recovered|PC=|r\d|goroutine )/, 'panic'],
    ),
    ...from('panic between?', [/^runtime stack:$/, 'call'], [BLANK, 'between?']),
    ...from(
      'between?',
      [GOROUTINE, 'call'],
      [/^(?:r\w+|cs|fs|gs|eip|eflags)\s+0x/, 'registers'],
      [/^\[(?:signal|originating)/, 'panic'],
    ),
    ...from(
      'call',
      [GO_CALL, 'place'],
      [GOROUTINE, 'call'],
      [/^\tgoroutine running on other thread/, 'call'],
      [BLANK, 'between?'],
    ),
    ...from('place', [/^\s+\S/, 'call']),
    ...from('registers', [/^\w+\s+0x/, 'registers']),
    ...from('race', [/^(?:\s+\S|Previous |Goroutine |Read at |Write at )/, 'race'], [BLANK, 'raceGap?'], [/^={10,}$/, 'raceEnd']),
    ...from('raceGap?', [/^(?:Previous |Goroutine |Read at |Write at )/, 'race']),
  ],
};

const RUBY_PLACE = /^(?:\[[^\]]*\] )?\S+:\d+:in\s/;

const ruby: Machine = {
  name: 'ruby',
  transitions: [
    ...from(
      'start',
      [/^\S+:\d+:in\s.*\b(?:rescue|ensure) in /, 'rescued'],
      [/^\S+:\d+:in\s|^\S+\.rb:\d+: /, 'header'],
      [/^Traceback \(most recent call last\):/, 'reversed'],
      [/^[A-Z]\w*(?:::\w+)* \(.*\):\s*$/, 'listed'],
      [TROUBLE, 'logged'],
      [/\([A-Z]\w*(?:::\w+)*\)\s*$/, 'logged'],
    ),
    ...from('header rescued trace', [/^\s+(?:\d+: )?from .*\b(?:rescue|ensure) in /, 'rescued']),
    ...from('header trace', [/^\s+(?:\d+: )?from /, 'trace'], [/^\s+\.\.\. \d+ levels\.\.\./, 'trace']),
    ...from('rescued', [/^\s+(?:\d+: )?from /, 'rescued'], [/^\s+\.\.\. \d+ levels\.\.\./, 'rescued'], [RUBY_PLACE, 'header']),
    ...from('header', [BLANK, 'snippet?'], [/^Did you mean\?/, 'trace']),
    ...from('snippet?', [/\S/, 'marked?']),
    ...from('marked?', [/^\s*\^+/, 'trace']),
    ...from('trace', [/^Did you mean\?/, 'trace'], [BLANK, 'hint?']),
    ...from('hint?', [/^(?:Did you mean\?|\s+from )/, 'trace']),
    ...from('reversed', [/^\s+\d+: from /, 'reversed'], [RUBY_PLACE, 'header'], [/^\s+\.\.\. \d+ levels\.\.\./, 'reversed']),
    ...from('logged listed', [RUBY_PLACE, 'listed']),
    ...from(
      'listed gap?',
      [BLANK, 'gap?'],
      [/^\s+(?:\d+:|from )/, 'listed'],
      [/^(?:Causes:|[A-Z]\w*(?:::\w+)* \(.*\)$)/, 'listed'],
    ),
    ...from('gap?', [RUBY_PLACE, 'listed']),
  ],
};

/** Behind the message of an error node prints its frames, its cause in brackets, and its own fields. */
const NODE_FRAME = /^\s+at \S/;
const NODE_ERROR =
  /(?:^|\s|\()(?:Uncaught )?(?:[A-Za-z_$][\w$]*)?(?:Error|Exception|Rejection|Warning)(?: \[[^\]]*\])?(?::|$| \{$)/;

const node: Machine = {
  name: 'node',
  transitions: [
    ...from(
      'start',
      [/^(?:node:|file:\/\/|\/|[A-Za-z]:\\).*:\d+(?::\d+)?$/, 'place'],
      [NODE_ERROR, 'error'],
      [/^Thrown at:|^Trace(?::|$)/, 'error'],
      [/(?:)/, 'plain'],
    ),
    ...from('plain', [NODE_FRAME, 'frames'], [/^\s*\[cause\]:/, 'fields']),
    // The place of the throw: the line of source, a marker below it, a blank line, the error.
    ...from('place', [/\S/, 'source?'], [BLANK, 'gap?']),
    ...from('source?', [/^\s*[\^~]+/, 'marked']),
    ...from('marked', [BLANK, 'gap?'], [NODE_ERROR, 'error'], [NODE_FRAME, 'frames'], [/^Thrown at:/, 'error']),
    ...from('gap?', [NODE_ERROR, 'error'], [/^(?:Thrown at:|\[|Uncaught |\S.*\[)/, 'error'], [BLANK, 'gap?']),
    ...from('error frames fields', [NODE_FRAME, 'frames'], [/^\s*(?:\[(?:cause|errors)\]:|Caused by:)/, 'fields']),
    ...from('error', [/^(?! *$)(?!\d{2,4}[-/.:]\d)(?!\[)/, 'message1?']),
    ...from('message1? message2? message3? message4?', [NODE_FRAME, 'frames']),
    ...from('message1?', [/\S/, 'message2?']),
    ...from('message2?', [/\S/, 'message3?']),
    ...from('message3?', [/\S/, 'message4?']),
    ...from(
      'frames fields',
      [/^\s+(?:[\w$]+|'[^']*'|\[[^\]]*\]): /, 'fields'],
      [/^\s*(?:\.\.\. \d+ (?:lines matching cause stack trace|more items)|\[(?:errors|cause)\])/, 'fields'],
      [/^\s*[}\]]+,?$/, 'fields'],
      [/^From previous event:/, 'frames'],
      [/^\s+(?:\[.*\] \{|\w*(?:Error|Exception)\b)/, 'fields'],
      [BLANK, 'version?'],
    ),
    ...from('version?', [/^Node\.js v\d/, 'closed']),
    ...from('version?', [/^(?:\s+at |From previous event:)/, 'frames']),
  ],
};

const php: Machine = {
  name: 'php',
  transitions: [
    ...from(
      'start',
      [/PHP (?:Fatal error|Parse error|Recoverable fatal error|Warning|Notice|Deprecated): /, 'error'],
      [/^(?:Uncaught |Next )?[A-Z][\w\\]*: .* in \S+:\d+$/, 'error'],
      [/^(?:\[[^\]]*\] )?\S+\.(?:ERROR|CRITICAL|ALERT|EMERGENCY|WARNING): /, 'error'],
      [/(?:PHP )?Stack trace:\s*$/, 'trace'],
      [/(?:^|\s)(?:Fatal error|Uncaught [\w\\]+): ?/, 'error'],
      [TROUBLE, 'error'],
    ),
    ...from(
      'error',
      [/^(?:\[stacktrace\]|\[previous exception\])/, 'trace'],
      [/^(?!\d{2,4}[-/.:]\d)(?!\[)(?!#)(?!PHP )(?=\S).*[^:]$/, 'message1?'],
    ),
    ...from('message1? message2? message3?', [/^(?:PHP )?Stack trace:\s*$/, 'trace'], [/^#\d+ /, 'trace']),
    ...from('message1?', [/\S/, 'message2?']),
    ...from('message2?', [/\S/, 'message3?']),
    ...from(
      'error trace gap?',
      [/^(?:\[[^\]]*\] )?(?:PHP )?(?:message repeated )?Stack trace:\s*$/, 'trace'],
      [/^\s*#\d+ /, 'trace'],
      [/^(?:\[[^\]]*\] )?PHP {2,}\d+\. /, 'trace'],
      [/^\s+thrown in .* on line \d+/, 'trace'],
      [/^Next [\w\\]+/, 'trace'],
      [/^\[previous exception\]/, 'trace'],
      [/^"\}/, 'trace'],
      [/^\s+at .*:\d+\)/, 'trace'],
    ),
    ...from('trace', [BLANK, 'gap?']),
    ...from('gap?', [BLANK, 'gap?']),
  ],
};

const CSHARP_TRACE: readonly (readonly [RegExp, string])[] = [
  [/^\s+at \S/, 'trace'],
  [/^\s*---> /, 'trace'],
  [/^\s*--- End of (?:inner exception|inner ExceptionDetail|stack trace|managed)/, 'trace'],
  [/^\s*---- ?(?:End|> )/, 'trace'],
  [/^\s*(?:Inner [Ee]xception|InnerException)\b/, 'trace'],
];
const CSHARP_MESSAGE = /^(?!\d{2,4}[-/.:]\d)(?!\[)(?=\S)/;

const csharp: Machine = {
  name: 'csharp',
  transitions: [
    ...from(
      'start',
      [/(?:Exception|Error)\b.*(?::|$)|^Unhandled [Ee]xception/, 'header'],
      [TROUBLE, 'logged'],
      [/(?:)/, 'plain'],
    ),
    ...from('plain logged header trace', ...CSHARP_TRACE),
    ...from('logged', [/^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*Exception\b/, 'header'], [/^ {6}\S/, 'logged']),
    ...from('header trace', [/^ {6}\S/, 'trace']),
    ...from('header', [CSHARP_MESSAGE, 'message1?']),
    ...from('message1? message2? message3?', ...CSHARP_TRACE),
    ...from('message1?', [/\S/, 'message2?']),
    ...from('message2?', [/\S/, 'message3?']),
    ...from('trace', [/^(?:Exception data:|Data:|\s+Exception data:)/, 'trace'], [BLANK, 'gap?']),
    ...from('gap?', ...CSHARP_TRACE),
  ],
};

const DART_FRAME = /^#\d+\s+\S/;

const dart: Machine = {
  name: 'dart',
  transitions: [
    ...from(
      'start',
      [/^Unhandled exception:/, 'header'],
      [/^(?:══|━━|\S*\s*══)/, 'flutter'],
      [
        /(?:Exception|Error)\b|^(?:Bad state|Invalid argument|Unsupported operation|RangeError|Concurrent modification)/,
        'header',
      ],
      [DART_FRAME, 'trace'],
      [TROUBLE, 'header'],
      [/(?:)/, 'plain'],
    ),
    ...from(
      'plain header trace message1? message2? message3? message4? message5?',
      [DART_FRAME, 'trace'],
      [/^<asynchronous suspension>/, 'trace'],
      [/^\.\.\.\s+/, 'trace'],
    ),
    ...from('header', [/\S/, 'message1?']),
    ...from('message1?', [/\S/, 'message2?'], [BLANK, 'message2?']),
    ...from('message2?', [/\S/, 'message3?'], [BLANK, 'message3?']),
    ...from('message3?', [/\S/, 'message4?'], [BLANK, 'message4?']),
    ...from('message4?', [BLANK, 'message5?'], [/\S/, 'message5?']),
    ...from('trace', [BLANK, 'gap?']),
    ...from('gap?', [DART_FRAME, 'trace'], [/^<asynchronous suspension>/, 'trace']),
    ...from('flutter', [/^(?:════|━━━)/, 'closed'], [/(?:)/, 'flutter']),
  ],
};

/** What is known of each language, by the name of its preset. */
export const traces = { java, python, go, ruby, node, php, csharp, dart } as const;
